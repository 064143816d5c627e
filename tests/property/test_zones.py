"""What imports promise whatever they are given."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from service.intake import geojson
from service.intake.model import Record
from service.kit import geo
from service.kit.errors import Refused
from service.zones.model import HazardClass, Publication, Zone
from tests.build import declared
from tests.planned import Planned, of_one, planned

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

_steps = st.integers(0, 30).map(lambda step: step / 2_000)
_rings = st.lists(st.tuples(_steps, _steps), min_size=3, max_size=9).map(
    lambda ring: [[17 + x, 45 + y] for x, y in [*ring, ring[0]]]
)
_words = st.sampled_from(["SHA", "CHA", "Open", "Cleared", "Closed", "Reduced"])
_rows = st.builds(
    lambda ring, word, hazard, accuracy: {
        "type": "Feature",
        "properties": {"zone_id": "Z", "class": word, "hazards": hazard, "accuracy_m": accuracy},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    },
    _rings,
    _words,
    st.sampled_from(["APM", "UXO", None]),
    st.sampled_from([0, 10, 100, 500]),
)
_imports = st.lists(st.tuples(_rows, st.integers(0, 400)), min_size=2, max_size=6)


def _run(row: dict[str, Any], zone: Zone | None, dated: date, publication: Publication) -> Planned:
    stated = declared(dated=dated, publication=publication)
    return of_one(row, stated, *([] if zone is None else [zone]))


@given(_imports, st.sampled_from(Publication))
@settings(max_examples=150, deadline=None)
def test_r6_no_series_of_imports_takes_danger_away(
    imports: list[tuple[dict[str, Any], int]], publication: Publication
) -> None:
    zone: Zone | None = None
    for row, days in imports:
        plan = _run(row, zone, date(2025, 1, 1) + timedelta(days=days), publication)
        for after in plan.zones:
            if zone is not None:
                _assert_no_less(zone, after)
            _assert_sound(after)
            zone = after


def _assert_no_less(before: Zone, after: Zone) -> None:
    if before.public is None:
        assert after.public is None
        assert geo.outward(after.official, after.accuracy_m).covers(before.official)
    else:
        assert after.public is not None
        assert after.public.covers(before.public)
    assert not (before.hazard_class is HazardClass.CONFIRMED and after.hazard_class is HazardClass.SUSPECTED)
    assert before.particulars.hazards <= after.particulars.hazards
    assert before.data_as_of <= after.data_as_of
    assert before.exercise == after.exercise


def _assert_sound(zone: Zone) -> None:
    if zone.public is not None:
        stored = shapely.from_wkb(shapely.to_wkb(zone.public))
        assert stored.is_valid
        assert stored.covers(zone.official)


@given(_rows, _rows)
@settings(max_examples=100, deadline=None)
def test_a_second_import_of_the_same_content_changes_nothing(first: dict[str, Any], second: dict[str, Any]) -> None:
    zone: Zone | None = None
    for row in (first, second):
        for after in _run(row, zone, date(2025, 1, 1), Publication.OUTLINE).zones:
            zone = after
    again = _run(second, zone, date(2025, 1, 1), Publication.OUTLINE)
    assert not again.zones


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_geometries = _json | st.builds(
    lambda kind, coordinates: {"type": kind, "coordinates": coordinates, "geometries": coordinates},
    st.sampled_from(["Polygon", "MultiPolygon", "GeometryCollection", "Point"]),
    st.lists(st.lists(st.lists(st.floats() | st.integers(), max_size=4) | _json, max_size=5), max_size=3) | _json,
)
_strange = st.builds(
    lambda properties, geometry, identity: {
        "type": "Feature",
        "id": identity,
        "properties": properties,
        "geometry": geometry,
    },
    _json | st.dictionaries(st.sampled_from(["id", "zone_id", "class", "status", "hazards", "name"]), _json),
    _geometries,
    _json,
)


@given(st.lists(_strange | _json, min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_r6_every_row_is_taken_or_waits_whatever_it_holds(rows: list[Any]) -> None:
    content = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    stated = declared(hazard_class=HazardClass.SUSPECTED)
    records = _read(content)
    if isinstance(records, Refused):
        assert records.remedy
        return
    plan = planned(content, stated)
    assert len(plan.lines) == len(rows)
    assert all(line.zone_id is not None or line.waits for line in plan.lines)
    for waiting in plan.quarantined:
        json.dumps(waiting.record, allow_nan=False).encode()
        assert "\x00" not in waiting.detail + (waiting.external_id or "")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    records = _read(content)
    if isinstance(records, Refused):
        assert records.remedy


def _read(content: bytes) -> list[Record] | Refused:
    try:
        return geojson.read(content)
    except Refused as refused:
        return refused
