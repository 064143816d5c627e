"""Each format as sources really send it: encodings, systems, layers; what was guessed is told."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from service.intake import projecting
from service.intake.model import Layout, Noticed, Unread
from service.kit.errors import Refused
from tests.files import (
    NAMES,
    SQUARE,
    Reading,
    a_gml,
    a_kml,
    a_placemark,
    a_shapefile,
    a_zip,
    near,
    written,
)


def projected(system: str) -> list[list[float]]:
    there = Transformer.from_crs("EPSG:4326", system, always_xy=True)
    return [list(there.transform(x, y)) for x, y in SQUARE]


# --- Shapefiles


async def test_a_shapefile_in_cp1251_reads_right_by_its_parts(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s", encoding="CP1251", rings=[SQUARE] * 3)
    found = await read(a_zip(parts))
    assert [each["name"] for each in found.properties] == list(NAMES)
    assert found.noticed == set()


async def test_a_shapefile_that_tells_no_encoding_is_guessed_and_told(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s", encoding="CP1251", rings=[SQUARE] * 3)
    parts["zones.dbf"] = parts["zones.dbf"][:29] + b"\x57" + parts["zones.dbf"][30:]
    del parts["zones.cpg"]
    found = await read(a_zip(parts))
    assert [each["name"] for each in found.properties] == list(NAMES)
    assert "cp1251" in found.said(Noticed.ENCODING_GUESSED)
    stated = await read(a_zip(parts), layout=Layout(encoding="cp1251"))
    assert stated.properties == found.properties
    assert stated.noticed == set()


async def test_a_shapefile_that_tells_a_wrong_encoding_is_not_believed(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s", encoding="CP1251", rings=[SQUARE] * 3) | {"zones.cpg": b"UTF-8"}
    found = await read(a_zip(parts))
    assert [each["name"] for each in found.properties] == list(NAMES)
    assert Noticed.ENCODING_WRONG in found.noticed


async def test_a_wrongly_stated_encoding_shows_as_mojibake(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s", encoding="CP1251", rings=[SQUARE] * 3)
    found = await read(a_zip(parts), layout=Layout(encoding="cp1252"))
    assert "Мины" in found.said(Noticed.MOJIBAKE)


@pytest.mark.parametrize("system", ["EPSG:32633", "EPSG:8678", "EPSG:3857", "EPSG:25833"])
async def test_any_system_becomes_wgs_84(read: Reading, tmp_path: Path, system: str) -> None:
    parts = a_shapefile(tmp_path / "s", crs=system, rings=[projected(system)])
    found = await read(a_zip(parts))
    (ring,) = found.places[0]
    assert near(sorted(ring), sorted(SQUARE))


async def test_a_shapefile_without_a_system_is_assumed_or_asked_for(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "degrees")
    parts.pop("zones.prj")
    found = await read(a_zip(parts))
    assert Noticed.CRS_ASSUMED in found.noticed
    metres = a_shapefile(tmp_path / "metres", crs="EPSG:32633", rings=[projected("EPSG:32633")])
    metres.pop("zones.prj")
    with pytest.raises(Refused) as refused:
        await read(a_zip(metres))
    assert refused.value.name == "crs-missing"
    stated = await read(a_zip(metres), layout=Layout(crs="EPSG:32633"))
    assert near(sorted(stated.places[0][0]), sorted(SQUARE))


async def test_a_withdrawn_system_is_read_as_the_one_that_replaced_it(read: Reading, tmp_path: Path) -> None:
    """The old number means another datum: zones in Bosnia would lie 400 m off."""
    parts = a_shapefile(tmp_path / "s", crs="EPSG:8678", rings=[projected("EPSG:8678")])
    found = await read(a_zip(parts), layout=Layout(crs="EPSG:31276"))
    assert near(sorted(found.places[0][0]), sorted(SQUARE))
    assert "MGI 1901" in found.said(Noticed.CRS_ASSUMED)


async def test_a_system_without_a_known_shift_is_refused(read: Reading, tmp_path: Path) -> None:
    strange = (
        'GEOGCS["Own",DATUM["D_Own",SPHEROID["Own",6377000.0,299.0]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]]'
    )
    parts = a_shapefile(tmp_path / "s") | {"zones.prj": strange.encode()}
    with pytest.raises(Refused) as refused:
        await read(a_zip(parts))
    assert refused.value.name == "crs-without-shift"


async def test_cut_names_are_told_and_can_be_lengthened(read: Reading, tmp_path: Path) -> None:
    more = {
        "classifica": np.array(["SHA"], dtype=object),
        "count": np.array([7]),
        "when": np.array(["2024-07-31"], "M8[D]"),
    }
    parts = a_shapefile(tmp_path / "s", columns=more)
    found = await read(a_zip(parts), layout=Layout(names={"classifica": "classification"}))
    assert "'classifica'" in found.said(Noticed.NAMES_CUT)
    kept = {"classification": "SHA", "count": 7, "when": "2024-07-31"}
    assert found.properties[0].items() >= kept.items()


async def test_dates_and_numbers_that_are_none_stay_as_they_are_and_blanks_are_null(
    read: Reading, tmp_path: Path
) -> None:
    more = {"when": np.array(["2024-07-31"] * 4, "M8[D]"), "count": np.array([71, 72, 73, 74])}
    parts = a_shapefile(tmp_path / "s", rings=[SQUARE] * 4, columns=more)
    for said in (b"00000000", b"00001331", b"        "):
        parts["zones.dbf"] = parts["zones.dbf"].replace(b"20240731", said, 1)
    parts["zones.dbf"] = parts["zones.dbf"].replace(b"72", b"**", 1).replace(b"73", b"x3", 1)
    found = await read(a_zip(parts))
    assert [each["when"] for each in found.properties] == [None, "0000-13-31", None, "2024-07-31"]
    assert [each["count"] for each in found.properties] == [71, None, "x3", 74]


async def test_a_deleted_row_of_a_shapefile_is_none_and_takes_no_other_with_it(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s", rings=[SQUARE, [[x + 1, y] for x, y in SQUARE], SQUARE])
    table = parts["zones.dbf"]
    head = int.from_bytes(table[8:10], "little")
    parts["zones.dbf"] = table[:head] + b"*" + table[head + 1 :]
    found = await read(a_zip(parts))
    assert [(record.row, record.feature["properties"]["zone_id"]) for record in found.records] == [
        (2, "Z-1"),
        (3, "Z-2"),
    ]
    assert found.places[0][0][0][0] == 18


async def test_an_index_that_leads_astray_is_made_anew(read: Reading, tmp_path: Path) -> None:
    rings = [[[x + place, y] for x, y in SQUARE] for place in range(3)]
    parts = a_shapefile(tmp_path / "s", rings=rings)
    whole = await read(a_zip(parts))
    index = parts["zones.shx"]
    parts["zones.shx"] = index[:100] + (300).to_bytes(4, "big") + index[104:]
    assert (await read(a_zip(parts))).places == whole.places


async def test_outlines_and_rows_that_do_not_match_are_refused(read: Reading, tmp_path: Path) -> None:
    two, three = (a_shapefile(tmp_path / str(count), rings=[SQUARE] * count) for count in (2, 3))
    for one, other in ((two, three), (three, two)):
        with pytest.raises(Refused) as refused:
            await read(a_zip(one | {"zones.dbf": other["zones.dbf"]}))
        assert refused.value.name == "file-broken"


async def test_of_several_shapefiles_one_is_read_and_the_others_named(read: Reading, tmp_path: Path) -> None:
    parts = a_shapefile(tmp_path / "s")
    both = {f"a/{name}": part for name, part in parts.items()} | {
        f"b/{name.replace('zones', 'more')}": part for name, part in parts.items()
    }
    found = await read(a_zip(both))
    assert "b/more.shp" in found.said(Noticed.LAYERS_LEFT)
    chosen = await read(a_zip(both), layout=Layout(layer="more"))
    assert "a/zones.shp" in chosen.said(Noticed.LAYERS_LEFT)
    with pytest.raises(Refused, match="'more'"):
        await read(a_zip(both), layout=Layout(layer="none"))


# --- GeoPackage, GML, KML


async def test_of_several_layers_one_is_read_and_the_others_named(read: Reading, tmp_path: Path) -> None:
    path = written(tmp_path / "z.gpkg", driver="GPKG", layer="zones")
    written(path, driver="GPKG", layer="more", rings=[SQUARE] * 2, append=True)
    found = await read(path.read_bytes())
    assert len(found.records) == 1
    assert "'more'" in found.said(Noticed.LAYERS_LEFT)
    assert len((await read(path.read_bytes(), layout=Layout(layer="more"))).records) == 2


async def test_a_geopackage_keeps_types_and_nulls(read: Reading, tmp_path: Path) -> None:
    more = {
        "area": np.array([1.5, np.nan]),
        "count": np.array([7, 8]),
        "flag": np.array([True, False]),
        "when": np.array(["2024-07-31", "NaT"], "M8[D]"),
        "moment": np.array(["2024-07-31T10:00:00", "NaT"], "M8[ms]"),
    }
    path = written(tmp_path / "z.gpkg", driver="GPKG", layer="zones", rings=[SQUARE] * 2, columns=more)
    first, second = (await read(path.read_bytes())).properties
    assert first | {"zone_id": 0, "name": 0} == {
        "zone_id": 0, "name": 0, "area": 1.5, "count": 7, "flag": True, "when": "2024-07-31",
        "moment": "2024-07-31T10:00:00",
    }  # fmt: skip  # one row
    assert [second[name] for name in ("area", "when", "moment")] == [None, None, None]
    assert second["flag"] is False


@pytest.mark.parametrize(
    ("srs", "swap"),
    [
        (' srsName="urn:ogc:def:crs:EPSG::4326"', True),
        (' srsName="http://www.opengis.net/def/crs/EPSG/0/4326"', True),
        (' srsName="EPSG:4326"', False),
        (' srsName="urn:ogc:def:crs:OGC:1.3:CRS84"', False),
    ],
)
async def test_gml_has_its_axes_in_the_order_of_its_system(read: Reading, srs: str, *, swap: bool) -> None:
    found = await read(a_gml(srs=srs, swap=swap))
    assert found.places == [[SQUARE]]
    assert found.properties == [{"zone_id": "007"}]


@pytest.mark.parametrize(
    ("kind", "encoding"), [("gml", "windows-1251"), ("gml", "utf-16"), ("kml", "koi8-u"), ("kml", "utf-16")]
)
async def test_xml_reads_right_in_any_encoding(read: Reading, kind: str, encoding: str) -> None:
    name = "Мінне поле"
    text = a_kml(a_placemark(name)) if kind == "kml" else a_gml(inside=f"<ogr:name>{name}</ogr:name>")
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    found = await read((head + text.partition("?>")[2]).encode(encoding))
    assert found.properties[0]["name"] == name


async def test_xml_in_another_encoding_than_it_names_is_refused_and_can_be_stated(read: Reading) -> None:
    content = a_kml(a_placemark("Поле")).encode("cp1251")
    with pytest.raises(Refused) as refused:
        await read(content)
    assert refused.value.name == "encoding-unknown"
    assert (await read(content, layout=Layout(encoding="cp1251"))).properties[0]["name"] == "Поле"


async def test_kml_brings_its_data_holes_and_parts(read: Reading) -> None:
    schema = '<Schema id="s"><SimpleField name="count" type="int"/><SimpleField name="none" type="string"/></Schema>'
    data = (
        '<ExtendedData><Data name="when"><value>2024/07/31</value></Data><SchemaData schemaUrl="#s">'
        '<SimpleData name="count">7</SimpleData></SchemaData></ExtendedData>'
    )
    ring = "<LinearRing><coordinates>0,0 0,3 3,3 0,0</coordinates></LinearRing>"
    polygon = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs><innerBoundaryIs>{ring}</innerBoundaryIs></Polygon>"
    point = "<Point><coordinates> 17, 45, 3 </coordinates></Point>"
    broken = "<Point><coordinates>here</coordinates></Point>"
    shapes = [
        polygon,
        f"<MultiGeometry>{polygon}{polygon}</MultiGeometry>",
        f"<MultiGeometry>{polygon}{point}</MultiGeometry>",
    ]
    places = "".join(f"<Placemark>{data}{shape}</Placemark>" for shape in [*shapes, point, broken, ""])
    found = await read(a_kml(schema, f"<Folder><Folder>{places}</Folder></Folder>"))
    assert found.properties[0] == {"when": "2024-07-31", "count": 7, "none": None}
    kinds = [(record.feature["geometry"] or {}).get("type") for record in found.records]
    assert kinds == ["Polygon", "MultiPolygon", "GeometryCollection", "Point", None, None]
    assert len(found.places[0]) == 2
    assert found.places[3] == [17, 45, 3]
    assert [record.unread for record in found.records][3:] == [None, Unread.GEOMETRY_BROKEN, None]
    assert Noticed.GEOMETRY_MIXED in found.noticed


async def test_a_zip_around_one_file_is_read(read: Reading) -> None:
    for name, content in (
        ("a.geojson", '{"type":"Feature","properties":{},"geometry":null}\n'),
        ("b.csv", "lat,lon\n1,2\n"),
    ):
        found = await read(a_zip({f"folder/{name}": content, "__MACOSX/._x": b"", "readme.txt": "x"}))
        assert len(found.records) == 1
    two = await read(a_zip({"a.csv": "lat,lon\n1,2\n", "b.csv": "lat,lon\n1,2\n"}))
    assert "b.csv" in two.said(Noticed.FILES_LEFT)


def test_only_the_two_drivers_that_are_needed_are_there() -> None:
    code = "from service.intake import gdal; import pyogrio; print(sorted(pyogrio.list_drivers()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ESRI Shapefile', 'GML']"


@pytest.mark.parametrize(
    "system", ["+proj=longlat +nadgrids=/etc/passwd", "file:/etc/passwd", "EPSG:999999", "x" * 20_000, ""]
)
def test_a_system_is_a_name_or_wkt_and_nothing_else(system: str) -> None:
    with pytest.raises(Refused) as refused:
        projecting.of(system)
    assert refused.value.name == "crs-unknown"
