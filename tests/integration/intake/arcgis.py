"""A server on this machine that behaves like ArcGIS, or does not, and how a test reads a layer of it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from service.intake import featureserver
from service.intake.featureserver import Cursor, Page
from service.intake.model import Limits
from service.kit.errors import Refused
from tests.certificates import Made
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


@asynccontextmanager
async def an_arcgis(host: str = "127.0.0.1", certificate: Made | None = None) -> AsyncIterator[ArcGis]:
    """Serve a layer on this machine, by TLS if there is a certificate; `host` is how its address names us."""
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

    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate.file, certificate.key_file)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    stub.url = f"http{'s' if tls else ''}://{host}:{port}/arcgis/rest/services/zones/FeatureServer/0"
    async with server:
        yield stub


@pytest.fixture
async def arcgis() -> AsyncIterator[ArcGis]:
    async with an_arcgis() as stub:
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
