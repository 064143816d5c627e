"""Turns the cells of one row into a geometry in WGS 84, by the notation of its table."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from service.intake import degrees, projecting, wkb, wkt
from service.intake.model import Columns, Layout, NotAnArea, Notation, Unread

UNTRUE = ("crs", "bbox")  # what a geometry says of its old system
Cell = Callable[[str | None, Sequence[Any]], str | None]
Placed = tuple[dict[str, Any] | None, float | None]
Reader = Callable[[Sequence[Any]], Placed]


def reader(columns: Columns, cell: Cell, layout: Layout) -> Reader:
    """Return what reads a row: a geometry or None for a row without a place, and the accuracy. It raises NotAnArea."""
    match columns.notation:
        case Notation.WKT:
            projection = projecting.of(layout.crs) if layout.crs else None
            return lambda cells: (_shape(cell(columns.place, cells), projection), None)
        case Notation.PLANE:
            system = projecting.of(layout.crs)
            return lambda cells: _plane(cell(columns.first, cells), cell(columns.second, cells), system)
        case _ if columns.place is not None:
            return lambda cells: _placed(cell(columns.place, cells), columns)
        case Notation.UTM:
            return lambda cells: _utm(cell, cells, columns)
        case _:
            return lambda cells: _degrees(cell(columns.first, cells), cell(columns.second, cells))


def _shape(text: str | None, projection: projecting.Projection | None) -> dict[str, Any] | None:
    if text is None:
        return None
    raw = wkt.binary(text)
    if raw is not None:
        (found,) = wkb.geometries([raw], projection or projecting.Projection())
        if isinstance(found, NotAnArea):
            raise found
        return found
    named = wkt.system(text)
    way = _way(named) if named else projection
    geometry = wkt.parse(text)
    return geometry if way is None or way.transformer is None else moved(geometry, way)


@cache
def _way(system: str) -> projecting.Projection:
    return projecting.of(system)


def moved(geometry: Any, projection: projecting.Projection) -> dict[str, Any]:
    """Return a geometry of GeoJSON's form in WGS 84. Raises NotAnArea for one that is not in its form."""
    if not isinstance(geometry, dict):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "a part of it is no object")
    kept = {key: value for key, value in geometry.items() if key not in UNTRUE}
    if "geometries" in geometry:
        if not isinstance(geometry["geometries"], list):
            raise NotAnArea(Unread.GEOMETRY_BROKEN, "its geometries are no list")
        return {**kept, "geometries": [moved(each, projection) for each in geometry["geometries"]]}
    return {**kept, "coordinates": _moved(geometry.get("coordinates"), projection)}


def _moved(value: Any, projection: projecting.Projection) -> Any:
    if not isinstance(value, list) or not value:
        return value
    if not isinstance(value[0], list):
        return _moved([value], projection)[0]
    if isinstance(value[0][:1], list) and value[0][:1] and isinstance(value[0][0], list):
        return [_moved(each, projection) for each in value]
    try:
        pairs = np.array([[_number(each[0]), _number(each[1])] for each in value])
    except (TypeError, KeyError, IndexError, OverflowError):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "a position is no pair of numbers") from None
    return [[*pair, *each[2:3]] for pair, each in zip(projection.apply(pairs).tolist(), value, strict=True)]


def _number(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return float(value)
    raise TypeError("it is text, a truth value or a list")


def _plane(first: str | None, second: str | None, projection: projecting.Projection) -> Placed:
    if first is None or second is None:
        return None, None
    pair = np.array([[_figure(first), _figure(second)]])
    longitude, latitude = projection.apply(pair)[0].tolist()
    if not math.isfinite(longitude):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{first[:40]} {second[:40]} lie outside the stated system")
    return _point(longitude, latitude), None


def _placed(text: str | None, columns: Columns) -> Placed:
    if text is None:
        return None, None
    if columns.notation is Notation.DEGREES:
        return _point(*degrees.pair(text)), None
    from service.intake import grids  # noqa: PLC0415 - a library that other notations do not need

    is_grid = columns.notation is Notation.MGRS
    place = grids.grid(text) if is_grid else grids.utm(text, s_is_south=columns.s_is_south)
    return _point(place.longitude, place.latitude), place.accuracy_m


def _utm(cell: Cell, cells: Sequence[Any], columns: Columns) -> Placed:
    from service.intake import grids  # noqa: PLC0415 - as above

    zone, easting, northing = (cell(name, cells) for name in (columns.zone, columns.first, columns.second))
    if easting is None or northing is None:
        return None, None
    if zone is None:
        raise NotAnArea(Unread.GEOMETRY_BROKEN, "easting and northing stand there without their zone")
    place = grids.utm_of(zone, _figure(easting), _figure(northing), s_is_south=columns.s_is_south)
    return _point(place.longitude, place.latitude), None


def _degrees(latitude: str | None, longitude: str | None) -> Placed:
    if latitude is None or longitude is None:
        return None, None
    return _point(degrees.one(longitude, "lon"), degrees.one(latitude, "lat")), None


def _figure(text: str) -> float:
    plain = text.replace("\u00a0", "").replace(" ", "")
    # One comma and no point is a decimal comma; a comma before a point parts thousands.
    plain = plain.replace(",", "") if "." in plain else plain.replace(",", ".")
    try:
        figure = float(plain)
    except ValueError:
        figure = math.nan
    if not math.isfinite(figure):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{text[:40]!r} is no number of metres")
    return figure


def _point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}
