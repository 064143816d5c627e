"""Esri's JSON becomes GeoJSON, and no ground gets lost by a ring's direction."""

import json
from typing import Any

import pytest
from pyproj import CRS, Transformer

from service.intake import esri, esrijson
from service.intake.model import Format, Layout, Noticed, Record, Unread
from service.kit.errors import Refused
from tests.files import SQUARE, near, rows_here

CLOCKWISE = SQUARE[::-1]
LAYER = esri.Layer("OBJECTID", frozenset({"seen"}), 10, pages=True, ordered=True, geojson=False)
PAGE = Layout(format=Format.ESRIJSON)
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
    record = esrijson.record(1, {"attributes": {}, "geometry": geometry})
    found = record.feature["geometry"]
    assert record.unread is None
    assert (found and (found["type"], found["coordinates"])) == expected


@pytest.mark.parametrize(
    "geometry",
    [
        {"curveRings": []},
        {"rings": [["x"]]},
        {"rings": 1},
        {"rings": [[[None, 1]]]},
        {"rings": [[[10**400, 1]] * 4]},
        {"rings": [[[float("nan"), 1]] * 4]},
        5,
    ],
)
def test_a_geometry_that_cannot_be_read_waits(geometry: Any) -> None:
    assert esrijson.record(1, {"attributes": {}, "geometry": geometry}).unread is Unread.GEOMETRY_BROKEN


def test_rows_that_are_none_wait() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    odds: list[Any] = [None, 5, {}, {"attributes": []}, {"attributes": {"a": deep}}, deep]
    for odd in odds:
        assert esrijson.record(1, odd).unread is Unread.UNREADABLE


def a_page(*, system: Any = None, ring: Any = CLOCKWISE, behind: bool = False) -> str:
    rows = {"features": [{"attributes": {"OBJECTID": 1}, "geometry": {"rings": [ring]}}]}
    told = {"spatialReference": system} if system is not None else {}
    return json.dumps(rows | told if behind else told | rows)


@pytest.mark.parametrize("behind", [False, True])
def test_a_server_that_does_not_project_is_not_believed_to(*, behind: bool) -> None:
    there = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    ring = [list(there.transform(at[0], at[1])) for at in CLOCKWISE]
    for system in (
        {"wkid": 102100, "latestWkid": 3857},
        {"wkid": 102100},
        {"wkt": CRS.from_epsg(3857).to_wkt("WKT1_ESRI")},
    ):
        found = rows_here(a_page(system=system, ring=ring, behind=behind), PAGE)
        assert near(found.places[0][0], CLOCKWISE)
        assert Noticed.CRS_STATED in found.noticed
    assert rows_here(a_page(system={"wkid": 4326}), PAGE).remarks == []


@pytest.mark.parametrize("system", [{}, {"wkid": "x"}, {"wkid": True}, {"wkid": 999999}, 5, {"wkt": 'LOCAL_CS["x"]'}])
def test_a_page_in_a_system_that_nobody_knows_is_refused(system: Any) -> None:
    with pytest.raises(Refused) as refused:
        rows_here(a_page(system=system), PAGE)
    assert refused.value.name == "crs-unknown"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_722_384_000_000, "2024-07-31"), (1_722_384_000_001, "2024-07-31T00:00:00.001000Z"),
        (-1, "1969-12-31T23:59:59.999000Z"), (10**400, 10**400), (1e300, 1e300), (float("nan"), None), (True, True),
        (None, None), ("x", "x"),
    ],
)  # fmt: skip  # a table reads better in lines
def test_milliseconds_become_dates(value: Any, expected: Any) -> None:
    found = esri.dated(Record(1, {"properties": {"seen": value, "OBJECTID": 7}}), LAYER)
    assert found.feature["properties"]["seen"] == expected or value != value  # noqa: PLR0124 - NaN is not itself
    assert esri.id_of(found, LAYER) == 7


@pytest.mark.parametrize("number", ["1", True, 1.0, 2**63, [1], None])
def test_what_is_no_id_is_none(number: Any) -> None:
    assert esri.id_of(Record(1, {"properties": {"OBJECTID": number}}), LAYER) is None


@pytest.mark.parametrize(
    "told",
    [{"fields": 5}, {"fields": [5, None]}, {"advancedQueryCapabilities": [1]}, {"maxRecordCount": float("nan")},
     {"supportedQueryFormats": {}}, {"maxRecordCount": -5}],
)  # fmt: skip  # as above
def test_a_description_out_of_form_is_read_as_far_as_it_goes(told: dict[str, Any]) -> None:
    layer = esri.Layer.of({"objectIdField": "OBJECTID", **told}, "https://gis.example.org/x/FeatureServer/0")
    assert (layer.id_field, layer.page) == ("OBJECTID", 1_000)
