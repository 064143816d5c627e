"""Writes plans for spreadsheets and maps: CSV whose cells no program takes for formulas, GeoJSON line by line."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import shapely

from service.imports.inert import inert
from service.imports.model import Line

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}
COLUMNS = ("row", "kind", "external_id", "zone_id", "waits", "detail")


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """Write rows as RFC 4180 does, every text inert."""
    written = io.StringIO()
    csv.writer(written).writerows([inert("" if cell is None else cell) for cell in row] for row in rows)
    return written.getvalue()


async def plan_csv(lines: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    """Yield a plan as CSV, UTF-8 with a mark by which spreadsheets know it."""
    yield b"\xef\xbb\xbf" + csv_text([COLUMNS]).encode()
    async for line in lines:
        yield csv_text([_cells(line)]).encode()


async def plan_geojson(lines: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    """Yield a plan as a FeatureCollection; an unchanged row and one without an outline have no geometry."""
    yield b'{"type":"FeatureCollection","features":['
    first = True
    async for line in lines:
        feature = {
            "type": "Feature",
            "properties": dict(zip(COLUMNS, _cells(line), strict=True)),
            "geometry": None
            if line.outline is None
            else json.loads(shapely.to_geojson(shapely.from_wkb(line.outline))),
        }
        yield (b"" if first else b",") + json.dumps(feature, ensure_ascii=False).encode("utf-8", "replace")
        first = False
    yield b"]}"


def _cells(line: Line) -> tuple[Any, ...]:
    zone = None if line.zone_id is None else str(line.zone_id)
    return (line.row or None, line.kind.value, line.external_id, zone, line.waits, line.detail)
