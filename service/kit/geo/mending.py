"""Turns the rings that a source sent into a valid area without losing ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely import Geometry, LineString, MultiPolygon, Polygon

from service.kit.geo.plane import HALF_TURN, NORTHMOST, TURN, Area, Coordinates, areal, buffer_metres, wrapped

# A self-crossing ring of n corners may cross itself n² times; beyond these a row is a denial of service.
MOST_CORNERS = 100_000
MOST_CROSSINGS = 100_000
# Ground of no width (a ring that runs there and back) is widened by this much, so that it stays on the map.
HAIR_M = 1.0
HAIR_DEGREES = 1e-8
_SPECK_DEGREES2 = 1e-16
_CHUNK = 64


class Mend(StrEnum):
    """What had to be done to the rings."""

    CLOSED = "ring-closed"
    UNTANGLED = "self-crossing-untangled"
    WIDENED = "part-without-width-widened"
    HOLE_FILLED = "unclear-hole-filled"
    MERGED = "overlapping-parts-merged"
    FLATTENED = "heights-dropped"
    CUT_AT_180 = "cut-at-the-antimeridian"


class Flaw(StrEnum):
    """Why rings cannot become an area."""

    EMPTY = "empty"
    NOT_FINITE = "not-finite"
    OUT_OF_RANGE = "out-of-range"
    TOO_FAR_NORTH = "too-far-north"
    ONLY_A_POINT = "only-a-point"
    TOO_MANY_CORNERS = "too-many-corners"
    TOO_TANGLED = "too-tangled"


class Unmendable(ValueError):  # noqa: N818 - names what is wrong
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Mended:
    area: Area
    mends: frozenset[Mend]


def repair(polygons: Sequence[Sequence[Coordinates]]) -> Mended:
    """Make a valid area of polygons, each an outer ring and holes, each ring n x 2 or n x 3 degrees (longitude first).

    Keeps every point that a ring winds around (non-zero winding number) and that no clean hole takes out; ground
    without width is widened to HAIR_M on each side. A clean polygon comes back with the corners that it had.
    Raises Unmendable.
    """
    mends: set[Mend] = set()
    whole = _together([_at_home(_polygon(rings, mends), mends) for rings in polygons], mends)
    if whole.is_empty:
        raise Unmendable(Flaw.EMPTY)
    return Mended(whole, frozenset(mends))


def nonzero(ring: Coordinates) -> Area:
    """Return every point that a closed ring winds around, as a valid area; empty if it encloses nothing.

    Raises Unmendable when the ring crosses itself more than MOST_CROSSINGS times.
    """
    ring = ring[np.append((np.diff(ring, axis=0) != 0).any(axis=1), True)]
    if len(ring) < 4:  # noqa: PLR2004 - a closed triangle
        return MultiPolygon()
    if _crossings(ring) > MOST_CROSSINGS:
        raise Unmendable(Flaw.TOO_TANGLED)
    noded = shapely.union_all(LineString(ring))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return areal(shapely.union_all([face for face in faces if _is_wound_around(face, ring)]))


def _polygon(rings: Sequence[Coordinates], mends: set[Mend]) -> Area:
    if sum(len(ring) for ring in rings) > MOST_CORNERS:
        raise Unmendable(Flaw.TOO_MANY_CORNERS)
    if not rings or not len(rings[0]):
        raise Unmendable(Flaw.EMPTY)
    outer, *others = (_clean(ring, mends) for ring in rings if len(ring))
    inner = [_beside(ring, outer) for ring in others]
    plain = _as_it_stands(outer, inner)
    if plain is not None:
        return plain
    return _without_clean_holes(_ground(outer, mends), inner, mends)


def _clean(ring: Coordinates, mends: set[Mend]) -> Coordinates:
    """Return a closed ring of finite pairs, longitudes running on over 180 degrees where the ring crosses it."""
    if ring.shape[1] > 2:  # noqa: PLR2004 - longitude and latitude; more is height
        mends.add(Mend.FLATTENED)
    flat = ring[:, :2]
    if not np.isfinite(flat).all():
        raise Unmendable(Flaw.NOT_FINITE)
    if (np.abs(flat) > (HALF_TURN, 90)).any():
        raise Unmendable(Flaw.OUT_OF_RANGE)
    if (np.abs(flat[:, 1]) > NORTHMOST).any():
        raise Unmendable(Flaw.TOO_FAR_NORTH)
    if (flat[0] != flat[-1]).any():
        mends.add(Mend.CLOSED)
        flat = np.vstack([flat, flat[:1]])
    return _running_on(flat)


def _running_on(ring: Coordinates) -> Coordinates:
    """Read a step of more than 180 degrees as the short way over the antimeridian, as map libraries do."""
    steps = np.diff(ring[:, 0])
    over = np.where(steps < -HALF_TURN, TURN, np.where(steps > HALF_TURN, -TURN, 0.0))
    turns = np.concatenate([[0.0], np.cumsum(over)])
    if turns[-1]:
        raise Unmendable(Flaw.TOO_FAR_NORTH)  # it runs around a pole
    return ring if not turns.any() else np.column_stack([ring[:, 0] + turns, ring[:, 1]])


def _beside(ring: Coordinates, outer: Coordinates) -> Coordinates:
    """Bring a hole onto the same side of the antimeridian as its outer ring."""
    turns = np.round((outer[:, 0].mean() - ring[:, 0].mean()) / TURN) * TURN
    return np.add(ring, (turns, 0)) if turns else ring


def _at_home(area: Area, mends: set[Mend]) -> Area:
    cut = wrapped(area)
    if cut is not area:
        mends.add(Mend.CUT_AT_180)
    return cut


def _as_it_stands(outer: Coordinates, inner: Sequence[Coordinates]) -> Polygon | None:
    if min(len(ring) for ring in (outer, *inner)) < 4:  # noqa: PLR2004 - the corners of a closed triangle
        return None
    polygon = Polygon(outer, inner)
    return polygon if polygon.is_valid and _has_width(polygon) else None


def _ground(ring: Coordinates, mends: set[Mend]) -> Area:
    """Untangle one outer ring; what has no width of its own is widened."""
    if len(np.unique(ring, axis=0)) < 2:  # noqa: PLR2004 - two points make a line
        raise Unmendable(Flaw.ONLY_A_POINT)
    area = nonzero(ring)
    mends.add(Mend.UNTANGLED)
    whole = _with_hairs(area, LineString(ring))
    if whole is not area:
        mends.add(Mend.WIDENED)
    return whole


def joined(areas: Sequence[Area]) -> Area:
    """Unite areas; what an overlay drops because it has no width is widened to HAIR_M on each side."""
    return _with_hairs(areal(shapely.union_all(areas)), shapely.union_all([area.boundary for area in areas]))


def _with_hairs(area: Area, lines: Geometry) -> Area:
    """Add the lines that the area's solid parts do not hold, widened; the same area if there are none."""
    solid = shapely.union_all([part for part in shapely.get_parts(area) if _has_width(part)])
    # A hair's tolerance: the crossings that noding computes lie a rounding beside the line.
    left_over = shapely.difference(shapely.union_all(lines), shapely.buffer(solid, HAIR_DEGREES / 10))
    if left_over.is_empty:
        return area
    thin = areal(shapely.buffer(left_over, HAIR_DEGREES / 10, quad_segs=1))
    return areal(shapely.union_all([area, buffer_metres(thin, HAIR_M)]))


def _has_width(polygon: Polygon) -> bool:
    return bool(2 * polygon.area > HAIR_DEGREES * polygon.length)


def _without_clean_holes(area: Area, holes: Sequence[Coordinates], mends: set[Mend]) -> Area:
    """Take out only holes that leave no doubt: simple rings wholly inside. Every other hole counts as danger."""
    for ring in holes:
        hole = Polygon(ring) if len(ring) >= 4 else Polygon()  # noqa: PLR2004 - a closed triangle
        if hole.is_valid and not hole.is_empty and area.contains_properly(hole):
            area = areal(shapely.difference(area, hole))
        else:
            mends.add(Mend.HOLE_FILLED)
    return area


def _together(parts: Sequence[Area], mends: set[Mend]) -> Area:
    if len(parts) == 1:
        return parts[0]
    whole = MultiPolygon([piece for part in parts for piece in shapely.get_parts(part)])
    if whole.is_valid:
        return whole
    mends.add(Mend.MERGED)
    return joined(parts)


def _crossings(ring: Coordinates) -> int:
    """Count pairs of touching segments, giving up once there are too many to node."""
    steps = np.asarray(shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1)))
    tree = shapely.STRtree(steps)
    found = 0
    for start in range(0, len(steps), _CHUNK):
        pairs = tree.query(steps[start : start + _CHUNK], predicate="intersects")
        found += pairs.shape[1] - 3 * min(_CHUNK, len(steps) - start)
        if found > MOST_CROSSINGS:
            break
    return found


def _is_wound_around(face: Polygon, ring: Coordinates) -> bool:
    """Sum the ring's turns around a point of the face (crossings of a ray to the east, upward minus downward)."""
    if face.area < _SPECK_DEGREES2:
        return True
    inside = face.representative_point()
    x, y = ring[:, 0] - inside.x, ring[:, 1] - inside.y
    side = x[:-1] * y[1:] - x[1:] * y[:-1]
    upward = (y[:-1] <= 0) & (y[1:] > 0) & (side > 0)
    downward = (y[:-1] > 0) & (y[1:] <= 0) & (side < 0)
    return bool(upward.sum() != downward.sum())
