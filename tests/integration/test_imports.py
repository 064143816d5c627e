"""Imports over a real database: whole or not at all, never less danger than before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from psycopg import sql
from shapely import Point

from service.imports.model import Kind, Report
from service.imports.reasons import Note, Reason
from service.intake.model import Unread
from service.kit import geo
from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Refused
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import actions
from service.zones.model import PACK_MARGIN_M, PACK_RESOLUTION, HazardClass
from tests.build import a_feature, a_file, a_square, a_zone, an_admin, an_import, declared

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DIRTY = Path(__file__).parents[1] / "data" / "zones" / "dirty.geojsonl"
TABLES = ("zone", "zone_revision", "zone_pack_cell", "quarantine", "zone_source_row", "zones_version", "zone_import")


async def _import(tx: Tx, operator: Operator, *features: Mapping[str, Any], **stated: Any) -> Report:
    return await an_import(tx, operator, a_file(*features), declared(**stated), now=NOW)


async def _table(tx: Tx, name: str) -> list[dict[str, Any]]:
    query = sql.SQL("SELECT * FROM {} ORDER BY 1, 2").format(sql.Identifier(name))
    return await (await tx.execute(query)).fetchall()


async def _state(tx: Tx, tables: Sequence[str] = TABLES[:-1]) -> dict[str, list[dict[str, Any]]]:
    return {name: await _table(tx, name) for name in tables}


def _counts(report: Report) -> dict[Kind, int]:
    return {kind: len(report.plan.of(kind)) for kind in Kind if report.plan.of(kind)}


async def test_a_zone_comes_back_as_it_was_taken(tx: Tx, operator: Operator) -> None:
    taken = await a_zone(tx, operator, a_feature(name="Поле", hazards="APM; UXO", note={"a": [1, None]}))
    zone = await actions.get_record(tx, taken.id)
    assert zone == taken
    assert shapely.equals_exact(zone.official, taken.official)


async def test_the_stored_public_bytes_cover_the_stored_official_bytes(tx: Tx, operator: Operator) -> None:
    for line in DIRTY.read_bytes().splitlines()[:34]:
        await an_import(tx, operator, line, declared(), now=NOW)
    rows = await _table(tx, "zone")
    assert len(rows) == 33
    for row in rows:
        public, official = shapely.from_wkb(row["public"]), shapely.from_wkb(row["official"])
        assert public.is_valid
        assert public.covers(official)


async def test_what_our_own_dirty_file_holds_is_taken_mended_or_waits(tx: Tx, operator: Operator) -> None:
    report = await an_import(tx, operator, DIRTY.read_bytes(), declared(), now=NOW)
    assert _counts(report) == {Kind.NEW: 33, Kind.IN_DOUBT: 14}
    claimed = [one for one in report.plan.quarantined if one.reason is Reason.CLOSED]
    assert len(claimed) == 6
    reasons = {one.external_id: one.reason for one in report.plan.quarantined if one not in claimed}
    assert reasons == {
        "Q-none": Unread.NO_GEOMETRY,
        "Q-empty": Unread.NO_GEOMETRY,
        "Q-point": Unread.EVENT,
        "Q-line": Unread.LINE,
        "Q-dot": Reason.ONLY_A_POINT,
        "Q-far": Reason.OUT_OF_RANGE,
        "Q-huge": Reason.ABSURD_SIZE,
        "Q-word": Reason.CLASS_UNKNOWN,
        "Q-silent": Reason.NO_CLASS,
        "Q-invented": Reason.FICTIONAL,
        "Q-keys2": Unread.KEYS_TWICE,
        "ok-00": Reason.ID_TWICE,
        None: reasons[None],
    }
    assert Counter(one.reason for one in report.plan.quarantined if one.external_id is None) == {
        Reason.NO_ID: 1,
        Unread.UNREADABLE: 1,
    }
    notes = Counter(finding.note for finding in report.plan.findings)
    mended = {finding.external_id for finding in report.plan.findings if finding.note is Note.UNTANGLED}
    assert {"M-spike", "M-line", "M-twice"} <= mended
    assert notes[Note.NO_RELEASE_RECORD] == 6
    assert notes[Note.CUT_AT_180] == notes[Note.HOLE_FILLED] == notes[Note.PARTS_MERGED] == 1


async def test_r6_every_row_of_a_file_is_in_the_report_and_what_waits_in_quarantine(tx: Tx, operator: Operator) -> None:
    report = await an_import(tx, operator, DIRTY.read_bytes(), declared(), now=NOW)
    rows = len(DIRTY.read_bytes().splitlines())
    assert [line.row for line in report.plan.lines] == list(range(1, rows + 1))
    assert all(line.zone_id is not None or line.waits for line in report.plan.lines)
    waiting = await _table(tx, "quarantine")
    assert len(waiting) == len(report.plan.quarantined)
    assert all(one["detail"] and one["remedy"] and one["record"] for one in waiting)


async def test_the_300_real_outlines_come_in(tx: Tx, operator: Operator, shared: Path) -> None:
    content = (shared / "hazards" / "formats" / "bih300.geojsonl").read_bytes()
    stated = declared(dated=date(2024, 7, 31))
    report = await an_import(tx, operator, content, stated, now=NOW)
    assert _counts(report) == {Kind.NEW: 300}
    assert Counter(one.reason for one in report.plan.quarantined) == {Reason.CLOSED: 75}
    notes = Counter(finding.note for finding in report.plan.findings)
    assert notes[Note.UNTANGLED] == 37
    assert notes[Note.NO_RELEASE_RECORD] == notes[Note.CLASS_ASSUMED] == 75
    before = await _state(tx)
    again = await an_import(tx, operator, content, stated, now=NOW)
    assert _counts(again) == {Kind.UNCHANGED: 300}
    assert await _state(tx) == before
    zones = await actions.everything(tx, after=None, limit=300)
    corners = sum(geo.corners(zone.public) for zone in zones if zone.public is not None)
    assert corners <= 1.3 * sum(geo.corners(zone.official) for zone in zones)


async def test_a_second_import_changes_nothing_and_what_waits_waits_once(tx: Tx, operator: Operator) -> None:
    await an_import(tx, operator, DIRTY.read_bytes(), declared(), now=NOW)
    before = await _state(tx)
    again = await an_import(tx, operator, DIRTY.read_bytes(), declared(), now=NOW)
    assert _counts(again) == {Kind.UNCHANGED: 33, Kind.IN_DOUBT: 14}
    assert len(again.plan.quarantined) == 14
    assert await _state(tx) == before


async def test_a_dry_run_says_the_same_and_touches_no_zone(tx: Tx, operator: Operator) -> None:
    before = await _state(tx)
    dry = await an_import(tx, operator, DIRTY.read_bytes(), declared(), now=NOW, dry_run=True)
    assert dry.dry_run
    assert await _state(tx) == before
    wet = await an_import(tx, operator, DIRTY.read_bytes(), declared(), now=NOW)
    assert _counts(dry) == _counts(wet)
    told = ("row", "external_id", "reason", "detail", "remedy")
    seen, kept = ([[getattr(one, name) for name in told] for one in plan.quarantined] for plan in (dry.plan, wet.plan))
    assert seen == kept
    assert dry.plan.findings == wet.plan.findings


async def test_a_file_that_is_refused_leaves_nothing(tx: Tx, operator: Operator) -> None:
    before = await _state(tx, TABLES)
    with pytest.raises(Refused):
        async with tx.transaction():
            await an_import(tx, operator, b"PK\x03\x04", declared(), now=NOW)
    with pytest.raises(Refused):
        await _import(tx, operator, a_feature(), dated=date(2030, 1, 1))
    assert await _state(tx, TABLES) == before


async def test_r6_a_zone_that_a_feed_no_longer_lists_stays(tx: Tx, operator: Operator) -> None:
    await _import(tx, operator, a_feature("A"), a_feature("B"))
    before = await _table(tx, "zone")
    report = await _import(tx, operator, a_feature("A"))
    assert _counts(report) == {Kind.UNCHANGED: 1}
    assert await _table(tx, "zone") == before


async def test_r6_a_zone_that_would_shrink_keeps_its_ground_and_the_row_waits(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator, a_feature(geometry=a_square(size=0.02)))
    report = await _import(tx, operator, a_feature(geometry=a_square(size=0.005)))
    assert [one.reason for one in report.plan.quarantined] == [Reason.SHRINKS]
    kept = await actions.get_record(tx, zone.id)
    assert kept.public == zone.public


async def test_a_change_is_a_new_revision_and_the_old_one_stays(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    await _import(tx, operator, a_feature(geometry=a_square(size=0.02)))
    changed = await actions.get_record(tx, zone.id)
    assert changed.revision == 2
    history = await _table(tx, "zone_revision")
    assert [one["revision"] for one in history] == [1, 2]
    assert all(one["operator_id"] == operator.id and one["at"] <= NOW and one["why"] for one in history)
    assert history[0]["record"]["public"] != history[1]["record"]["public"]


async def test_the_cells_of_a_zone_follow_its_public_outline(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    await _import(tx, operator, a_feature(geometry=a_square(size=0.03)))
    changed = await actions.get_record(tx, zone.id)
    assert changed.public is not None
    cells = {one["cell"] for one in await _table(tx, "zone_pack_cell")}
    assert cells >= geo.cover(geo.buffer_metres(changed.public, PACK_MARGIN_M), PACK_RESOLUTION)


async def test_r27_an_exercise_zone_and_a_real_one_of_one_id_are_two_zones(tx: Tx, operator: Operator) -> None:
    real = await a_zone(tx, operator)
    exercise = await a_zone(tx, operator, exercise=True)
    assert real.id != exercise.id
    assert not (await actions.get_record(tx, real.id)).exercise
    assert (await actions.get_record(tx, exercise.id)).exercise


async def test_r27_a_zone_never_changes_worlds(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    with pytest.raises(psycopg.errors.RaiseException, match="R27"):
        await tx.execute("UPDATE zone SET exercise = true WHERE id = %s", (zone.id,))


async def test_r6_the_database_deletes_no_zone_and_no_history(pool: Pool) -> None:
    async with transaction(pool) as tx:
        await a_zone(tx, await an_admin(tx))
    for statement in ("DELETE FROM zone", "DELETE FROM zone_revision", "UPDATE zone_revision SET why = ''"):
        with pytest.raises(psycopg.errors.RaiseException):
            async with transaction(pool) as tx:
                await tx.execute(statement)


async def test_two_authorities_may_use_one_id(tx: Tx, operator: Operator) -> None:
    one = await a_zone(tx, operator)
    other = await a_zone(tx, operator, authority="Another Centre")
    assert one.id != other.id


async def test_an_id_written_differently_is_the_same_zone(tx: Tx, operator: Operator) -> None:
    await a_zone(tx, operator, a_feature("Z-1"))
    report = await _import(tx, operator, a_feature(" z-1"))
    assert _counts(report) == {Kind.CHANGED: 1}
    assert len(await _table(tx, "zone")) == 1


async def test_every_import_is_audited_with_its_counts(tx: Tx, operator: Operator) -> None:
    report = await _import(tx, operator, a_feature())
    entry = (await operators.trail(tx, before=None, limit=1))[0]
    assert entry.act == "zones.import"
    assert entry.subject == str(report.import_id)
    assert entry.detail["new"] == 1


async def test_the_version_moves_only_when_something_changed(tx: Tx, operator: Operator) -> None:
    await _import(tx, operator, a_feature())
    await _import(tx, operator, a_feature())
    assert [one["version"] for one in await _table(tx, "zones_version")] == [1]
    await _import(tx, operator, a_feature(), dated=date(2026, 8, 1))
    assert [one["version"] for one in await _table(tx, "zones_version")] == [2]


async def test_an_import_that_fails_half_way_leaves_nothing(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    async with transaction(pool) as tx:
        operator = await an_admin(tx)
        before = await _state(tx, TABLES)

    async def broken(*_: Any, **__: Any) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(operators, "record", broken)
    with pytest.raises(ConnectionResetError):
        async with transaction(pool) as tx:
            await _import(tx, operator, a_feature(), a_feature(None))
    async with transaction(pool) as tx:
        assert await _state(tx, TABLES) == before


async def test_a_row_that_rises_in_class_is_taken(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    await _import(tx, operator, a_feature(**{"class": "CHA"}), dated=date(2026, 7, 31) + timedelta(days=1))
    assert (await actions.get_record(tx, zone.id)).hazard_class is HazardClass.CONFIRMED


async def test_r1_years_do_not_lower_a_zone(tx: Tx, operator: Operator) -> None:
    """Nothing in the feature changes a zone by itself: only an import does, and it adds."""
    zone = await a_zone(tx, operator)
    found = await actions.get_record(tx, zone.id)
    assert found.public is not None
    assert found.public.covers(Point(17.005, 45.005))
    assert found == zone
