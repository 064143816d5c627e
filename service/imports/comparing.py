"""Compares outlines: the same but for how formats round them, grown, shrunk, moved away."""

import math
from dataclasses import dataclass

import shapely

from service.kit import geo
from service.kit.geo import Area

# Five centimetres in degrees of latitude.
_SAME_DEGREES = 4.5e-7


@dataclass(frozen=True, slots=True)
class Displaced:
    """How ground that is shown would change: `grows` adds some, `shrinks` leaves some, `moves` goes elsewhere."""

    grows: bool
    shrinks: bool
    moves: bool


def same(one: Area, other: Area) -> bool:
    """Tell whether two outlines lie within 5 cm of each other everywhere, however their rings begin and turn."""
    if not shapely.box(*one.bounds).buffer(_SAME_DEGREES).intersects(shapely.box(*other.bounds)):
        return False
    first, second = _to_scale(one, one), _to_scale(other, one)
    if shapely.equals_exact(first, second, tolerance=_SAME_DEGREES, normalize=True):
        return True
    return bool(first.buffer(_SAME_DEGREES).covers(second) and second.buffer(_SAME_DEGREES).covers(first))


def _to_scale(area: Area, around: Area) -> Area:
    """Make degrees of longitude as long as those of latitude are."""
    narrow = math.cos(math.radians(around.bounds[1]))
    scaled: Area = shapely.transform(area, lambda at: at * (narrow, 1.0))
    return scaled


def within(inner: Area, outer: Area) -> bool:
    """Tell whether an outline leaves another by 5 cm nowhere."""
    return bool(outer.buffer(_SAME_DEGREES).covers(inner))


def displaced(shown: Area, wanted: Area, official: tuple[Area, Area], accuracy_m: float) -> Displaced:
    """Judge what is shown against what a row would have shown; `official` holds the outline on record and the row's.

    Ground has moved if some is left and some is added, and the middle lies farther off than the survey's error or
    than the area is wide.
    """
    shrinks, grows = not wanted.covers(shown), not shown.covers(wanted)
    return Displaced(grows, shrinks, moves=shrinks and grows and _went_away(*official, accuracy_m))


def _went_away(before: Area, after: Area, accuracy_m: float) -> bool:
    (x, y), (east, north) = ((area.centroid.x, area.centroid.y) for area in (before, after))
    west_edge, south_edge, east_edge, north_edge = before.bounds
    width = geo.haversine(west_edge, south_edge, east_edge, north_edge)
    return geo.haversine(x, y, east, north) > min(width, accuracy_m)
