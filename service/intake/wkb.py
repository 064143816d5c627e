"""Reads WKB (OGC 06-103r4, ISO 13249-3) and PostGIS's EWKB into the coordinates of GeoJSON."""

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.intake.model import LIMITS, NotAnArea, Record, Unread
from service.intake.projecting import Projection

Numbers = NDArray[np.float64]
Geometry = dict[str, Any]
_TYPES = {
    1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon",
    7: "GeometryCollection",
}  # fmt: skip  # a table reads better in lines
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
_DEEPEST = 8
_PAIR = 2
_GEOPACKAGE_HEADER = 8
_GEOPACKAGE_ENVELOPES = (0, 32, 48, 48, 64)


@dataclass
class _Cursor:
    """Walks through one geometry; every ring and line it meets is kept in `leaves`, in order."""

    data: bytes
    at: int = 0
    corners: int = 0
    leaves: list[Numbers] = field(default_factory=list)

    def unpack(self, form: str) -> int:
        size = struct.calcsize(form)
        if self.at + size > len(self.data):
            raise NotAnArea(Unread.GEOMETRY_BROKEN, "its binary form breaks off")
        (found,) = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return int(found)

    def leaf(self, order: str, count: int, width: int, *, height: bool) -> Numbers:
        size = 8 * width * count
        self.corners += count
        if self.at + size > len(self.data):
            raise NotAnArea(Unread.GEOMETRY_BROKEN, "its binary form breaks off")
        if self.corners > LIMITS.vertices:
            raise NotAnArea(Unread.GEOMETRY_BROKEN, f"it has more than {LIMITS.vertices:,} corners")
        found = np.frombuffer(self.data, f"{order}f8", width * count, self.at).reshape(-1, width)
        self.at += size
        kept = found[:, :3] if height and not np.isnan(found[:, 2]).any() else found[:, :2]
        self.leaves.append(kept)
        return kept


def geometries(parts: Sequence[bytes | None], projection: Projection) -> list[Geometry | NotAnArea | None]:
    """Return each geometry in WGS 84, None for none, or what is wrong with it; all are projected at once."""
    read = [_parsed(part) for part in parts]
    leaves = [leaf for one in read if not isinstance(one, NotAnArea | None) for leaf in one[1].leaves]
    lists = iter(_projected(leaves, projection))
    return [one if isinstance(one, NotAnArea | None) else _spelled(one[0], lists) for one in read]


def record(row: int, properties: dict[str, Any], geometry: Geometry | NotAnArea | None) -> Record:
    feature: dict[str, Any] = {"type": "Feature", "properties": properties, "geometry": None}
    if isinstance(geometry, NotAnArea):
        return Record(row, {**feature, "why": geometry.why}, geometry.reason)
    feature["geometry"] = geometry
    return Record(row, feature)


def within_geopackage(blob: Any) -> bytes | None:
    """Return the WKB after GeoPackage's header, None for an empty geometry; another thing becomes a broken one."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < _GEOPACKAGE_HEADER:
        return b""
    flags = blob[3]
    envelope = (flags >> 1) & 7
    if envelope >= len(_GEOPACKAGE_ENVELOPES):
        return b""
    return blob[_GEOPACKAGE_HEADER + _GEOPACKAGE_ENVELOPES[envelope] :]


def _parsed(part: bytes | None) -> tuple[Geometry, _Cursor] | NotAnArea | None:
    if part is None:
        return None
    cursor = _Cursor(part)
    try:
        return _geometry(cursor, 0), cursor
    except NotAnArea as error:
        return error


def _geometry(cursor: _Cursor, depth: int) -> Geometry:
    order = "<" if cursor.unpack("B") == 1 else ">"
    code = cursor.unpack(f"{order}I")
    flat = code & 0xFFFF
    height = bool(code & _EWKB_Z) or flat // 1000 in {1, 3}
    measure = bool(code & _EWKB_M) or flat // 1000 in {2, 3}
    if code & _EWKB_SRID:
        cursor.unpack(f"{order}I")
    kind = _TYPES.get(flat % 1000)
    if kind is None or depth > _DEEPEST:
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"its binary form is of the unknown type {flat}")
    width = 2 + height + measure
    if kind == "Point":
        return {"type": kind, "coordinates": cursor.leaf(order, 1, width, height=height)}
    count = cursor.unpack(f"{order}I")
    if kind == "LineString":
        return {"type": kind, "coordinates": cursor.leaf(order, count, width, height=height)}
    if kind == "Polygon":
        rings = [cursor.leaf(order, cursor.unpack(f"{order}I"), width, height=height) for _ in range(count)]
        return {"type": kind, "coordinates": rings}
    parts = [_geometry(cursor, depth + 1) for _ in range(count)]
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": parts}
    return {"type": kind, "coordinates": [part.get("coordinates") for part in parts]}


def _projected(leaves: Sequence[Numbers], projection: Projection) -> Iterator[list[list[float]]]:
    if not leaves:
        return
    together = projection.apply(np.concatenate([leaf[:, :2] for leaf in leaves]))
    at = 0
    for leaf in leaves:
        moved = together[at : at + len(leaf)]
        at += len(leaf)
        yield (moved if leaf.shape[1] == _PAIR else np.column_stack([moved, leaf[:, 2]])).tolist()


def _spelled(geometry: Geometry, lists: Iterator[list[list[float]]]) -> Geometry:
    """Put the projected numbers in the place of the arrays, in the same order."""
    if "geometries" in geometry:
        return {**geometry, "geometries": [_spelled(each, lists) for each in geometry["geometries"]]}
    found = _filled(geometry["coordinates"], lists)
    if geometry["type"] == "Point":
        (position,) = found
        # An empty point is written as NaN.
        return {"type": "Point", "coordinates": [] if math.isnan(position[0]) else position}
    if geometry["type"] == "MultiPoint":
        found = [position for (position,) in found]
    return {"type": geometry["type"], "coordinates": found}


def _filled(coordinates: Any, lists: Iterator[list[list[float]]]) -> Any:
    if isinstance(coordinates, list):
        return [_filled(each, lists) for each in coordinates]
    return next(lists)
