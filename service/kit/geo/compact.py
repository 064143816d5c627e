"""Covers an area with few H3 cells of several resolutions, so that a push can carry them."""

import h3.api.basic_int as h3
import shapely

from service.kit.geo.cells import boundary, cover, resolution_of, slack_m
from service.kit.geo.plane import Area, areal, bounds, buffer_metres, unwrapped, wrapped

COARSEST = 3
FINEST = 7


def compact_cover(area: Area, *, most: int) -> frozenset[int]:
    """Return at most so many cells: each point of the area has its `latlng_to_cell` among them at one resolution.

    Resolutions are 3 to 7, coarser only where so few of resolution 3 do not suffice. Parents do not contain their
    children, so they are never asked: a cell gives way to a cover of the ground that the area has in it, the one with
    most ground beside the area first, while that saves ground and there is room. Raises TooFarNorth; ValueError for an
    area that even the coarsest cannot cover.
    """
    cells = _uniform(area, most)
    inside = {cell: _inside(area, cell) for cell in cells if resolution_of(cell) < FINEST}
    while inside:
        cell = max(inside, key=lambda one: (_km2(one) * (1 - _share(inside[one], one)), one))
        piece = inside.pop(cell)
        finer = frozenset() if piece.is_empty else cover(piece, resolution_of(cell) + 1)
        changed = (cells - {cell}) | finer
        if len(changed) <= most and sum(map(_km2, finer - cells)) < _km2(cell):
            cells = changed
            inside |= {one: _inside(area, one) for one in finer if resolution_of(one) < FINEST}
    return cells


def _uniform(area: Area, most: int) -> frozenset[int]:
    """Return the cover by cells of the finest one resolution that is small enough."""
    resolution = COARSEST
    cells = cover(area, resolution)
    while len(cells) > most:
        resolution -= 1
        if resolution < 0:
            raise ValueError(f"{most} cells of any resolution do not cover the area")
        cells = cover(area, resolution)
    while COARSEST <= resolution < FINEST and len(finer := cover(area, resolution + 1)) <= most:
        resolution, cells = resolution + 1, finer
    return cells


def _inside(area: Area, cell: int) -> Area:
    """Return what an area has in a cell, whose edges are arcs: a little from beside it comes along."""
    west, _, east, _ = bounds(area)
    hexagon = boundary(cell, (west + east) / 2)
    wide = unwrapped(buffer_metres(wrapped(hexagon), slack_m(hexagon, resolution_of(cell))))
    return wrapped(areal(shapely.intersection(unwrapped(area), wide)))


def _share(piece: Area, cell: int) -> float:
    """Return about which part of a cell the piece takes."""
    return min(1.0, piece.area / boundary(cell).area)


def _km2(cell: int) -> float:
    return float(h3.cell_area(cell, "km^2"))
