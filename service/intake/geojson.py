"""Reads GeoJSON (RFC 7946) and newline-delimited GeoJSON (GeoJSONSeq, RFC 8142) as hostile text."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from service.intake.model import Record, Unread
from service.kit.errors import Kind, Refused
from service.kit.geo import Coordinates

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
MOST_DEPTH = 32
MEDIA_TYPES = ("application/geo+json", "application/geo+json-seq")
_FORMATS = "GeoJSON (a FeatureCollection) and GeoJSONSeq (a Feature a line)"
_SEPARATOR = "\x1e"
_BLANKS = " \t\r\n"  # JSON's own; Python counts the separator among the blanks too
_WGS84 = frozenset({"crs84", "ogc:crs84", "epsg:4326", "4326", "wgs84", "wgs 84"})
_MAGIC = (
    (b"PK\x03\x04", "a zip file (KMZ, Shapefile or spreadsheet)"),
    (b"SQLite format 3", "a GeoPackage"),
    (b"<", "XML (KML or GML)"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


class KeysTwice(dict[str, Any]):
    """An object whose source named a key twice: nobody can say which value was meant."""

    key: str = ""


class NotAnArea(ValueError):  # noqa: N818 - names what is wrong
    """A geometry from which no polygons can be read; `why` goes into the reason's sentence."""

    def __init__(self, reason: Unread, why: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.why = why


def read(content: bytes) -> list[Record]:
    """Return every row, the unreadable ones too, in order.

    Rows count from 1: the line of a sequence, the place in a collection. Raises Refused for what is not GeoJSON as a
    whole: too large, another format, another encoding, broken JSON, another coordinate system, nothing inside.
    """
    if len(content) > MOST_BYTES:
        detail = f"The file has {len(content) >> 20} MiB; at most {MOST_BYTES >> 20} are read."
        raise Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")
    rows = list(_rows(_text(content)))
    if not rows or all(row.unread for row in rows):
        detail = "The file holds no feature that can be read."
        raise Refused(Kind.INVALID, "file-empty", detail, remedy=f"Give {_FORMATS}.")
    if len(rows) > MOST_ROWS:
        detail = f"The file has {len(rows):,} rows; at most {MOST_ROWS:,} are read."
        raise Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")
    return rows


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


def _text(content: bytes) -> str:
    for magic, what in _MAGIC:
        if content.lstrip()[: len(magic)] == magic:
            detail = f"The file is {what}; read are {_FORMATS}, in UTF-8."
            remedy = "Convert it, as with `ogr2ogr -f GeoJSONSeq -t_srs EPSG:4326 zones.geojsonl FILE`."
            raise Refused(Kind.UNSUPPORTED, "format-unsupported", detail, remedy=remedy)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        detail = f"The file is not UTF-8: line {line} holds the byte {content[error.start]:#x}."
        remedy = "Convert it, as with `iconv -f CP1251 -t UTF-8`; names would be garbled otherwise."
        raise Refused(Kind.INVALID, "encoding-unknown", detail, where=f"line {line}", remedy=remedy) from None


def _rows(text: str) -> Iterator[Record]:
    """Tell a Feature a line from one document: the first line is a whole Feature, or a separator opens the file."""
    opening = text.lstrip(_BLANKS)
    if not opening:
        return iter(())
    if opening.startswith(_SEPARATOR):
        return _sequence(text.split(_SEPARATOR)[1:])
    if _is_feature(opening.partition("\n")[0]):
        return _sequence(text.split("\n"))
    return _collection(text)


def _is_feature(line: str) -> bool:
    try:
        parsed = _parse(line)
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("type") == "Feature"


def _sequence(parts: Sequence[str]) -> Iterator[Record]:
    for row, part in enumerate(parts, start=1):
        if part.strip():
            yield _line(row, part)


def _line(row: int, part: str) -> Record:
    try:
        return _record(row, _parse(part))
    except ValueError as error:
        return Record(row, {"text": part[:1_000], "why": _why(error)}, Unread.UNREADABLE)


def _collection(text: str) -> Iterator[Record]:
    try:
        document = _parse(text)
    except ValueError as error:
        detail = f"The file is not JSON: {_why(error)}."
        remedy = f"Give {_FORMATS}. A file that broke off in transfer has to be sent again."
        raise Refused(Kind.INVALID, "json-broken", detail, remedy=remedy) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(features, list) or document.get("type") != "FeatureCollection":
        if isinstance(document, dict) and document.get("type") == "Feature":
            features = [document]
        else:
            detail = f"The file is JSON, but no FeatureCollection; read are {_FORMATS}."
            raise Refused(Kind.UNSUPPORTED, "format-unsupported", detail, remedy="Export the areas as GeoJSON.")
    _demand_one_meaning(document)
    for row, feature in enumerate(features, start=1):
        yield _record(row, feature)


def _demand_one_meaning(document: Mapping[str, Any]) -> None:
    if isinstance(document, KeysTwice):
        detail = f"The file names the key {document.key[:40]!r} twice at its top."
        raise Refused(Kind.INVALID, "json-keys-twice", detail, remedy="Keep one of them.")
    system = _foreign_crs(document)
    if system:
        detail = f"The file states the coordinate system {system}; GeoJSON is read as WGS 84."
        remedy = "Convert it with `ogr2ogr -t_srs EPSG:4326`."
        raise Refused(Kind.UNSUPPORTED, "crs-unsupported", detail, remedy=remedy)


def _record(row: int, feature: Any) -> Record:
    """Judge one parsed row as far as its form goes."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return Record(row, {"text": str(feature)[:1_000], "why": "it is no Feature"}, Unread.UNREADABLE)
    if not isinstance(feature.get("properties"), dict | None):
        return Record(row, {**feature, "why": "its properties are no object"}, Unread.UNREADABLE)
    twice = _twice(feature)
    if twice is not None:
        return Record(row, {**feature, "why": repr(twice[:40])}, Unread.KEYS_TWICE)
    if _is_too_deep(feature.get("properties")):
        return Record(row, {"why": "its properties are nested too deeply"}, Unread.UNREADABLE)
    system = _foreign_crs(feature)
    if system:
        return Record(row, {**feature, "why": system}, Unread.WRONG_CRS)
    return Record(row, feature)


def _twice(feature: Mapping[str, Any]) -> str | None:
    waiting: list[Any] = [feature]
    while waiting:
        value = waiting.pop()
        if isinstance(value, KeysTwice):
            return value.key
        if isinstance(value, dict):
            # Coordinates hold no objects: a million of them need not be looked at.
            waiting.extend(inner for key, inner in value.items() if key != "coordinates")
        elif isinstance(value, list):
            waiting.extend(value)
    return None


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _foreign_crs(holder: Mapping[str, Any]) -> str:
    """Return the name of a stated coordinate system that is not WGS 84, the only one of RFC 7946; else nothing."""
    crs = holder.get("crs")
    if crs is None:
        return ""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    short = name.casefold().removeprefix("urn:ogc:def:crs:").replace("1.3:", "").replace("::", ":")
    return "" if short in _WGS84 else repr(name[:60])


def _parse(text: str) -> Any:
    """Parse JSON; every trouble is a ValueError with words. NaN and infinity come through, to be named per row."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    marked = KeysTwice(made)
    seen: set[str] = set()
    marked.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
    return marked


def _why(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return str(error)[:200]
