"""Metres on a small piece of the globe, always erring so that what is near counts as near."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon

Area: TypeAlias = Polygon | MultiPolygon
Coordinates: TypeAlias = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
# The shortest degree of latitude on WGS 84 (at the equator; the mean sphere's has 111,195 m). Taking the shortest for
# both directions makes every length in a Plane at most the true one, so a buffer there reaches at least as far.
SHORTEST_DEGREE_M = 110_574.0
NORTHMOST = 85.0
HALF_TURN = 180
TURN = 360
QUARTER_TURN = 90
_ARC = 4


class TooFarNorth(ValueError):  # noqa: N818 - names what is wrong
    """Within five degrees of a pole degrees are no measure of distance, and nobody lives there."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat map around an area: x and y in metres, each length at most the true one up to `reach` metres away."""

    longitude: float
    latitude: float
    x_scale: float
    y_scale: float

    @classmethod
    def around(cls, area: Area, *, reach: float) -> "Plane":
        """Make the map of an area (one frame, see `unwrapped`). Raises TooFarNorth beyond 85 degrees plus the reach."""
        west, south, east, north = area.bounds
        outermost = max(abs(south), abs(north)) + reach / SHORTEST_DEGREE_M
        if outermost > NORTHMOST + 2:
            raise TooFarNorth(f"the area reaches {outermost:.2f} degrees of latitude")
        across = SHORTEST_DEGREE_M * math.cos(math.radians(outermost))
        return cls((west + east) / 2, (south + north) / 2, across, SHORTEST_DEGREE_M)

    def flat(self, area: Area) -> Area:
        return transformed(area, lambda at: (at - (self.longitude, self.latitude)) * (self.x_scale, self.y_scale))

    def round(self, area: Area) -> Area:
        """Put a flat area back on the globe (degrees, in the frame of the area that the map was made around)."""
        return transformed(area, lambda at: at / (self.x_scale, self.y_scale) + (self.longitude, self.latitude))


def transformed(area: Area, change: Callable[[Coordinates], Any]) -> Area:
    changed: Area = shapely.transform(area, change)
    return changed


def haversine(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """Return the metres between two points on the mean sphere."""
    south, north = math.radians(latitude), math.radians(other_latitude)
    half_across = math.radians(other_longitude - longitude) / 2
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(half_across) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def longest_step_m(area: Area) -> float:
    """Return the metres between the two neighbouring corners that lie farthest apart."""
    longest = 0.0
    for part in shapely.get_parts(unwrapped(area)):
        for ring in (part.exterior, *part.interiors):
            at = np.radians(shapely.get_coordinates(ring))
            step = np.diff(at, axis=0)
            across = step[:, 0] * np.cos((at[:-1, 1] + at[1:, 1]) / 2)
            longest = max(longest, float(np.hypot(across, step[:, 1]).max()) * EARTH_RADIUS_M)
    return longest


def crosses_antimeridian(area: Area) -> bool:
    """Tell whether an area that is cut at 180 degrees (RFC 7946, 3.1.9) has parts on both sides of it."""
    west, _, east, _ = area.bounds
    return bool(east - west > HALF_TURN)


def unwrapped(area: Area) -> Area:
    """Put the western parts of a cut area east of 180 degrees, so that its parts lie together (0 to 360)."""
    if not crosses_antimeridian(area):
        return area
    parts = shapely.get_parts(area)
    return areal(shapely.union_all([turned(part, TURN) if part.bounds[0] < 0 else part for part in parts]))


def wrapped(area: Area) -> Area:
    """Cut an area at 180 degrees and bring every part back between -180 and 180."""
    west, south, east, north = area.bounds
    if west >= -HALF_TURN and east <= HALF_TURN:
        return area
    parts = []
    for turn in (-TURN, 0, TURN):
        strip = shapely.box(turn - HALF_TURN, south - 1, turn + HALF_TURN, north + 1)
        parts.append(turned(areal(shapely.intersection(area, strip)), -turn))
    return areal(shapely.union_all(parts))


def turned(area: Area, degrees: float) -> Area:
    """Move an area to the east by so many degrees of longitude."""
    return transformed(area, lambda at: np.add(at, (degrees, 0)))


def bounds(area: Area) -> tuple[float, float, float, float]:
    """Return west, south, east, north; where the area crosses 180 degrees, east is greater than 180."""
    west, south, east, north = unwrapped(area).bounds
    return float(west), float(south), float(east), float(north)


def filled(area: Area) -> Area:
    """Fill every hole: public ground is never excluded by a ring inside it."""
    return areal(shapely.union_all([Polygon(part.exterior) for part in shapely.get_parts(area)]))


def buffer_metres(area: Area, metres: float) -> Area:
    """Return every point within `metres` of the area, and a little more: never less."""
    frame = unwrapped(area)
    plane = Plane.around(frame, reach=metres)
    # Chords lie inside their arc: lengthen the radius until they lie outside.
    wide = shapely.buffer(plane.flat(frame), metres / math.cos(math.pi / 4 / _ARC), quad_segs=_ARC)
    return wrapped(plane.round(areal(wide)))


def circle(longitude: float, latitude: float, metres: float) -> Area:
    """Return everything within so many metres of a point, and a little more. Raises TooFarNorth."""
    point = Polygon([(longitude, latitude)] * 4)
    plane = Plane.around(point, reach=metres)
    wide = shapely.Point(0, 0).buffer(metres / math.cos(math.pi / 4 / _ARC), quad_segs=_ARC)
    return wrapped(plane.round(areal(wide)))


def areal(geometry: shapely.Geometry) -> Area:
    """Keep the areas of what an overlay gave: shared edges come along as lines and points without ground."""
    if isinstance(geometry, Polygon | MultiPolygon):
        return geometry
    return MultiPolygon([part for part in _flattened(geometry) if isinstance(part, Polygon)])


def _flattened(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    parts = list(shapely.get_parts(geometry))
    if len(parts) == 1 and type(parts[0]) is type(geometry):
        return parts
    return [leaf for part in parts for leaf in _flattened(part)]
