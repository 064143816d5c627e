"""Prints over HTTP: whole files that say which revision they are, and an API that goes on answering meanwhile."""

import asyncio
import re
import time
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from service.config import HERE, Settings
from service.prints.press import Press
from tests.unit.test_prints_slots import ogg

BASE = "/v1/guidance"


async def test_a_print_is_made_once_and_names_itself(api: httpx.AsyncClient, app: FastAPI) -> None:
    first = await api.get(f"{BASE}/prints/uk/found/poster")
    assert first.status_code == 200, first.text
    assert first.content.startswith(b"%PDF")
    assert first.headers["content-language"] == "uk"
    assert first.headers["content-disposition"].startswith('inline; filename="found-poster-uk-2-')
    same = await api.get(f"{BASE}/prints/uk/found/poster", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert len(app.state.house.get(Press)._kept) == 1
    script = await api.get(f"{BASE}/prints/uk/core/script")
    assert all(one["seconds"] <= 30 for one in script.json()["texts"])


@pytest.mark.parametrize(
    ("path", "name", "remedy"),
    [
        ("prints/xx/found/poster", "language-unknown", "uk"),
        ("prints/uk/nothing/poster", "topic-unknown", "found"),
        ("prints/uk/deactivation/poster", "print-unfit", "leaflet"),
        ("prints/uk/recognise/recognition", "print-unfit", "whoever hands it out"),
        ("audio/uk/guidance.found.stop.uk.0123456789abcdef.opus", "recording-unknown", "list"),
    ],
)
async def test_what_there_is_not_is_refused_with_what_there_is(
    api: httpx.AsyncClient, path: str, name: str, remedy: str
) -> None:
    answer = await api.get(f"{BASE}/{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, f"/problems/{name}")
    assert remedy in answer.json()["remedy"]


def test_every_refusal_of_prints_is_described_to_who_may_meet_it() -> None:
    parts = [*(HERE / "prints").glob("*.py"), HERE / "kit" / "typesetting.py"]
    named = {name for part in parts for name in re.findall(r'Refused\(Kind\.\w+, "([a-z-]+)"', part.read_text("utf-8"))}
    documented = (HERE.parent / "docs" / "guidance.md").read_text("utf-8")
    assert len(named) > 10
    assert {name for name in named if f"`{name}`" not in documented} == set()


async def test_the_api_answers_others_while_a_print_is_made(api: httpx.AsyncClient) -> None:
    await api.get(f"{BASE}/prints/uk/core/script")  # the edition is in memory, as it is in any process that runs
    longest = 0.0
    making = asyncio.create_task(api.get(f"{BASE}/prints/uk/inside/card"))
    while not making.done():
        began = time.thread_time()
        await asyncio.sleep(0.002)
        longest = max(longest, time.thread_time() - began)
    assert (await making).status_code == 200
    assert longest < 0.05  # seconds of work between two turns of the loop


async def test_a_recording_is_served_as_long_as_its_words_hold(
    api: httpx.AsyncClient, app: FastAPI, settings: Settings, tmp_path: Path
) -> None:
    texts = (await api.get(f"{BASE}/prints/uk/found/script")).json()["texts"]
    (tmp_path / "audio").mkdir()
    current, stale = texts[0]["recording"], texts[1]["recording"].replace(texts[1]["sha256"][:16], "0" * 16)
    for name in (current, stale):
        tmp_path.joinpath("audio", name).write_bytes(ogg(3))
    app.state.house.put(settings.model_copy(update={"guidance_media": tmp_path}))
    listed = (await api.get(f"{BASE}/audio/uk")).json()["recordings"]
    assert {one["name"]: one["current"] for one in listed} == {current: True, stale: False}
    heard = await api.get(f"{BASE}/audio/uk/{current}")
    assert (heard.status_code, heard.headers["content-type"], heard.content) == (200, "audio/ogg", ogg(3))
    assert (await api.get(f"{BASE}/audio/uk/{stale}")).status_code == 410
