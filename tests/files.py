"""Builders of files as sources send them: each is whole, a test spoils the one thing that it is about."""

import io
import json
import os
import struct
import tempfile
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from xml.sax.saxutils import escape

import numpy as np
import shapely
from pyogrio import raw

from service.intake import gathering, opening, reading, refusals
from service.intake.model import LIMITS, Layout, Limits, Noticed, Record, Remark

with mock.patch.dict(os.environ):
    from service.intake import gdal  # it tells GDAL to know less, which is meant for its own process only

Reading = Callable[..., Awaitable["Read"]]
SQUARE = [[17.0, 45.0], [17.001, 45.0], [17.001, 45.001], [17.0, 45.001], [17.0, 45.0]]
NAMES = ("Мінне поле «Ґ-1»", "Мины / Mine", "Минско поље")


@dataclass
class Read:
    """What came of one file."""

    records: list[Record] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def noticed(self) -> set[Noticed]:
        return {remark.code for remark in self.remarks}

    @property
    def properties(self) -> list[dict[str, Any]]:
        return [dict(record.feature["properties"]) for record in self.records]

    @property
    def places(self) -> list[Any]:
        return [(record.feature["geometry"] or {}).get("coordinates") for record in self.records]

    def said(self, code: Noticed) -> str:
        return next(remark.detail for remark in self.remarks if remark.code is code)


async def rows_of(path: Path, layout: Layout | None = None, limits: Limits = LIMITS) -> Read:
    """Read a file to its end, in the real process."""
    found = Read()
    items: AsyncIterator[Record | Remark] = reading.read(path, layout, limits=limits)
    async with aclosing(items) as walking:  # type: ignore[type-var]  # an async generator
        async for item in walking:
            found.records.append(item) if isinstance(item, Record) else found.remarks.append(item)
    return found


def rows_here(content: bytes | str, layout: Layout | None = None, limits: Limits = LIMITS) -> Read:
    """Read a file by the reading process's own code in this process, with what GDAL is told there.

    It is for what the code makes of a content. What the process may and may not do needs the process: `rows_of`.
    """
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    layout = layout or Layout()
    found = Read()
    with tempfile.TemporaryDirectory() as folder, chdir(folder), mock.patch.dict(os.environ, gdal._SETTINGS):
        for item in gathering.gathered(opening.rows(opening.Source(stream, layout, limits)), layout, limits):
            found.records.append(item) if isinstance(item, Record) else found.remarks.append(item)
    if not found.records:
        raise refusals.empty()
    return found


def near(ours: Any, theirs: Any, metres: float = 0.05) -> bool:
    """Whether coordinates agree within so many metres."""
    return bool(np.abs(np.array(ours) - np.array(theirs)).max() < metres / 111_320)


def a_kml(*placemarks: str, head: str = "", name: str = "kml") -> str:
    body = "".join(placemarks)
    opening = f'<?xml version="1.0"?>{head}<{name} xmlns="http://www.opengis.net/kml/2.2">'
    return f"{opening}<Document>{body}</Document></{name}>"


def a_placemark(name: str = "Z-1", ring: Sequence[Sequence[float]] = SQUARE, more: str = "") -> str:
    text = " ".join(",".join(map(str, at)) for at in ring)
    ring_of = f"<LinearRing><coordinates>{text}</coordinates></LinearRing>"
    shape = f"<Polygon><outerBoundaryIs>{ring_of}</outerBoundaryIs></Polygon>"
    return f"<Placemark><name>{escape(name)}</name>{more}{shape}</Placemark>"


def a_gml(
    *, head: str = "", inside: str = "", srs: str = ' srsName="urn:ogc:def:crs:EPSG::4326"', swap: bool = True
) -> str:
    text = " ".join(f"{at[1]} {at[0]}" if swap else f"{at[0]} {at[1]}" for at in SQUARE)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/"'
        ' xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<ogr:featureMember><ogr:zones gml:id="z.0"><ogr:geometryProperty>'
        f'<gml:Polygon{srs} gml:id="g.0"><gml:exterior>'
        f"<gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
        f"</ogr:geometryProperty><ogr:zone_id>007</ogr:zone_id>{inside}</ogr:zones></ogr:featureMember>"
        "</ogr:FeatureCollection>"
    )


def a_zip(members: Mapping[str, Any] | Iterable[tuple[str | zipfile.ZipInfo, bytes | str]]) -> bytes:
    """Pack members, bytes or text by name."""
    packed = io.BytesIO()
    pairs = members.items() if isinstance(members, Mapping) else members
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return packed.getvalue()


def written(
    path: Path, *, driver: str, crs: str | None = "EPSG:4326", rings: Sequence[Any] = (SQUARE,), **more: Any
) -> Path:
    """Write zones named after NAMES by GDAL; `more` goes to it."""
    shapes = np.array([shapely.to_wkb(shapely.Polygon(ring)) for ring in rings], dtype=object)
    names = np.array([NAMES[place % len(NAMES)] for place in range(len(rings))], dtype=object)
    ids = np.array([f"Z-{place}" for place in range(len(rings))], dtype=object)
    columns = {"zone_id": ids, "name": names, **more.pop("columns", {})}
    fields = np.array(list(columns), dtype=object)
    raw.write(path, shapes, list(columns.values()), fields, driver=driver, crs=crs, geometry_type="Polygon", **more)
    return path


def a_shapefile(folder: Path, *, encoding: str = "UTF-8", **more: Any) -> dict[str, bytes]:
    """Return the parts of a Shapefile by name."""
    folder.mkdir(exist_ok=True)
    written(folder / "zones.shp", driver="ESRI Shapefile", encoding=encoding, **more)
    return {part.name: part.read_bytes() for part in sorted(folder.iterdir())}


def an_xlsx(rows: Sequence[Sequence[Any]], *, sheets: Sequence[str] = ("Zones",)) -> bytes:
    """Return a workbook whose first sheet holds the rows; a text that begins with = is a formula without a value."""
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, start=1))
    kind = "http://schemas.openxmlformats.org"
    numbers = range(1, len(sheets) + 1)
    related = f"{kind}/officeDocument/2006/relationships"
    main = f"{kind}/spreadsheetml/2006/main"
    names = f'xmlns="{main}" xmlns:r="{related}"'
    sheet = f'<worksheet xmlns="{main}"><sheetData>{"".join(map(_row, rows))}</sheetData></worksheet>'
    return a_zip(
        {
            "[Content_Types].xml": f'<Types xmlns="{kind}/package/2006/content-types"/>',
            "_rels/.rels": _links(kind, [("officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": f"<workbook {names}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _links(kind, [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]),
            **{f"xl/worksheets/sheet{n}.xml": sheet for n in numbers},
        }
    )


def _links(kind: str, targets: Sequence[tuple[str, str]]) -> str:
    related = f"{kind}/officeDocument/2006/relationships"
    listed = (
        f'<Relationship Id="rId{n}" Type="{related}/{what}" Target="{target}"/>'
        for n, (what, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{kind}/package/2006/relationships">{"".join(listed)}</Relationships>'


def _row(cells: Sequence[Any]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    if value.startswith("="):
        return f"<c><f>{escape(value[1:])}</f></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def a_geopackage_blob(ring: Sequence[Sequence[float]] = SQUARE) -> bytes:
    return b"GP\x00\x01" + struct.pack("<i", 4326) + bytes(shapely.to_wkb(shapely.Polygon(ring)))


def a_collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
