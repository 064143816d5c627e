"""`surefoot alerts`: what comes after a warning on the command line, each act by the holder of a key (R17)."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from service.__main__ import app
from service.alerts import actions as alerts
from service.alerts.model import Draft
from service.config import Settings
from service.delivery.model import Severity
from service.kit.db import transaction
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from tests.build import a_zone
from tests.conftest import NOW, SERVER_KEY
from tests.integration.acts import read_places

RUNNER = CliRunner()


@pytest.fixture
async def staff(house: House) -> dict[str, tuple[Operator, str]]:
    found: dict[str, tuple[Operator, str]] = {}
    roles = {"anna": {Role.ADMIN, Role.AUTHOR, Role.EDITOR}, "borys": {Role.ADMIN, Role.APPROVER}}
    async with transaction(house.pool) as tx:
        for name, held in roles.items():
            first = found["anna"][0] if found else None
            done = await operators.add(tx, first, name, frozenset(held), now=NOW)
            assert isinstance(done, Done)
            assert done.key is not None
            found[name] = (done.operator, done.key.reveal())
    return found


@pytest.fixture
async def alert(house: House, staff: dict[str, tuple[Operator, str]]) -> str:
    """A warning that was told."""
    await read_places(house)
    (anna, _), (borys, _) = staff["anna"], staff["borys"]
    async with transaction(house.pool) as tx:
        zone = await a_zone(tx, anna)
        wanted = Draft(zone.id, "hazard_near", Severity.SEVERE, exercise=False, reach_m=3000, place="X", place_names={})
        made = await alerts.draft(tx, anna, wanted, now=NOW)
        await alerts.submit(tx, house, anna, made.id)
        await alerts.approve(tx, house, borys, made.id)
    return str(made.id)


class Shell:
    def __init__(self, keys: dict[str, str], settings: Settings) -> None:
        self.keys = keys
        self.settings = {
            "DATABASE_URL": settings.need_database(),
            "SUREFOOT_SERVER_KEY": SERVER_KEY.hex(),
            "SUREFOOT_CONFIRMED_LANGUAGES": "uk,ru,es,ar",
            "COLUMNS": "200",
        }
        self.later = timedelta(0)

    async def ran(self, by: str, *words: str, ends: int = 0) -> str:
        clock = f"{(NOW + self.later).isoformat()}@{time.time():.0f}x1"
        told = self.settings | {"SUREFOOT_KEY": self.keys.get(by, ""), "SUREFOOT_CLOCK": clock}
        done = await asyncio.to_thread(RUNNER.invoke, app, ["alerts", *words], env=told)
        assert done.exit_code == ends, done.output
        return done.output

    async def json(self, by: str, *words: str) -> Any:
        return json.loads(await self.ran(by, *words, "--json"))


@pytest.fixture
def shell(settings: Settings, staff: dict[str, tuple[Operator, str]]) -> Shell:
    return Shell({name: key for name, (_, key) in staff.items()}, settings)


async def test_r17_an_update_is_drafted_by_one_and_approved_by_another(shell: Shell, alert: str) -> None:
    words = ("update", alert, "--severity", "extreme", "--place", "Nove", "--name", "uk=Нове")
    update = await shell.json("anna", *words)
    assert (update["follows"], update["severity"], update["place_names"]) == (alert, "extreme", {"uk": "Нове"})
    assert update["reach_m"] == 3000
    await shell.ran("anna", "submit", update["id"])
    assert "AUTHOR" not in await shell.ran("anna", "approve", update["id"], ends=2)
    approved = await shell.json("borys", "approve", update["id"])
    assert (approved["state"], approved["revision"]) == ("approved", 2)
    assert "replaced" in await shell.ran("borys", "show", alert)


async def test_r19_a_correction_takes_two_calls_and_sends_what_the_first_showed(shell: Shell, alert: str) -> None:
    shown = await shell.ran("borys", "correct", alert, "--wrong", "place")
    assert "the place was wrong" in shown
    assert "Nothing has been sent" in shown
    prepared = await shell.json("borys", "correct", alert, "--wrong", "place")
    confirm = ("--confirm", prepared["content"])
    assert "say why" in await shell.ran("borys", "correct", alert, "--wrong", "place", *confirm, ends=2)
    assert "Prepare it again" in await shell.ran(
        "borys", "correct", alert, "--wrong", "time", *confirm, "--why", "wrong bank", ends=2
    )
    made = await shell.json("borys", "correct", alert, "--wrong", "place", *confirm, "--why", "wrong bank")
    assert (made["message"], made["follows"]) == ("correction", alert)


async def test_r17_a_stop_is_one_call_and_says_how_to_tell_whom_it_reached(shell: Shell, alert: str) -> None:
    told = await shell.ran("anna", "withdraw", alert, "--why", "wrong bank", "--wrong", "place")
    assert "withdrawn" in told
    assert f"surefoot alerts correct {alert} --wrong place" in told


async def test_what_is_out_of_date_soon_is_listed_and_renewed(shell: Shell, alert: str) -> None:
    assert await shell.ran("borys", "expiring") == ""
    shell.later = timedelta(days=80)
    assert alert in await shell.ran("borys", "expiring")
    renewed = await shell.json("borys", "renew", alert, "--why", "nobody has searched it")
    assert datetime.fromisoformat(renewed["expires_at"]) > datetime(2027, 4, 1, tzinfo=UTC)
    assert await shell.ran("borys", "expiring") == ""


async def test_r2_an_end_without_a_release_record_is_refused_with_what_to_do(shell: Shell, alert: str) -> None:
    told = await shell.ran("anna", "end", alert, ends=2)
    assert "No release record is in force" in told
    assert "surefoot zones release" in told


async def test_r17_without_a_key_nothing_of_it_works(shell: Shell, alert: str, database_url: str) -> None:
    for words in (
        ("show", alert),
        ("update", alert),
        ("end", alert),
        ("correct", alert, "--wrong", "place"),
        ("withdraw", alert, "--why", "why"),
        ("renew", alert, "--why", "why"),
        ("expiring",),
        ("submit", alert),
        ("approve", alert),
    ):
        await shell.ran("nobody", *words, ends=2)
    async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
        row = await (await tx.execute("SELECT count(*) AS many, min(state) AS state FROM alert")).fetchone()
    assert row == {"many": 1, "state": "approved"}
