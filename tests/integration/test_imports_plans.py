"""What an import plans: every kind of line, stored, and nothing but danger added."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from service.imports import looking, tables
from service.imports.model import Kind
from service.imports.reasons import Doubt, Note, Reason
from service.imports.records import State
from service.intake.model import Unread
from service.kit.db import Tx
from service.operators.model import Operator
from service.zones import actions
from service.zones.model import HazardClass, Zone
from service.zones.model import State as ZoneState
from tests.build import a_feature, a_file, a_square, an_import, declared
from tests.conftest import NOW

LATER = date(2026, 8, 31)


async def _kinds(tx: Tx, operator: Operator, *features: Mapping[str, Any], **stated: Any) -> dict[str, Kind]:
    report = await an_import(tx, operator, a_file(*features), declared(complete=True, **stated), now=NOW)
    return {str(line.external_id): line.kind for line in report.plan.lines}


async def _zone(tx: Tx, external_id: str) -> Zone:
    return next(
        zone for zone in await actions.everything(tx, after=None, limit=1_000) if zone.external_id == external_id
    )


async def _waiting(tx: Tx, **wanted: Any) -> list[Reason | Any]:
    return [one.reason for one in await looking.waiting(tx, wanted)]


@pytest.fixture
async def before(tx: Tx, operator: Operator) -> None:
    """Eight zones, a kilometre wide each, far from one another."""
    rows = [a_feature(f"Z-{number}", a_square(17 + number / 10), **{"class": "CHA"}) for number in range(8)]
    await _kinds(tx, operator, *rows)


async def test_r6_each_row_of_a_file_gets_its_kind_and_only_danger_is_added(
    tx: Tx, operator: Operator, before: None
) -> None:
    kinds = await _kinds(
        tx,
        operator,
        a_feature("Z-0", a_square(17.0), **{"class": "CHA"}),
        a_feature("Z-1", a_square(17.1, size=0.02), **{"class": "CHA"}),
        a_feature("Z-2", a_square(17.25), **{"class": "CHA"}),
        a_feature("Z-3", a_square(17.3), **{"class": "SHA"}),
        a_feature("Z-4", a_square(17.4, size=0.005), **{"class": "CHA"}),
        a_feature("Z-5a", a_square(17.5, size=0.006), **{"class": "CHA"}),
        a_feature("Z-5b", a_square(17.504, 45.004, 0.006), **{"class": "CHA"}),
        a_feature("Z-7", {"type": "Point", "coordinates": [17.7, 45]}, **{"class": "CHA"}),
        a_feature("Z-9", a_square(18), **{"class": "CHA"}),
        dated=LATER,
    )  # fmt: skip
    assert kinds == {
        "z-0": Kind.UNCHANGED,
        "Z-1": Kind.CHANGED,
        "Z-2": Kind.MOVED,
        "Z-3": Kind.RECLASSIFIED,
        "Z-4": Kind.SHRUNK,
        "Z-5": Kind.SPLIT,
        "Z-5a": Kind.NEW,
        "Z-5b": Kind.NEW,
        "Z-6": Kind.MISSING,
        "Z-7": Kind.IN_DOUBT,
        "Z-9": Kind.NEW,
    }
    for number in range(8):
        zone = await _zone(tx, f"Z-{number}")
        assert zone.public is not None
        assert zone.public.covers(zone.official)
        assert zone.official.bounds[0] <= 17 + number / 10
        assert (zone.state, zone.hazard_class) == (ZoneState.ACTIVE, HazardClass.CONFIRMED)
    removing: list[Doubt] = [Reason.MOVES, Reason.DOWNGRADED, Reason.SHRINKS, Reason.MISSING, Reason.MISSING]
    assert Counter(await _waiting(tx)) == Counter([*removing, Unread.EVENT])


async def test_r6_a_missing_zone_is_marked_stale_and_nothing_else(tx: Tx, operator: Operator, before: None) -> None:
    was = await _zone(tx, "Z-6")
    rows = [a_feature(f"Z-{number}", a_square(17 + number / 10), **{"class": "CHA"}) for number in range(6)]
    await _kinds(tx, operator, *rows)
    zone = await _zone(tx, "Z-6")
    assert zone.stale
    assert (zone.public, zone.official, zone.state, zone.revision) == (was.public, was.official, was.state, 1)
    await _kinds(tx, operator, *rows)
    assert await _waiting(tx) == [Reason.MISSING] * 2, "what waits waits once"


async def test_r6_a_zone_that_comes_back_is_fresh_and_is_no_longer_asked_about(
    tx: Tx, operator: Operator, before: None
) -> None:
    rows = [a_feature(f"Z-{number}", a_square(17 + number / 10), **{"class": "CHA"}) for number in range(8)]
    await _kinds(tx, operator, *rows[:7])
    assert await _waiting(tx) == [Reason.MISSING]
    await _kinds(tx, operator, *rows)
    assert await _waiting(tx) == []
    assert not (await _zone(tx, "Z-7")).stale
    (kept,) = await looking.waiting(tx, {"decided": True})
    assert kept.decision == "moot"


async def test_r6_a_part_of_a_list_and_another_list_leave_nothing_missing(
    tx: Tx, operator: Operator, before: None
) -> None:
    report = await an_import(tx, operator, a_file(a_feature("Z-0", a_square(17))), declared(), now=NOW)
    assert not report.plan.of(Kind.MISSING)
    assert await _kinds(tx, operator, a_feature("Q-1", a_square(19)), feed="Another list") == {"Q-1": Kind.NEW}
    assert await _kinds(tx, operator, a_feature("X-1", a_square(-30, -40)), exercise=True) == {"X-1": Kind.NEW}


async def test_r6_what_waits_still_waits_when_the_same_row_comes_again(tx: Tx, operator: Operator) -> None:
    await _kinds(tx, operator, a_feature(geometry=a_square()))
    moved = a_feature(geometry=a_square(17.5))
    assert await _kinds(tx, operator, moved) == {"Z-1": Kind.MOVED}
    assert await _kinds(tx, operator, moved, dated=LATER) == {"z-1": Kind.MOVED}
    assert await _waiting(tx) == [Reason.MOVES]
    assert (await _zone(tx, "Z-1")).data_as_of == LATER


async def test_r9_a_point_becomes_an_area_only_by_a_stated_buffer_which_stays_on_record(
    tx: Tx, operator: Operator
) -> None:
    point = a_feature(geometry={"type": "Point", "coordinates": [17, 45]})
    assert await _kinds(tx, operator, point) == {"Z-1": Kind.IN_DOUBT}
    assert await _kinds(tx, operator, point, buffer_m=50) == {"Z-1": Kind.NEW}
    zone = await _zone(tx, "Z-1")
    assert zone.attributes["surefoot:point_buffer_m"] == 50
    assert zone.given == {"type": "Point", "coordinates": [17, 45]}
    west, south, east, north = zone.official.bounds
    assert (north - south) * 111_000 == pytest.approx(100, abs=5)
    assert (east - west) * 78_500 == pytest.approx(100, abs=5)


async def test_a_plan_is_kept_and_written_for_spreadsheets_and_maps(tx: Tx, operator: Operator) -> None:
    rows = [a_feature("=cmd()", a_square()), a_feature(None)]
    report = await an_import(tx, operator, a_file(*rows), declared(), now=NOW, dry_run=True)
    kept = await looking.get(tx, report.import_id)
    assert (kept.state, kept.counts["new"], kept.counts["in-doubt"]) == (State.PLANNED, 1, 1)
    text = b"".join([piece async for piece in tables.plan_csv(looking.lines(tx, report.import_id))]).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["kind"], first["external_id"], first["row"]) == ("new", "'=cmd()", "1")
    assert (second["kind"], second["external_id"]) == ("in-doubt", "")
    mapped = json.loads(b"".join([one async for one in tables.plan_geojson(looking.lines(tx, report.import_id))]))
    assert mapped["features"][0]["geometry"]["type"] == "Polygon"
    assert mapped["features"][1]["geometry"] is None


async def test_one_outline_under_two_ids_is_taken_twice_and_told(tx: Tx, operator: Operator) -> None:
    rows = a_file(a_feature("A"), a_feature("B"))
    report = await an_import(tx, operator, rows, declared(), now=NOW)
    assert [(one.external_id, one.note) for one in report.plan.findings] == [("B", Note.SAME_OUTLINE)]


async def test_an_outline_outside_the_deployments_area_is_taken_and_told(tx: Tx, operator: Operator) -> None:
    rows = a_file(a_feature("A"), a_feature("B", a_square(30, 10)))
    report = await an_import(tx, operator, rows, declared(), now=NOW, area=((16.0, 44.0, 18.0, 46.0),))
    assert [(one.external_id, one.note) for one in report.plan.findings] == [("B", Note.OUTSIDE_AREA)]
    assert [line.kind for line in report.plan.lines] == [Kind.NEW, Kind.NEW]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (a_square(45.0, 17.0), Reason.AXES_SWAPPED),
        (a_square(-17.0, 45.0), Reason.WRONG_HEMISPHERE),
        (a_square(17.0, -45.0), Reason.WRONG_HEMISPHERE),
    ],
)
async def test_what_lies_at_home_only_when_read_another_way_waits_with_the_remedy(
    tx: Tx, operator: Operator, shape: dict[str, Any], reason: Reason
) -> None:
    stated = a_file(a_feature("A", shape))
    report = await an_import(tx, operator, stated, declared(), now=NOW, area=((16.0, 44.0, 18.0, 46.0),))
    assert [one.reason for one in report.plan.quarantined] == [reason]
    home = [a_feature(f"H-{number}", a_square(17 + number / 50)) for number in range(8)]
    report = await an_import(tx, operator, a_file(*home, a_feature("A", shape)), declared(), now=NOW)
    assert [one.reason for one in report.plan.quarantined] == [reason], "most of the file says where home is"
