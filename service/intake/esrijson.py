"""Turns Esri's JSON, as ArcGIS servers speak it, into GeoJSON: rings become polygons, and no ground gets lost."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from service.intake import features
from service.intake.documents import Form
from service.intake.model import NotAnArea, Record, Unread

Ring = list[list[float]]
_LAST_OF_EPSG = 32_767
_WGS84 = 4326
_FARTHEST = 1e12


def record(row: int, feature: Any, depth: int = features.MOST_DEPTH) -> Record:
    """Make a row of one feature."""
    deep, twice = features.examined(feature, depth)
    if deep:
        return Record(row, {"why": "it is nested too deeply"}, Unread.UNREADABLE)
    told = feature.get("attributes") if isinstance(feature, dict) else None
    if not isinstance(told, dict):
        return features.unreadable(row, str(feature), "it is no feature with attributes")
    made: dict[str, Any] = {"type": "Feature", "properties": told, "geometry": None}
    if twice is not None:
        return Record(row, {**made, "why": repr(twice[:40])}, Unread.KEYS_TWICE)
    try:
        made["geometry"] = _geometry(feature.get("geometry"))
    except NotAnArea as error:
        return Record(row, {**made, "why": error.why}, error.reason)
    return Record(row, made)


def system(document: Mapping[str, Any]) -> str | None:
    """Return the coordinate system of an answer; Esri's own numbers begin where EPSG's end."""
    told = document.get("spatialReference")
    if told is None:
        return None
    if not isinstance(told, dict):
        return ""
    number = told.get("latestWkid", told.get("wkid"))
    if isinstance(number, int) and not isinstance(number, bool):
        return features.WGS84 if number == _WGS84 else f"{'EPSG' if number <= _LAST_OF_EPSG else 'ESRI'}:{number}"
    wkt = told.get("wkt")
    return wkt if isinstance(wkt, str) else ""


FORM = Form(record, system, "spatialReference", typed=False)


def _geometry(geometry: Any) -> dict[str, Any] | None:
    if geometry is None:
        return None
    shapes: dict[str, Callable[[Any], dict[str, Any]]] = {
        "rings": _areas,
        "paths": lambda paths: {"type": "MultiLineString", "coordinates": paths},
        "points": lambda points: {"type": "MultiPoint", "coordinates": points},
    }
    if isinstance(geometry, dict):
        for name, made in shapes.items():
            if name in geometry:
                return made(geometry[name])
        if "x" in geometry and "y" in geometry:
            absent = geometry["x"] in (None, "NaN")
            return None if absent else {"type": "Point", "coordinates": [geometry["x"], geometry["y"]]}
    raise NotAnArea(Unread.GEOMETRY_BROKEN, "it has curves, or is of an unknown kind")


def _areas(rings: Any) -> dict[str, Any]:
    """Sort rings by their direction: clockwise ones are outlines, the others holes of the outline around them.

    A hole that lies in no outline is taken as an outline of its own: ground must not get lost by a wrong direction.
    """
    if not isinstance(rings, list) or not all(map(_is_ring, rings)):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "its rings are no lists of positions")
    outlines = [[ring] for ring in rings if _area(ring) <= 0]
    for ring in (ring for ring in rings if _area(ring) > 0):
        around = [outline for outline in outlines if _contains(outline[0], ring)]
        if around:
            min(around, key=lambda outline: -_area(outline[0])).append(ring)
        else:
            outlines.append([ring])
    if len(outlines) == 1:
        return {"type": "Polygon", "coordinates": outlines[0]}
    return {"type": "MultiPolygon", "coordinates": outlines}


def _is_ring(ring: Any) -> bool:
    return isinstance(ring, list) and all(isinstance(at, list) and len(at) > 1 and _are_numbers(at[:2]) for at in ring)


def _are_numbers(values: Sequence[Any]) -> bool:
    """Whether these can be places of any system; a whole number may be longer than any float."""
    return all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < _FARTHEST for one in values)


def _area(ring: Ring) -> float:
    """Return twice the area, negative for a clockwise ring."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))


def _contains(outline: Ring, ring: Ring) -> bool:
    """Whether the outline goes around the first corner of the ring that is not one of its own."""
    corners = {(at[0], at[1]) for at in outline}
    x, y = next(((at[0], at[1]) for at in ring if (at[0], at[1]) not in corners), (ring[0][0], ring[0][1]))
    inside = False
    for a, b in zip(outline, outline[1:] + outline[:1], strict=True):
        if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
            inside = not inside
    return inside
