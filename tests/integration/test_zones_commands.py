"""`surefoot zones` on a real database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from service.commands.zones import app
from tests.build import a_feature, a_file, an_admin_with_key
from tests.conftest import SERVER_KEY

RUNNER = CliRunner()
DIRTY = Path(__file__).parents[1] / "data" / "zones" / "dirty.geojsonl"
STATED = ["--authority", "Mine Action Centre", "--dated", "2026-07-31"]


@pytest.fixture(autouse=True)
def acting(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and an admin's key, as a shell would have them."""

    async def add() -> str:
        async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
            return await an_admin_with_key(tx)

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("SUREFOOT_KEY", asyncio.run(add()))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "zones.geojson"
    path.write_bytes(a_file(a_feature(name="Поле [bold]1[/bold]"), a_feature(None)))
    return path


def _import(file: Path, *more: str) -> dict[str, Any]:
    done = RUNNER.invoke(app, ["import", str(file), *STATED, "--json", *more])
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_file_is_taken_and_a_second_time_nothing_changes(file: Path) -> None:
    assert _import(file)["new"] == 1
    again = _import(file)
    assert (again["new"], again["unchanged"], again["nothing_changed"]) == (0, 1, True)
    said = RUNNER.invoke(app, ["import", str(file), *STATED])
    assert "Nothing changed." in said.stdout


def test_people_are_told_what_waits_and_what_to_do(file: Path) -> None:
    done = RUNNER.invoke(app, ["import", str(file), *STATED])
    assert done.exit_code == 0
    assert "In quarantine" in done.stdout
    assert "The row has no id of its own." in " ".join(done.stdout.split())


def test_a_dry_run_only_says_what_would_happen(file: Path) -> None:
    assert _import(file, "--dry-run")["new"] == 1
    assert _import(file)["new"] == 1


def test_our_dirty_file_is_taken_as_the_api_takes_it() -> None:
    report = _import(DIRTY)
    assert (report["new"], report["in_doubt"], len(report["quarantined"])) == (33, 14, 20)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--authority", "Centre"],
        ["--dated", "2026-07-31"],
        ["--authority", "Centre", "--dated", "31.7.2026"],
        ["--authority", "Centre", "--dated", "2999-01-01"],
        ["--authority", " ", "--dated", "2026-07-31"],
        ["--authority", "Centre", "--dated", "2026-07-31", "--class", "green"],
        ["--authority", "Centre", "--dated", "2026-07-31", "--accuracy", "-1"],
    ],
)
def test_an_unfit_statement_ends_in_2_and_says_why(file: Path, arguments: list[str]) -> None:
    done = RUNNER.invoke(app, ["import", str(file), *arguments])
    assert done.exit_code == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def test_a_file_of_another_format_ends_in_2_and_names_those_that_work(tmp_path: Path) -> None:
    path = tmp_path / "zones.pdf"
    path.write_bytes(b"%PDF-1.7")
    done = RUNNER.invoke(app, ["import", str(path), *STATED])
    assert done.exit_code == 2
    assert "GeoPackage" in done.stderr


def test_r17_without_a_key_nothing_comes_in(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUREFOOT_KEY")
    assert RUNNER.invoke(app, ["import", str(file), *STATED]).exit_code == 2


def test_zones_are_listed_and_shown(file: Path) -> None:
    _import(file, "--exercise")
    (zone,) = json.loads(RUNNER.invoke(app, ["list", "--json"]).stdout)["zones"]
    assert (zone["class"], zone["exercise"], zone["name"]) == ("sha", True, "Поле [bold]1[/bold]")
    table = RUNNER.invoke(app, ["list"]).stdout
    assert "EXERCISE" in table
    assert "[bold]" in table
    record = json.loads(RUNNER.invoke(app, ["show", zone["id"]]).stdout)
    assert record == zone
    unknown = RUNNER.invoke(app, ["show", "00000000-0000-7000-8000-000000000000"])
    assert unknown.exit_code == 2
