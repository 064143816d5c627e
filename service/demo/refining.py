"""How a phone finds out for itself whether a warning is meant for a place of its owner: the server cannot know."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import h3
import numpy as np
import shapely
from shapely.geometry import shape

from service.demo.spots import Place

_EARTH_RADIUS_M = 6_371_008.8
_DIGITS = 15


def read_outline(geometry: Mapping[str, Any]) -> shapely.Geometry:
    """Read a GeoJSON geometry as the service publishes it."""
    return shape(dict(geometry))


def is_within(outline: shapely.Geometry, place: Place, metres: float) -> bool:
    """Say whether a place lies in the outline or at most so far from it."""
    return distance_m(outline, place) <= metres


def is_in(cells: Iterable[str], place: Place) -> bool:
    """Say whether a place lies in one of the H3 cells, of any resolution; pushes leave out the f at their end."""
    whole = [cell.ljust(_DIGITS, "f") for cell in cells]
    return any(h3.latlng_to_cell(place.latitude, place.longitude, h3.get_resolution(cell)) == cell for cell in whole)


def distance_m(outline: shapely.Geometry, place: Place) -> float:
    """Return the metres to the outline's nearest point, found on a flat map of the place, measured by haversine."""
    squeeze = math.cos(math.radians(place.latitude))

    def flat(at: Any) -> Any:
        east = (at[:, 0] - place.longitude + 180) % 360 - 180
        return np.column_stack([east * squeeze, at[:, 1] - place.latitude])

    line = shapely.shortest_line(shapely.Point(0, 0), shapely.transform(outline, flat))
    if line is None:
        return math.inf
    east, north = shapely.get_coordinates(line)[-1]
    return _haversine(place, float(east) / squeeze, float(north))


def _haversine(place: Place, east: float, north: float) -> float:
    """Return the metres over so many degrees of longitude and latitude from a place."""
    here, there = math.radians(place.latitude), math.radians(place.latitude + north)
    chord = math.sin((there - here) / 2) ** 2
    chord += math.cos(here) * math.cos(there) * math.sin(math.radians(east) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))
