"""Lists of events often say no place on the map: they come in where the caller says so, and nowhere else."""

import json
from typing import Any

import pytest

from service.intake.model import Columns, Layout, Noticed, Unread
from tests.build import a_feature
from tests.files import Reading, an_xlsx
from tests.integration.intake.refusing import refusal

PLACELESS = Layout(placeless=True)
HEADER, CELLS = ["date", "district", "killed"], ["2019-05-04", "Ізюмський", "1"]


def a_table(form: str, header: list[str], *lines: list[Any]) -> bytes:
    match form:
        case "csv":
            return "".join(";".join(map(str, line)) + "\r\n" for line in (header, *lines)).encode()
        case "xlsx":
            return an_xlsx([header, *lines])
        case _:
            return json.dumps([dict(zip(header, line, strict=True)) for line in lines]).encode()


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
async def test_rows_without_a_place_come_in_where_the_caller_says_so(read: Reading, form: str) -> None:
    found = await read(a_table(form, HEADER, CELLS, CELLS), layout=PLACELESS)
    assert found.properties == [dict(zip(HEADER, CELLS, strict=True))] * 2
    assert found.places == [None, None]
    assert [record.unread for record in found.records] == [None, None]
    assert "without a point" in found.said(Noticed.PLACELESS)


@pytest.mark.parametrize(
    ("form", "name"), [("csv", "columns-unknown"), ("xlsx", "columns-unknown"), ("json", "format-unsupported")]
)
async def test_rows_without_a_place_are_refused_where_the_caller_says_nothing(
    read: Reading, form: str, name: str
) -> None:
    refused = await refusal(read(a_table(form, HEADER, CELLS)))
    assert refused.name == name
    assert refused.remedy


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
async def test_a_place_that_a_table_has_is_never_lost(read: Reading, form: str) -> None:
    found = await read(a_table(form, ["id", "lat", "lon"], ["1", 48.5, 37.25], ["2", "", ""]), layout=PLACELESS)
    assert found.places == [[37.25, 48.5], None]
    assert Noticed.PLACELESS not in found.noticed
    refused = await refusal(read(a_table(form, HEADER, CELLS), layout=Layout(placeless=True, columns=Columns("wkt"))))
    assert refused.name == "columns-unknown", "a column that is stated has to be there"


async def test_entries_of_a_list_that_are_no_rows_wait_and_the_others_come_in(read: Reading) -> None:
    entries = ['{"a": 1}', "7", '{"a": 1, "a": 2}', '{"b": {"c": null}}', "[]", json.dumps(a_feature("Z-1"))]
    found = await read(f"[{','.join(entries)}]", layout=PLACELESS)
    unreadable, twice = Unread.UNREADABLE, Unread.KEYS_TWICE
    assert [record.row for record in found.records] == [1, 2, 3, 4, 5, 6]
    assert [record.unread for record in found.records] == [None, unreadable, twice, None, unreadable, None]
    assert found.records[3].feature["properties"] == {"a": None, "b": {"c": None}}
    assert found.records[5].feature["geometry"]["type"] == "Polygon"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[]", "file-empty"),
        ('[{"a":1},', "file-broken"),
        ('[{"a":1}] {"b":2}', "file-broken"),
        (f"[{'[' * 100_000}", "file-broken"),
        (json.dumps([{str(n): 1 for n in range(1_001)}]), "file-broken"),
    ],
)
async def test_a_list_that_is_no_table_is_refused_whole(read: Reading, text: str, name: str) -> None:
    assert (await refusal(read(text, layout=PLACELESS))).name == name
