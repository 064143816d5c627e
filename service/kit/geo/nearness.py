"""Finds which outlines a point lies in or near to, and how many metres away."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point

from service.kit.geo.plane import HALF_TURN, SHORTEST_DEGREE_M, TURN, Area, haversine

K = TypeVar("K", bound=Hashable)
_NEAREST_POLE = 89.9
_FAR_DEGREES = 0.05


@dataclass(frozen=True, slots=True)
class Near(Generic[K]):
    """An outline near a point: 0 metres means that the point lies in it or on its edge."""

    key: K
    metres: float


def distance_m(longitude: float, latitude: float, area: Area) -> float:
    """Return the metres (haversine) from a point to an area whose edges are straight in degrees; 0 inside or on it.

    The answer is exact to the decimetre within 20 km up to 85 degrees, and to 1 in 1,000 within 200 km.
    """
    outlines = np.array([area], dtype=object)
    return min(float(_metres(longitude + turn, latitude, outlines)[0]) for turn in (-TURN, 0, TURN))


@dataclass(frozen=True, slots=True)
class OutlineIndex(Generic[K]):
    """Outlines under their keys, never changed after it is made; threads may share it."""

    keys: tuple[K, ...] = ()
    outlines: npt.NDArray[np.object_] = field(default_factory=lambda: np.array([], dtype=object))
    tree: shapely.STRtree = field(default_factory=lambda: shapely.STRtree([]))

    @classmethod
    def of(cls, entries: Sequence[tuple[K, Area]]) -> "OutlineIndex[K]":
        outlines = np.array([area for _, area in entries], dtype=object)
        shapely.prepare(outlines)
        return cls(tuple(key for key, _ in entries), outlines, shapely.STRtree(outlines))

    def __len__(self) -> int:
        return len(self.keys)

    def containing(self, longitude: float, latitude: float) -> list[K]:
        """Return the keys of all outlines that hold the point, their edges included."""
        places = [(longitude, latitude), *_twin(longitude, latitude)]
        found = {int(at) for place in places for at in self.tree.query(Point(place), predicate="intersects")}
        return [self.keys[at] for at in sorted(found)]

    def within(self, longitude: float, latitude: float, metres: float) -> list[Near[K]]:
        """Return every outline at most so many metres away, the nearest first."""
        nearest: dict[int, float] = {}
        wide, high = _reach(latitude, metres)
        for x in _ways(longitude, wide):
            at = self.tree.query(shapely.box(x - wide, latitude - high, x + wide, latitude + high))
            for one, away in zip(at.tolist(), _metres(x, latitude, self.outlines[at]).tolist(), strict=True):
                nearest[one] = min(away, nearest.get(one, math.inf))
        close = sorted((away, one) for one, away in nearest.items() if away <= metres)
        return [Near(self.keys[one], away) for away, one in close]


def _twin(longitude: float, latitude: float) -> list[tuple[float, float]]:
    """Name a point on the antimeridian the other way too: outlines end there on both sides."""
    return [(-longitude, latitude)] if abs(longitude) == 180 else []  # noqa: PLR2004 - degrees


def _reach(latitude: float, metres: float) -> tuple[float, float]:
    """Return how many degrees to either side and up and down hold everything within the metres."""
    high = metres / SHORTEST_DEGREE_M
    across = math.cos(math.radians(min(_NEAREST_POLE, abs(latitude) + high)))
    return min(float(HALF_TURN), high / across), high


def _ways(longitude: float, wide: float) -> list[float]:
    """Name a longitude the other ways that a search so wide has to look for it, beyond 180 degrees."""
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
