"""Who should have been warned, worked out without one line of the service: shapely and haversine, true coordinates."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

CLEARANCE_M = 60.0
"""Metres by which every simulated place keeps off the exact border of who is meant.

The service and its phones measure to the public outline, which is the official one widened by the stated accuracy; here
the official outline of the input file is measured against accuracy plus reach. The two differ only at corners (mitred,
and prolonged where that saves corners) and by rounding outward. At the 3 m that the demo states as accuracy no corner
of 300 real outlines juts out by more than 55 m (measured): so whoever differs from the expected set was wrongly warned
or wrongly passed over.
"""
EARTH_RADIUS_M = 6_371_008.8
_STEP_DEGREES = 0.0002  # at most 22 m between two points of a border: no distance comes out more than 0.1 m too long

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Subject:
    """One phone as the truth knows it. `able` is false for one that never comes online again: nothing can reach it."""

    number: int
    places: Sequence[tuple[float, float]]
    tester: bool
    able: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The outer border of one zone as the input file gives it, holes filled: nobody in a hole is told less."""

    area: Polygon | MultiPolygon
    longitudes: Numbers
    latitudes: Numbers

    @classmethod
    def of(cls, geometry: Mapping[str, Any]) -> "Outline":
        """Read a GeoJSON polygon or multipolygon; longitudes run on over 180 degrees where it is cut there."""
        parts = [Polygon(part.exterior) for part in shapely.get_parts(shape(dict(geometry)))]
        west, _, east, _ = shapely.total_bounds(parts)
        if east - west > 180:  # noqa: PLR2004 - degrees: no zone is wider than half the globe
            parts = [shapely.transform(part, _eastward) for part in parts]
        area = shapely.union_all(parts)
        if not isinstance(area, Polygon | MultiPolygon):
            raise TypeError("the outline encloses nothing")
        border = shapely.get_coordinates(shapely.segmentize(area.boundary, _STEP_DEGREES))
        return cls(area, border[:, 0], border[:, 1])

    def metres(self, longitude: float, latitude: float) -> float:
        """Return the metres from a place to the zone, 0 inside it."""
        turned = longitude + 360 * round((float(self.longitudes[0]) - longitude) / 360)
        if self.area.covers(shapely.Point(turned, latitude)):
            return 0.0
        return float(_haversine(turned, latitude, self.longitudes, self.latitudes).min())


def read_features(file: Path) -> list[dict[str, Any]]:
    """Read GeoJSON features: one FeatureCollection, or a feature a line."""
    text = file.read_text(encoding="utf-8-sig")
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip(" \t\x1e")]
    features: list[dict[str, Any]] = whole["features"] if whole.get("type") == "FeatureCollection" else [whole]
    return features


def who_is_meant(outline: Outline, subjects: Iterable[Subject], *, within_m: float) -> set[int]:
    """Return the numbers of those who must end as warned: enrolled, able to learn, a true place within the metres."""
    return {
        one.number
        for one in subjects
        if one.tester and one.able and any(outline.metres(*place) <= within_m for place in one.places)
    }


def _haversine(longitude: float, latitude: float, longitudes: Numbers, latitudes: Numbers) -> Numbers:
    """Return the metres from one point to many on the mean sphere."""
    here, there = np.radians(latitude), np.radians(latitudes)
    half_across = np.radians(longitudes - longitude) / 2
    chord = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(half_across) ** 2
    distances: Numbers = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distances


def _eastward(at: Numbers) -> Numbers:
    turned: Numbers = at + np.where(at[:, :1] < 0, (360.0, 0.0), (0.0, 0.0))
    return turned
