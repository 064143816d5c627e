"""Files that mean harm: a clear refusal, and nothing else; in the real process where they aim at something outside."""

import stat
import zipfile
from pathlib import Path

import pytest

from service.intake.model import Format, Layout, Noticed, Unread
from tests.files import (
    SQUARE,
    Reading,
    a_gml,
    a_kml,
    a_placemark,
    a_shapefile,
    a_zip,
    an_xlsx,
    written,
)
from tests.integration.intake.refusing import SECRET, refusal

# --- zips


def a_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02")
    return content[:at] + content[at : at + 8] + b"\x01\x00" + content[at + 10 :]


KML = a_kml(a_placemark())


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (a_zip({"../../evil.kml": KML}), "zip-hostile"),
        (a_zip({"/etc/evil.kml": KML}), "zip-hostile"),
        (a_zip({"..\\evil.kml": KML}), "zip-hostile"),
        (a_zip({"C:\\evil.kml": KML}), "zip-hostile"),
        (a_zip({"doc.kml": KML, "inner.zip": a_zip({"doc.kml": KML})}), "zip-hostile"),
        (a_zip({"doc.kml": KML, "inner.kmz": b""}), "zip-hostile"),
        (a_zip({"doc.kml": a_zip({"doc.kml": KML})}), "format-unsupported"),
        (a_zip([("doc.kml", KML), (a_link("secret.kml"), "/etc/passwd")]), "zip-hostile"),
        (a_zip([("doc.kml", KML), ("DOC.KML", KML)]), "zip-hostile"),
        (a_zip({"doc.kml": b"<kml>" + b" " * 30_000_000}), "zip-hostile"),
        (a_zip({f"{number}.txt": b"" for number in range(1_001)}), "zip-hostile"),
        (encrypted(a_zip({"doc.kml": KML})), "zip-encrypted"),
        (a_zip({"readme.txt": b"nothing"}), "format-unsupported"),
        (a_zip({}), "format-unsupported"),
        (a_zip({"doc.kml": KML})[:-30], "file-broken"),
        (a_zip({"zones.shp": b"\x00\x00\x27\x0a"}), "file-broken"),
        (a_zip({"doc.kml": KML}).replace(b"doc.kml", b"dac.kml", 1), "file-broken"),
    ],
    ids=[
        "leads up", "absolute", "leads up backwards", "drive", "zip in zip", "KMZ in zip", "zip under another name",
        "link", "twice", "bomb", "too many", "encrypted", "no data", "nothing", "broken off", "parts missing",
        "two names for one",
    ],
)  # fmt: skip  # ids beside their cases would hide the list
async def test_a_hostile_zip_is_refused_unopened(read: Reading, content: bytes, name: str) -> None:
    assert (await refusal(read(content))).name == name


async def test_a_zip_that_lies_about_its_size_is_not_believed(read: Reading) -> None:
    honest = an_xlsx([["id", "lat", "lon"], *([["x" * 100, 1, 2]] * 20_000)])
    at = honest.rindex(b"PK\x01\x02")
    lying = honest[: at + 24] + (100).to_bytes(4, "little") + honest[at + 28 :]
    refused = await refusal(read(lying))
    assert refused.name == "file-broken"


# --- XML

BOMB = "<!DOCTYPE k [<!ENTITY a 'xxxxxxxxxx'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip  # one expression
INCLUDES = '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, INCLUDES, "<!DOCTYPE kml SYSTEM 'http://127.0.0.1:9/kml.dtd'>"])
@pytest.mark.parametrize("kind", ["kml", "gml"])
async def test_xml_with_a_document_type_is_refused(read: Reading, head: str, kind: str) -> None:
    placemark = a_placemark("N").replace("N<", "&x;<" if head is INCLUDES else "&i;<")
    content = a_kml(placemark, head=head) if kind == "kml" else a_gml(head=head)
    assert (await refusal(read(content, f"zones.{kind}"))).name == "xml-doctype"


@pytest.mark.parametrize("kind", ["kml", "gml"])
async def test_deep_xml_is_refused(read: Reading, kind: str) -> None:
    deep = "<a>" * 100_000
    content = a_kml(deep) if kind == "kml" else a_gml(inside=deep)
    assert (await refusal(read(content))).name == "xml-too-deep"


async def test_links_in_kml_are_named_and_never_followed(stranger: Reading, listener: str) -> None:
    link = f"<NetworkLink><Link><href>{listener}/more.kml</href></Link></NetworkLink>"
    style = f"<Style><IconStyle><Icon><href>{listener}/icon.png</href></Icon></IconStyle></Style>"
    more = f"<description><![CDATA[<img src='{listener}/x'>]]></description>"
    found = await stranger(a_kml(link, style, a_placemark(more=more)))
    assert len(found.records) == 1
    assert Noticed.LINKS_IGNORED in found.noticed


async def test_links_in_gml_are_never_followed(stranger: Reading, listener: str) -> None:
    content = a_gml(inside=f'<ogr:more xlink:href="{listener}/more.gml#a"/>').replace(
        "<ogr:FeatureCollection",
        '<ogr:FeatureCollection xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="http://ogr.maptools.org/ {listener}/zones.xsd"',
    )
    found = await stranger(content)
    assert [each["zone_id"] for each in found.properties] == ["007"]


async def test_gml_does_not_read_the_servers_files(stranger: Reading, secret: Path) -> None:
    inside = f'<ogr:more xlink:href="file://{secret}"/><ogr:also xlink:href="{secret}#x"/>'
    found = await stranger(a_gml(inside=inside))
    assert SECRET not in repr(found)


# --- other names, other formats

LAYER = '<OGRVRTLayer name="secret"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>'
VRT = f"<OGRVRTDataSource>{LAYER}</OGRVRTDataSource>"


@pytest.mark.parametrize("name", ["evil.csv", "evil.gml", "evil.shp", "evil.kml"])
async def test_vrt_under_another_name_reads_no_file(stranger: Reading, secret: Path, name: str) -> None:
    refused = await refusal(stranger(VRT.format(secret), name))
    assert refused.name == "format-unsupported"


async def test_vrt_stated_to_be_gml_reads_no_file(stranger: Reading, secret: Path) -> None:
    refused = await refusal(stranger(VRT.format(secret), "evil.gml", Layout(format=Format.GML)))
    assert SECRET not in refused.detail


async def test_vrt_in_a_zipped_shapefile_reads_no_file(stranger: Reading, secret: Path) -> None:
    text = VRT.format(secret)
    refused = await refusal(stranger(a_zip({"z.shp": text, "z.dbf": text, "z.shx": text})))
    assert refused.name == "file-broken"


@pytest.mark.parametrize("path", ["/vsicurl/{}/x.csv", "/vsizip/{}", "/vsistdin/", "/vsicurl_streaming/{}/x"])
async def test_gdals_paths_in_fields_are_text(stranger: Reading, listener: str, path: str) -> None:
    named = path.format(listener)
    found = await stranger(f"id,wkt\n{named},{named}\n{named},POINT (17 45)\n", named.strip("/").partition("/")[0])
    assert [record.unread for record in found.records] == [Unread.GEOMETRY_BROKEN, None]
    assert found.properties[1] == {"id": named}


async def test_a_prj_names_no_file_and_no_pipeline(stranger: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s") | {"zones.prj": b"+proj=longlat +nadgrids=/etc/passwd +type=crs"}
    assert (await refusal(stranger(a_zip(parts)))).name == "crs-unknown"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "file-empty"),
        (b"\x00" * 5_000, "file-empty"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "format-unsupported"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "format-unsupported"),
        (bytes((number * 7919 + 13) % 256 for number in range(10_000)), "format-unsupported"),
        (b"SQLite format 3\x00" + b"\x10\x00" * 2_000, "file-broken"),
        (b"PK\x03\x04" + b"\x00" * 100, "file-broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "format-unsupported"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "format-unsupported"),
        (b"\xff\xfe" + "id;x".encode("utf-16-le"), "columns-unknown"),
        (b"GIF89a" + b"\x00" * 20, "format-unsupported"),
        (b"hello", "format-unsupported"),
        (b"id,name\n1,x\n", "columns-unknown"),
        (b"lat,lon\n", "file-empty"),
        (b"[" * 1_000_000, "json-broken"),
        (b'{"type":"FeatureCollection","features":[' + b'{"a":' * 100_000, "json-broken"),
    ],
    ids=[
        "empty", "zeros", "PDF", "PNG", "noise", "SQLite's first words", "zip's first words", "XLS", "web page",
        "UTF-16, no place", "GIF", "a word", "no place", "header only", "deep lists", "deep objects",
    ],
)  # fmt: skip  # ids beside their cases would hide the list
async def test_what_is_no_map_is_refused(read: Reading, content: bytes, name: str) -> None:
    assert (await refusal(read(content))).name == name


@pytest.mark.parametrize(
    ("driver", "keep"),
    [("GPKG", 0.3), ("GPKG", 0.9), ("KML", 0.6), ("GML", 0.6), ("ESRI Shapefile", 0.3), ("ESRI Shapefile", 0.9)],
)
async def test_a_file_that_broke_off_is_refused(read: Reading, tmp_path: Path, driver: str, keep: float) -> None:
    rings = [[[x + place / 100, y] for x, y in SQUARE] for place in range(200)]
    if driver == "ESRI Shapefile":
        parts = a_shapefile(tmp_path / "s", rings=rings)
        whole = parts["zones.shp"]
        content = a_zip(parts | {"zones.shp": whole[: int(len(whole) * keep)]})
    else:
        whole = written(tmp_path / f"whole.{driver.lower()}", driver=driver, rings=rings).read_bytes()
        content = whole[: int(len(whole) * keep)]
    assert (await refusal(read(content))).name == "file-broken"
