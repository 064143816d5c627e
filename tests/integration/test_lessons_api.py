"""Lessons over HTTP: what there is, each file made once and sent from memory, what was withdrawn, what is not there."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.config import Settings
from service.guidance.model import Guidance, Recall, RecallReason
from service.kit.encodings import Encoding, expand
from service.lessons.press import Press
from service.lessons.shelf import Lessons
from tests.conftest import METRICS

BASE = "/v1/lessons"
LESSON = "emergency.stop-go-back-tell"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that all tests share: what one has made the next one finds ready."""
    return tmp_path_factory.mktemp("lessons")


@pytest.fixture
def settings(settings: Settings, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Share the folder, and make only what a test asks for."""
    monkeypatch.setattr(Press, "begin", lambda *_: None)
    return settings.model_copy(update={"lessons_folder": kept})


@pytest.fixture
async def told(api: httpx.AsyncClient) -> Any:
    answer = await api.get(BASE)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def one_file(api: httpx.AsyncClient) -> str:
    """Return the path of the app's bundle, made now."""
    answer = await api.get(f"{BASE}/emergency/en/json")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def withdraw(app: FastAPI, text: str, *, languages: tuple[str, ...] = (), revision: str = "99") -> None:
    house = app.state.house
    guidance = house.get(Guidance)
    recall = Recall(text, (revision,), date(2026, 11, 20), RecallReason.WRONG, languages)
    house.put(replace(guidance, recalls=(*guidance.recalls, recall)))


def problem(answer: httpx.Response, status: int, name: str) -> Any:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{name}"), answer.text
    return answer.json()


def test_the_emergency_lesson_is_the_first_item_of_the_list(told: Any) -> None:
    assert told["courses"][0]["course"] == "emergency"
    assert told["courses"][0]["lessons"][0] | {"revision": ""} == {
        "lesson": LESSON,
        "title": "Stop, go back, tell",
        "minutes": 45,
        "revision": "",
    }
    assert all(courses[0] == "emergency" for courses in told["languages"].values())
    assert told["recalled"] == []


@pytest.mark.parametrize(("wish", "lang"), [("xx", None), ("en;q=0.5", None), ("en;q=0", None), ("", "en"), ("", "xx")])
async def test_an_answer_is_in_a_language_that_has_lessons_and_says_which(
    api: httpx.AsyncClient, wish: str, lang: str | None
) -> None:
    for path in (BASE, f"{BASE}/index"):
        asked = {} if lang is None else {"lang": lang}
        answer = await api.get(path, params=asked, headers={"accept-language": wish})
        assert answer.headers["content-language"] in (await api.get(BASE)).json()["languages"]
        assert answer.headers["vary"] == "accept-language, accept-encoding"


async def test_who_is_shown_another_language_than_was_asked_for_is_told_so(api: httpx.AsyncClient) -> None:
    asked = {"lang": "km"}
    answer = (await api.get(BASE, params=asked)).json()
    if answer["language"] != "km":  # until it is whole in Khmer too
        assert {note["language"] for note in answer["notes"]} >= {answer["language"]}
    assert (await api.get(BASE, params={"lang": "uk"})).json()["notes"] == []
    told = (await api.get(BASE, params={"lang": "de"})).json()
    assert told["notes"][0]["text"] in (await api.get(f"{BASE}/index", params={"lang": "de"})).text


async def test_a_package_is_made_when_somebody_asks_and_then_its_size_is_known(
    api: httpx.AsyncClient, app: FastAPI
) -> None:
    path = await one_file(api)
    answer = await api.get(path)
    file = next(
        file
        for download in (await api.get(BASE)).json()["courses"][0]["downloads"]
        if download["format"] == "json"
        for file in download["files"]
    )
    assert file["path"] == path
    assert file["size"] == len(answer.content)
    assert file["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["content-disposition"] == f'attachment; filename="{file["name"]}"'
    assert answer.headers["content-language"] == "en"
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["lessons"][0]["id"] == LESSON


async def test_ready_bytes_and_the_route_give_the_same_answer(api: httpx.AsyncClient, app: FastAPI) -> None:
    path = await one_file(api)
    routed, ready = await api.get(path), await api.get(path)
    assert app.state.house.get(Lessons).ready(app.state.house, path) is not None
    assert routed.content == ready.content
    left_out = {"x-request-id"}
    assert {one for one in routed.headers.multi_items() if one[0] not in left_out} == {
        one for one in ready.headers.multi_items() if one[0] not in left_out
    }
    shown = (await api.get("/metrics", headers=METRICS)).text
    assert 'route="/v1/lessons/{course}/{lang}/{form}/{name}",status="200"} 2.0' in shown


async def test_who_has_it_already_is_told_so_and_every_coding_unpacks_to_the_same(api: httpx.AsyncClient) -> None:
    for path in (await one_file(api), f"{BASE}/index"):
        plain = await api.get(path, headers={"accept-encoding": "identity"})
        for coding in ("br", "zstd", "gzip"):
            async with api.stream("GET", path, headers={"accept-encoding": coding}) as answer:
                body = b"".join([chunk async for chunk in answer.aiter_raw()])
            assert answer.headers["content-encoding"] == coding
            assert expand(body, Encoding(coding)) == plain.content
        again = await api.get(path, headers={"if-none-match": plain.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = await api.get(path, headers={"if-none-match": '"of-another-revision"'})
        assert other.status_code == 200


async def test_a_file_can_be_asked_for_by_its_head(api: httpx.AsyncClient) -> None:
    path = await one_file(api)
    whole = await api.get(path)
    head = await api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("no-such/en/json", 404, "course-unknown"),
        ("emergency/xx/json", 404, "language-unknown"),
        ("emergency/my/json", 404, "course-not-whole"),
        ("emergency/en/docx", 422, "malformed-request"),
        ("emergency/en/json/emergency-en-0-00000000-bundle.json", 404, "lesson-file-unknown"),
        ("emergency/en/json/..%2f..%2fetc%2fpasswd", 404, "not-found"),
        ("emergency/en/json/files.json", 404, "lesson-file-unknown"),
        ("Emergency/en/json", 422, "malformed-request"),
        ("emergency/en", 404, "not-found"),
    ],
)
async def test_what_is_not_there_is_refused_by_name(
    api: httpx.AsyncClient, app: FastAPI, path: str, status: int, name: str
) -> None:
    if name == "course-not-whole":
        lessons = app.state.house.get(Lessons)
        taught = await lessons.now(app.state.house)
        lessons._taught = replace(taught, offered={"en": taught.offered["en"]})  # the other languages come one by one
    said = problem(await api.get(f"{BASE}/{path}"), status, name)
    assert said.get("remedy") or said.get("errors") or name == "not-found"


async def test_a_lesson_whose_message_was_withdrawn_is_on_the_recall_list(api: httpx.AsyncClient, app: FastAPI) -> None:
    before = (await api.get(BASE)).json()["courses"][0]["lessons"][0]["revision"]
    withdraw(app, "inside.freeze")
    said = (await api.get(BASE)).json()
    assert said["recalled"][0] | {"standing": {}} == {
        "lesson": LESSON,
        "message": "inside.freeze",
        "since": "2026-11-20",
        "reason": "wrong",
        "languages": [],
        "standing": {},
    }
    assert said["recalled"][0]["standing"]["en"] == before
    assert before in (await api.get(f"{BASE}/index?lang=en")).text


async def recall(api: httpx.AsyncClient, lesson: str, revision: str, language: str = "en") -> str:
    asked = {"lesson": lesson, "revision": revision, "language": language}
    answer = await api.get(f"{BASE}/recall", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "<script" not in answer.text
    return answer.text


async def test_a_printed_lesson_can_be_looked_up_by_lesson_and_by_course(api: httpx.AsyncClient, app: FastAPI) -> None:
    course = (await api.get(BASE)).json()["courses"][0]
    current = {LESSON: course["lessons"][0]["revision"], "emergency": course["revision"]}
    for named, revision in current.items():
        assert "is the current one" in await recall(api, named, revision)
        assert "There is a newer wording" in await recall(api, named, "1-00000000")
    assert "Nothing is known of this wording" in await recall(api, "emergency.no-such", "1-00000000")
    assert "Nothing is known of this wording" in await recall(api, "no-such", "1-00000000")
    withdraw(app, "signs.turn-back")
    for named, revision in current.items():
        assert "is the current one" in await recall(api, named, revision)
        withdrawn = await recall(api, named, "1-00000000")
        assert "was withdrawn on" in withdrawn
        assert "<blockquote>" in withdrawn


async def test_a_recall_in_one_language_leaves_the_others(api: httpx.AsyncClient, app: FastAPI) -> None:
    withdraw(app, "signs", languages=("uk",))
    assert "There is a newer wording" in await recall(api, LESSON, "1-00000000", "en")
    assert "1-00000000" not in await recall(api, LESSON, "1-00000000", "uk")


async def test_a_changed_text_is_served_at_once_and_the_old_file_no_more(api: httpx.AsyncClient, app: FastAPI) -> None:
    old = await one_file(api)
    house = app.state.house
    guidance = house.get(Guidance)
    topic = guidance.topics["found"]
    changed = replace(topic.messages["stop"], revision=77)
    messages = {**topic.messages, "stop": changed}
    house.put(replace(guidance, topics={**guidance.topics, "found": replace(topic, messages=messages)}))
    problem(await api.get(old), 404, "lesson-file-unknown")
    assert await one_file(api) != old
