"""`surefoot incidents` on a real database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from service.commands.incidents import app
from service.operators import actions as operators
from service.operators.model import Done, Role
from tests.build import an_admin_with_key
from tests.conftest import NOW, SERVER_KEY
from tests.integration.test_incidents import a_file, an_event, events

RUNNER = CliRunner()
STATED = ["--authority", "Mine Action Centre", "--dated", "2020-01-31"]
YEAR = ["--authority", "Mine Action Centre", "--year", "2019"]


@pytest.fixture(autouse=True)
def second(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Settings and an admin's key, as a shell would have them; the key of a second person."""

    async def add() -> tuple[str, str]:
        async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
            key = await an_admin_with_key(tx)
            [first] = await operators.everybody(tx)
            done = await operators.add(tx, first, "Borys", frozenset({Role.ADMIN, Role.APPROVER}), now=NOW)
            assert isinstance(done, Done)
            assert done.key is not None
            return key, done.key.reveal()

    first, other = asyncio.run(add())
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("SUREFOOT_KEY", first)
    monkeypatch.setenv("COLUMNS", "200")
    return other


def typed(*words: str, status: int = 0) -> str:
    done = RUNNER.invoke(app, list(words))
    assert done.exit_code == status, done.output
    return done.output


def imported(tmp_path: Path, *features: dict[str, Any], more: tuple[str, ...] = ()) -> dict[str, Any]:
    file = tmp_path / "events.geojson"
    file.write_bytes(a_file(*features))
    report: dict[str, Any] = json.loads(typed("import", str(file), *STATED, "--json", *more))
    return report


def test_a_file_is_taken_listed_and_shown(tmp_path: Path) -> None:
    assert imported(tmp_path, an_event(), more=("--dry-run",))["new"] == 1
    assert imported(tmp_path, an_event(), an_event(2, date="soon"))["new"] == 1
    said = typed("import", str(tmp_path / "events.geojson"), *STATED)
    assert "Nothing changed." in said
    assert "No date can be read from 'soon'." in " ".join(said.split())
    [one] = json.loads(typed("list", "--json"))["incidents"]
    assert "Uribe" in typed("list")
    assert json.loads(typed("show", one["id"]))["external_id"] == "E-1"


def test_an_incident_s_id_stands_whole_on_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(tmp_path, an_event())
    monkeypatch.setenv("COLUMNS", "80")
    [one] = json.loads(typed("list", "--json"))["incidents"]
    assert one["id"] in typed("list").split()


def test_a_mapping_file_says_what_codes_mean(tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text("columns: {kind: TIPO}\nvalues:\n  kind: {1: accident, 4: find}\n")
    imported(tmp_path, an_event(TIPO="4"), more=("--map", str(mapping)))
    assert json.loads(typed("list", "--json"))["incidents"][0]["kind"] == "find"
    mapping.write_text("columns: [")
    assert "no YAML" in typed("import", str(tmp_path / "events.geojson"), *STATED, "--map", str(mapping), status=2)


def test_totals_become_public_by_two_and_are_taken_back_by_one(
    tmp_path: Path, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(tmp_path, *events({("Meta", "Uribe"): 6}))
    assert "wait for a second person" in typed("publish", *YEAR)
    typed("approve", *YEAR, status=2)
    monkeypatch.setenv("SUREFOOT_KEY", second)
    assert "are public" in typed("approve", *YEAR)
    assert json.loads(typed("totals", "--json"))["figures"][0]["count"] == 6
    assert "danger can lie where no event is on record" in " ".join(typed("totals").split())
    typed("withdraw", *YEAR, "--reason", "a test")
    assert "unknown" in typed("totals")


def test_what_waits_is_listed_and_dismissed_and_a_history_told(tmp_path: Path) -> None:
    report = imported(tmp_path, an_event(), an_event(2, date="soon"), an_event(3, date="soon"))
    shown = " ".join(typed("quarantine", "--import", report["import_id"], "--limit", "1").split())
    assert "No date can be read from 'soon'." in shown
    assert "2 wait." in shown
    assert "More wait: --after" in shown
    [first, _] = json.loads(typed("quarantine", "--json"))["waiting"]
    typed("dismiss", str(first["id"]), "--reason", " ", status=2)
    assert "waits no longer" in typed("dismiss", str(first["id"]), "--reason", "a line of sums")
    typed("dismiss", str(first["id"]), "--reason", "a line of sums", status=2)
    assert len(json.loads(typed("quarantine", "--json"))["waiting"]) == 1
    assert len(json.loads(typed("quarantine", "--json", "--closed"))["waiting"]) == 2
    [one] = json.loads(typed("list", "--json"))["incidents"]
    assert f"revision 1  Ana: import {report['import_id']}" in typed("history", one["id"])
    assert json.loads(typed("history", one["id"], "--json"))["revisions"][0]["record"]["external_id"] == "E-1"
