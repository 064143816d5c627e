"""`surefoot residents` on a real database."""

import asyncio
import json

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from service.commands.residents import app
from tests.build import an_admin_with_key
from tests.conftest import SERVER_KEY

RUNNER = CliRunner()


@pytest.fixture
def acting(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and an admin's key, as a shell would have them."""

    async def add() -> str:
        async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
            return await an_admin_with_key(tx)

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("SUREFOOT_KEY", asyncio.run(add()))


def test_an_operator_prints_a_testers_code(acting: None) -> None:
    done = RUNNER.invoke(app, ["tester-code", "--uses", "5", "--hours", "24", "--json"])
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.output)["code"]) == len("XXXX-XXXX-XXXX")


def test_r17_without_a_key_no_code_is_made(acting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUREFOOT_KEY")
    done = RUNNER.invoke(app, ["tester-code", "--uses", "5", "--hours", "24"])
    assert done.exit_code == 2


def test_r26_no_count_is_told_for_fewer_than_3_cells(acting: None, database_url: str) -> None:
    told = RUNNER.invoke(app, ["count", "--json"])
    assert set(json.loads(told.output).values()) == {None}
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO registration (id, secret_hash, platform, address_kind, address, address_hash, languages,"
            " created_at, changed_at, seen_at) SELECT gen_random_uuid(), %(hash)s, 'ios', 'fid', 'x', %(hash)s, '{en}',"
            " now(), now(), now() FROM generate_series(1, 26)",
            {"hash": bytes(32)},
        )
        connection.execute("INSERT INTO registration_cell (cell, number) SELECT number, number FROM registration")
    told = RUNNER.invoke(app, ["count", "--json"])
    assert json.loads(told.output) == {
        "registrations": 30,
        "verified": "<20",
        "capped": "<20",
        "unreachable": "<20",
        "testers": "<20",
        "by_fcm": 30,
        "by_web_push": "<20",
        "by_text": "<20",
        "with_number": "<20",
    }
