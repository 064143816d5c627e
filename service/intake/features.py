"""Judges whether one parsed value of GeoJSON is a row, as far as its form goes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from service.intake.model import LIMITS, Record, Unread
from service.kit.errors import Kind, Refused

MOST_DEPTH = LIMITS.depth
MOST_SHOWN = 1_000
WGS84 = "OGC:CRS84"
_WGS84 = frozenset({"crs84", "ogc:crs84", "epsg:4326", "4326", "wgs84", "wgs 84"})


class KeysTwice(dict[str, Any]):
    """An object whose source named a key twice: nobody can say which value was meant."""

    key: str = ""


def parse(text: str) -> Any:
    """Parse JSON; every trouble is a ValueError with words. NaN and infinity come through, to be named per row."""
    try:
        return json.loads(text, object_pairs_hook=marked)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs, a KeysTwice where a key stands twice."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    twice = KeysTwice(made)
    seen: set[str] = set()
    twice.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
    return twice


def why(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return str(error)[:200]


def unreadable(row: int, text: str, reason: str) -> Record:
    return Record(row, {"text": text[:MOST_SHOWN], "why": reason}, Unread.UNREADABLE)


def record(row: int, feature: Any, *, depth: int = MOST_DEPTH) -> Record:
    """Judge one parsed row as far as its form goes; which system it is in is another's question."""
    deep, twice = examined(feature, depth)
    if deep:
        return Record(row, {"why": "it is nested too deeply"}, Unread.UNREADABLE)
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return unreadable(row, str(feature), "it is no Feature")
    if not isinstance(feature.get("properties"), dict | None):
        return Record(row, {**feature, "why": "its properties are no object"}, Unread.UNREADABLE)
    if twice is not None:
        return Record(row, {**feature, "why": repr(twice[:40])}, Unread.KEYS_TWICE)
    return Record(row, feature)


def examined(value: Any, most: int) -> tuple[bool, str | None]:
    """Say whether a value is nested too deeply to be handled, and the key that one of its objects names twice."""
    twice = None
    level = [value]
    for _ in range(most):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                twice = one.key if isinstance(one, KeysTwice) and twice is None else twice
                below += [inner for inner in one.values() if isinstance(inner, dict | list)]
            elif isinstance(one, list):
                below += [inner for inner in one if isinstance(inner, dict | list)]
        if not below:
            return False, twice
        level = below
    return True, twice


def system(holder: Mapping[str, Any]) -> str | None:
    """Return the coordinate system that an object states: None for none, nothing for one without a name."""
    crs = holder.get("crs")
    if crs is None:
        return None
    told = crs.get("properties") if isinstance(crs, dict) else None
    name = told.get("name", told.get("code")) if isinstance(told, dict) else None
    if isinstance(name, int) and crs.get("type") == "EPSG":
        name = f"EPSG:{name}"  # as written before 2008
    if not isinstance(name, str):
        return ""
    short = name.casefold().removeprefix("urn:ogc:def:crs:").replace("1.3:", "").replace("::", ":")
    return WGS84 if short in _WGS84 else name.strip()


def systems_of(feature: Mapping[str, Any]) -> frozenset[str]:
    """Return the systems that a row states, for itself or in its geometry, where PostGIS writes them."""
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and "geometries" in geometry:
        named = [system(each) for each in (feature, *_parts(geometry))]
    else:
        named = [system(feature), system(geometry) if isinstance(geometry, dict) else None]
    return frozenset(one for one in named if one is not None)


def _parts(geometry: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(geometry, dict):
        yield geometry
        inner = geometry.get("geometries")
        for each in inner if isinstance(inner, list) else ():
            yield from _parts(each)


def unnamed_system() -> Refused:
    detail = "The file states a coordinate system that it does not name in any known way."
    remedy = "State it by its EPSG number in the mapping, as in `crs: EPSG:31276`."
    return Refused(Kind.INVALID, "crs-unknown", detail, remedy=remedy)
