"""Layers of other people's servers, against a real one on this machine that behaves like ArcGIS, or does not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from service.intake import featureserver
from service.intake.featureserver import Cursor, Page
from service.intake.model import Limits
from service.kit.errors import Kind, Refused
from tests.files import SQUARE

CLOCKWISE = SQUARE[::-1]
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class ArcGis:
    """A layer of zones by number, with the abilities that a test gives it; `spoil` may answer in its place."""

    ids: list[int] = field(default_factory=lambda: list(range(1, 8)))
    most: int = 3
    pages: bool = True
    geojson: bool = True
    edited: int | None = 1
    asked: list[dict[str, str]] = field(default_factory=list)
    spoil: Callable[["ArcGis", dict[str, str]], Answer | None] = lambda _, __: None
    url: str = ""

    def answer(self, target: str) -> Answer:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        self.asked.append(query)
        spoilt = self.spoil(self, query)
        if spoilt is not None:
            return spoilt
        return as_json(self._query(query) if parts.path.endswith("/query") else self._told())

    def _told(self) -> dict[str, Any]:
        formats = "JSON, geoJSON, PBF" if self.geojson else "JSON"
        return {
            "maxRecordCount": self.most,
            "objectIdField": "OBJECTID",
            "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}, {"name": "seen", "type": "esriFieldTypeDate"}],
            "advancedQueryCapabilities": {"supportsPagination": self.pages, "supportsOrderBy": True},
            "supportedQueryFormats": formats,
            "editingInfo": {"lastEditDate": self.edited},
        }

    def _query(self, query: dict[str, str]) -> dict[str, Any]:
        if query.get("returnIdsOnly") == "true":
            return {"objectIdFieldName": "OBJECTID", "objectIds": sorted(self.ids, reverse=True) or None}
        assert query["outSR"] == "4326"
        found = sorted(self.ids)
        if "resultOffset" in query:
            assert query["orderByFields"] == "OBJECTID ASC"
            found = found[int(query["resultOffset"]) :][: int(query["resultRecordCount"])]
        else:
            first, last = (int(word) for word in query["where"].split() if word.isdigit())
            found = [one for one in found if first <= one <= last]
        taken = found[: self.most]
        exceeded = len(taken) < len(found)
        if query["f"] == "geojson":
            made = [feature(one) for one in taken]
            return {"type": "FeatureCollection", "features": made, "exceededTransferLimit": exceeded}
        made = [{"attributes": attributes(one), "geometry": {"rings": [CLOCKWISE]}} for one in taken]
        return {"features": made, "exceededTransferLimit": exceeded}


def attributes(number: int) -> dict[str, Any]:
    return {"OBJECTID": number, "zone_id": f"Z-{number}", "seen": 1_722_384_000_000}


def feature(number: int) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [SQUARE]}
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": attributes(number)}


def as_json(value: Any, status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(value).encode()


@pytest.fixture
async def arcgis() -> AsyncIterator[ArcGis]:
    stub = ArcGis()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status, headers, body = stub.answer(head.split(b" ")[1].decode())
        length = headers.pop("content-length", str(len(body)))
        lines = [f"HTTP/1.1 {status} x", f"content-length: {length}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stub.url = f"http://127.0.0.1:{port}/arcgis/rest/services/zones/FeatureServer/0"
    async with server:
        yield stub


async def pages_of(stub: ArcGis, cursor: Cursor | None = None, limits: Limits = Limits()) -> list[Page]:  # noqa: B008 - frozen
    walking = featureserver.read(stub.url, (), cursor=cursor, loopback=True, limits=limits)
    async with aclosing(walking) as pages:  # type: ignore[type-var]  # an async generator
        return [page async for page in pages]


async def refusal(stub: ArcGis, cursor: Cursor | None = None, limits: Limits = Limits()) -> Refused:  # noqa: B008 - as above
    with pytest.raises(Refused) as refused:
        await pages_of(stub, cursor, limits)
    assert refused.value.remedy
    return refused.value


def ids_of(pages: list[Page]) -> list[str]:
    return [record.feature["properties"]["zone_id"] for page in pages for record in page.records]


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
        (as_json({"features": {}}), "answer-broken"),
        (as_json({"features": [{"type": "Feature", "properties": {}, "geometry": None}]}), "answer-broken"),
        (as_json({"features": [feature(1), feature(1)]}), "source-changed"),
        (as_json({"features": []}), "source-changed"),
        ((302, {"location": "http://169.254.169.254/latest/meta-data/"}, b""), "redirected"),
        ((301, {"location": "file:///etc/passwd"}, b""), "redirected"),
        ((500, {}, b"oops"), "source-refused"),
        ((503, {"retry-after": "5"}, b""), "source-refused"),
    ],
    ids=[
        "error with status 200", "web page", "page cut off", "connection cut off", "deep", "no object", "no list",
        "no ids", "the same row twice", "empty page", "sent to metadata", "sent to a file", "500", "503",
    ],
)  # fmt: skip  # ids beside their cases would hide the list
async def test_an_answer_that_is_none_is_refused_by_name(arcgis: ArcGis, answer: Answer, name: str) -> None:
    arcgis.spoil = on_pages(answer)
    assert (await refusal(arcgis)).name == name


async def test_an_answer_without_end_is_cut_off(arcgis: ArcGis) -> None:
    arcgis.spoil = on_pages((200, {}, b" " * 200_000))
    refused = await refusal(arcgis, limits=Limits(row_bytes=50_000))
    assert refused.name == "answer-too-long"


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
