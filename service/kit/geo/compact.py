"""Covers an area with few H3 cells of several resolutions, so that a push can carry them."""

from dataclasses import dataclass, field

import h3.api.basic_int as h3
import shapely

from service.kit.geo.cells import boundary, cell_at, cover, resolution_of, slack_m
from service.kit.geo.plane import Area, buffer_metres, unwrapped, wrapped

COARSEST = 3
FINEST = 7
# So many steps from a cell's middle hold all that it touches of the next resolution, in whose edges it is 2.7 wide.
_STEPS = 4


def compact_cover(area: Area, *, most: int) -> frozenset[int]:
    """Return at most so many cells: each point of the area has its `latlng_to_cell` among them at one resolution.

    Resolutions are 3 to 7, coarser only where so few of resolution 3 do not suffice. Parents do not contain their
    children, so they are never asked: every resolution covers the area itself, and a cell gives way to all cells of
    the next cover that touch it, the one that saves most ground first, while there is room. Raises TooFarNorth;
    ValueError for an area that even the coarsest cannot cover.
    """
    covers = _Covers(area)
    cells = covers.finest_within(most)
    finer = {cell: covers.under(cell) for cell in cells if resolution_of(cell) < FINEST}
    while finer:
        cell = max(finer, key=lambda one: (_km2({one}) - _km2(finer[one] - cells), one))
        instead = finer.pop(cell)
        changed = (cells - {cell}) | instead
        if len(changed) <= most and _km2(instead - cells) < _km2({cell}):
            finer |= {one: covers.under(one) for one in instead - cells if resolution_of(one) < FINEST}
            cells = changed
    return cells


@dataclass(frozen=True, slots=True)
class _Covers:
    """The covers of an area by resolution, each made when it is first asked for."""

    area: Area
    made: dict[int, frozenset[int]] = field(default_factory=dict)

    def at(self, resolution: int) -> frozenset[int]:
        if resolution not in self.made:
            self.made[resolution] = cover(self.area, resolution)
        return self.made[resolution]

    def finest_within(self, most: int) -> frozenset[int]:
        """Return the cover of one resolution that is the finest of at most so many cells."""
        resolution = COARSEST
        while len(self.at(resolution)) > most:
            resolution -= 1
            if resolution < 0:
                raise ValueError(f"{most} cells of any resolution do not cover the area")
        while COARSEST <= resolution < FINEST and len(self.at(resolution + 1)) <= most:
            resolution += 1
        return self.at(resolution)

    def under(self, cell: int) -> frozenset[int]:
        """Return the cells of the next cover that touch a cell: all points that the area has in it are in these."""
        resolution = resolution_of(cell)
        latitude, longitude = h3.cell_to_latlng(cell)
        hexagon = boundary(cell)
        wide = unwrapped(buffer_metres(wrapped(hexagon), 2 * slack_m(hexagon, resolution)))
        middle = shapely.get_x(shapely.centroid(wide))
        around = h3.grid_disk(cell_at(longitude, latitude, resolution + 1), _STEPS)
        near = self.at(resolution + 1) & set(around)
        return frozenset(one for one in near if shapely.intersects(wide, boundary(one, middle)))


def _km2(cells: frozenset[int] | set[int]) -> float:
    return float(sum(h3.cell_area(cell, "km^2") for cell in cells))
