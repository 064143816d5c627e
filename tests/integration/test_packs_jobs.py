"""From a change to the index by the jobs that the worker runs; and the commands of whoever looks after packs."""

import asyncio
import json
from pathlib import Path
from typing import Any

import procrastinate
import pytest
from typer.testing import CliRunner

from service import worker
from service.__main__ import app
from service.config import Settings
from service.kit.db import Tx, transaction
from service.kit.house import House
from service.operators.model import Operator
from service.publication import actions, building, jws
from service.publication.model import World
from tests.build import an_admin, an_admin_with_key
from tests.conftest import FixedClock
from tests.integration.press import BOTH, EXERCISE, HERE, LIVE, ROOT, Press


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path) -> Press:
    return await Press.opened(house, clock, tmp_path)


async def work(press: Press) -> None:
    """Run every job of the slow queue until there is none."""
    url = press.house.get(Settings).need_database()
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=2)
    program = procrastinate.App(connector=connector)
    worker.register(program)
    async with program.open_async():
        await program.run_worker_async(
            queues=["slow"],
            wait=False,
            delete_jobs="successful",
            install_signal_handlers=False,
            additional_context={"house": press.house},
        )


async def the_index(press: Press) -> Any:
    async with transaction(press.house.pool) as tx:
        signed = await actions.index(tx, World.LIVE)
    assert signed is not None
    return json.loads(jws.decoded(json.loads(signed)["payload"]))


async def test_a_zone_that_comes_in_is_in_the_index_when_the_jobs_have_run(press: Press) -> None:
    async with transaction(press.house.pool) as tx:
        operator: Operator = await an_admin(tx)
    await press.zone(operator)
    await work(press)
    index = await the_index(press)
    assert index["packs"][HERE]["version"] == 1
    await press.zone(operator, "Z-2", 17.02)
    await work(press)
    assert (await the_index(press))["packs"][HERE]["version"] == 2
    async with transaction(press.house.pool) as tx:
        document = await actions.document(tx, f"{HERE}/2.json")
    assert document is not None
    assert document.final


async def test_packs_that_wait_are_taken_up_without_another_change(press: Press) -> None:
    async with transaction(press.house.pool) as tx:
        await building.keep_up(tx, press.house)
    await work(press)
    assert "elsewhere" in (await the_index(press))["packs"]


async def test_a_worker_publishes_the_key_set_that_its_settings_name(
    house: House, clock: FixedClock, tmp_path: Path
) -> None:
    press = await Press.opened(house, clock, tmp_path)
    file = tmp_path / "keys.json"
    file.write_bytes(press.signed(*BOTH, version=7))
    house.put(house.get(Settings).model_copy(update={"key_set": file}))
    await building.publish_own_keys(house)
    await building.publish_own_keys(house)
    async with transaction(house.pool) as tx:
        assert await actions.keys(tx) == file.read_bytes()


def settings_of(monkeypatch: pytest.MonkeyPatch, house: House, key: str) -> None:
    settings = house.get(Settings)
    monkeypatch.setenv("DATABASE_URL", settings.need_database())
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", settings.need_server_key().hex())
    monkeypatch.setenv("SUREFOOT_ROOT_KEY", ROOT.public.hex())
    monkeypatch.setenv("SUREFOOT_KEY", key)


@pytest.fixture
async def key(press: Press) -> str:
    async with transaction(press.house.pool) as tx:
        return await an_admin_with_key(tx)


def ran(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words])
    assert done.exit_code == 0, done.output
    return json.loads(done.output) if "--json" in words else done.output


async def in_a_thread(*words: str) -> Any:
    """Commands run an event loop of their own."""
    return await asyncio.to_thread(ran, *words)


async def test_the_commands_of_packs_and_keys_on_a_running_system(
    press: Press, key: str, monkeypatch: pytest.MonkeyPatch, tx: Tx
) -> None:
    settings_of(monkeypatch, press.house, key)
    file = press.folder / "keys.json"
    file.write_bytes(press.signed(*BOTH, version=5))
    assert (await in_a_thread("keys", "publish", str(file), "--json"))["version"] == 5
    assert {one["kid"] for one in (await in_a_thread("keys", "show", "--json"))["keys"]} == {
        jws.kid_of(LIVE.public),
        jws.kid_of(EXERCISE.public),
    }
    audit = await (await tx.execute("SELECT act FROM audit WHERE act = 'keys.publish'")).fetchall()
    assert len(audit) == 1
    await in_a_thread("packs", "build", "--all")
    await work(press)
    live = next(one for one in (await in_a_thread("packs", "status", "--json"))["worlds"] if one["world"] == "live")
    assert (live["version"], live["packs"], live["waiting_since"]) == (1, 1, None)
    assert (await in_a_thread("packs", "export", str(press.folder / "stick"), "--json"))["versions"]["live"] == 1
    assert (press.folder / "stick" / "v1" / "packs" / "elsewhere" / "1.json.br").exists()
