"""Which zone of the input file the demo warns of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape

from service.demo.expected import Outline
from service.demo.spots import Place
from service.kit.errors import Kind, Refused

_ACCURACIES = frozenset({"accuracy_m", "accuracy"})


@dataclass(frozen=True, slots=True)
class Target:
    """One zone as the file gives it, and a corner of every other; `key` is the id that its source gave it."""

    name: str
    key: str
    outline: Outline
    bounds: tuple[float, float, float, float]
    elsewhere: tuple[Place, ...]


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
    others = tuple(_corner(one["geometry"]) for one in features if one is not found and one.get("geometry"))
    return Target(_names(found)[0], _key(found), outline, outline.area.bounds, others)


def _names(feature: Mapping[str, Any]) -> list[str]:
    properties = feature.get("properties") or {}
    return [str(properties[key]) for key in ("name", "zone_id", "id") if properties.get(key)] or ["the zone"]


def _key(feature: Mapping[str, Any]) -> str:
    properties = feature.get("properties") or {}
    return str(properties.get("zone_id") or properties.get("id") or feature.get("id") or "").strip()


def _is_plain(feature: Mapping[str, Any]) -> bool:
    geometry = feature.get("geometry") or {}
    stated = {str(key).casefold() for key in feature.get("properties") or {}} & _ACCURACIES
    if stated or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return False
    try:
        area = shape(dict(geometry))
    except (ShapelyError, ValueError, TypeError, IndexError):
        return False
    return bool(area.is_valid and not area.is_empty)


def _corner(geometry: Mapping[str, Any]) -> Place:
    at = geometry["coordinates"]
    while isinstance(at[0], list):
        at = at[0]
    return Place(float(at[0]), float(at[1]))
