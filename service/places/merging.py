"""Puts together what all sources say of a place: its first register leads, the others add."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from service.places import folding
from service.places.model import LEVELS, Category, Centre, Code, Name, NameKind, Place, Source, Statement, Unit

T = TypeVar("T")


def merged(statements: Iterable[Statement], sources: Mapping[UUID, Source]) -> list[Place]:
    """Return the places that the statements are about, each with its parent if that is among them."""
    of_place = defaultdict[UUID, list[Statement]](list)
    for statement in statements:
        of_place[statement.place_id].append(statement)
    merging = [_merged(said, sources) for said in of_place.values()]
    found = [(place, parent) for place, parent in merging if place is not None]
    coded = {(place.country, place.exercise, code): place for place, _ in found for code in place.codes}
    tops = {(place.country, place.exercise): place for place, _ in found if place.category is Category.COUNTRY}
    return [_under(place, parent, coded, tops) for place, parent in found]


def _merged(said: Sequence[Statement], sources: Mapping[UUID, Source]) -> tuple[Place | None, Code | None]:
    """Merge what is said of one place; None where nobody founds it, as a place must have a name and a category."""
    ordered = said if len(said) == 1 else sorted(said, key=lambda one: _precedence(one, sources[one.source_id]))
    founding = [one for one in ordered if sources[one.source_id].founds]
    names = _names([one.unit for one in ordered])
    units = [one.unit for one in ordered]
    category = _first(unit.category for unit in units)
    if not founding or not names or category is None:
        return None, None
    source = sources[founding[0].source_id]
    level = _first(unit.level for unit in units)
    place = Place(
        id=said[0].place_id,
        country=source.country,
        exercise=source.exercise,
        level=LEVELS[category] if level is None else level,
        category=category,
        codes=tuple(dict.fromkeys(code for unit in units for code in unit.codes)),
        names=names,
        centre=_first(unit.centre for unit in units),
        radius_m=_first(unit.radius_m for unit in units),
        outline=next((unit.outline for unit in units if unit.outline is not None), None),
        missing=all(one.missing_since is not None for one in founding),
        sources=tuple(dict.fromkeys(sources[one.source_id] for one in ordered)),
        number=said[0].number,
    )
    return _centred(place), _first(unit.parent for unit in units)


def _precedence(one: Statement, source: Source) -> tuple[bool, bool, int, UUID]:
    """Order statements: those still made, then registers, the one that came first before all, then the newest data."""
    age = 0 if source.founds else -source.data_as_of.toordinal()
    return one.missing_since is not None, not source.founds, age, source.id


def _names(units: Sequence[Unit]) -> tuple[Name, ...]:
    """Keep the first official name of each language; others are aliases, or old names where a source says so."""
    official: dict[str, Name] = {}
    others: dict[tuple[str, str], Name] = {}
    for name in (name for unit in units for name in unit.names):
        if name.kind is NameKind.OFFICIAL and name.language not in official:
            official[name.language] = name
        else:
            other = name if name.kind is not NameKind.OFFICIAL else replace(name, kind=NameKind.ALIAS)
            others.setdefault((name.language, folding.plain(name.text)), other)
    if not others:
        return tuple(official.values())
    known = {(name.language, folding.plain(name.text)) for name in official.values()}
    return (*official.values(), *(name for key, name in others.items() if key not in known)) if official else ()


def _centred(place: Place) -> Place:
    """Give a place that has only an outline a point inside of it."""
    if place.centre is not None or place.outline is None:
        return place
    point = place.outline.representative_point()
    return replace(place, centre=Centre(point.x, point.y, derived=True))


def _under(
    place: Place,
    parent: Code | None,
    coded: Mapping[tuple[str, bool, Code], Place],
    tops: Mapping[tuple[str, bool], Place],
) -> Place:
    """Put a place under its parent, or under its country; never under one of its own level or a lower one."""
    above = None if parent is None else coded.get((place.country, place.exercise, parent))
    if above is None or above.level >= place.level:
        above = tops.get((place.country, place.exercise))
    return replace(place, parent=above.id) if above is not None and above.level < place.level else place


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)
