"""Outlines for a whole country: the real ones, or those of their form in tests/data, moved to random places."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely

from service.kit.geo import Area, areal
from service.zones.model import PublicZone
from tests.conftest import SHARED

KM2_PER_ZONE = 6.0
_REAL = SHARED / "hazards" / "formats" / "bih300.geojsonl"
_DRAWN = SHARED.parents[1] / "tests" / "data" / "outlines.geojsonl"
_DEGREE_KM = 111.2
_SOUTH, _WEST, _TALL = 45.0, 17.0, 8.0
_DATED = date(2026, 7, 31)


@dataclass(frozen=True)
class Country:
    """Zones evenly over a box as large as their number asks for, so that each has as many neighbours as any."""

    count: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        middle = np.cos(np.radians(_SOUTH + _TALL / 2))
        wide = self.count * KM2_PER_ZONE / (_TALL * _DEGREE_KM) / (_DEGREE_KM * middle)
        high = min(1.0, 360 / wide) * _TALL
        return (_WEST, _SOUTH, _WEST + wide, _SOUTH + high) if wide <= _TALL else self._square()

    def _square(self) -> tuple[float, float, float, float]:
        high = np.sqrt(self.count * KM2_PER_ZONE) / _DEGREE_KM
        return _WEST, _SOUTH, _WEST + high / np.cos(np.radians(_SOUTH + high / 2)), _SOUTH + high

    def areas(self, *, size: int = 10_000) -> Iterator[list[Area]]:
        """Give the outlines, so many at a time; the same at every run."""
        rng = np.random.default_rng(1)
        models = read()
        corners, owners = shapely.get_coordinates(models, return_index=True)
        middles = shapely.get_coordinates(shapely.centroid(models))
        for start in range(0, self.count, size):
            places = self._places(rng, min(size, self.count - start))
            chosen = np.arange(len(places)) % len(models)
            yield _moved(models, (corners, owners), places - middles[chosen], chosen)

    def zones(self) -> Iterator[list[PublicZone]]:
        number = 0
        for batch in self.areas():
            yield [_zone(number + at, area) for at, area in enumerate(batch)]
            number += len(batch)

    def questions(self, count: int) -> list[tuple[float, float]]:
        """Return random places, longitude first."""
        return [(x, y) for x, y in self._places(np.random.default_rng(2), count).tolist()]

    def _places(self, rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
        west, south, east, north = self.box
        return rng.uniform((west, south), (east, north), (count, 2))


def read() -> npt.NDArray[np.object_]:
    file = _REAL if _REAL.is_file() else _DRAWN
    features = [json.loads(line) for line in file.read_text().splitlines()]
    return np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in features], dtype=object)


def _moved(
    models: npt.NDArray[np.object_],
    corners: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]],
    steps: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.int64],
) -> list[Area]:
    at, owners = corners
    counts = np.bincount(owners, minlength=len(models))
    firsts = np.cumsum(counts) - counts
    whose = np.repeat(np.arange(len(chosen)), counts[chosen])
    ahead = np.arange(len(whose)) - np.repeat(np.cumsum(counts[chosen]) - counts[chosen], counts[chosen])
    moved = np.round(at[firsts[chosen][whose] + ahead] + steps[whose], 6)
    return [areal(one) for one in shapely.set_coordinates(models[chosen], moved)]


def _zone(number: int, area: Area) -> PublicZone:
    return PublicZone(UUID(int=number + 1), 1, False, "Bench", _DATED, 30.0, False, area)
