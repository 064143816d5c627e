"""Takes corners from an outline so that it only ever grows."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from service.kit.geo.plane import Coordinates

_TRIANGLE = 3
# Taking many corners at once saves passes over a long outline; the cheapest quarter is never far from the best choice.
_SHARE = 4
# A corner that now lies on a prolonged edge lies a rounding beside it.
_HAIR = 0.001


def slimmed(outline: Polygon, corners: int) -> Polygon:
    """Return an outline without holes of at most `corners` corners (the closing one not counted), where it can.

    Every step adds one triangle: it drops a corner that points inward, or prolongs two edges over the edge between
    them. The outline comes back as it was where a step would tangle it. Flat coordinates, in metres.
    """
    ring = np.asarray(shapely.orient_polygons(outline).exterior.coords)[:-1]
    while len(ring) > max(corners, _TRIANGLE):
        surplus = len(ring) - max(corners, _TRIANGLE)
        fewer = _pass(ring, max(1, surplus // _SHARE))
        if len(fewer) == len(ring):
            break
        ring = fewer
    slim = Polygon(ring)
    return slim if slim.is_valid and shapely.buffer(slim, _HAIR).covers(outline) else outline


def _pass(ring: Coordinates, take: int) -> Coordinates:
    """Take up to `take` corners, the smallest added ground first, none of them beside another."""
    costs, replacements = _choices(ring)
    size = len(ring)
    taken: dict[int, Coordinates] = {}
    touched = np.zeros(size, dtype=bool)
    for index in np.argsort(costs):
        around = np.arange(index - 1, index + 3) % size
        if len(taken) == take or not np.isfinite(costs[index]):
            break
        if not touched[around].any():
            touched[around] = True
            taken[int(index)] = replacements[index]
    return _rebuilt(ring, taken)


def _rebuilt(ring: Coordinates, taken: dict[int, Coordinates]) -> Coordinates:
    """Put each replacement in place of its corner and the next; NaN marks a corner that just goes."""
    kept = ring.copy()
    gone = np.zeros(len(ring), dtype=bool)
    for index, replacement in taken.items():
        gone[index] = True
        if np.isfinite(replacement).all():
            kept[(index + 1) % len(ring)] = replacement
    return kept[~gone]


def _choices(ring: Coordinates) -> tuple[npt.NDArray[np.float64], Coordinates]:
    """For every corner: the ground that taking it adds (infinite where it cannot go) and what replaces the next."""
    before, after, beyond = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0), np.roll(ring, -2, axis=0)
    arriving, edge, leaving = ring - before, after - ring, beyond - after
    turn, next_turn = _cross(arriving, edge), _cross(edge, leaving)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = _cross(edge, leaving) / _cross(arriving, leaving)
        tip = ring + arriving * along[:, None]
    possible = (turn > 0) & (next_turn > 0) & (along > 0) & np.isfinite(along)
    prolonged = np.where(possible, np.abs(_cross(edge, tip - ring)) / 2, np.inf)
    dropped = np.where(turn <= 0, np.abs(turn) / 2, np.inf)
    replacements = np.where((dropped <= prolonged)[:, None], np.nan, tip)
    return np.minimum(dropped, prolonged), replacements


def _cross(one: Coordinates, other: Coordinates) -> npt.NDArray[np.float64]:
    crossed: npt.NDArray[np.float64] = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return crossed
