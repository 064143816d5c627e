"""Finds the place that a row of another source is about: by code, else by where it lies, never by name alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import shapely
from shapely import Point

from service.kit import geo
from service.places import folding
from service.places.model import Category, Code, Place, Unit

_MOST_OWN = 0.8


def by_code(units: Iterable[Unit], places: Iterable[Place]) -> dict[str, Place]:
    """Return the places whose codes units name, by the units' keys. Codes meet within their scheme only.

    "UA-12" of ISO 3166-2 and "UA12" of the codifier are different regions of Ukraine.
    """
    coded: dict[Code, Place] = {_folded(code): place for place in places for code in place.codes}
    found = {unit.key: [coded[key] for code in unit.codes if (key := _folded(code)) in coded] for unit in units}
    return {key: several[0] for key, several in found.items() if several}


def _folded(code: Code) -> Code:
    return code[0], folding.code(code[1])


def disagreement(unit: Unit, place: Place) -> str | None:
    """Say why a unit cannot be this place although a code says so; None if it can.

    A city with special status stands for all the levels that it has no units of.
    """
    if unit.level is None or unit.level == place.level or place.category is Category.SPECIAL_CITY:
        return None
    return f"it is a unit of level {unit.level}, {place.name.text} one of level {place.level}"


def other_name(unit: Unit, place: Place) -> str | None:
    """Return the name that a source gives a place and no other source does in that language, if there is one."""
    for name in unit.names:
        known = {folding.plain(one.text) for one in place.names if one.language == name.language}
        if known and folding.plain(name.text) not in known:
            return name.text
    return None


def by_position(units: Sequence[Unit], places: Sequence[Place]) -> dict[str, Place]:
    """Return the places whose own ground outlines hold, by the units' keys.

    The outline must hold four fifths of the known centres of a place and its parts. Where it holds those of several
    places, the one wins that fills most of it; each place gets one outline, the best fitting.
    """
    centres = _centres(places)
    scores = sorted(
        ((score, unit.key, place_id) for unit in units for place_id, score in _scores(unit, places, centres)),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    by_id = {place.id: place for place in places}
    found: dict[str, Place] = {}
    taken: set[UUID] = set()
    for _, key, place_id in scores:
        if key not in found and place_id not in taken:
            found[key] = by_id[place_id]
            taken.add(place_id)
    return found


def _centres(places: Sequence[Place]) -> dict[UUID, list[Point]]:
    """Gather for every place the stated centres of itself and of all that is under it."""
    by_id = {place.id: place for place in places}
    found = defaultdict[UUID, list[Point]](list)
    for place in places:
        if place.centre is None or place.centre.derived:
            continue
        point = Point(place.centre.longitude, place.centre.latitude)
        above: Place | None = place
        while above is not None:
            found[above.id].append(point)
            above = by_id.get(above.parent) if above.parent else None
    return found


def _scores(
    unit: Unit, places: Sequence[Place], centres: Mapping[UUID, Sequence[Point]]
) -> Iterable[tuple[UUID, float]]:
    """Score the places of the unit's level: twice what both share, by what each has."""
    if unit.outline is None:
        return
    whole = geo.filled(unit.outline)
    shapely.prepare(whole)
    level = [place for place in places if place.level == unit.level and place.id in centres]
    inside = {place.id: int(shapely.intersects(whole, centres[place.id]).sum()) for place in level}
    for place in level:
        own, here = len(centres[place.id]), inside[place.id]
        if here >= own * _MOST_OWN:
            yield place.id, 2 * here / (own + sum(inside.values()))
