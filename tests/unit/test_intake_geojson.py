"""Files come in as hostile text: every trouble has a name, none is a traceback."""

import json
from typing import Any

import numpy as np
import pytest

from service.intake import geojson
from service.intake.model import Unread
from service.kit.errors import Kind, Refused
from tests.build import a_feature, a_file, a_square

LINE = json.dumps(a_feature())


def test_a_collection_is_read_row_by_row() -> None:
    rows = geojson.read(a_file(a_feature("A"), a_feature("B")))
    assert [(row.row, row.feature["properties"]["zone_id"]) for row in rows] == [(1, "A"), (2, "B")]


@pytest.mark.parametrize(
    "text",
    [
        f"{LINE}\n{LINE}\n",
        f"{LINE}\r\n{LINE}",
        f"\n{LINE}\n\n{LINE}\n",
        f"\x1e{LINE}\n\x1e{LINE}\n",
        f"\ufeff{LINE}\n{LINE}",
    ],
    ids=["lines", "windows", "blank lines", "RFC 8142", "byte order mark"],
)
def test_a_sequence_is_read_line_by_line(text: str) -> None:
    rows = geojson.read(text.encode())
    assert len(rows) == 2
    assert all(row.unread is None for row in rows)


def test_a_pretty_feature_between_separators_is_one_row() -> None:
    pretty = json.dumps(a_feature(), indent=2)
    assert len(geojson.read(f"\x1e{pretty}\n\x1e{pretty}\n".encode())) == 2


def test_one_feature_alone_is_a_file() -> None:
    for text in (LINE, json.dumps(a_feature(), indent=2)):
        assert len(geojson.read(text.encode())) == 1


def test_a_broken_line_waits_and_the_others_come_in() -> None:
    rows = geojson.read(f"{LINE}\n{LINE[:40]}\n{LINE}\n".encode())
    assert [row.unread for row in rows] == [None, Unread.UNREADABLE, None]
    assert "line 1" in rows[1].feature["why"]


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"", "file-empty", Kind.INVALID),
        (b"   \n ", "file-empty", Kind.INVALID),
        (b'{"type":"FeatureCollection","features":[]}', "file-empty", Kind.INVALID),
        (b'{"type":"FeatureCollection","features":[null]}', "file-empty", Kind.INVALID),
        (b'{"type":"FeatureCollection","features":{}}', "format-unsupported", Kind.UNSUPPORTED),
        (b'{"type":"Topology","objects":{}}', "format-unsupported", Kind.UNSUPPORTED),
        (b"[1,2,3]", "format-unsupported", Kind.UNSUPPORTED),
        (b'{"type":"FeatureCollection","features":[', "json-broken", Kind.INVALID),
        (b"zone_id,wkt\n1,POLYGON", "json-broken", Kind.INVALID),
        (b'{"type":"FeatureCollection","type":"x","features":[]}', "format-unsupported", Kind.UNSUPPORTED),
        (b'{"features":[],"type":"FeatureCollection","features":[]}', "json-keys-twice", Kind.INVALID),
        (b"PK\x03\x04rest", "format-unsupported", Kind.UNSUPPORTED),
        (b"SQLite format 3\x00", "format-unsupported", Kind.UNSUPPORTED),
        (b'<?xml version="1.0"?><kml/>', "format-unsupported", Kind.UNSUPPORTED),
        (LINE.encode("utf-16"), "format-unsupported", Kind.UNSUPPORTED),
        ('{"name":"Мінне"}'.encode("cp1251"), "encoding-unknown", Kind.INVALID),
        (b"[" * 100_000, "json-broken", Kind.INVALID),
        (b"1" * 5_000, "json-broken", Kind.INVALID),
    ],
)
def test_what_is_no_geojson_is_refused_clearly(content: bytes, name: str, kind: Kind) -> None:
    with pytest.raises(Refused) as refused:
        geojson.read(content)
    assert (refused.value.name, refused.value.kind) == (name, kind)
    assert refused.value.remedy


def test_a_refused_format_names_the_two_that_work() -> None:
    with pytest.raises(Refused, match=r"GeoJSON .*GeoJSONSeq"):
        geojson.read(b"PK\x03\x04")


def test_another_encoding_is_named_with_its_line() -> None:
    content = LINE.encode() + b"\n" + json.dumps(a_feature(name="Поле"), ensure_ascii=False).encode("cp1251")
    with pytest.raises(Refused) as refused:
        geojson.read(content)
    assert refused.value.where == "line 2"


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(Refused) as refused:
        geojson.read(b" " * (geojson.MOST_BYTES + 1))
    assert refused.value.kind is Kind.TOO_LARGE


def test_another_coordinate_system_is_refused() -> None:
    foreign = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    document = {"type": "FeatureCollection", "crs": foreign, "features": [a_feature()]}
    with pytest.raises(Refused) as refused:
        geojson.read(json.dumps(document).encode())
    assert refused.value.name == "crs-unsupported"
    (row, _) = geojson.read(json.dumps({**a_feature(), "crs": foreign}).encode() + b"\n" + LINE.encode())
    assert row.unread is Unread.WRONG_CRS


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_wgs_84_by_any_of_its_names_is_read(name: str) -> None:
    document = {"crs": {"type": "name", "properties": {"name": name}}, "type": "FeatureCollection"}
    assert geojson.read(json.dumps({**document, "features": [a_feature()]}).encode())


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"Feature","properties":{"zone_id":"1","zone_id":"2"},"geometry":null}',
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","type":"Point","coordinates":[]}}',
        '{"type":"Feature","properties":{"a":[{"b":1,"b":2}]},"geometry":null}',
    ],
)
def test_a_key_that_stands_twice_is_named(line: str) -> None:
    first, _ = geojson.read(f"{line}\n{LINE}".encode())
    assert first.unread is Unread.KEYS_TWICE


@pytest.mark.parametrize(
    "feature",
    [
        {"type": "Polygon", "coordinates": []},
        {"type": "feature", "properties": {}, "geometry": None},
        {"type": "Feature", "properties": [1], "geometry": None},
        {"type": "Feature", "properties": "x", "geometry": None},
        17,
        None,
        {"type": "Feature", "properties": json.loads("[" * 40 + "]" * 40), "geometry": None},
    ],
)
def test_what_is_no_feature_waits(feature: Any) -> None:
    rows = geojson.read(a_file(feature, a_feature()))
    assert [row.unread for row in rows] == [Unread.UNREADABLE, None]


def test_deep_properties_wait() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = {"a": deep}
    first, _ = geojson.read(a_file(a_feature(more=deep), a_feature("B")))
    assert first.unread is Unread.UNREADABLE


def test_polygons_and_multipolygons_give_their_rings() -> None:
    square = a_square()
    (rings,), beside = geojson.polygons(square)
    assert rings[0].shape == (5, 2)
    assert not beside
    many, _ = geojson.polygons({"type": "MultiPolygon", "coordinates": [square["coordinates"]] * 2})
    assert len(many) == 2


def test_heights_are_read_and_further_numbers_are_not() -> None:
    ring = [[0, 0, 5, 9], [1, 0, 5, 9], [1, 1], [0, 0, 5, 9]]
    ((got,),), _ = geojson.polygons({"type": "Polygon", "coordinates": [ring]})
    assert got.shape == (4, 3)
    assert got[:, :2].tolist() == [[0, 0], [1, 0], [1, 1], [0, 0]]


def test_a_number_beyond_a_float_is_infinite() -> None:
    ((got,),), _ = geojson.polygons({"type": "Polygon", "coordinates": [[[10**400, 0], [1, 0], [1, 1]]]})
    assert np.isinf(got[0, 0])


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, Unread.NO_GEOMETRY),
        ({"type": "Point", "coordinates": [1, 2]}, Unread.EVENT),
        ({"type": "MultiPoint", "coordinates": [[1, 2]]}, Unread.EVENT),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, Unread.LINE),
        ({"type": "MultiLineString", "coordinates": []}, Unread.LINE),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}, Unread.EVENT),
        ({"type": "GeometryCollection", "geometries": None}, Unread.GEOMETRY_BROKEN),
        ({"type": "GeometryCollection", "geometries": [None]}, Unread.NO_GEOMETRY),
        ({"type": "Circle", "coordinates": []}, Unread.GEOMETRY_BROKEN),
        ({"coordinates": []}, Unread.GEOMETRY_BROKEN),
        ({"type": ["Polygon"]}, Unread.GEOMETRY_BROKEN),
        ("POLYGON((0 0))", Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon"}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": "x"}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": [[0, 0], [1, 1]]}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": [[[[0, 0]]]]}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": [[["17", "45"], [1, 0], [1, 1]]]}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": [[[True, 0], [1, 0], [1, 1]]]}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": [[[None, 0], [1, 0], [1, 1]]]}, Unread.GEOMETRY_BROKEN),
        ({"type": "Polygon", "coordinates": [[[], [1, 0], [1, 1]]]}, Unread.GEOMETRY_BROKEN),
    ],
)
def test_what_is_no_area_is_named(geometry: Any, reason: Unread) -> None:
    with pytest.raises(geojson.NotAnArea) as error:
        geojson.polygons(geometry)
    assert error.value.reason is reason


def test_points_beside_areas_are_noticed() -> None:
    both = {"type": "GeometryCollection", "geometries": [a_square(), {"type": "Point", "coordinates": [1, 2]}]}
    found, beside = geojson.polygons(both)
    assert len(found) == 1
    assert beside


def test_a_row_of_a_sequence_is_its_line() -> None:
    rows = geojson.read(f"\n\n{LINE}\n\n{LINE}\n".encode())
    assert [row.row for row in rows] == [3, 5]
