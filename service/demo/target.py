"""Which zone of the input file the demo warns of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape

from service.demo.expected import Outline, read_features
from service.demo.spots import Place
from service.kit.errors import Kind, Refused

_IDS = ("zone_id", "id", "external_id")
_EASTMOST, _NORTHMOST = 180.0, 85.0
_MALFORMED = (ShapelyError, ValueError, TypeError, IndexError, KeyError, AttributeError)
_ACCURACIES = frozenset({"accuracy_m", "accuracy"})


@dataclass(frozen=True, slots=True)
class Target:
    """One zone as the file gives it, and a corner of every other; `key` is the id that its source gave it."""

    name: str
    key: str
    outline: Outline
    bounds: tuple[float, float, float, float]
    elsewhere: tuple[Place, ...]


def read(file: Path) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file. Refused if it is none."""
    try:
        return [dict(one) for one in read_features(file)]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        detail = "The file is neither GeoJSON nor GeoJSON with a feature a line."
        raise Refused(Kind.INVALID, "demo-file-unreadable", detail, where=str(file), remedy="Name another.") from error


def choose(features: Sequence[Mapping[str, Any]], wanted: str | None) -> Target:
    """Return the zone with this name or zone_id, or else the first; invalid outlines are passed over.

    What an invalid outline means is the service's judgement, so nobody else could say who is meant by it. So are rows
    that state an accuracy of their own: the judge counts with the demo's. Refused when there is no such zone.
    """
    named = [one for one in features if wanted is None or wanted in _names(one)]
    found = next((one for one in named if _is_plain(one)), None)
    if found is None:
        detail = "The file holds no zone with a valid outline" + ("." if wanted is None else f" called {wanted!r}.")
        raise Refused(Kind.INVALID, "demo-zone-missing", detail, remedy="Name another file or zone.")
    outline = Outline.of(found["geometry"])
    elsewhere = tuple(_corners([one for one in features if one is not found]))
    return Target(_names(found)[0], _key(found), outline, outline.area.bounds, elsewhere)


def _names(feature: Mapping[str, Any]) -> list[str]:
    properties = feature.get("properties") or {}
    return [str(properties[key]) for key in ("name", *_IDS) if properties.get(key)] or ["the zone"]


def _key(feature: Mapping[str, Any]) -> str:
    properties = feature.get("properties") or {}
    return next(
        (str(value) for value in (*map(properties.get, _IDS), feature.get("id")) if value is not None), ""
    ).strip()


def _is_plain(feature: Mapping[str, Any]) -> bool:
    geometry = feature.get("geometry") or {}
    stated = {str(key).casefold() for key in feature.get("properties") or {}} & _ACCURACIES
    if stated or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return False
    try:
        area = shape(dict(geometry))
    except _MALFORMED:
        return False
    if area.is_empty or not area.is_valid:
        return False
    west, south, east, north = area.bounds
    return bool(max(-west, east) <= _EASTMOST and max(-south, north) <= _NORTHMOST)


def _corners(features: Sequence[Mapping[str, Any]]) -> Iterator[Place]:
    for feature in features:
        at = (feature.get("geometry") or {}).get("coordinates")
        while isinstance(at, list) and at and isinstance(at[0], list):
            at = at[0]
        if isinstance(at, list) and len(at) > 1 and all(isinstance(one, int | float) for one in at[:2]):
            place = Place(float(at[0]), float(at[1]))
            if abs(place.longitude) <= _EASTMOST and abs(place.latitude) <= _NORTHMOST:
                yield place
