"""Covers areas with H3 cells so that no point of an area lies in a cell that was left out."""

import math
import re
from collections.abc import Collection

import h3.api.basic_int as h3
import shapely
from shapely import Polygon

from service.kit.geo.plane import (
    EARTH_RADIUS_M,
    HALF_TURN,
    TURN,
    Area,
    areal,
    bounds,
    buffer_metres,
    unwrapped,
    wrapped,
)

# A cell's edge is an arc on the globe and a straight line in degrees: between them lies up to edge² · tan(latitude)
# / 8R. Edges differ from their mean by up to 1.4 times (twice when squared); some more is for the rounding.
_BOW = 2.5
_LEAST_SLACK_M = 1.0
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{15}")


def cover(area: Area, resolution: int) -> frozenset[int]:
    """Return the cells that hold any point of the area: `latlng_to_cell` of each of its points is among them.

    A few cells that are only nearly touched come along. h3's own overlap search alone misses cells that share a
    sliver with an area on their border, so the result is closed: no neighbour that the area touches is left out.
    Raises TooFarNorth.
    """
    wide = buffer_metres(area, slack_m(area, resolution))
    frame = unwrapped(wide)
    cells = _searched(wide, resolution) | _at_corners(wide, resolution)
    fresh = set(cells)
    middle = _middle(frame)
    shapely.prepare(frame)
    while fresh:
        border = {neighbour for cell in fresh for neighbour in h3.grid_disk(cell, 1)} - cells
        fresh = {cell for cell in border if frame.intersects(boundary(cell, middle))}
        cells |= fresh
    return frozenset(cells)


def cell_at(longitude: float, latitude: float, resolution: int) -> int:
    return int(h3.latlng_to_cell(latitude, longitude, resolution))


def rings(inner: Collection[int], cells: Collection[int]) -> dict[int, int]:
    """Count for each cell the steps from the inner ones (0), walking within `cells`.

    What cannot be reached so comes last, one ring after the farthest.
    """
    wanted = set(cells)
    numbered = dict.fromkeys(wanted & set(inner), 0)
    front, ring = set(numbered), 0
    while front and len(numbered) < len(wanted):
        ring += 1
        front = {near for cell in front for near in h3.grid_disk(cell, 1) if near in wanted and near not in numbered}
        numbered.update(dict.fromkeys(front, ring))
    return numbered | dict.fromkeys(wanted - numbered.keys(), ring)


def disk(cell: int, steps: int) -> list[int]:
    """Return the cells that are at most so many steps away, the cell among them, in the order of their numbers."""
    return sorted(map(int, h3.grid_disk(cell, steps)))


def coarse_outline(area: Area, resolution: int) -> Area:
    """Return the outline of the cells that cover the area: all that may be seen of it is which cells those are."""
    middle = _middle(area)
    return wrapped(areal(shapely.union_all([boundary(cell, middle) for cell in cover(area, resolution)])))


def cell_text(cell: int) -> str:
    """Write a cell as H3 does, in hexadecimal: `8729a1d2bffffff`."""
    return str(h3.int_to_str(cell))


def short_cell_text(cell: int) -> str:
    """Write a cell without the letters f at its end, which only fill its text up to 15 digits: `8729a1d2b`."""
    return cell_text(cell).rstrip("f")


def parse_cell(text: str) -> int:
    """Read a cell as H3 writes it. Raises ValueError for anything else, cells of another mode included."""
    if not _HEXADECIMAL.fullmatch(text) or not h3.is_valid_cell(int(text, 16)):
        raise ValueError(f"{text[:20]!r} is no H3 cell")
    return int(text, 16)


def resolution_of(cell: int) -> int:
    """Return the resolution of a valid cell. Raises ValueError for any other number."""
    if not h3.is_valid_cell(cell):
        raise ValueError(f"{cell} is no H3 cell")
    return int(h3.get_resolution(cell))


def slack_m(area: Area, resolution: int) -> float:
    """Return by how many metres an area has to grow so that arcs and straight edges make no difference."""
    _, south, _, north = area.bounds
    slope = math.tan(math.radians(min(86.0, max(abs(south), abs(north)) + 0.5)))
    edge = h3.average_hexagon_edge_length(resolution, unit="m")
    return _LEAST_SLACK_M + float(_BOW * edge**2 * slope / 8 / EARTH_RADIUS_M)


def _searched(area: Area, resolution: int) -> set[int]:
    return {
        int(cell)
        for part in shapely.get_parts(area)
        for cell in h3.h3shape_to_cells_experimental(_shape(part), resolution, contain="overlap")
    }


def _shape(part: Polygon) -> h3.LatLngPoly:
    outer, *holes = ([(y, x) for x, y in ring.coords[:-1]] for ring in (part.exterior, *part.interiors))
    return h3.LatLngPoly(outer, *holes)


def _at_corners(area: Area, resolution: int) -> set[int]:
    return {cell_at(x, y, resolution) for x, y in shapely.get_coordinates(area)}


def _middle(area: Area) -> float:
    west, _, east, _ = bounds(area)
    return (west + east) / 2


def boundary(cell: int, middle: float | None = None) -> Polygon:
    """Return a cell's outline in degrees, on the side of the antimeridian where the given longitude is, or its own."""
    corners = h3.cell_to_boundary(cell)
    middle = h3.cell_to_latlng(cell)[1] if middle is None else middle
    return Polygon([(middle + (x - middle + HALF_TURN) % TURN - HALF_TURN, y) for y, x in corners])
