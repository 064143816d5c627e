"""Esri's JSON becomes GeoJSON, and no ground gets lost by a ring's direction."""

from dataclasses import replace
from typing import Any

import pytest

from service.intake import esri
from service.intake.model import Unread
from tests.files import SQUARE

CLOCKWISE = SQUARE[::-1]
LAYER = esri.Layer("OBJECTID", frozenset(), 10, pages=True, ordered=True, geojson=False)
HOLE = [[17.0002, 45.0002], [17.0004, 45.0002], [17.0004, 45.0004], [17.0002, 45.0002]]
FAR = [[x + 1, y] for x, y in CLOCKWISE]


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"rings": [CLOCKWISE]}, ("Polygon", [CLOCKWISE])),
        ({"rings": [HOLE, FAR, CLOCKWISE]}, ("MultiPolygon", [[FAR], [CLOCKWISE, HOLE]])),
        ({"rings": [SQUARE]}, ("Polygon", [SQUARE])),
        ({"rings": [FAR, SQUARE]}, ("MultiPolygon", [[FAR], [SQUARE]])),
        ({"x": 17, "y": 45}, ("Point", [17, 45])),
        ({"x": "NaN", "y": "NaN"}, None),
        (None, None),
        ({"points": [[1, 2]]}, ("MultiPoint", [[1, 2]])),
        ({"paths": [SQUARE]}, ("MultiLineString", [SQUARE])),
    ],
)
def test_rings_become_polygons_and_no_ground_gets_lost(geometry: Any, expected: tuple[str, Any] | None) -> None:
    record = esri.record(1, {"attributes": {}, "geometry": geometry}, LAYER)
    found = record.feature["geometry"]
    assert record.unread is None
    assert (found and (found["type"], found["coordinates"])) == expected


@pytest.mark.parametrize(
    "geometry", [{"curveRings": []}, {"rings": [["x"]]}, {"rings": 1}, {"rings": [[[None, 1]]]}, 5]
)
def test_a_geometry_that_cannot_be_read_waits(geometry: Any) -> None:
    assert esri.record(1, {"attributes": {}, "geometry": geometry}, LAYER).unread is Unread.GEOMETRY_BROKEN


def test_rows_that_are_none_wait() -> None:
    odds: list[Any] = [None, 5, {}, {"attributes": []}]
    for odd in odds:
        assert esri.record(1, odd, LAYER).unread is Unread.UNREADABLE
        assert esri.record(1, odd, replace(LAYER, geojson=True)).unread is Unread.UNREADABLE
