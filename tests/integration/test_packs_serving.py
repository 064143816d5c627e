"""Packs over HTTP: which bytes come with which headers, and what stands while the database is away."""

import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.server.embed import Server as Granian

from service.kit import geo
from service.kit.db import Pool, transaction
from service.kit.encodings import Encoding, expand
from service.kit.house import House
from service.operators.model import Operator
from service.publication import building, jws, rules
from service.publication.model import World
from service.publication.shelf import Shelf
from service.publication.sources import Server
from service.publication.syncing import Syncing, Wish
from tests.build import an_admin
from tests.conftest import METRICS, FixedClock
from tests.integration.press import HERE, ROOT, Press

INDEX = "/v1/packs/index.json"


@pytest.fixture
async def operator(house: House) -> Operator:
    async with transaction(house.pool) as tx:
        return await an_admin(tx)


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path, operator: Operator) -> Press:
    press = await Press.opened(house, clock, tmp_path)
    for number in range(5):
        await press.zone(operator, f"Z-{number}", 17 + number / 50)
    await press.build()
    return press


@pytest.fixture
async def pack(press: Press, api: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """The path of a pack and what the index says of it."""
    entry = (await the_index(api))["packs"][HERE]
    return f"/v1/packs/{HERE}/{entry['version']}.json", entry


async def the_index(api: httpx.AsyncClient, path: str = INDEX) -> Any:
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return json.loads(jws.decoded(answer.json()["payload"]))


async def raw(api: httpx.AsyncClient, path: str, accepted: str | None, **headers: str) -> tuple[httpx.Headers, bytes]:
    """Ask without the client's own unpacking."""
    sent = headers | ({} if accepted is None else {"accept-encoding": accepted})
    request = api.build_request("GET", path, headers=sent)
    if accepted is None:
        del request.headers["accept-encoding"]
    answer = await api.send(request, stream=True)
    assert answer.status_code == 200
    return answer.headers, b"".join([chunk async for chunk in answer.aiter_raw()])


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("br, zstd, gzip", "br"),
        ("gzip", "gzip"),
        ("zstd;q=0.5, gzip;q=0.4", "zstd"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0.1, identity", "identity"),
        ("identity;q=0.5, gzip;q=0.2", "identity"),
        ("identity;q=0", "identity"),
        ("br;q=nonsense", "identity"),
        ("x-gzip", "gzip"),
        ("", "identity"),
        (None, "identity"),
    ],
)
async def test_a_pack_comes_in_the_coding_that_is_asked_for(
    api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]], accepted: str | None, given: str
) -> None:
    path, entry = pack
    headers, body = await raw(api, path, accepted)
    assert headers.get("content-encoding", "identity") == given
    content = expand(body, Encoding(given))
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["size"]
    assert int(headers["content-length"]) == len(body)
    assert headers["vary"] == "accept-encoding"


async def test_a_pack_may_be_kept_for_a_year_and_an_index_must_be_asked_for_again(
    api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]]
) -> None:
    assert (await api.get(pack[0])).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await api.get(INDEX)).headers["cache-control"] == "public, no-cache"
    assert (await api.get("/v1/keys.json")).headers["cache-control"] == "public, no-cache"


async def test_who_has_it_already_is_told_so_in_any_coding(
    api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]]
) -> None:
    for path in (pack[0], INDEX, "/v1/keys.json"):
        tag = (await api.get(path, headers={"accept-encoding": "br"})).headers["etag"]
        for accepted in ("br", "gzip", "identity"):
            again = await api.get(path, headers={"accept-encoding": accepted, "if-none-match": f'"other", {tag}'})
            assert (again.status_code, again.content) == (304, b"")
            assert "content-length" not in again.headers
            assert again.headers["vary"] == "accept-encoding"
        assert (await api.get(path, headers={"if-none-match": '"other"'})).status_code == 200


async def test_a_tag_never_changes_its_meaning_when_a_pack_is_made_smaller(
    api: httpx.AsyncClient, app: FastAPI, press: Press, pack: tuple[str, dict[str, Any]]
) -> None:
    before, rough = await raw(api, pack[0], "br")
    while await building.refine(press.house):
        pass
    app.state.packs.shelf = Shelf(app.state.house.pool)
    after, fine = await raw(api, pack[0], "br")
    assert before["etag"] == after["etag"]
    assert len(fine) < len(rough)
    assert expand(fine, Encoding.BR) == expand(rough, Encoding.BR)


async def test_head_says_what_get_would_without_the_bytes(
    api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]]
) -> None:
    got, head = await api.get(pack[0]), await api.head(pack[0])
    assert head.content == b""
    changing = {"x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in got.headers.items() if k not in changing
    }


async def test_every_answer_carries_an_id_and_the_safe_headers(
    api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]]
) -> None:
    answer = await api.get(pack[0], headers={"x-request-id": "my-own-id-1"})
    assert answer.headers["x-request-id"] == "my-own-id-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in answer.headers


async def test_requests_are_counted_by_template_and_never_by_cell(
    api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    await api.get(pack[0])
    figures = (await api.get("/metrics", headers=METRICS)).text
    assert 'method="GET",route="/v1/packs/{cell}/{versions}.json",status="200"' in figures
    assert HERE not in figures
    assert HERE not in capsys.readouterr().out


@pytest.mark.parametrize(
    "path",
    ["/v1/packs/841e1c7ffffffff/9.json", f"/v1/packs/{HERE}/1-9.json", "/v1/packs/exercise/elsewhere/9.json"],
)
async def test_what_is_not_there_is_a_problem_in_words(press: Press, api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/pack-unknown"


async def test_a_path_that_is_none_of_ours_is_refused(press: Press, api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/packs/..%2f..%2fetc/passwd.json")).status_code in {404, 422}
    assert (await api.post(INDEX)).status_code == 405


async def test_before_the_first_index_there_is_none(api: httpx.AsyncClient) -> None:
    assert (await api.get(INDEX)).status_code == 404
    assert (await api.get("/v1/keys.json")).status_code == 404


async def test_a_change_is_seen_within_a_second(press: Press, api: httpx.AsyncClient, operator: Operator) -> None:
    first = await the_index(api)
    await press.zone(operator, "Z-new", 16.99)
    await press.build()
    give_up = 40
    while (await the_index(api))["version"] == first["version"] and give_up:
        give_up -= 1
        await asyncio.sleep(0.025)
    assert (await the_index(api))["version"] == first["version"] + 1


class Away:
    """A pool whose server is gone."""

    def connection(self, *_: object, **__: object) -> Any:
        raise psycopg.OperationalError("gone")


async def test_packs_are_served_on_while_the_database_is_away(
    app: FastAPI, api: httpx.AsyncClient, pack: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, entry = pack
    await api.get(path)
    monkeypatch.setattr(app.state.packs.shelf, "_pool", Away())
    monkeypatch.setattr(app.state.packs.shelf, "_looked", float("-inf"))
    assert hashlib.sha256((await api.get(path)).content).hexdigest() == entry["sha256"]
    assert (await the_index(api))["packs"][HERE] == entry
    assert (await api.get(f"/v1/packs/{HERE}/7-9.json")).status_code == 503


async def test_a_shelf_keeps_what_was_asked_for_last(press: Press, pool: Pool, monkeypatch: Any) -> None:
    monkeypatch.setattr("service.publication.shelf._MOST_BYTES", 1)
    shelf = Shelf(pool)
    assert await shelf.take(rules.index_path(World.LIVE)) is not None
    assert await shelf.take(f"{HERE}/1.json") is not None
    assert await shelf.take("elsewhere/1.json") is not None
    assert await shelf.take(rules.index_path(World.LIVE)) is not None
    assert f"{HERE}/1.json" not in shelf._books


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The app over a real socket, for clients that are not asynchronous."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = Granian(app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_access=False)
    task = asyncio.create_task(server.serve())
    await asyncio.sleep(0.5)
    yield f"http://127.0.0.1:{port}"
    server.stop()  # type: ignore[no-untyped-call]  # the library types only half of itself
    await task


async def test_the_reference_client_syncs_from_the_running_service(
    press: Press, address: str, clock: FixedClock
) -> None:
    wish = Wish(World.LIVE, [ROOT.public], (geo.parse_cell(HERE),))
    syncing = Syncing(press.folder / "phone", Server(address), wish)
    clock.advance(timedelta(minutes=1))
    state = await asyncio.to_thread(lambda: syncing.run(now=clock.now()))
    assert state.trouble is None
    assert len(state.shown.listed) == 5
