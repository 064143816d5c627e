"""Turns Esri's JSON, as ArcGIS servers speak it, into GeoJSON: rings into polygons, milliseconds into dates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.intake import features
from service.intake.model import NotAnArea, Record, Unread
from service.kit.errors import Kind, Refused

Ring = list[list[float]]
_MOST_PAGE = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Layer:
    """What a layer says of itself, as far as reading it needs."""

    id_field: str
    dates: frozenset[str]
    page: int
    pages: bool
    ordered: bool
    geojson: bool

    @classmethod
    def of(cls, told: Mapping[str, Any], url: str) -> "Layer":
        """Read a layer's description. Raises Refused for what describes no layer of features."""
        fields = [one for one in told.get("fields") or () if isinstance(one, dict)]
        ids = [str(one.get("name")) for one in fields if one.get("type") == "esriFieldTypeOID"]
        id_field = str(told.get("objectIdField") or (ids[0] if ids else ""))
        most = told.get("maxRecordCount")
        if not id_field.isidentifier() and not id_field.replace(".", "_").isidentifier():
            detail = "The address describes no layer of features with an id for each."
            remedy = "Give the address of one layer, which ends with its number, as in …/FeatureServer/0."
            raise Refused(Kind.INVALID, "layer-unfit", detail, where=url, remedy=remedy)
        able = told.get("advancedQueryCapabilities") or {}
        formats = str(told.get("supportedQueryFormats", "")).casefold()
        return cls(
            id_field=id_field,
            dates=frozenset(str(one.get("name")) for one in fields if one.get("type") == "esriFieldTypeDate"),
            page=min(most, _MOST_PAGE) if isinstance(most, int) and most > 0 else _MOST_PAGE,
            pages=bool(able.get("supportsPagination", told.get("supportsPagination", False))),
            ordered=bool(able.get("supportsOrderBy", True)),
            geojson="geojson" in formats,
        )


def record(row: int, feature: Any, layer: Layer) -> Record:
    """Make a row of one feature, GeoJSON's or Esri's."""
    if not isinstance(feature, dict):
        return features.unreadable(row, str(feature), "it is no Feature")
    told = feature.get("properties" if layer.geojson else "attributes")
    if not isinstance(told, dict):
        return features.unreadable(row, str(feature), "its attributes are no object")
    properties = {name: _dated(value) if name in layer.dates else value for name, value in told.items()}
    made: dict[str, Any] = {"type": "Feature", "properties": properties, "geometry": None}
    if layer.geojson:
        return features.record(row, {**made, "geometry": feature.get("geometry")})
    try:
        made["geometry"] = _geometry(feature.get("geometry"))
    except NotAnArea as error:
        return Record(row, {**made, "why": error.why}, error.reason)
    return Record(row, made)


def id_of(feature: Any, layer: Layer) -> int | None:
    """Return the layer's own number of a feature."""
    if not isinstance(feature, dict):
        return None
    told = feature.get("properties" if layer.geojson else "attributes")
    value = told.get(layer.id_field) if isinstance(told, dict) else None
    value = feature.get("id") if value is None else value
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _dated(value: Any) -> Any:
    """Return milliseconds since 1970 as ISO text, without the time where it is midnight, as sources mean it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        moment = _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return value
    midnight = moment.time() == _EPOCH.time()
    return moment.date().isoformat() if midnight else moment.isoformat().replace("+00:00", "Z")


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
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


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
