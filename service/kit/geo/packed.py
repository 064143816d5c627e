"""Keeps outlines as plain numbers: 16 bytes a corner, where an object of its own takes a kilobyte an outline."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon

from service.kit.geo.plane import Area, Coordinates

Rows = npt.NDArray[np.int64]

# Between two rings of one outline stands a row that is no corner: NaN, and what begins after it.
_PART = 1.0
_HOLE = 0.0


def _no_corners() -> Coordinates:
    return np.empty((0, 2))


def _no_boxes() -> Coordinates:
    return np.empty((0, 4))


def _one_start() -> Rows:
    return np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Packed:
    """Outlines one after another, each ring closed, never changed after it is made; threads may share it.

    The corners of row n are `corners[starts[n]:starts[n + 1]]`; `boxes` holds west, south, east, north of each row.
    """

    corners: Coordinates = field(default_factory=_no_corners)
    starts: Rows = field(default_factory=_one_start)
    boxes: Coordinates = field(default_factory=_no_boxes)

    @classmethod
    def of(cls, areas: Sequence[Area]) -> "Packed":
        outlines = np.array(areas, dtype=object)
        parts, part_of = shapely.get_parts(outlines, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        corners, corner_ring = shapely.get_coordinates(rings, return_index=True)
        owner = part_of[ring_part]
        begins_part = np.diff(ring_part, prepend=-1) != 0
        marked = np.flatnonzero(np.diff(owner, prepend=-1) == 0)
        if len(marked):
            at = np.searchsorted(corner_ring, marked)
            marks = np.column_stack([np.full(len(marked), np.nan), np.where(begins_part[marked], _PART, _HOLE)])
            corners = np.insert(corners, at, marks, axis=0)
            corner_ring = np.insert(corner_ring, at, marked)
        starts = np.searchsorted(owner[corner_ring], np.arange(len(outlines) + 1))
        return cls(corners, starts.astype(np.int64), shapely.bounds(outlines).reshape(-1, 4))

    @classmethod
    def joined(cls, parts: Sequence["Packed"]) -> "Packed":
        """Put the rows of several behind one another."""
        counts = [np.diff(part.starts) for part in parts]
        starts = np.concatenate([[0], np.cumsum(np.concatenate([np.empty(0, dtype=np.int64), *counts]))])
        corners = np.concatenate([_no_corners(), *(part.corners for part in parts)])
        return cls(corners, starts.astype(np.int64), np.concatenate([_no_boxes(), *(part.boxes for part in parts)]))

    def __len__(self) -> int:
        return len(self.boxes)

    def taken(self, rows: Rows) -> "Packed":
        """Return only these rows, in this order."""
        at, owners = self.gathered(rows)
        starts = np.searchsorted(owners, np.arange(len(rows) + 1))
        return Packed(self.corners[at], starts.astype(np.int64), self.boxes[rows])

    def gathered(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return where the corners of the rows stand, one row after another, and to which of `rows` each belongs."""
        counts = self.starts[rows + 1] - self.starts[rows]
        owners = np.repeat(np.arange(len(rows)), counts)
        ahead = np.cumsum(counts) - counts
        return np.arange(len(owners)) - (ahead - self.starts[rows])[owners], owners

    def area(self, row: int) -> Area:
        """Return one outline as an area, corner for corner as it came."""
        flat = self.corners[self.starts[row] : self.starts[row + 1]]
        marks = np.flatnonzero(np.isnan(flat[:, 0])).tolist()
        rings = [
            flat[start:end] for start, end in zip([0, *(mark + 1 for mark in marks)], [*marks, len(flat)], strict=True)
        ]
        parts = [[rings[0]]]
        for mark, ring in zip(marks, rings[1:], strict=True):
            if flat[mark, 1] == _PART:
                parts.append([])
            parts[-1].append(ring)
        polygons = [Polygon(outer, holes) for outer, *holes in parts]
        return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def nearest_by_hand(corners: Sequence[Sequence[float]], x: float, y: float) -> tuple[float, float] | None:
    """Return the degrees from a point to the nearest point of an outline, or None if it lies inside.

    Nearest on a map that is true to scale at y. Plain Python: for a few dozen corners faster than calling any library.
    Rows of NaN fall out by themselves, as every comparison with NaN is false.
    """
    narrow = math.cos(math.radians(y))
    from_x, from_y = (corners[0][0] - x) * narrow, corners[0][1] - y
    near_x, near_y = from_x, from_y
    best = from_away = from_x * from_x + from_y * from_y
    inside, was_north = False, from_y > 0
    for longitude, latitude in corners:
        to_x, to_y = (longitude - x) * narrow, latitude - y
        to_away = to_x * to_x + to_y * to_y
        if to_away < best:
            best, near_x, near_y = to_away, to_x, to_y
        step_x, step_y = to_x - from_x, to_y - from_y
        along = -from_x * step_x - from_y * step_y
        # The foot of the perpendicular counts where it lies between the two corners.
        if along > 0:
            length = step_x * step_x + step_y * step_y
            if along < length and from_away - along * along / length < best:
                best = from_away - along * along / length
                near_x, near_y = from_x + along / length * step_x, from_y + along / length * step_y
        north = to_y > 0
        if north != was_north:
            # A ray to the east crosses this edge.
            if from_x - from_y * step_x / step_y > 0:
                inside = not inside
            was_north = north
        from_x, from_y, from_away = to_x, to_y, to_away
    return None if inside else (near_x / narrow, near_y)


def nearest_of_many(corners: Coordinates, x: float, y: float, reach: float) -> tuple[float, float] | None:
    """Return what `nearest_by_hand` does, for outlines of many corners; only what lies within `reach` degrees counts.

    Infinity stands for nothing within reach.
    """
    narrow = math.cos(math.radians(y))
    flat = (corners - (x, y)) * (narrow, 1.0)
    begin, end = flat[:-1], flat[1:]
    if _winds_around(begin, end):
        return None
    near = ((np.minimum(begin, end) <= reach) & (np.maximum(begin, end) >= -reach)).all(axis=1)
    begin, step = begin[near], (end - begin)[near]
    if not len(begin):
        return math.inf, math.inf
    length = np.maximum(np.einsum("ij,ij->i", step, step), np.finfo(float).tiny)
    along = np.clip(-np.einsum("ij,ij->i", begin, step) / length, 0.0, 1.0)
    feet = begin + along[:, None] * step
    foot = feet[np.einsum("ij,ij->i", feet, feet).argmin()]
    return float(foot[0] / narrow), float(foot[1])


def _winds_around(begin: Coordinates, end: Coordinates) -> bool:
    """Tell whether the point 0, 0 lies inside rings given by their edges: a ray to the east crosses an odd number."""
    crossing = (begin[:, 1] > 0) != (end[:, 1] > 0)
    begin, end = begin[crossing], end[crossing]
    with np.errstate(invalid="ignore"):
        where = begin[:, 0] - begin[:, 1] * (end[:, 0] - begin[:, 0]) / (end[:, 1] - begin[:, 1])
    return int(np.count_nonzero(where > 0)) % 2 == 1
