"""`surefoot zones` on a real database."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from service.commands.coverage import app as coverage_app
from service.commands.zones import app
from tests.build import a_feature, a_file, a_square, an_admin_with_key
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


def test_what_has_to_be_typed_again_stands_whole_on_a_narrow_terminal(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _import(file)
    monkeypatch.setenv("COLUMNS", "80")
    (zone,) = json.loads(RUNNER.invoke(app, ["list", "--json"]).stdout)["zones"]
    assert zone["id"] in RUNNER.invoke(app, ["list"]).stdout.split()
    (entry,) = json.loads(RUNNER.invoke(app, ["quarantine", "list", "--json"]).stdout)["quarantine"]
    assert str(entry["id"]) in RUNNER.invoke(app, ["quarantine", "list"]).stdout.split()


def test_a_plan_is_written_to_a_file_also_by_a_dry_run(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.csv"
    _import(file, "--dry-run", "--plan-to", str(out))
    assert out.read_text(encoding="utf-8-sig").splitlines()[1].startswith("1,new,Z-1,")
    done = RUNNER.invoke(app, ["import", str(file), *STATED, "--plan-to", "plan.pdf"])
    assert (done.exit_code, "Use .csv or .geojson." in done.stderr) == (2, True)


def test_a_mapping_is_proposed_and_then_used(tmp_path: Path) -> None:
    table = tmp_path / "zones.csv"
    table.write_text("zone_id;status;lat;lon;radius\nA;SHA;45.1;17.1;200\n", encoding="utf-8")
    proposed = RUNNER.invoke(app, ["map", str(table)])
    assert proposed.exit_code == 0, proposed.output
    assert "id: zone_id" in proposed.stdout
    mapped = tmp_path / "map.yaml"
    mapped.write_text(proposed.stdout, encoding="utf-8")
    report = _import(table, "--map", str(mapped))
    assert (report["new"], [one["note"] for one in report["findings"]]) == (1, ["point-widened"])
    again = _import(table)
    assert again["unchanged"] == 1, "the mapping is kept for its source"
    broken = tmp_path / "broken.yaml"
    broken.write_text("columns:\n  idd: zone_id\n", encoding="utf-8")
    done = RUNNER.invoke(app, ["import", str(table), *STATED, "--map", str(broken)])
    assert done.exit_code == 2
    assert "broken.yaml, line 2" in done.stderr


def test_zones_are_written_back_in_their_own_columns(file: Path, tmp_path: Path) -> None:
    _import(file)
    out = tmp_path / "out.csv"
    done = RUNNER.invoke(app, ["export", str(out), "--authority", "Mine Action Centre"])
    assert done.exit_code == 0, done.output
    head, row = out.read_text(encoding="utf-8").splitlines()
    assert set(head.split(",")) == {"zone_id", "class", "name", "wkt"}
    assert "POLYGON" in row
    assert _import(out)["unchanged"] == 1
    assert (tmp_path / "out.releases.csv").exists()


def test_formulas_are_written_so_that_nothing_runs_them_and_read_back_as_they_were(tmp_path: Path) -> None:
    names = ["=1+1", "'quoted", "-5 metres", "@x", "+"]
    path = tmp_path / "zones.geojson"
    path.write_bytes(a_file(*(a_feature(f"Z-{at}", name=name) for at, name in enumerate(names))))
    assert _import(path)["new"] == 5
    out = tmp_path / "out.csv"
    RUNNER.invoke(app, ["export", str(out), "--authority", "Mine Action Centre"])
    with out.open(encoding="utf-8", newline="") as opened:
        cells = [row["name"] for row in csv.DictReader(opened)]
    assert sorted(cells) == sorted(f"'{name}" for name in names)
    assert _import(out)["unchanged"] == 5


def test_r17_the_quarantine_is_listed_and_not_decided_by_who_imported(file: Path) -> None:
    _import(file)
    listed = json.loads(RUNNER.invoke(app, ["quarantine", "list", "--json"]).stdout)["quarantine"]
    assert [one["reason"] for one in listed] == ["id-missing"]
    entry = str(listed[0]["id"])
    shown = json.loads(RUNNER.invoke(app, ["quarantine", "show", entry]).stdout)["quarantine"]
    assert shown[0]["record"]["properties"]["class"] == "SHA"
    decided = RUNNER.invoke(app, ["quarantine", "decide", entry, "--dismiss", "--reason", "a test row"])
    assert (decided.exit_code, "Another person" in decided.stderr) == (2, True)
    unclear = RUNNER.invoke(app, ["quarantine", "decide", entry, "--reason", "x"])
    assert (unclear.exit_code, "Decide one thing" in unclear.stderr) == (2, True)


def test_coverage_areas_come_from_files_too(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    country = a_square(10, 40, 5)
    path.write_bytes(a_file(a_feature("BA", country, name="Whole country"), a_feature(None), a_feature("X", {})))
    stated = ["--authority", "Mine Action Centre", "--dated", "2026-07-31", "--why", "agreed"]
    done = RUNNER.invoke(coverage_app, ["import", str(path), *stated, "--not-surveyed", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [area["external_id"] for area in told["coverage"]] == ["BA"]
    assert [one["where"] for one in told["left"]] == ["row 2", "row 3"]
    assert RUNNER.invoke(coverage_app, ["import", str(path), *stated]).exit_code == 2, "surveyed or not has to be said"
