"""Tells outlines that lie in the wrong place: axes swapped, a sign lost, outside the deployment's area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.imports.reasons import Reason
from service.kit.geo import Coordinates

Box = tuple[float, float, float, float]
# Around the middle of a file's own rows: no country's dangerous areas lie farther apart from their middle.
_AROUND_DEGREES = 10.0
_FEW = 5
_MOST = 0.8
_TURNED: tuple[tuple[Reason, str, tuple[int, int, int, int]], ...] = (
    (Reason.AXES_SWAPPED, "", (1, 0, 1, 1)),
    (Reason.WRONG_HEMISPHERE, "the longitude", (0, 1, -1, 1)),
    (Reason.WRONG_HEMISPHERE, "the latitude", (0, 1, 1, -1)),
    (Reason.WRONG_HEMISPHERE, "longitude and latitude", (0, 1, -1, -1)),
)


@dataclass(frozen=True, slots=True)
class Home:
    """Where rows should lie: the deployment's boxes, or around the middle of the file's own rows."""

    boxes: tuple[Box, ...] = ()
    stated: bool = False

    @classmethod
    def of(cls, area: Sequence[Box], middles: Coordinates) -> "Home":
        """Take the deployment's area, or where it states none the place where most rows of the file lie."""
        if area:
            return cls(tuple(area), stated=True)
        if len(middles) < _FEW:
            return cls()
        x, y = np.median(middles, axis=0)
        near = (np.abs(middles - (x, y)) <= _AROUND_DEGREES).all(axis=1)
        if near.mean() < _MOST:
            return cls()
        return cls(((x - _AROUND_DEGREES, y - _AROUND_DEGREES, x + _AROUND_DEGREES, y + _AROUND_DEGREES),))

    def holds(self, longitude: float, latitude: float) -> bool:
        return any(west <= longitude <= east and south <= latitude <= north for west, south, east, north in self.boxes)

    def misplaced(self, longitude: float, latitude: float) -> tuple[Reason, str] | None:
        """Return what is wrong with a place that only lies at home when it is read another way."""
        if not self.boxes or self.holds(longitude, latitude):
            return None
        at = (longitude, latitude)
        for reason, which, (first, second, x_sign, y_sign) in _TURNED:
            if self.holds(at[first] * x_sign, at[second] * y_sign):
                return reason, which
        return None
