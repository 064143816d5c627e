"""Measures from a walk to outlines: along its segments, not at its corners alone."""

import math

import numpy as np
import numpy.typing as npt
import shapely

from service.kit.geo.nearness import Near, OutlineIndex, reach_of
from service.kit.geo.packed import Rows
from service.kit.geo.plane import EARTH_RADIUS_M, HALF_TURN, TURN, Coordinates

Numbers = npt.NDArray[np.float64]

# Between the ends of a step a straight line in degrees lies at most a few centimetres beside the great circle.
_STEP_M = 500.0
_ON_EDGE_M = 0.005
# So many pairs of steps and outlines are measured at once: it bounds the memory that one walk can ask for.
_CHUNK = 4_096


def length_m(positions: Coordinates) -> float:
    """Return the metres of a walk by the great circles between its positions (longitude first)."""
    return float(_haversines(positions[:-1], positions[1:]).sum())


def steps_of(positions: Coordinates) -> Coordinates:
    """Cut a walk along great circles into steps of at most 500 m: n x 2 x 2 degrees, longitudes running on over 180."""
    counts = np.maximum(1, np.ceil(_haversines(positions[:-1], positions[1:]) / _STEP_M)).astype(int)
    steps = [_cut(positions[at], positions[at + 1], int(count)) for at, count in enumerate(counts)]
    return np.concatenate(steps)


def met(index: OutlineIndex, steps: Coordinates, metres: float) -> list[Near]:
    """Return every outline at most so many metres from any point of the steps, the nearest first.

    What the walk enters or touches is 0 metres away.
    """
    if not len(index):
        return []
    nearest: dict[int, float] = {}
    boxes = boxes_around(steps, metres)
    for turn in (-TURN, 0, TURN):
        moved = np.add(boxes, (turn, 0, turn, 0))
        near = np.flatnonzero((moved[:, 0] <= HALF_TURN) & (moved[:, 2] >= -HALF_TURN))
        at, rows = index.tree.query(shapely.box(*moved[near].T))
        for start in range(0, len(rows), _CHUNK):
            some = slice(start, start + _CHUNK)
            away = _metres(index, np.add(steps[near[at[some]]], (turn, 0)), rows[some])
            for row, one in zip(rows[some].tolist(), away.tolist(), strict=True):
                nearest[row] = min(one, nearest.get(row, math.inf))
    close = sorted((away, row) for row, away in nearest.items() if away <= metres)
    return [Near(row, away) for away, row in close]


def boxes_around(steps: Coordinates, metres: float) -> Coordinates:
    """Return west, south, east, north around each step that hold every point within the metres of it."""
    low, high = steps.min(axis=1), steps.max(axis=1)
    outermost = np.abs(steps[:, :, 1]).max(axis=1)
    reach = np.array([reach_of(latitude, metres + _ON_EDGE_M) for latitude in outermost.tolist()])
    return np.hstack([low - reach, high + reach])


def _cut(start: Numbers, end: Numbers, count: int) -> Coordinates:
    """Return the steps of one segment along its great circle."""
    one, other = _on_sphere(start), _on_sphere(end)
    angle = math.acos(min(1.0, max(-1.0, float(one @ other))))
    share = np.linspace(0.0, 1.0, count + 1)
    if count > 1:
        weights = np.sin(np.column_stack([1 - share, share]) * angle) / math.sin(angle)
        x, y, z = (weights @ np.array([one, other])).T
        along = np.degrees(np.column_stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))]))
        along[0], along[-1] = start, end
    else:
        along = np.array([start, end])
    along[:, 0] = start[0] + (along[:, 0] - start[0] + HALF_TURN) % TURN - HALF_TURN
    return np.stack([along[:-1], along[1:]], axis=1)


def _on_sphere(at: Numbers) -> Numbers:
    longitude, latitude = np.radians(at)
    return np.array(
        [math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude)]
    )


def _metres(index: OutlineIndex, steps: Coordinates, rows: Rows) -> Numbers:
    """Measure from each step to the outline beside it, each pair on a flat map around the step."""
    middle = steps.mean(axis=1)
    scale = np.column_stack([np.cos(np.radians(middle[:, 1])), np.ones(len(rows))])
    at, owners = index.outlines.gathered(rows)
    corners = (index.outlines.corners[at] - middle[owners]) * scale[owners]
    walked = (steps - middle[:, None]) * scale[:, None]
    rings, ring_owners = _rings(corners, owners)
    with np.errstate(all="ignore"):
        shortest = shapely.shortest_line(shapely.linestrings(walked)[ring_owners], rings)
    ends = shapely.get_coordinates(shortest).reshape(-1, 2, 2) / scale[ring_owners, None] + middle[ring_owners, None]
    away = np.full(len(rows), math.inf)
    np.minimum.at(away, ring_owners, _haversines(ends[:, 0], ends[:, 1]))
    # What cannot be measured counts as touched.
    touched = ~np.isfinite(away) | (away < _ON_EDGE_M)
    return np.where(_begins_inside(walked[:, 0], corners, owners) | touched, 0.0, away)


def _rings(corners: Coordinates, owners: Rows) -> tuple[npt.NDArray[np.object_], Rows]:
    """Return each ring as a line, and to which pair it belongs; a row of NaN parts two rings of one outline."""
    mark = np.isnan(corners[:, 0])
    begins = np.diff(owners, prepend=-1) != 0
    begins[1:] |= mark[:-1]
    ring = np.cumsum(begins) - 1
    rings = shapely.linestrings(corners[~mark], indices=ring[~mark])
    return np.asarray(rings, dtype=object), owners[begins]


def _begins_inside(starts: Coordinates, corners: Coordinates, owners: Rows) -> npt.NDArray[np.bool_]:
    """Tell of each pair whether the step begins inside: a ray to the east crosses an odd number of edges."""
    flat = corners - starts[owners]
    begin, end = flat[:-1], flat[1:]
    crossing = ((begin[:, 1] > 0) != (end[:, 1] > 0)) & (owners[:-1] == owners[1:])
    begin, step, owner = begin[crossing], (end - begin)[crossing], owners[:-1][crossing]
    with np.errstate(invalid="ignore"):
        east = begin[:, 0] - begin[:, 1] * step[:, 0] / step[:, 1] > 0
    odd: npt.NDArray[np.bool_] = np.bincount(owner[east], minlength=len(starts)) % 2 == 1
    return odd


def _haversines(ones: Coordinates, others: Coordinates) -> Numbers:
    """Return the metres between each two points on the mean sphere."""
    (x, y), (to_x, to_y) = np.radians(ones).T, np.radians(others).T
    chord = np.sin((to_y - y) / 2) ** 2 + np.cos(y) * np.cos(to_y) * np.sin((to_x - x) / 2) ** 2
    metres: Numbers = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
    return metres
