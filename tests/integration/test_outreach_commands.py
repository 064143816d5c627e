"""`surefoot lessons report` and `surefoot lessons gains` on a real database."""

import asyncio
import csv
import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from service.commands.lessons import app
from service.kit.hidden import Hidden
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from service.outreach import rules, store
from service.outreach.model import Report, Spot
from tests.build import an_admin_with_key
from tests.conftest import NOW, SERVER_KEY
from tests.unit.test_outreach_rules import REPORT

RUNNER = CliRunner()
MAPPING = "columns: {date: Date, organisation: Who, people: Total, longitude: X}\nfixed: {=cmd(): '=1+1'}\n"


@pytest.fixture
def keys(database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings as a shell would have them, and the keys of an admin and an information officer."""

    async def add() -> dict[str, str]:
        async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
            first = await an_admin_with_key(tx)
            admin = await operators.authenticate(tx, Hidden(first))
            roles = frozenset({Role.ADMIN, Role.INFORMATION_OFFICER, Role.EDUCATOR})
            done = await operators.add(tx, admin, "Oksana", roles, now=NOW)
            assert isinstance(done, Done)
            assert done.key is not None
            for report in (REPORT, replace(REPORT, organisation="b", held_on=NOW.date())):
                await keep(tx, done.operator, report)
            await keep(tx, done.operator, replace(REPORT, sessions=9), withdrawn=True)
            return {"admin": first, "officer": done.key.reveal()}

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("COLUMNS", "200")
    return asyncio.run(add())


async def keep(
    tx: psycopg.AsyncConnection[dict[str, object]], operator: Operator, report: Report, *, withdrawn: bool = False
) -> None:
    spot = Spot(uuid4(), "XA1", -25.0, -36.5)
    kept = await store.insert(tx, uuid4(), rules.digest(report), report, spot, operator_id=operator.id, now=NOW)
    assert kept is not None
    if withdrawn:
        await store.update(tx, replace(kept, withdrawn=True, revision=2))


def typed(*words: str, status: int = 0) -> str:
    done = RUNNER.invoke(app, list(words))
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "map.yaml"
    made.write_text(MAPPING, encoding="utf-8")
    return made, tmp_path / "out.csv"


def test_an_officer_gets_standing_reports_in_the_authoritys_columns_and_no_cell_is_a_formula(
    keys: dict[str, str], files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    mapped, out = files
    monkeypatch.setenv("SUREFOOT_KEY", keys["officer"])
    said = json.loads(typed("report", "--map", str(mapped), "--out", str(out), "--json"))
    assert said["rows"] == 2
    with out.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows == [
        ["Date", "Who", "Total", "X", "'=cmd()"],
        ["2026-10-30", "ДСНС", "23", "-25.0", "'=1+1"],
        ["2026-11-02", "b", "23", "-25.0", "'=1+1"],
    ]
    assert out.stat().st_mode & 0o077 == 0, "exact records are for their reader alone"
    typed("report", "--map", str(mapped), "--out", str(out), "--to", "2026-10-31")
    assert len(out.read_text().splitlines()) == 2
    with psycopg.connect(database_url) as connection:
        exports = connection.execute("SELECT detail FROM audit WHERE act = 'lessons.report.export'").fetchall()
    assert exports == [({"rows": 2},), ({"rows": 1},)]


def test_nobody_else_gets_them_and_a_mapping_that_is_wrong_leaves_the_old_file(
    keys: dict[str, str], files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped, out = files
    out.write_text("old")
    monkeypatch.setenv("SUREFOOT_KEY", keys["admin"])
    assert "information-officer" in typed("report", "--map", str(mapped), "--out", str(out), status=2)
    monkeypatch.setenv("SUREFOOT_KEY", keys["officer"])
    mapped.write_text("columns:\n  date: A\n  child: B\n", encoding="utf-8")
    assert "map.yaml:3" in typed("report", "--map", str(mapped), "--out", str(out), status=2)
    mapped.write_text(MAPPING, encoding="utf-8")
    typed("report", "--map", str(mapped), "--out", str(out.parent / "nowhere" / "out.csv"), status=2)
    assert (out.read_text(), sorted(one.name for one in out.parent.iterdir())) == ("old", ["map.yaml", "out.csv"])


def test_an_editor_sees_what_at_least_three_classes_learnt(
    keys: dict[str, str], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUREFOOT_KEY", keys["admin"])
    assert json.loads(typed("gains", "--json"))["gains"] == [], "the third was withdrawn"

    async def third() -> None:
        async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
            officer = await operators.authenticate(tx, Hidden(keys["officer"]))
            await keep(tx, officer, replace(REPORT, sessions=4))

    asyncio.run(third())
    [gain] = json.loads(typed("gains", "--json"))["gains"]
    assert (gain["classes"], gain["percent_before"], gain["percent_after"]) == (3, 43, 77)
    assert "emergency.stop" in typed("gains")
