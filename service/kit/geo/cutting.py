"""Takes ground out of an outline, or claims ground, so that rounding always errs to the side of danger."""

import math
from collections.abc import Sequence

import numpy as np
import shapely

from service.kit.geo.outlines import GRID_DEGREES, NotOutward, as_stored
from service.kit.geo.plane import EARTH_RADIUS_M, Area, Plane, areal, unwrapped, wrapped

# A centimetre: overlays put the corners that they compute a rounding beside the line.
HAIR_DEGREES = 1e-7
# A tenth of a millimetre: what an overlay of many outlines leaves beside their edges is thinner.
_NOISE_DEGREES = 1e-9
_MARGIN_M = 0.2
_TRIES = 6
_MITRE_LIMIT = 4.0


def cut(public: Area, taken: Area) -> Area:
    """Take ground out of an outline that is shown; every point that `taken` does not cover stays.

    The cut is rounded inward, so that a strip of a few decimetres stays at its edge; the outline comes back as it was
    if no ground wide enough is left to take. Holes stay holes. Raises NotOutward.
    """
    inner = inward(taken)
    if inner is None or not shapely.intersects(public, inner):
        return public
    rest = areal(shapely.difference(public, taken))
    return holding(areal(shapely.difference(public, inner)), [rest])


def inward(area: Area) -> Area | None:
    """Round inward to six decimals: a valid area that the given one covers, None if nothing is left of it."""
    margin = _MARGIN_M
    for _ in range(0 if area.is_empty else _TRIES):
        claimed = as_stored(_on_grid(_moved(area, -margin)))
        if claimed.is_empty:
            return None
        if claimed.is_valid and area.covers(claimed):
            return claimed
        margin *= 3
    return None


def holding(ground: Area, held: Sequence[Area]) -> Area:
    """Round outward to six decimals: a valid area, its holes kept, that covers all that it has to hold.

    Raises NotOutward.
    """
    margin = 0.0
    for _ in range(_TRIES):
        shown = as_stored(_on_grid(ground if margin == 0 else _moved(ground, margin)))
        if shown.is_valid and all(shown.covers(area) for area in held):
            return shown
        margin = 3 * margin or _MARGIN_M
    raise NotOutward(f"no outline within {margin:.1f} m of the ground covers it")


def lies_within(area: Area, other: Area) -> bool:
    """Tell whether an area lies in another one but for a centimetre at its edge."""
    return other.covers(area) or bool(shapely.buffer(other, HAIR_DEGREES, quad_segs=1).covers(area))


def overlap(one: Area, other: Area) -> Area:
    """Return the ground that two areas share; empty where they share no two centimetres' width."""
    shared = areal(shapely.intersection(one, other))
    return areal(shapely.MultiPolygon()) if shapely.buffer(shared, -HAIR_DEGREES).is_empty else shared


def without(area: Area, taken: Area) -> Area:
    """Return the ground of an area that another one does not cover, but for a tenth of a millimetre at its edge.

    Without that an overlay leaves needles along a side that both have.
    """
    return areal(shapely.difference(area, shapely.buffer(taken, _NOISE_DEGREES, quad_segs=1)))


def is_lost(area: Area, others: Sequence[Area]) -> bool:
    """Tell whether an area holds ground that none of the others does, wider than the overlay's own noise."""
    lost = shapely.difference(area, shapely.union_all(list(others)))
    return not shapely.buffer(lost, -_NOISE_DEGREES).is_empty


def pieces(area: Area, other: Area) -> list[Area]:
    """Return the parts of an area that another one does not cover, each a centimetre wider so that it can be held."""
    found = shapely.get_parts(areal(shapely.difference(area, other)))
    return [areal(shapely.buffer(one, HAIR_DEGREES, quad_segs=1)) for one in found if not one.is_empty]


def square_metres(area: Area) -> float:
    """Return the ground of an area on the mean sphere (Lambert's equal-area cylinder)."""
    frame = unwrapped(area)
    flat = shapely.transform(
        frame, lambda at: np.column_stack([np.radians(at[:, 0]), np.sin(np.radians(at[:, 1]))]) * EARTH_RADIUS_M
    )
    return float(flat.area)


# On needles GEOS divides by nothing on the way; what comes out is judged, whatever happened.
@np.errstate(all="ignore")
def _moved(area: Area, metres: float) -> Area:
    """Move every edge outward by so many metres, inward if they are negative."""
    frame = unwrapped(area)
    plane = Plane.around(frame, reach=math.fabs(metres))
    wide = shapely.buffer(plane.flat(frame), metres, join_style="mitre", mitre_limit=_MITRE_LIMIT)
    return wrapped(plane.round(areal(wide))) if not wide.is_empty else areal(wide)


def _on_grid(area: Area) -> Area:
    return area if area.is_empty else areal(shapely.set_precision(area, GRID_DEGREES))
