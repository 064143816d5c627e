"""Answers about a place: which one is meant, and whether anything public is recorded around it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from service.config import Settings
from service.conversations import rules, texts
from service.conversations.model import Asked, Reply, State
from service.conversations.rules import MOST_LINES
from service.conversations.saying import Voice, fits, fitting
from service.conversations.words import fold
from service.i18n.model import ShortDay
from service.kit import geo
from service.kit.db import transaction
from service.kit.geo import Area
from service.kit.hidden import Hidden
from service.kit.house import House
from service.places.following import PlaceIndex
from service.places.gazetteer import Gazetteer
from service.places.model import DISTRICT, MUNICIPALITY, Group, Place, Reason
from service.zones import actions as zones

AROUND_M = 2_000.0
"""How far around a place's ground a dangerous area counts as around it."""

_MOST_IN_WORDS = 200


NOTHING_OPEN = State()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and what it leaves open."""

    reply: Reply
    state: State = NOTHING_OPEN


def meant(house: House, words: str, *, similar: bool) -> tuple[Place, ...]:
    """Return the places that a text may mean, all of one name or the likeliest of several; none where it names none.

    `similar`: the name was asked for, so that a misspelt one is looked for too.
    """
    groups = _gazetteer(house).find(words[:_MOST_IN_WORDS]).groups
    if not groups:
        return ()
    if groups[0].reason is not Reason.SIMILAR:
        return _merged(_gazetteer(house), groups[0].places)
    return _first_of(groups) if similar else ()


def is_exact(house: House, words: str) -> bool:
    """Say whether a text is, letter by letter, the official name of a place, or its code."""
    groups = _gazetteer(house).find(words[:_MOST_IN_WORDS]).groups
    return bool(groups) and groups[0].reason in {Reason.CODE, Reason.NAME}


def _first_of(groups: Sequence[Group]) -> tuple[Place, ...]:
    return tuple(place for group in groups for place in group.places)[: MOST_LINES + 1]


def _merged(gazetteer: Gazetteer, places: Sequence[Place]) -> tuple[Place, ...]:
    """Leave out a place in a municipality of the same name: the answer is the municipality's."""
    ids = {place.id for place in places if place.level >= MUNICIPALITY}
    return tuple(place for place in places if not any(above.id in ids for above in gazetteer.above(place)))


async def tell(house: House, voice: Voice, places: Sequence[Place], words: str, *, exact: bool) -> Told:
    """Answer about one place, or ask which of several is meant."""
    gazetteer = _gazetteer(house)
    left = narrowed(house, voice, places, words) if exact else places
    if not left:
        return Told(voice.say(texts.NO_PLACE.id), State(Asked.PLACE))
    if len(left) == 1 and exact:
        return await about(house, voice, left[0])
    return which(gazetteer, voice, left, exact=exact)


def narrowed(house: House, voice: Voice, places: Sequence[Place], words: str) -> Sequence[Place]:
    """Leave out places of one name that need not be told apart, or that the words tell apart already."""
    return _told_by_sort(voice, _by_ground(_gazetteer(house), places), words)


def _by_ground(gazetteer: Gazetteer, places: Sequence[Place]) -> Sequence[Place]:
    """Keep one of the places for which the same unit's ground answers: two villages of one municipality."""
    units: dict[UUID, Place] = {}
    for place in places:
        answering = gazetteer.answering_for(place.id)
        units.setdefault(place.id if answering is None else answering.unit.id, place)
    return tuple(units.values())


def _told_by_sort(voice: Voice, places: Sequence[Place], words: str) -> Sequence[Place]:
    """Keep the place whose name was written with its sort of unit, if that is one: a region, not its main town."""
    said = [place for place in places if fold(voice.name(place, place.name.language)) == fold(words)]
    return said if len(said) == 1 and voice.name(said[0], said[0].name.language) != said[0].name.text else places


def which(gazetteer: Gazetteer, voice: Voice, places: Sequence[Place], *, exact: bool) -> Told:
    """Ask which of several places is meant, by a list of at most nine; where that is not enough, for the district."""
    tag = voice.tag_of(texts.WHICH.id, texts.ALIKE.id, texts.MANY.id)
    listed = places[:MOST_LINES]
    for name in (voice.name, voice.bare):
        found = _listed(gazetteer, voice, listed, partial(name, tag=tag), exact=exact)
        if found is not None and (not exact or len(places) <= MOST_LINES):
            reply, count = found
            return Told(reply, State(Asked.WHICH, tuple(str(place.id) for place in listed[:count])))
    many = voice.naming(places[0], tag, lambda one: voice.say_in(tag, texts.MANY.id, place=one))
    return Told(many or voice.say(texts.NO_PLACE.id), State(Asked.PLACE))


def _listed(
    gazetteer: Gazetteer, voice: Voice, places: Sequence[Place], name: Callable[[Place], str], *, exact: bool
) -> tuple[Reply, int] | None:
    """Return a list of places that fits, and how many it has; of misspelt names the less likely may be left out."""
    tag = voice.tag_of(texts.WHICH.id, texts.ALIKE.id, texts.MANY.id)
    names = [name(place) for place in places]
    above = [[name(unit) for unit in _above(gazetteer, place)] for place in places]
    apart = rules.told_apart(above) if exact and len(set(names)) == 1 else None
    if apart is not None:
        return fitting(apart, partial(_which_of, voice, tag, names[0]), least=len(apart))
    placed = [rules.placed(one, up) for one, up in zip(names, above, strict=True)]
    if len(set(placed)) < len(placed):
        return None
    return fitting(placed, partial(_alike, voice, tag), least=len(placed) if exact else 1)


def _which_of(voice: Voice, tag: str, name: str, some: Sequence[str]) -> Reply:
    return voice.say_in(tag, texts.WHICH.id, place=name, list=rules.lines(some))


def _alike(voice: Voice, tag: str, some: Sequence[str]) -> Reply:
    return voice.say_in(tag, texts.ALIKE.id, list=rules.lines(some))


def _above(gazetteer: Gazetteer, place: Place) -> list[Place]:
    """Return the units above, in the order in which people tell places apart by them."""
    units = {unit.level: unit for unit in gazetteer.above(place)}
    levels = [DISTRICT, MUNICIPALITY, *sorted(units.keys() - {DISTRICT, MUNICIPALITY, 0}, reverse=True), 0]
    return [units[level] for level in levels if level in units]


async def about(house: House, voice: Voice, place: Place) -> Told:
    """Say one of two things, as long and with the same advice: something is recorded around a place, or nothing is."""
    gazetteer = _gazetteer(house)
    async with transaction(house.pool) as tx:
        dated = await zones.public_data_of(tx)
    tag = voice.tag_of(texts.RECORDED, texts.UNRECORDED)
    answering = gazetteer.answering_for(place.id)
    if answering is None or dated is None:
        return Told(voice.say(texts.LATER.id))
    for unit in (answering.unit, *gazetteer.above(answering.unit)):
        both = _both(voice, unit, tag, dated)
        ground = await asyncio.to_thread(_around, gazetteer, unit)
        if both is None or ground is None:
            continue
        async with transaction(house.pool) as tx:
            recorded = await zones.is_any_public(tx, ground)
        state = _offering(house, place)
        told = both if state == NOTHING_OPEN else _with_offer(voice, both)
        return Told(told[0 if recorded else 1], state)
    return Told(voice.say(texts.LATER.id))


def _both(voice: Voice, unit: Place, tag: str, dated: date) -> list[Reply] | None:
    """Return both answers about a unit, under the first of its names with which both fit."""
    for name in voice.names(unit, tag):
        both = [
            voice.say_in(tag, template, place=name, date=ShortDay(dated))
            for template in (texts.RECORDED, texts.UNRECORDED)
        ]
        if all(map(fits, both)):
            return both
    return None


def _around(gazetteer: Gazetteer, unit: Place) -> Area | None:
    ground = gazetteer.standing_for(unit.id)
    return None if ground is None else geo.buffer_metres(ground, AROUND_M)


def _with_offer(voice: Voice, both: Sequence[Reply]) -> list[Reply]:
    """Add how warnings begin where both answers have room for it, so that neither is known by its length."""
    tag = both[0].language
    if tag not in voice.catalogues.sms_sendable([texts.OFFER.id]):
        return list(both)
    offer = voice.say_in(tag, texts.OFFER.id).text.reveal()
    longer = [Reply(Hidden(f"{one.text.reveal()}\n{offer}"), one.template, one.language) for one in both]
    return longer if all(map(fits, longer)) else list(both)


def _offering(house: House, place: Place) -> State:
    """Leave open that warnings begin for the municipality, where this deployment texts anybody."""
    settings = house.get(Settings)
    unit = subscribable(_gazetteer(house), place)
    if unit is None or not settings.number_keyring or not settings.sms_countries:
        return NOTHING_OPEN
    return State(Asked.WARNINGS, (str(unit.id),))


def subscribable(gazetteer: Gazetteer, place: Place) -> Place | None:
    """Return the unit that people hear about who live in a place: the place, or the municipality that it lies in."""
    return next((one for one in (place, *gazetteer.above(place)) if one.is_municipality_or_larger), None)


def chosen(house: House, option: str) -> Place | None:
    return _gazetteer(house).get(UUID(option))


def _gazetteer(house: House) -> Gazetteer:
    return house.get(PlaceIndex).gazetteer
