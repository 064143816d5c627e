"""Does to many areas at once what is done to one: the same outlines, in a tenth of the time."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from service.kit.geo.outlines import (
    GRID_DEGREES,
    MARGIN_M,
    MITRE_LIMIT,
    MOST_CORNERS_RATIO,
    NotOutward,
    outward,
)
from service.kit.geo.plane import (
    EARTH_RADIUS_M,
    HALF_TURN,
    NORTHMOST,
    SHORTEST_DEGREE_M,
    Area,
    Coordinates,
    TooFarNorth,
)
from service.kit.geo.slim import slimmed

Areas = npt.NDArray[np.object_]
_POLYGON = 3


def outward_each(officials: Sequence[Area], metres: Sequence[float]) -> list[Area | None]:
    """Return for each area what `outward` gives, None where it raises."""
    areas = array_of(officials)
    widths = np.asarray(metres, dtype=float)
    found: list[Area | None] = [None] * len(areas)
    easy = np.flatnonzero(_is_easy(areas, widths))
    fitted, fits = _fitted(areas[easy], widths[easy])
    for at, outline in zip(easy[fits].tolist(), fitted[fits].tolist(), strict=True):
        found[at] = outline
    for at in itertools.filterfalse(lambda at: found[at] is not None, range(len(found))):
        found[at] = _alone(officials[at], metres[at])
    return found


def longest_steps_m(areas: Sequence[Area]) -> Coordinates:
    """Return for each area the metres between its two neighbouring corners that lie farthest apart.

    An area that is cut at 180 degrees is read as it stands: its edges there count as edges.
    """
    parts, owners = shapely.get_parts(array_of(areas), return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    at, ring_of = shapely.get_coordinates(rings, return_index=True)
    steps, same = np.diff(np.radians(at), axis=0), np.diff(ring_of) == 0
    middle = np.radians(at[:-1, 1] + at[1:, 1]) / 2
    length = np.where(same, np.hypot(steps[:, 0] * np.cos(middle), steps[:, 1]), 0) * EARTH_RADIUS_M
    longest = np.zeros(len(areas))
    np.maximum.at(longest, owners[part_of[ring_of[:-1]]], length)
    return longest


def array_of(areas: Iterable[Any]) -> Areas:
    """Make an array that holds each thing as it is, whatever numpy would make of it."""
    listed = list(areas)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def _is_easy(areas: Areas, widths: Coordinates) -> npt.NDArray[np.bool_]:
    """Tell which stay far from 180 degrees and from the poles when they are widened."""
    box = np.abs(shapely.bounds(areas)) + (widths / SHORTEST_DEGREE_M + 1)[:, None]
    near_pole = np.maximum(box[:, 1], box[:, 3]) > NORTHMOST - 1
    across = box[:, [0, 2]].max(axis=1) + widths / SHORTEST_DEGREE_M * 20
    easy: npt.NDArray[np.bool_] = ~shapely.is_empty(areas) & ~near_pole & (across < HALF_TURN)
    return easy


def _fitted(areas: Areas, widths: Coordinates) -> tuple[Areas, npt.NDArray[np.bool_]]:
    """Widen, fill and round all of them; tell which of the outlines keep what `outward` promises."""
    if not len(areas):
        return areas, np.zeros(0, dtype=bool)
    with np.errstate(all="ignore"):
        wide, scale, offset = _widened(areas, widths + MARGIN_M)
        rounded = shapely.set_precision(_changed(wide, scale, offset, home=True), GRID_DEGREES)
        stored = shapely.from_wkb(shapely.to_wkb(_filled(rounded)))
    shapely.prepare(stored)
    return stored, shapely.is_valid(stored) & shapely.covers(stored, areas)


def _widened(areas: Areas, metres: Coordinates) -> tuple[Areas, Coordinates, Coordinates]:
    """Return the widened areas on a flat map of their own each, and the maps' scales and middles."""
    box = shapely.bounds(areas)
    outermost = np.abs(box[:, [1, 3]]).max(axis=1) + metres / SHORTEST_DEGREE_M
    across = SHORTEST_DEGREE_M * np.cos(np.radians(outermost))
    scale = np.column_stack([across, np.full(len(areas), SHORTEST_DEGREE_M)])
    offset = np.column_stack([box[:, [0, 2]].mean(axis=1), box[:, [1, 3]].mean(axis=1)])
    flat = _changed(areas, scale, offset, home=False)
    wide = _filled(shapely.buffer(flat, metres, join_style="mitre", mitre_limit=MITRE_LIMIT))
    allowed = np.floor(shapely.get_num_coordinates(areas) * MOST_CORNERS_RATIO).astype(int)
    for at in np.flatnonzero((shapely.get_num_coordinates(wide) > allowed) & (shapely.get_type_id(wide) == _POLYGON)):
        wide[at] = slimmed(wide[at], int(allowed[at]) - 1)
    return wide, scale, offset


def _changed(areas: Areas, scale: Coordinates, offset: Coordinates, *, home: bool) -> Areas:
    """Move every area onto its own map, or back onto the globe."""
    at, owners = shapely.get_coordinates(areas, return_index=True)
    moved = at / scale[owners] + offset[owners] if home else (at - offset[owners]) * scale[owners]
    changed: Areas = shapely.set_coordinates(areas.copy(), moved)
    return changed


def _filled(areas: Areas) -> Areas:
    """Fill the holes of whole polygons; what fell apart comes back as an empty polygon, which covers nothing."""
    outer = np.asarray(shapely.get_exterior_ring(areas), dtype=object)
    outer[shapely.is_missing(outer)] = shapely.LinearRing()
    return np.asarray(shapely.polygons(list(outer)), dtype=object)


def _alone(official: Area, metres: float) -> Area | None:
    try:
        return outward(official, metres)
    except (NotOutward, TooFarNorth):
        return None
