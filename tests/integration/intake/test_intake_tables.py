"""Tables as people keep them: any delimiter, encoding and notation of places; what was guessed is told."""

from typing import Any

import pytest

from service.intake.model import Columns, Layout, Notation, Noticed, Unread
from service.kit.errors import Refused
from tests.files import (
    Reading,
    an_xlsx,
    near,
)


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1251"), ("\t", "koi8_u"), ("|", "utf-8"), (",", "cp1251")]
)
async def test_a_table_in_any_encoding_and_spelling_reads_the_same(
    read: Reading, delimiter: str, encoding: str
) -> None:
    rows = [
        ["id", "name", "lat", "lon"],
        ["007", "Мінне поле, села", "48.5", "37.25"],
        ["8", "Підозрювана ділянка", "48", "37"],
    ]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    found = await read(text.encode(encoding))
    assert found.properties[0] == {"id": "007", "name": "Мінне поле, села", "lat": "48.5", "lon": "37.25"}
    assert found.places == [[37.25, 48.5], [37, 48]]
    assert (Noticed.ENCODING_GUESSED in found.noticed) == (encoding != "utf-8")


EASTING, NORTHING = "699593.49", "4902679.88"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (["lat", "lon"], ["44.25", "17.5"]),
        (["Latitude", "Longitude"], ["44,25", "17,5"]),
        (["широта", "довгота"], ["44°15'00\"N", "17°30'E"]),
        (["coordinates"], ["44°15'00\"N 17°30'00\"E"]),
        (["utm"], [f"33T {EASTING} {NORTHING}"]),
        (["zone", "easting", "northing"], ["33T", EASTING, NORTHING]),
        (["mgrs"], ["33T XK 99593 02679"]),
        (["wkt"], ["POINT (17.5 44.25)"]),
        (["geom"], ["0101000020E610000000000000008031400000000000204640"]),
        (["geom"], [f"SRID=32633;POINT ({EASTING} {NORTHING})"]),
    ],
)
async def test_a_place_in_any_notation_is_the_same_place(read: Reading, header: list[str], cells: list[str]) -> None:
    quoted = ";".join('"{}"'.format(cell.replace('"', '""')) for cell in cells)
    found = await read(f"{';'.join(header)};radius\n{quoted};50\n")
    assert [record.unread for record in found.records] == [None]
    assert near(found.places[0], [17.5, 44.25], metres=1.5)
    assert found.records[0].radius_m == 50


async def test_what_excel_writes_above_a_table_is_no_row(read: Reading) -> None:
    found = await read("sep=;\r\nList of areas;;\r\n;;\r\nid;lat;lon\r\n1;48,5;37,25\r\n")
    assert [(record.row, record.feature["properties"]["id"]) for record in found.records] == [(4, "1")]


async def test_columns_and_system_can_be_stated(read: Reading) -> None:
    text = f"id,este,oeste,r\n1,{EASTING},{NORTHING},20 m\n"
    columns = Columns(first="este", second="oeste", radius="r", notation=Notation.PLANE)
    found = await read(text, layout=Layout(crs="EPSG:32633", columns=columns))
    assert near(found.places[0], [17.5, 44.25], metres=1.5)
    assert found.records[0].radius_m == 20
    assert Noticed.COLUMNS_GUESSED not in found.noticed
    with pytest.raises(Refused) as refused:
        await read(text, layout=Layout(columns=Columns(place="absent")))
    assert refused.value.name == "columns-unknown"


async def test_rows_of_a_table_that_cannot_be_read_wait_and_the_others_come_in(read: Reading) -> None:
    text = 'id,lat,lon,radius\n1,45,17,\n2,45\n3,95,17,\n4,,,\n5,45,17,wide\n6,"4"5,17,\n7,45,17,30\n'
    found = await read(text)
    unread = {record.row: record.unread for record in found.records}
    broken = Unread.GEOMETRY_BROKEN
    assert unread == {2: None, 3: Unread.UNREADABLE, 4: broken, 5: None, 6: broken, 7: Unread.UNREADABLE, 8: None}
    assert [record.row for record in found.records] == sorted(unread)


async def test_a_coarse_square_of_the_grid_is_taken_at_its_middle_and_told(read: Reading) -> None:
    found = await read("mgrs,x\n33TXJ9902,1\n")
    assert found.records[0].accuracy_m == pytest.approx(707.1, abs=0.1)
    assert Noticed.GRID_COARSE in found.noticed


async def test_a_spreadsheet_reads_like_a_table(read: Reading) -> None:
    rows: list[list[Any]] = [
        ["List of areas"],
        [],
        ["id", "name", "lat", "lon", "radius"],
        [7, "Поле", 48.5, 37.25, 20],
        [],
        ["008", None, "48°30'N", "37°15'E", None],
    ]
    found = await read(an_xlsx(rows, sheets=("Zones", "Notes")))
    assert [(record.row, record.radius_m) for record in found.records] == [(4, 20), (6, None)]
    assert found.properties[0] == {"id": 7, "name": "Поле", "lat": 48.5, "lon": 37.25, "radius": 20}
    assert found.properties[1]["id"] == "008"
    assert found.places == [[37.25, 48.5]] * 2
    assert "'Notes'" in found.said(Noticed.LAYERS_LEFT)
    assert len((await read(an_xlsx(rows, sheets=("Zones", "Notes")), layout=Layout(layer="Notes"))).records) == 2
