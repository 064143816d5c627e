"""Reads GeoJSON (RFC 7946) and newline-delimited GeoJSON (GeoJSONSeq, RFC 8142) that a caller holds in memory."""

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from service.intake import documents, streamed
from service.intake.model import LIMITS, Record, Unread
from service.intake.model import NotAnArea as NotAnArea  # noqa: PLC0414 - imported from here, as polygons is
from service.kit.errors import Kind, Refused
from service.kit.geo import Coordinates

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = LIMITS.rows
MEDIA_TYPES = ("application/geo+json", "application/geo+json-seq")
_FORMATS = "GeoJSON (a FeatureCollection) and GeoJSONSeq (a Feature a line)"
_MAGIC = (
    (b"PK\x03\x04", "a zip file (KMZ, Shapefile or spreadsheet)"),
    (b"SQLite format 3", "a GeoPackage"),
    (b"<", "XML (KML or GML)"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


def read(content: bytes) -> list[Record]:
    """Return every row, the unreadable ones too, in order.

    Rows count from 1: the line of a sequence, the place in a collection. Raises Refused for what is not GeoJSON as a
    whole: too large, another format, another encoding, broken JSON, another coordinate system, nothing inside.
    """
    if len(content) > MOST_BYTES:
        detail = f"The file has {len(content) >> 20} MiB; at most {MOST_BYTES >> 20} are read."
        raise Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")
    _demand_text(content)
    text = streamed.Text(io.BytesIO(content), LIMITS)
    rows = [one for one in documents.rows(text, documents.Wgs84()) if isinstance(one, Record)]
    if not rows or all(row.unread for row in rows):
        detail = "The file holds no feature that can be read."
        raise Refused(Kind.INVALID, "file-empty", detail, remedy=f"Give {_FORMATS}.")
    if len(rows) > MOST_ROWS:
        detail = f"The file has {len(rows):,} rows; at most {MOST_ROWS:,} are read."
        raise Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")
    return rows


def _demand_text(content: bytes) -> None:
    for magic, what in _MAGIC:
        if content.lstrip()[: len(magic)] == magic:
            detail = f"The file is {what}; read are {_FORMATS}, in UTF-8."
            remedy = "Convert it, as with `ogr2ogr -f GeoJSONSeq -t_srs EPSG:4326 zones.geojsonl FILE`."
            raise Refused(Kind.UNSUPPORTED, "format-unsupported", detail, remedy=remedy)


def polygons(geometry: Any) -> tuple[list[list[Coordinates]], bool]:
    """Return the rings of every polygon in a geometry, and whether points or lines stood beside them.

    Raises NotAnArea.
    """
    if geometry is None:
        raise NotAnArea(Unread.NO_GEOMETRY)
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "it is no object with a type")
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return _collected(geometry.get("geometries"))
    if kind in {"Point", "MultiPoint"}:
        raise NotAnArea(Unread.EVENT)
    if kind in {"LineString", "MultiLineString"}:
        raise NotAnArea(Unread.LINE)
    if kind not in {"Polygon", "MultiPolygon"}:
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{kind[:40]!r} is no type of geometry")
    coordinates = geometry.get("coordinates")
    many = [coordinates] if kind == "Polygon" else coordinates
    return [[_ring(ring) for ring in _items(polygon)] for polygon in _items(many)], False


def _collected(geometries: Any) -> tuple[list[list[Coordinates]], bool]:
    found: list[list[Coordinates]] = []
    beside = False
    last: NotAnArea | None = None
    for one in _items(geometries):
        try:
            some, others = polygons(one)
        except NotAnArea as error:
            if error.reason not in {Unread.EVENT, Unread.LINE}:
                raise
            beside, last = True, error
        else:
            found += some
            beside |= others
    if not found and last is not None:
        raise last
    return found, beside


def _items(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "coordinates are nested wrongly")
    return value


def _ring(positions: Any) -> Coordinates:
    """Return n x 2 numbers, or n x 3 with heights; what follows the third number has no meaning (RFC 7946, 3.1.1)."""
    if not all(isinstance(at, list) and len(at) > 1 for at in _items(positions)):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "a position is no pair of numbers")
    width = 3 if any(len(at) > 2 for at in positions) else 2  # noqa: PLR2004 - a height beside the pair
    if not all(_is_number(value) for at in positions for value in at[:2]):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "a coordinate is no number")
    return np.array([[*map(_decimal, at[:2]), *([0.0] * (width - 2))] for at in positions]).reshape(-1, width)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _decimal(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
