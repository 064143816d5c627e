"""Makes the outline that may be shown: never smaller than the official one."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Polygon

from service.kit.geo.mending import joined
from service.kit.geo.plane import Area, Plane, areal, filled, unwrapped, wrapped
from service.kit.geo.slim import slimmed

# Six decimals are 0.11 m. Rounding moves a corner by at most 0.08 m; the margin is a little more.
GRID_DEGREES = 1e-6
MARGIN_M = 0.2
_TRIES = 6
MOST_CORNERS_RATIO = 1.3
MITRE_LIMIT = 4.0
_ARC = 2


class NotOutward(AssertionError):  # noqa: N818 - names what is wrong
    """The outline would lose official ground: nothing may be published from it."""


def outward(official: Area, accuracy_m: float) -> Area:
    """Widen by the survey's accuracy, fill holes, round outward to six decimals, with at most 1.3 times the corners.

    The result is valid and covers the official area as it will be read back from its stored bytes.
    Raises NotOutward if that cannot be had, TooFarNorth near the poles.
    """
    return _fitted(official, accuracy_m, [official])


def united(one: Area, other: Area) -> Area:
    """Return an outline on the same grid that covers both, adding at most a few decimetres."""
    if one.covers(other):
        return one
    return _fitted(joined([one, other]), 0, [one, other])


# On needles GEOS and the trimming divide by nothing on the way; what comes out is judged, whatever happened.
@np.errstate(all="ignore")
def _fitted(ground: Area, metres: float, held: Sequence[Area]) -> Area:
    """Widen until what will be stored is valid and covers all that it has to hold."""
    margin = MARGIN_M
    for attempt in range(_TRIES):
        public = as_stored(_rounded(_widened(ground, metres + margin, along_edges=attempt > 0)))
        if public.is_valid and all(public.covers(area) for area in held):
            return public
        margin *= 3
    raise NotOutward(f"no outline within {margin:.1f} m of the accuracy covers the official one")


def as_stored(area: Area) -> Area:
    """Read the area back from the bytes that are kept: what is promised of it is promised of these."""
    return areal(shapely.from_wkb(shapely.to_wkb(area)))


def corners(area: Area) -> int:
    return int(shapely.get_num_coordinates(area))


def _widened(official: Area, metres: float, *, along_edges: bool) -> Area:
    """Widen and fill; `along_edges` also widens every edge by itself, which keeps spikes too thin for an area."""
    frame = unwrapped(official)
    plane = Plane.around(frame, reach=metres)
    flat = plane.flat(frame)
    wide = areal(shapely.buffer(flat, metres, join_style="mitre", mitre_limit=MITRE_LIMIT))
    if along_edges:
        wide = areal(shapely.union_all([wide, shapely.buffer(flat.boundary, metres, quad_segs=_ARC)]))
    parts = [Polygon(part.exterior) for part in shapely.get_parts(wide)]
    spent, allowed = sum(corners(part) for part in parts), math.floor(corners(official) * MOST_CORNERS_RATIO)
    if spent > allowed:
        parts = [slimmed(part, math.floor(corners(part) * allowed / spent) - 1) for part in parts]
    return filled(wrapped(plane.round(areal(shapely.union_all(parts)))))


def _rounded(area: Area) -> Area:
    """Put every corner on the grid; where edges come to touch by that, a hole appears between them and is filled."""
    return filled(areal(shapely.set_precision(area, GRID_DEGREES)))
