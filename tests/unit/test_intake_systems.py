"""GeoJSON in another system than WGS 84, as in 2008's standard: moved, or clearly refused, never misplaced."""

import json
from contextlib import suppress
from typing import Any

import pytest
from pyproj import Transformer

from service.intake.model import Layout, Noticed, Unread
from service.kit.errors import Refused
from tests.build import a_feature
from tests.files import SQUARE, Read, near, rows_here

UTM, BOSNIAN = "urn:ogc:def:crs:EPSG::32633", "EPSG:8678"


def named(system: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": system}}


def a_zone(system: str, **more: Any) -> dict[str, Any]:
    """Return the square as it is written in a system."""
    number = system.replace("/", ":").rpartition(":")[2]
    there = Transformer.from_crs("EPSG:4326", f"EPSG:{number}", always_xy=True)
    ring = [list(there.transform(at[0], at[1])) for at in SQUARE]
    return a_feature("Z") | {"geometry": {"type": "Polygon", "coordinates": [ring], **more}}


def a_document(system: Any, *zones: Any, behind: bool = False) -> str:
    rows = {"features": [*zones]}
    crs = {"crs": system}
    return json.dumps({"type": "FeatureCollection"} | (rows | crs if behind else crs | rows))


def assert_in_place(found: Read) -> None:
    assert [record.unread for record in found.records] == [None] * len(found.records)
    for place in found.places:
        assert near(place[0], SQUARE)


@pytest.mark.parametrize("behind", [False, True], ids=["before the rows", "behind them"])
@pytest.mark.parametrize("system", [UTM, "EPSG:32633", BOSNIAN, "http://www.opengis.net/def/crs/EPSG/0/32633"])
def test_a_system_that_the_document_states_is_brought_to_wgs_84_and_told(system: str, *, behind: bool) -> None:
    found = rows_here(a_document(named(system), a_zone(system), a_zone(system), behind=behind))
    assert_in_place(found)
    assert system in found.said(Noticed.CRS_STATED)


def test_a_withdrawn_system_is_read_as_what_replaced_it_as_in_every_format() -> None:
    found = rows_here(a_document(named("EPSG:31276"), a_zone("EPSG:8678")))
    assert {Noticed.CRS_ASSUMED, Noticed.CRS_STATED} <= found.noticed


def test_a_system_written_before_2008_is_known() -> None:
    found = rows_here(a_document({"type": "EPSG", "properties": {"code": 32633}}, a_zone(UTM)))
    assert_in_place(found)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_system_behind_the_rows_is_found_in_any_encoding(encoding: str) -> None:
    text = a_document(named(UTM), *[a_zone(UTM)] * 3, behind=True)
    assert_in_place(rows_here(text.encode(encoding)))


def test_a_row_states_its_own_system_as_postgis_writes_it() -> None:
    lines = [a_zone(UTM) | {"crs": named(UTM)}, a_zone(BOSNIAN, crs=named(BOSNIAN)), a_feature("W")]
    found = rows_here("\n".join(map(json.dumps, lines)))
    for place in found.places[:2]:
        assert near(place[0], SQUARE)
    assert found.places[2] == a_feature("W")["geometry"]["coordinates"]
    assert not any("crs" in record.feature or "crs" in record.feature["geometry"] for record in found.records)


def test_what_the_mapping_states_beats_what_the_file_says() -> None:
    for document in (a_document(named("EPSG:4326"), a_zone(UTM)), a_document({"type": "what"}, a_zone(UTM))):
        found = rows_here(document, Layout(crs="EPSG:32633"))
        assert_in_place(found)
        assert Noticed.CRS_STATED not in found.noticed
    assert_in_place(rows_here(json.dumps(a_zone(UTM, crs=named("EPSG:4326"))), Layout(crs="EPSG:32633")))


@pytest.mark.parametrize(
    "system",
    [
        named("EPSG:999999"),
        named("klingon"),
        named("+proj=longlat +nadgrids=/etc/passwd +type=crs"),
        named("\\\\evil\\share"),
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}},
        {"type": "name", "properties": {"name": json.loads("[" * 500 + "]" * 500)}},
        {"type": "name", "properties": None},
        {"type": "name"},
        "EPSG:32633",
        17,
        [],
    ],
)
@pytest.mark.parametrize("behind", [False, True], ids=["before the rows", "behind them"])
def test_an_unknown_or_malformed_system_is_refused_before_a_row(system: Any, *, behind: bool) -> None:
    with pytest.raises(Refused) as refused:
        rows_here(a_document(system, a_feature(), behind=behind))
    assert refused.value.name == "crs-unknown"
    assert refused.value.remedy


def test_a_system_that_is_hidden_behind_the_rows_is_refused() -> None:
    text = a_document(named(UTM), a_zone(UTM), behind=True).replace('"crs"', '"\\u0063rs"')
    with pytest.raises(Refused) as refused:
        rows_here(text)
    assert refused.value.name == "crs-unsupported"


def test_two_systems_in_one_document_are_refused() -> None:
    text = a_document(named(UTM), a_zone(UTM))[:-1] + f', "crs": {json.dumps(named(BOSNIAN))}}}'
    with pytest.raises(Refused) as refused:
        rows_here(text)
    assert refused.value.name == "json-keys-twice"


def test_a_row_of_an_unknown_system_or_of_two_waits() -> None:
    collection = {"type": "GeometryCollection", "geometries": [a_zone(UTM, crs=named(UTM))["geometry"]]}
    lines = [
        a_feature("A"),
        a_feature("B") | {"crs": named("EPSG:999999")},
        a_feature("C") | {"crs": {"type": "link"}},
        a_zone(UTM, crs=named(UTM)) | {"crs": named(BOSNIAN)},
        a_feature("E") | {"geometry": collection, "crs": named(BOSNIAN)},
    ]
    found = rows_here("\n".join(map(json.dumps, lines)))
    assert [record.unread for record in found.records] == [None, *[Unread.WRONG_CRS] * 4]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[["5", "4"], [1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[[True, 4], [1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[{"x": 1}, [1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[[1], [1, 2], [3, 4]]]},
        {"type": "GeometryCollection", "geometries": None},
        {"type": "GeometryCollection", "geometries": [None]},
    ],
)
def test_a_geometry_out_of_form_in_another_system_waits(geometry: Any) -> None:
    found = rows_here(a_document(named(UTM), a_zone(UTM), a_feature("B") | {"geometry": geometry}))
    assert [record.unread for record in found.records] == [None, Unread.GEOMETRY_BROKEN]


@pytest.mark.parametrize(
    "form",
    [
        '{{"type":"Feature","properties":{{"a":{}}},"geometry":null}}',
        '{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{}}}}}',
        '{{"type":"Feature","properties":{{}},"geometry":{}}}',
        '{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":null,"geometry":null}},{}]}}',
        '{{"type":"FeatureCollection","more":{},"features":[]}}',
        '{{"type":"FeatureCollection",{}:1,"features":[]}}',
        '{{"type":"FeatureCollection","crs":{},"features":[]}}',
        '{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":{}}}}},"features":[]}}',
        '{{"error":{}}}',
        '{{"type":{},"features":[]}}',
        "{}",
    ],
)
def test_json_of_any_depth_is_a_row_that_waits_or_a_refusal_and_never_a_fault(form: str) -> None:
    for depth in (3, 30, 34, *range(600, 1_000, 13), 50_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            deep = opening * depth + ("1" if closing == "}" else "") + closing * depth
            with suppress(Refused):
                json.dumps([record.feature for record in rows_here(form.format(deep)).records])
