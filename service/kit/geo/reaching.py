"""Finds the cells that lie near areas, many areas at once."""

from collections.abc import Sequence
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from service.kit.geo.cells import boundary, cover, slack_m
from service.kit.geo.many import array_of
from service.kit.geo.plane import Area, buffer_metres

# What `cover(buffer_metres(…))` finds is found here too: its chords, its flat map and its slack reach farther than the
# metres by at most 4.4 % and three slacks, up to these bounds. Beyond them it is asked itself.
_FARTHER = 1.06
_SLACKS = 3
_NORTHMOST = 70.0
_EASTMOST = 175.0
# A ring of neighbours holds all that is nearer to the cell in the middle than this part of an edge.
_NEAR = 0.6
_CACHED_CELLS = 4_096


def cells_near(areas: Sequence[Area], metres: float, resolution: int) -> list[frozenset[int]]:
    """Return for each area every cell of which a point lies within so many metres of it, and few that are farther.

    Each holds what `cover(buffer_metres(area, metres), resolution)` holds, and that is what it costs to ask for one
    that is large or far north. Raises TooFarNorth.
    """
    outlines = array_of(areas)
    box = shapely.bounds(outlines)
    middles = np.column_stack([box[:, [0, 2]].mean(axis=1), box[:, [1, 3]].mean(axis=1)])
    easy = _is_easy(box, metres, resolution)
    found: list[frozenset[int]] = [frozenset()] * len(outlines)
    for at in np.flatnonzero(~easy).tolist():
        found[at] = cover(buffer_metres(areas[at], metres), resolution)
    here = {at: h3.latlng_to_cell(middles[at, 1], middles[at, 0], resolution) for at in np.flatnonzero(easy).tolist()}
    cells = sorted({int(near) for cell in set(here.values()) for near in h3.grid_disk(cell, 1)})
    if cells:
        _search(outlines, np.array(list(here)), (cells, metres), found)
    return found


def _search(
    outlines: npt.NDArray[np.object_], easy: npt.NDArray[np.int64], sought: tuple[list[int], float],
    found: list[frozenset[int]],
) -> None:  # fmt: skip
    cells, metres = sought
    tree = shapely.STRtree([_widened(cell, metres) for cell in cells])
    asked, met = tree.query(outlines[easy], predicate="intersects")
    for at, many in zip(easy, np.split(met, np.flatnonzero(np.diff(asked)) + 1), strict=True):
        found[at] = frozenset(cells[one] for one in many)


def _is_easy(box: npt.NDArray[np.float64], metres: float, resolution: int) -> npt.NDArray[np.bool_]:
    """Tell which areas are so small and so far south that one ring of neighbours holds all that is near."""
    high = (box[:, 3] - box[:, 1]) * 111_700
    wide = (box[:, 2] - box[:, 0]) * 111_700
    reach = np.hypot(high, wide) / 2 + metres * _FARTHER
    small = reach < _NEAR * h3.average_hexagon_edge_length(resolution, unit="m")
    inside = (np.abs(box[:, [1, 3]]).max(axis=1) < _NORTHMOST) & (np.abs(box[:, [0, 2]]).max(axis=1) < _EASTMOST)
    easy: npt.NDArray[np.bool_] = small & inside
    return easy


@lru_cache(maxsize=_CACHED_CELLS)
def _widened(cell: int, metres: float) -> Area:
    """Return everything within so many metres, and some more, of a cell."""
    outline: Polygon = boundary(cell)
    slack = slack_m(outline, h3.get_resolution(cell))
    wide = buffer_metres(outline, metres * _FARTHER + _SLACKS * slack)
    shapely.prepare(wide)
    return wide
