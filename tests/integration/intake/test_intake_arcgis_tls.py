"""A layer over real TLS, its pages through the real reading process: nobody is believed without a certificate."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.intake import featureserver, outside
from service.kit.errors import Kind
from tests.certificates import DAY, Made, a_certificate
from tests.files import SQUARE
from tests.integration.intake.arcgis import ArcGis, an_arcgis, ids_of, pages_of, refusal

HOST = "gis.example.org"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """An authority that is trusted."""
    made = a_certificate(tmp_path, "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return made


@pytest.fixture
async def arcgis(tmp_path: Path, authority: Made) -> AsyncIterator[ArcGis]:
    async with an_arcgis(certificate=a_certificate(tmp_path, "stub", by=authority)) as stub:
        yield stub


@pytest.mark.parametrize("geojson", [True, False], ids=["geojson", "esri"])
async def test_every_page_goes_through_the_process_that_has_no_rights(
    arcgis: ArcGis, started: list[Process], *, geojson: bool
) -> None:
    arcgis.geojson = geojson
    found = await pages_of(arcgis)
    assert ids_of(found) == [f"Z-{number}" for number in range(1, 8)]
    assert sorted(found[2].records[0].feature["geometry"]["coordinates"][0]) == sorted(SQUARE)
    assert len(started) == len(found) == 3


async def test_a_host_that_is_allowed_is_asked_at_the_address_that_was_looked_at(
    tmp_path: Path, authority: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address of a test is never public: the check of it is taken out, the rest is what runs for real."""

    async def here(*_: object) -> str:
        return "127.0.0.1"

    monkeypatch.setattr(outside, "_address", here)
    async with an_arcgis(HOST, a_certificate(tmp_path, "stub", by=authority, host=HOST)) as stub:
        (page, *_) = [page async for page in featureserver.read(stub.url, [HOST])]
        assert len(page.records) == 3


@pytest.mark.parametrize("case", ["an authority that nobody knows", "another host", "out of date"])
async def test_a_wrong_certificate_is_refused_before_anything_is_asked(
    tmp_path: Path, authority: Made, case: str
) -> None:
    stranger = a_certificate(tmp_path, "stranger")
    match case:
        case "another host":
            shown = a_certificate(tmp_path, "stub", by=authority, host="other.example.org")
        case "out of date":
            shown = a_certificate(tmp_path, "stub", by=authority, until=-DAY)
        case _:
            shown = a_certificate(tmp_path, "stub", by=stranger)
    async with an_arcgis(certificate=shown) as stub:
        refused = await refusal(stub)
        assert (refused.name, refused.kind) == ("certificate-untrusted", Kind.INVALID)
        assert stub.asked == []


@pytest.mark.usefixtures("authority")
async def test_a_server_without_tls_is_not_asked_in_plain() -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1_000))
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        refused = await refusal(ArcGis(url=f"https://127.0.0.1:{port}/arcgis/rest/services/zones/FeatureServer/0"))
    assert refused.name == "source-unreachable"
    assert heard
    assert b"FeatureServer" not in b"".join(heard)
