"""What phones are told of topics: signed by way of the index, served, exported, changed by a rotation."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from service.__main__ import app
from service.config import Settings
from service.i18n.catalogues import Catalogues
from service.kit.db import transaction
from service.kit.house import House
from service.publication import building, jws, phone, trust
from service.publication.model import World
from tests.build import HERE
from tests.conftest import METRICS, FixedClock
from tests.integration.desk import Desk, add_operators
from tests.integration.office import Office
from tests.integration.press import BOTH, LIVE, Press, exported, payload

PATHS = {World.LIVE: "/v1/topics", World.EXERCISE: "/v1/topics/exercise"}


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path) -> Press:
    press = await Press.opened(house, clock, tmp_path)
    for world in World:
        await press.build("elsewhere", world=world)
    return press


@pytest.fixture
def office(house: House, database_url: str) -> Office:
    return Office(house, database_url)


async def index_of(api: httpx.AsyncClient, world: World) -> Any:
    path = "/v1/packs/exercise/index.json" if world.exercise else "/v1/packs/index.json"
    return json.loads(jws.decoded((await api.get(path)).json()["payload"]))


@pytest.mark.parametrize("world", World)
async def test_the_signed_index_names_exactly_the_bytes_that_are_served(
    press: Press, api: httpx.AsyncClient, world: World
) -> None:
    answer = await api.get(PATHS[world])
    assert answer.status_code == 200
    said = (await index_of(api, world))["topics"]
    assert said == {"size": len(answer.content), "sha256": hashlib.sha256(answer.content).hexdigest()}
    assert answer.json()["world"] == world.value
    assert set(answer.json()["languages"]) == {one.tag for one in press.house.get(Catalogues).languages()}


async def test_r27_exercises_have_a_scheme_of_their_own(press: Press, api: httpx.AsyncClient) -> None:
    live, exercise = [(await api.get(PATHS[world])).json() for world in World]
    assert live["generations"][0]["key"] != exercise["generations"][0]["key"]


async def test_the_document_is_asked_for_again_and_told_to_be_the_same(press: Press, api: httpx.AsyncClient) -> None:
    first = await api.get("/v1/topics")
    assert first.headers["cache-control"] == "public, no-cache"
    again = await api.get("/v1/topics", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await api.post("/v1/topics")).status_code == 405
    assert 'route="/v1/topics",status="200"' in (await api.get("/metrics", headers=METRICS)).text


async def test_before_the_first_index_there_is_none(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/topics")).status_code == 404


async def test_what_alerts_are_sent_to_is_what_phones_are_told(
    press: Press, api: httpx.AsyncClient, office: Office
) -> None:
    [generation] = await office.generations()
    [said] = (await api.get("/v1/topics")).json()["generations"]
    assert jws.decoded(said["key"]) == generation.key


async def test_a_rotation_is_published_and_names_the_key_before_for_270_days(
    press: Press, api: httpx.AsyncClient, office: Office, database_url: str, clock: FixedClock
) -> None:
    before = await index_of(api, World.LIVE)
    desk = Desk(api, await add_operators(api, database_url))
    await office.rotate(desk)
    assert await due(press)
    await drained(press)
    await asyncio.sleep(0.3)
    said = (await api.get("/v1/topics")).json()["generations"]
    assert [(one["number"], one["until"]) for one in said] == [(2, None), (1, "2027-07-30T09:00:00Z")]
    assert (await index_of(api, World.LIVE))["version"] == before["version"] + 1
    assert not await due(press)
    clock.advance(timedelta(days=271))
    await press.publish(*BOTH, version=2)
    assert await due(press)


async def due(press: Press) -> bool:
    """Say whether the worker's round would have the live index made anew."""
    async with transaction(press.house.pool) as tx:
        await tx.execute("DELETE FROM procrastinate_jobs")
        await building.keep_up(tx, press.house)
        return bool(
            await (await tx.execute("SELECT FROM procrastinate_jobs WHERE args ->> 'world' = 'live'")).fetchall()
        )


async def drained(press: Press) -> None:
    while await building.build(press.house, World.LIVE):
        pass


async def test_an_exported_copy_holds_what_the_index_names(press: Press) -> None:
    await press.export()
    for world, name in ((World.LIVE, "topics.json"), (World.EXERCISE, "topics/exercise.json")):
        content = (exported(press) / name).read_bytes()
        index = payload(exported(press) / ("packs/exercise/index.json" if world.exercise else "packs/index.json"))
        assert index["topics"]["sha256"] == hashlib.sha256(content).hexdigest()


async def test_a_deployment_without_topics_tells_of_none_and_asks_nothing_of_texts(
    press: Press, api: httpx.AsyncClient
) -> None:
    press.house.put(press.house.get(Settings).model_copy(update={"topics": False}))
    assert await due(press)
    await drained(press)
    await asyncio.sleep(0.3)
    assert "topics" not in await index_of(api, World.LIVE)
    assert (await api.get("/v1/topics")).status_code == 404
    assert not await due(press)


async def test_an_index_with_other_topics_under_the_same_version_is_a_fork(press: Press) -> None:
    await press.export()
    document = (exported(press) / "packs" / "index.json").read_bytes()
    keys = trust.open_keys((exported(press) / "keys.json").read_bytes(), press.house.get(Settings).need_roots())
    index, key = trust.open_index(document, keys, World.LIVE)
    assert key.kid == jws.kid_of(LIVE.public)
    assert index.topics is not None
    other = phone.fingerprint(type(index)(**{**fields(index), "topics": None}))
    assert phone.fingerprint(index) != other


def fields(index: Any) -> dict[str, Any]:
    return {name: getattr(index, name) for name in index.__slots__}


def run(database_url: str, *arguments: str, key: str | None = None) -> Any:
    environment = {"DATABASE_URL": database_url, "SUREFOOT_SERVER_KEY": "00" * 32} | (
        {"SUREFOOT_KEY": key} if key else {}
    )
    return CliRunner().invoke(app, ["topics", *arguments], env=environment)


def shown(result: Any) -> Sequence[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found: Sequence[dict[str, Any]] = json.loads(result.output)
    return found


async def test_an_admin_rotates_on_the_command_line_once_and_it_is_audited(
    api: httpx.AsyncClient, database_url: str
) -> None:
    keys = await add_operators(api, database_url)
    assert [one["number"] for one in shown(await asyncio.to_thread(run, database_url, "show", "--json"))] == [1]
    nobody = await asyncio.to_thread(run, database_url, "rotate")
    assert nobody.exit_code == 2
    made = shown(await asyncio.to_thread(run, database_url, "rotate", "--json", key=keys["anna"]))
    assert [(one["number"], one["until"] is None) for one in made] == [(2, True), (1, False)]
    again = await asyncio.to_thread(run, database_url, "rotate", key=keys["anna"])
    assert again.exit_code == 2
    assert "Wait until then" in again.output
    trail = await Desk(api, keys).must("GET", "/audit", "anna")
    assert [one["subject"] for one in trail if one["act"] == "topics.rotate"] == ["live"]
    exercise = shown(await asyncio.to_thread(run, database_url, "show", "--exercise", "--json"))
    assert [one["number"] for one in exercise] == [1]
    assert "the next one" in (await asyncio.to_thread(run, database_url, "show")).output


async def test_the_key_of_a_topic_cannot_be_changed_even_in_the_database(office: Office, database_url: str) -> None:
    [generation] = await office.generations()
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="never changes"),
    ):
        connection.execute("UPDATE topic_generation SET key = %s", [bytes(32)])
    assert await office.generations() == [generation]
    assert generation.name(HERE, "uk").startswith("sf1-live-")
