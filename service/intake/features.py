"""Judges whether one parsed value of GeoJSON is a row, as far as its form goes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from service.intake.model import LIMITS, Record, Unread

MOST_DEPTH = LIMITS.depth
MOST_SHOWN = 1_000
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
    """Judge one parsed row as far as its form goes."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return unreadable(row, str(feature)[:MOST_SHOWN], "it is no Feature")
    if not isinstance(feature.get("properties"), dict | None):
        return Record(row, {**feature, "why": "its properties are no object"}, Unread.UNREADABLE)
    twice = _twice(feature)
    if twice is not None:
        return Record(row, {**feature, "why": repr(twice[:40])}, Unread.KEYS_TWICE)
    if _is_too_deep(feature.get("properties"), depth):
        return Record(row, {"why": "its properties are nested too deeply"}, Unread.UNREADABLE)
    system = foreign_crs(feature)
    if system:
        return Record(row, {**feature, "why": repr(system)}, Unread.WRONG_CRS)
    return Record(row, feature)


def _twice(feature: Mapping[str, Any]) -> str | None:
    waiting: list[Any] = [feature]
    while waiting:
        value = waiting.pop()
        if isinstance(value, KeysTwice):
            return value.key
        if isinstance(value, dict):
            # Coordinates hold no objects: a million of them need not be looked at.
            waiting.extend(inner for key, inner in value.items() if key != "coordinates")
        elif isinstance(value, list):
            waiting.extend(value)
    return None


def _is_too_deep(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def foreign_crs(holder: Mapping[str, Any]) -> str:
    """Return the name of a stated coordinate system that is not WGS 84, the only one of RFC 7946; else nothing."""
    crs = holder.get("crs")
    if crs is None:
        return ""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    short = name.casefold().removeprefix("urn:ogc:def:crs:").replace("1.3:", "").replace("::", ":")
    return "" if short in _WGS84 else name[:60] or "that is not named"
