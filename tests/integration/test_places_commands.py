"""`surefoot places` on a real database."""

import asyncio
import json
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner, Result

from service.commands.places import app
from tests.build import an_admin_with_key
from tests.conftest import SERVER_KEY
from tests.island import FOLDER
from tests.unit.test_places_sources import codifier

RUNNER = CliRunner()
ISLAND = [str(FOLDER / "register.csv"), "--country", "xa", "--map", str(FOLDER / "map.toml"), "--exercise"]
DATED = ["--dated", "2026-07-31"]


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


def run(*arguments: str) -> Result:
    return RUNNER.invoke(app, list(arguments))


def test_a_source_is_loaded_and_a_second_time_nothing_changes() -> None:
    first = run("load", *ISLAND, *DATED, "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["new"] == 30
    again = json.loads(run("load", *ISLAND, *DATED, "--json").stdout)
    assert (again["new"], again["changed"], again["unchanged"], again["missing"]) == (0, 0, 30, 0)


def test_people_are_told_what_did_not_join_and_what_to_do() -> None:
    run("load", *ISLAND, *DATED)
    done = run("load", str(FOLDER), "--country", "XA", "--exercise", *DATED)
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "No place on record has the code XA-Z." in said
    assert "Load the register of the country first" in said
    assert "outlines.geojson, row 5" in said


def test_a_date_in_the_name_of_the_file_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "katottg-2025-05-16.csv"
    file.write_bytes(codifier())
    report = json.loads(run("load", str(file), "--country", "UA", "--json").stdout)
    assert (report["data_as_of"], report["licence"]) == ("2025-05-16", "CC BY 4.0")


def test_a_place_is_found_listed_and_shown() -> None:
    run("load", *ISLAND, *DATED)
    found = run("find", "камянка затоцький", "--exercise")
    assert "Човнярська, Затоцький, Приморська" in found.stdout
    listed = json.loads(run("list", "--exercise", "--level", "2", "--lang", "en", "--json").stdout)
    assert [place["name"] for place in listed["places"]] == ["Vershynskyi", "Berezhanskyi", "Zatotskyi"]
    shown = json.loads(run("show", "XA1113").stdout)
    assert (shown["ground"]["name"], run("show", shown["id"]).exit_code) == ("Чайкинська", 0)
    assert json.loads(run("find", "Чайкине", "--exercise", "--json").stdout)["groups"][0]["total"] == 1
    assert "No place has a name like this." in run("find", "Ніщо").stdout


def test_what_a_register_no_longer_names_can_be_listed(tmp_path: Path) -> None:
    run("load", *ISLAND, *DATED)
    lines = (FOLDER / "register.csv").read_text().splitlines(keepends=True)
    shorter = tmp_path / "register.csv"
    shorter.write_text("".join(line for line in lines if not line.startswith("XA1112,")))
    assert "marked missing" in run("load", str(shorter), *ISLAND[1:], *DATED).stdout
    assert "Чайкине" in run("list", "--exercise", "--missing").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ISLAND,
        [*ISLAND, "--dated", "2999-01-01"],
        [*ISLAND[:-1], *DATED],
        [ISLAND[0], "--country", "XA", "--exercise", *DATED],
        [ISLAND[0], "--country", "XA", "--exercise", *DATED, "--map", str(FOLDER / "README.md")],
    ],
)
def test_an_unfit_statement_ends_in_2_and_says_why(arguments: list[str]) -> None:
    done = run("load", *arguments)
    assert done.exit_code == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def test_r17_a_load_needs_an_editors_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUREFOOT_KEY")
    assert run("load", *ISLAND, *DATED).exit_code == 2
    assert run("find", "Чайкине", "--exercise").exit_code == 0


def test_an_unknown_code_ends_in_2() -> None:
    assert run("show", "XA9999").exit_code == 2
