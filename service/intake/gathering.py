"""What is done to the rows of every format: names as stated, too many corners refused, oddities counted and told."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.intake import letters, refusals
from service.intake.model import Layout, Limits, Noticed, Record, Remark, Unread

_DEEPEST = 8
_MOST_WATCHED = 500  # texts beyond ASCII, enough to see what a file is written in
_MOST_SHOWN = 3


@dataclass
class _Seen:
    """What was met so far."""

    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    watched: int = 0
    garbled: dict[str, str] = field(default_factory=dict)
    first_garbled: int | None = None


def gathered(items: Iterator[Record | Remark], layout: Layout, limits: Limits) -> Iterator[Record | Remark]:
    """Pass the rows on, at most as many as may be, and end with what was noticed about all of them."""
    seen = _Seen()
    for item in items:
        if isinstance(item, Remark):
            yield item
            continue
        seen.rows += 1
        if seen.rows > limits.rows:
            raise refusals.too_many(limits)
        yield _passed(item, layout, limits, seen)
    yield from _noticed(seen)


def _passed(record: Record, layout: Layout, limits: Limits, seen: _Seen) -> Record:
    feature = record.feature
    properties = feature.get("properties")
    if isinstance(properties, dict):
        feature = renamed(feature, layout.names)
        _watch(record.row, properties, seen)
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and record.unread is None:
        seen.kinds[str(geometry.get("type"))[:40].removeprefix("Multi")] += 1
        if corners(geometry) > limits.vertices:
            why = f"it has more than {limits.vertices:,} corners"
            return Record(record.row, {**feature, "geometry": None, "why": why}, Unread.GEOMETRY_BROKEN)
    return record if feature is record.feature else replace(record, feature=feature)


def renamed(feature: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a feature whose attributes have the stated names."""
    properties = feature.get("properties")
    if not names or not isinstance(properties, dict):
        return feature
    return {**feature, "properties": {names.get(name, name): it for name, it in properties.items()}}


def corners(geometry: Any, depth: int = 0) -> int:
    """Count the corners of a geometry, whatever is wrong with its form."""
    if not isinstance(geometry, dict) or depth > _DEEPEST:
        return 0
    inner = geometry.get("geometries")
    if isinstance(inner, list):
        return sum(corners(each, depth + 1) for each in inner)
    return _positions(geometry.get("coordinates"), 0)


def _positions(value: Any, depth: int) -> int:
    if not isinstance(value, list) or not value or depth > _DEEPEST:
        return 0
    first = value[0]
    if not isinstance(first, list):
        return 1
    if not first or not isinstance(first[0], list):
        return len(value)
    return sum(_positions(each, depth + 1) for each in value)


def _watch(row: int, properties: Mapping[str, Any], seen: _Seen) -> None:
    if seen.watched >= _MOST_WATCHED:
        return
    for value in properties.values():
        if isinstance(value, str) and not value.isascii():
            seen.watched += 1
            meant = letters.suspected(value[:200])
            if meant is not None:
                seen.first_garbled = seen.first_garbled or row
                seen.garbled.setdefault(value[:40], meant[:40])


def _noticed(seen: _Seen) -> Iterator[Remark]:
    if len(seen.kinds) > 1:
        told = ", ".join(f"{count} {kind}" for kind, count in seen.kinds.most_common(6))
        yield Remark(Noticed.GEOMETRY_MIXED, f"The file mixes kinds of geometry: {told}.")
    if seen.garbled:
        shown = ", ".join(f"{has!r} for {meant!r}" for has, meant in [*seen.garbled.items()][:_MOST_SHOWN])
        detail = f"Texts look garbled by a wrong encoding: {shown}; nothing was changed."
        yield Remark(Noticed.MOJIBAKE, detail, seen.first_garbled)
