"""Reads the areas that authors draw: GeoJSON (RFC 7946) polygons in WGS 84."""

from typing import Any

from service.alerts.model import Reason
from service.intake.geojson import polygons
from service.intake.model import NotAnArea
from service.kit import geo
from service.kit.errors import Kind, Refused
from service.kit.geo import Area, Unmendable

MOST_CORNERS = 2_000
_WIDEST_KM = 500.0
_WHERE = "area"


def drawn(geometry: Any) -> Area:
    """Read an area; a ring that crosses itself keeps all ground that it winds around. Raises Refused `area-unfit`."""
    try:
        rings, beside = polygons(geometry)
        corners = sum(len(ring) for polygon in rings for ring in polygon)
        if corners > MOST_CORNERS:
            raise _unfit(f"It has {corners:,} corners; at most {MOST_CORNERS:,} are taken.", "Draw it more simply.")
        area = geo.repair(rings).area
    except NotAnArea as error:
        raise _unfit(f"It is no area: {error.reason.value} {error.why}".rstrip() + ".", _DRAW) from None
    except Unmendable as error:
        raise _unfit(f"It cannot be made an area: {error.flaw.value}.", _DRAW) from None
    if beside:
        raise _unfit("Points or lines stand beside its polygons.", _DRAW)
    west, south, east, north = geo.bounds(area)
    span = max(geo.haversine(west, south, east, south), geo.haversine(0, south, 0, north)) / 1_000
    if span > _WIDEST_KM:
        detail = f"It is {span:,.0f} km wide; at most {_WIDEST_KM:,.0f} km are taken."
        raise _unfit(detail, "Look whether longitude comes first; for a region or country name its `units`.")
    return area


_DRAW = "Send a GeoJSON Polygon or MultiPolygon, longitude first."


def _unfit(detail: str, remedy: str) -> Refused:
    return Refused(Kind.INVALID, Reason.AREA_UNFIT, detail, where=_WHERE, remedy=remedy)
