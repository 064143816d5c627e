"""Finds which outlines a point lies in or near to, and how many metres away."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry, Point

from service.kit.geo.grid import Grid
from service.kit.geo.packed import Packed, Rows, nearest_by_hand, nearest_of_many
from service.kit.geo.plane import EARTH_RADIUS_M, HALF_TURN, SHORTEST_DEGREE_M, TURN, Area, haversine

_NEAREST_POLE = 89.9
_FAR_DEGREES = 0.05
_DEGREE_M = math.radians(EARTH_RADIUS_M)
# Beyond so many corners arrays are faster than plain Python.
_MANY = 96
# Searches wider than this (some 7 km to either side at the equator) ask the tree.
_SMALL_DEGREES = 0.13
_MOST_WIDE = 50
# Nearer than this a rounding decides on which side of an edge a point lies: it counts as on it.
_ON_EDGE_M = 0.005


class Near(NamedTuple):
    """An outline near a point: 0 metres means that the point lies in it or on its edge."""

    row: int
    metres: float


def distance_m(longitude: float, latitude: float, area: Area) -> float:
    """Return the metres (haversine) from a point to an area whose edges are straight in degrees; 0 inside or on it.

    The answer is exact to the decimetre within 20 km up to 85 degrees, and to 1 in 1,000 within 200 km.
    """
    outlines = np.array([area], dtype=object)
    return min(float(_metres(longitude + turn, latitude, outlines)[0]) for turn in (-TURN, 0, TURN))


@dataclass(frozen=True, slots=True)
class OutlineIndex:
    """Outlines by their row, never changed after it is made; threads may share it.

    The tree holds a diagonal of each outline's box and nothing else. What is asked most, a few kilometres around a
    place, is found in the grid: alone the tree is faster, but in a server each library that a request calls pushes the
    others out of the processor's caches.
    """

    outlines: Packed = field(default_factory=Packed)
    tree: shapely.STRtree = field(default_factory=lambda: shapely.STRtree([]))
    # The same as in `outlines`: a number out of this is had ten times as fast.
    starts: "array[int]" = field(default_factory=lambda: array("q"))
    grid: Grid = field(default_factory=Grid)

    @classmethod
    def of(cls, outlines: Packed) -> "OutlineIndex":
        diagonals = np.asarray(shapely.linestrings(outlines.boxes.reshape(-1, 2, 2)), dtype=object)
        tree = shapely.STRtree(diagonals)
        tree.query(Point(0, 0))  # it is built by its first question, which should be no caller's
        return cls(outlines, tree, array("q", outlines.starts.tobytes()), Grid.of(outlines.boxes))

    def __len__(self) -> int:
        return len(self.outlines)

    def containing(self, longitude: float, latitude: float) -> list[int]:
        """Return the rows of all outlines that hold the point, their edges included."""
        return sorted(near.row for near in self.within(longitude, latitude, 0.0))

    def within(self, longitude: float, latitude: float, metres: float) -> list[Near]:
        """Return every outline at most so many metres away, the nearest first; exact to the decimetre within 10 km."""
        return [Near(row, away) for away, row in self.around(longitude, latitude, metres)]

    def around(self, longitude: float, latitude: float, metres: float) -> list[tuple[float, int]]:
        """Return the same as plain pairs of metres and row: for whoever answers thousands a second."""
        if not len(self):
            return []
        wide, high = reach_of(latitude, metres + _ON_EDGE_M)
        found = []
        for x in _ways(longitude, wide):
            rows = self._met(x - wide, latitude - high, x + wide, latitude + high)
            found += self._measured(rows, x, latitude, high)
        found.sort()
        # An outline that is cut at the antimeridian may be met from both sides: its nearer side counts.
        once = found if abs(longitude) + wide < HALF_TURN else _each_once(found)
        return [one for one in once if one[0] <= metres]

    def _met(self, west: float, south: float, east: float, north: float) -> list[int]:
        """Return the rows whose boxes meet this one."""
        if east - west > _SMALL_DEGREES or len(self.grid.wide) > _MOST_WIDE:
            met: list[int] = self.tree.query(shapely.box(west, south, east, north)).tolist()
            return met
        return self.grid.meeting(west, south, east, north)

    def _measured(self, rows: Sequence[int], x: float, y: float, reach: float) -> list[tuple[float, int]]:
        """Return the metres from a point to each row, and the row."""
        starts, corners = self.starts, self.outlines.corners
        found = []
        for row in rows:
            begin, end = starts[row], starts[row + 1]
            if end - begin > _MANY:
                foot = nearest_of_many(corners[begin:end], x, y, reach)
            else:
                foot = nearest_by_hand(corners[begin:end].tolist(), x, y)
            found.append((0.0 if foot is None else _metres_off(y, *foot), row))
        return found

    def in_box(self, west: float, south: float, east: float, north: float) -> Rows:
        """Return, in ascending order, the rows whose boxes meet this one; east may pass 180 over the antimeridian."""
        boxes = [
            shapely.box(west + turn, south, east + turn, north)
            for turn in (-TURN, 0, TURN)
            if west + turn <= HALF_TURN and east + turn >= -HALF_TURN
        ]
        found = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *map(self.tree.query, boxes)]))
        cut = self.outlines.boxes[found, 2] - self.outlines.boxes[found, 0] > HALF_TURN
        apart = [row for row in found[cut].tolist() if not self._part_meets(row, boxes)]
        return found[~np.isin(found, apart)] if apart else found

    def _part_meets(self, row: int, boxes: Sequence[Geometry]) -> bool:
        """Tell whether a part's box meets one: that of an outline cut at 180 degrees reaches around the globe."""
        parts = shapely.box(*shapely.bounds(shapely.get_parts(self.outlines.area(row))).T)
        return any(bool(shapely.intersects(parts, one).any()) for one in boxes)


def _metres_off(y: float, east: float, north: float) -> float:
    """Return the metres to a point so many degrees away: of the globe's distance to the millimetre within 10 km."""
    if east == math.inf:
        return math.inf
    away = _DEGREE_M * math.hypot(east * math.cos(math.radians(y + north / 2)), north)
    return 0.0 if away < _ON_EDGE_M else away


def _each_once(found: list[tuple[float, int]]) -> list[tuple[float, int]]:
    nearest: dict[int, float] = {}
    for away, row in found:
        nearest.setdefault(row, away)
    return [(away, row) for row, away in nearest.items()]


def reach_of(latitude: float, metres: float) -> tuple[float, float]:
    """Return how many degrees to either side and up and down hold everything within the metres."""
    high = metres / SHORTEST_DEGREE_M
    across = math.cos(math.radians(min(_NEAREST_POLE, abs(latitude) + high)))
    return min(float(HALF_TURN), high / across), high


def _ways(longitude: float, wide: float) -> list[float]:
    """Name a longitude the other ways that a search so wide has to look for it, beyond 180 degrees."""
    if abs(longitude) + wide < HALF_TURN:
        return [longitude]
    return [longitude + turn for turn in (-TURN, 0, TURN) if abs(longitude + turn) - wide <= HALF_TURN]


def _metres(longitude: float, latitude: float, outlines: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Measure to each outline: find its nearest point on a flat map around the point, then take the globe's distance.

    A nearest point that is slightly off costs only the square of its error, as distance is flat around its minimum
    (2 cm at 2 km and 84 degrees); a second map, drawn half-way to the first answer, takes care of long distances.
    """
    if not len(outlines):
        return np.array([])
    found = _nearest(longitude, latitude, outlines, np.full(len(outlines), latitude))
    if np.abs(found[:, 1] - latitude).max() > _FAR_DEGREES:
        found = _nearest(longitude, latitude, outlines, (latitude + found[:, 1]) / 2)
    return np.array([haversine(longitude, latitude, x, y) for x, y in found.tolist()])


def _nearest(
    longitude: float, latitude: float, outlines: npt.NDArray[np.object_], middles: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the point of each outline that is nearest on a map that is true to scale at the given latitude."""
    narrow = np.cos(np.radians(np.clip(middles, -_NEAREST_POLE, _NEAREST_POLE)))
    _, owners = shapely.get_coordinates(outlines, return_index=True)
    scale = np.column_stack([narrow[owners], np.ones(len(owners))])
    flat = shapely.transform(outlines, lambda at: (at - (longitude, latitude)) * scale)
    lines = shapely.shortest_line(Point(0, 0), flat)
    ends = shapely.get_coordinates(shapely.get_point(lines, -1))
    there: npt.NDArray[np.float64] = ends / np.column_stack([narrow, np.ones(len(narrow))]) + (longitude, latitude)
    return there
