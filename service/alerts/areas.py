"""What an alert is about and whom it is for: a zone, a drawn outline or administrative units, and everybody there."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import shapely

from service.alerts import covering
from service.alerts.model import MOST_UNITS, Area, Draft, Reason
from service.config import Settings
from service.kit import geo
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.places import actions as places
from service.places.following import PlaceIndex
from service.places.gazetteer import Gazetteer
from service.places.model import Place
from service.zones import actions as zones
from service.zones.model import PACK_RESOLUTION


async def checked(tx: Tx, wanted: Draft) -> Draft:
    """Return a draft as it may be kept, its units by their ids. Refused unless all of it is of one world (R27)."""
    if wanted.zone_id is not None:
        _demand_one_world(wanted, exercise=(await zones.to_warn_about(tx, wanted.zone_id)).exercise)
    if not wanted.units:
        return wanted
    if len(wanted.units) > MOST_UNITS:
        detail = f"A warning names at most {MOST_UNITS} units."
        raise Refused(Kind.INVALID, Reason.AREA_UNFIT, detail, where="units", remedy="Name the unit that holds them.")
    found = await places.named(tx, wanted.units)
    for _, exercise in found.values():
        _demand_one_world(wanted, exercise=exercise)
    return replace(wanted, units=tuple(dict.fromkeys(str(found[text][0]) for text in wanted.units)))


def _demand_one_world(draft: Draft, *, exercise: bool) -> None:
    """Refuse what belongs to the other world: `exercise` is that of what the alert is about (R27)."""
    if exercise is not draft.exercise:
        detail = "An exercise warns of exercise zones and places only, and a live alert of live ones only."
        remedy = "Choose a zone or place of the same kind."
        raise Refused(Kind.CONFLICT, Reason.EXERCISE_MISMATCH, detail, where="exercise", remedy=remedy)


async def area(tx: Tx, house: House, draft: Draft) -> Area:
    """Return whom an alert is for as things stand now. Refused for what it cannot be about.

    A zone or a drawn outline reaches the subscribers of the units that it touches, and of the units above these. A
    warning for units reaches the subscribers of their parts as well, and of the units above (R21).
    """
    gazetteer = house.get(PlaceIndex).gazetteer
    if draft.units:
        return await asyncio.to_thread(_of_units, gazetteer, units_of(gazetteer, draft), draft.reach_m)
    if draft.zone_id is not None:
        zone = await zones.to_warn_about(tx, draft.zone_id)
        _demand_one_world(draft, exercise=zone.exercise)
        return await asyncio.to_thread(_of_ground, gazetteer, zone.public, draft)
    assert draft.drawn is not None  # noqa: S101 - a draft is about one of the three
    found = await asyncio.to_thread(_of_ground, gazetteer, draft.drawn, draft)
    await _demand_its_world(tx, house, draft, found)
    return found


def _of_ground(gazetteer: Gazetteer, ground: geo.Area, draft: Draft) -> Area:
    cells = covering.around(ground, draft.reach_m)
    meant = covering.touching(gazetteer, ground, cells, exercise=draft.exercise)
    return replace(cells, rings={**cells.rings, **meant})


def _of_units(gazetteer: Gazetteer, units: Sequence[Place], reach_m: int) -> Area:
    cells = covering.around(geo.joined([_ground(gazetteer, unit) for unit in units]), reach_m)
    meant = covering.of_units(gazetteer, units, cells, reach_m=reach_m)
    return replace(cells, rings={**cells.rings, **meant})


def _ground(gazetteer: Gazetteer, unit: Place) -> geo.Area:
    ground = gazetteer.standing_for(unit.id)
    if ground is None:
        detail = f"Nobody knows where {unit.name.text} lies: neither an outline nor a centre of it is on record."
        remedy = "Load outlines or centres (surefoot places load), or draw the area."
        raise Refused(Kind.CONFLICT, Reason.UNIT_WITHOUT_GROUND, detail, where="units", remedy=remedy)
    return ground


def units_of(gazetteer: Gazetteer, draft: Draft) -> list[Place]:
    """Return the units that a kept draft names. Refused for one that is not there, or of the other world."""
    units = [places.get(gazetteer, UUID(unit)) for unit in draft.units]
    for unit in units:
        _demand_one_world(draft, exercise=unit.exercise)
    return units


async def _demand_its_world(tx: Tx, house: House, draft: Draft, found: Area) -> None:
    """Refuse a drawn area in the wrong world: an exercise is held where nothing real is known, the open ocean (R27)."""
    boxes = [shapely.box(*box) for box in house.get(Settings).area]
    if boxes and not draft.exercise and not shapely.covers(shapely.union_all(boxes), found.outline):
        detail = "This area does not lie where this deployment's zones do."
        remedy = "Look whether longitude comes first; SUREFOOT_AREA says where this deployment works."
        raise Refused(Kind.CONFLICT, Reason.AREA_ELSEWHERE, detail, where="area", remedy=remedy)
    meets_home = draft.exercise and any(shapely.intersects(box, found.outline) for box in boxes)
    others = house.get(PlaceIndex).gazetteer.touched(found.outline, exercise=not draft.exercise)
    if meets_home or others or await _meets_a_zone(tx, found.outline, exercise=not draft.exercise):
        detail = "An exercise's area lies in the open ocean, far from everything real, and no live area reaches there."
        raise Refused(Kind.CONFLICT, Reason.EXERCISE_MISMATCH, detail, where="area", remedy="Draw it elsewhere.")


async def _meets_a_zone(tx: Tx, outline: geo.Area, *, exercise: bool) -> bool:
    for cell in geo.cover(outline, PACK_RESOLUTION):
        for zone in await zones.public_by_pack(tx, cell, exercise=exercise):
            if shapely.intersects(zone.outline, outline):
                return True
    return False
