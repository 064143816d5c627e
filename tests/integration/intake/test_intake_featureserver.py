"""Layers of other people's servers, against a real one on this machine that behaves like ArcGIS, or does not."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from service.intake import reading
from service.intake.model import Layout, Limits, Noticed, Record, Remark
from service.kit.errors import Kind
from tests.files import SQUARE, rows_here
from tests.integration.intake.arcgis import (
    CLOCKWISE,
    Answer,
    ArcGis,
    arcgis,
    as_json,
    attributes,
    feature,
    ids_of,
    pages_of,
    refusal,
)

__all__ = ["arcgis"]  # the layer's fixture


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pages by the reader's own code in this process; that they go through the real one is tested over TLS."""

    async def read(content: Path, layout: Layout, *, limits: Limits) -> AsyncIterator[Record | Remark]:
        found = rows_here(content.read_bytes(), layout, limits)  # noqa: ASYNC240 - it lies in memory
        items: list[Record | Remark] = [*found.records, *found.remarks]
        for item in items:
            yield item

    monkeypatch.setattr(reading, "read", read)


@pytest.mark.parametrize("geojson", [True, False], ids=["geojson", "esri"])
@pytest.mark.parametrize("pages", [True, False], ids=["by place", "by id"])
async def test_a_layer_is_read_page_by_page_to_its_end(arcgis: ArcGis, *, geojson: bool, pages: bool) -> None:
    arcgis.geojson, arcgis.pages, arcgis.ids = geojson, pages, [2, 3, 5, 70, 71, 72, 900]
    found = await pages_of(arcgis)
    assert [len(page.records) for page in found] == [3, 3, 1]
    assert ids_of(found) == [f"Z-{number}" for number in arcgis.ids]
    assert [record.row for page in found for record in page.records] == list(range(1, 8))
    record = found[0].records[0]
    assert sorted(record.feature["geometry"]["coordinates"][0]) == sorted(SQUARE)
    assert record.feature["properties"]["seen"] == "2024-07-31"
    assert {page.total for page in found} == {7}


async def test_an_interrupted_reading_goes_on_where_it_was(arcgis: ArcGis) -> None:
    whole = await pages_of(arcgis)
    arcgis.asked.clear()
    rest = await pages_of(arcgis, whole[0].cursor)
    assert ids_of(rest) == ids_of(whole)[3:]
    assert [record.row for page in rest for record in page.records] == [4, 5, 6, 7]
    assert "0" not in {query.get("resultOffset") for query in arcgis.asked}


async def test_a_layer_that_was_edited_since_is_not_gone_on_with(arcgis: ArcGis) -> None:
    cursor = (await pages_of(arcgis))[0].cursor
    arcgis.edited = 2
    assert (await refusal(arcgis, cursor)).name == "source-changed"


def changing(what: Callable[[list[int]], list[int]]) -> Callable[[ArcGis, dict[str, str]], None]:
    """Change the layer after its first page went out."""

    def spoil(stub: ArcGis, query: dict[str, str]) -> None:
        if query.get("resultOffset") == "3":
            stub.ids = what([1, 2, 3, 4, 5, 6, 7])

    return spoil


@pytest.mark.parametrize(
    "what",
    [
        lambda ids: ids[1:],
        lambda ids: [*ids, 8],
        lambda ids: [*ids[1:], 8],
        lambda ids: [0, *ids],
        lambda ids: ids[:3],
    ],
    ids=["one gone", "one more", "one gone and one more: the count is the same", "one before", "all others gone"],
)
async def test_a_layer_that_changes_while_it_is_read_is_refused(
    arcgis: ArcGis, what: Callable[[list[int]], list[int]]
) -> None:
    arcgis.spoil = changing(what)
    refused = await refusal(arcgis)
    assert (refused.name, refused.kind) == ("source-changed", Kind.CONFLICT)


def a_page(found: Any, **more: Any) -> Answer:
    return as_json({"type": "FeatureCollection", "features": found, **more})


def on_pages(answer: Answer) -> Callable[[ArcGis, dict[str, str]], Answer | None]:
    return lambda _, query: answer if "outSR" in query else None


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (as_json({"error": {"code": 499, "message": "Token Required", "details": []}}), "source-refused"),
        ((200, {}, b"<html><body>Sign in</body></html>"), "answer-broken"),
        ((200, {}, b'{"features":[{"id":1,'), "answer-broken"),
        ((200, {"content-length": "5000"}, b'{"features":[]}'), "source-unreachable"),
        ((200, {}, b"[" * 100_000), "answer-broken"),
        ((200, {}, b"[1]"), "answer-broken"),
        (a_page({}), "answer-broken"),
        (a_page([{"type": "Feature", "properties": {}, "geometry": None}]), "answer-broken"),
        (a_page([feature(1) | {"properties": {"OBJECTID": 10**30}}]), "answer-broken"),
        (a_page([feature(1), feature(1)]), "source-changed"),
        (a_page([]), "source-changed"),
        (a_page([feature(1)], crs={"type": "name", "properties": {"name": "klingon"}}), "crs-unknown"),
        ((302, {"location": "http://169.254.169.254/latest/meta-data/"}, b""), "redirected"),
        ((301, {"location": "file:///etc/passwd"}, b""), "redirected"),
        ((500, {}, b"oops"), "source-refused"),
        ((503, {"retry-after": "5"}, b""), "source-refused"),
    ],
    ids=[
        "error with status 200", "web page", "page cut off", "connection cut off", "deep", "no object", "no list",
        "no ids", "an id beyond measure", "the same row twice", "empty page", "unknown system",
        "sent to metadata", "sent to a file", "500", "503",
    ],
)  # fmt: skip  # ids beside their cases would hide the list
async def test_an_answer_that_is_none_is_refused_by_name(arcgis: ArcGis, answer: Answer, name: str) -> None:
    arcgis.spoil = on_pages(answer)
    assert (await refusal(arcgis)).name == name


async def test_an_answer_without_end_is_cut_off(arcgis: ArcGis) -> None:
    arcgis.spoil = on_pages((200, {}, b" " * 200_000))
    refused = await refusal(arcgis, limits=Limits(row_bytes=50_000))
    assert refused.name == "answer-too-long"


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b'{"objectIds":' + b"[" * 1_000_000),
        (200, {}, b'{"objectIds":[' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"]}"),
        (200, {}, b'{"objectIds":[' + b"1" * 5_000 + b"]}"),
        as_json({"objectIds": [1, True]}),
        as_json({"objectIds": [1, 10**30]}),
        as_json({"objectIds": [[1]]}),
        as_json({"count": 3}),
    ],
    ids=["deep", "deep but whole", "a number without end", "no number", "beyond measure", "lists", "another answer"],
)
async def test_a_list_of_ids_that_is_none_is_refused(arcgis: ArcGis, answer: Answer) -> None:
    arcgis.spoil = lambda _, query: answer if "returnIdsOnly" in query else None
    assert (await refusal(arcgis)).name == "answer-broken"


async def test_what_a_page_made_notice_is_told_once_with_its_row(arcgis: ArcGis) -> None:
    arcgis.geojson = False
    garbled = "Мінне поле".encode().decode("cp1251")

    def spoil(stub: ArcGis, query: dict[str, str]) -> Answer | None:
        first = int(query.get("resultOffset", -1)) + 1
        if not first:
            return None
        rows = [{"attributes": attributes(n) | {"name": garbled}, "geometry": {"rings": [CLOCKWISE]}} for n in stub.ids]
        # The last of the page stands first in it.
        return as_json({"features": rows[first - 1 : first + 2][::-1]})

    arcgis.spoil = spoil
    found = await pages_of(arcgis)
    assert ids_of(found) == [f"Z-{number}" for number in arcgis.ids]
    (remark,) = [remark for page in found for remark in page.remarks]
    assert (remark.code, remark.row) == (Noticed.MOJIBAKE, 3)


async def test_too_many_rows_are_refused_before_they_are_read(arcgis: ArcGis) -> None:
    refused = await refusal(arcgis, limits=Limits(rows=6))
    assert refused.name == "file-too-large"
    assert not any("outSR" in query for query in arcgis.asked)


async def test_an_empty_layer_is_told(arcgis: ArcGis) -> None:
    arcgis.ids = []
    assert (await refusal(arcgis)).name == "file-empty"


@pytest.mark.parametrize("told", [{}, {"objectIdField": "OBJECTID; DROP TABLE x"}, {"fields": "none"}])
async def test_what_describes_no_layer_is_refused(arcgis: ArcGis, told: dict[str, Any]) -> None:
    arcgis.spoil = lambda _, query: as_json(told) if query == {"f": "json"} else None
    assert (await refusal(arcgis)).name == "layer-unfit"
