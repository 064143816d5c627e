"""Numbers, keys and letters that no program expects: rows as they are, or rows that wait."""

import pytest

from service.intake.model import Unread
from tests.build import a_feature
from tests.files import (
    Reading,
    a_collection,
    an_xlsx,
)
from tests.integration.intake.refusing import refusal


async def test_nan_and_infinity_come_over_as_what_they_are(read: Reading) -> None:
    text = a_collection(a_feature("A"), a_feature("B")).replace("17.0", "NaN", 1)
    found = await read(text.replace("NaN", "NaN"))
    assert len(found.records) == 2
    table = await read("id,wkt\n1,POINT (nan 45)\n2,POINT (inf -inf)\n3,POINT (1e400 2)\n", "a.csv")
    assert [repr(place) for place in table.places] == ["[nan, 45.0]", "[inf, -inf]", "[inf, 2]"]
    degrees = await read("id,lat,lon\n1,nan,45\n2,inf,3\n3,1e400,3\n", "a.csv")
    assert degrees.places == [None, None, None]


async def test_a_ring_of_ten_million_corners_is_refused_in_time(stranger: Reading) -> None:
    ring = "[17,45]," * 10_000_000
    text = f'{{"type":"FeatureCollection","features":[{{"geometry":{{"coordinates":[[{ring}[17,45]]]}}}}]}}'
    assert (await refusal(stranger(text))).name == "row-too-large"


async def test_a_ring_of_too_many_corners_waits_and_the_others_come_in(read: Reading) -> None:
    long = a_feature("long")
    long["geometry"] = {"type": "Polygon", "coordinates": [[*([[17, 45], [18, 45]] * 300), [17, 45]]]}
    found = await read(a_collection(a_feature("A"), long), vertices=500)
    assert [record.unread for record in found.records] == [None, Unread.GEOMETRY_BROKEN]
    assert "500" in found.records[1].feature["why"]


async def test_keys_twice_wait(read: Reading) -> None:
    line = '{"type":"Feature","properties":{"id":1,"id":2},"geometry":null}'
    found = await read(f"{line}\n")
    assert [record.unread for record in found.records] == [Unread.KEYS_TWICE]


async def test_deep_properties_wait(read: Reading) -> None:
    deep = a_feature("deep", note=None)
    deep["properties"]["note"] = [[[[[["x"]]]]]]
    found = await read(a_collection(a_feature("A"), deep), depth=5)
    assert [record.unread for record in found.records] == [None, Unread.UNREADABLE]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
async def test_byte_order_marks_are_no_letters(read: Reading, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    found = await read(f"{mark}id,lat,lon,name\n1,45,17,Поле\n".encode(encoding), "a.csv")
    assert found.properties == [{"id": "1", "lat": "45", "lon": "17", "name": "Поле"}]


async def test_formulas_are_text_and_are_not_run(stranger: Reading, listener: str) -> None:
    formula = f'=WEBSERVICE("{listener}")'
    quoted = formula.replace('"', '""')
    found = await stranger(f'id,lat,lon\n"{quoted}",45,17\n"=cmd|\' /C calc\'!A0",45,17\n', "a.csv")
    assert [each["id"] for each in found.properties] == [formula, "=cmd|' /C calc'!A0"]
    sheet = await stranger(an_xlsx([["id", "lat", "lon", "more"], ["A", 45, 17, formula]]))
    assert sheet.properties == [{"id": "A", "lat": 45, "lon": 17, "more": None}]
