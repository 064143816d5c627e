"""How zones grow, come of one another and are made: the new ones always cover what the old ones did (R2, R4)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import shapely

from service.kit import geo
from service.kit.geo import Area
from service.zones.ending import back, demand_active, ended, named, remaining, sound, whole_outline
from service.zones.model import HazardClass, Lying, Marking, Particulars, State, Zone
from service.zones.records import Correction, Drawn, Newcomer, Part, Reason
from service.zones.refusals import refusal
from service.zones.rules import key_of, public_outline

_PAIR = 2


def added(wanted: Newcomer, zone_id: UUID, *, now: datetime) -> Zone:
    """Return a zone that a person adds by hand."""
    area = wanted.outline.area
    return Zone(
        id=zone_id,
        authority=wanted.authority,
        external_id=wanted.external_id,
        key=key_of(wanted.external_id),
        exercise=wanted.exercise,
        hazard_class=wanted.hazard_class,
        claim="",
        name=wanted.name,
        source=wanted.source,
        data_as_of=wanted.data_as_of,
        accuracy_m=wanted.accuracy_m,
        publication=wanted.publication,
        official=area,
        public=public_outline(area, wanted.accuracy_m, wanted.publication),
        attributes={},
        given=wanted.outline.given,
        content_hash=_by_hand(zone_id),
        revision=1,
        stale=False,
        created_at=now,
        changed_at=now,
        particulars=wanted.particulars,
    )


def extended(zone: Zone, outline: Drawn, in_force: Sequence[Area], *, now: datetime) -> Zone:
    """Return the zone with more ground; `in_force` are the outlines of its records that the new ground leaves in force.

    Raises Refused if the zone holds the ground already.
    """
    demand_active(zone)
    if geo.lies_within(outline.area, remaining(zone)):
        raise refusal(Reason.NOTHING_CHANGES, named(zone), where="outline")
    official = geo.joined([zone.official, outline.area])
    given = outline.given or (None if zone.given is None else dict(zone.given))
    grown = replace(_next(zone, now), official=official, given=given)
    if zone.released is not None:
        kept = geo.overlap(zone.released, _together(in_force)) if in_force else None
        grown = replace(grown, released=None if kept is None or kept.is_empty else kept)
    return _reshown(grown, zone, in_force)


def corrected(zone: Zone, wanted: Correction, in_force: Sequence[Area], *, now: datetime) -> Zone:
    """Return the zone with what a person corrects; a survey's error may only become larger by this (R7)."""
    demand_active(zone)
    accuracy = zone.accuracy_m if wanted.accuracy_m is None else wanted.accuracy_m
    if accuracy < zone.accuracy_m:
        detail = f"An accuracy of {accuracy:g} m would narrow zone {named(zone)}, whose outline stands on"
        raise refusal(Reason.WOULD_NARROW, f"{detail} {zone.accuracy_m:g} m.", where="accuracy_m")
    changed = replace(
        zone,
        name=zone.name if wanted.name is None else wanted.name,
        source=zone.source if wanted.source is None else wanted.source,
        particulars=_corrected(zone.particulars, wanted.particulars),
        accuracy_m=accuracy,
    )
    if changed == zone:
        raise refusal(Reason.NOTHING_CHANGES, named(zone))
    changed = _next(changed, now)
    return changed if accuracy == zone.accuracy_m else _reshown(changed, zone, in_force)


def _corrected(said: Particulars, wanted: Mapping[str, Any]) -> Particulars:
    """Return what is said with what is corrected; without the claim that devices switch off there is no day of it."""
    particulars = replace(said, **wanted)
    return particulars if particulars.deactivating else replace(particulars, deactivates_by=None)


def split(
    zone: Zone, parts: Sequence[Part], make_id: Callable[[], UUID], *, now: datetime
) -> tuple[Zone, tuple[Zone, ...]]:
    """Return the zone as replaced, and the zones that replace it: together they cover what it covered.

    Raises Refused with how much is missing, or for a part over ground that a record covers.
    """
    demand_active(zone)
    if len(parts) < _PAIR:
        raise refusal(Reason.ZONES_TOO_FEW, "A zone is split into two parts or more.", where="parts")
    _demand_no_released_ground(zone, parts)
    areas = [part.outline.area for part in parts]
    if not geo.lies_within(remaining(zone), _together(areas)):
        missing = geo.square_metres(geo.without(remaining(zone), _together(areas)))
        raise refusal(Reason.GROUND_MISSING, f"{missing:,.1f}", where="parts")
    children = [_child(zone, part, make_id(), now=now) for part in parts]
    replaced = ended(replace(_next(zone, now), whole=whole_outline(zone)), State.REPLACED, now=now)
    return replaced, tuple(_covering(zone.public, children))


def merged(zones: Sequence[Zone], part: tuple[str, str], zone_id: UUID, *, now: datetime) -> Zone:
    """Return the zone that several become, under a new (id, name): as dangerous as the most dangerous of them."""
    _demand_alike(zones)
    first = zones[0]
    external_id, name = part
    publics = [zone.public for zone in zones if zone.public is not None]
    confirmed = any(zone.hazard_class is HazardClass.CONFIRMED for zone in zones)
    one = replace(
        first,
        id=zone_id,
        external_id=external_id,
        key=key_of(external_id),
        name=name or first.name,
        hazard_class=HazardClass.CONFIRMED if confirmed else HazardClass.SUSPECTED,
        claim="",
        data_as_of=min(zone.data_as_of for zone in zones),
        accuracy_m=max(zone.accuracy_m for zone in zones),
        official=geo.joined([remaining(zone) for zone in zones]),
        public=geo.holding(_together(publics), publics) if publics else None,
        attributes={zone.external_id: dict(zone.attributes) for zone in zones},
        stale=any(zone.stale for zone in zones),
        particulars=united([zone.particulars for zone in zones]),
        **_fresh(zone_id, now),
    )
    return sound(one)


def replaced(zone: Zone, *, now: datetime) -> Zone:
    """Return a zone that another one covers from now on."""
    return ended(replace(_next(zone, now), whole=whole_outline(zone)), State.REPLACED, now=now)


def united(said: Sequence[Particulars]) -> Particulars:
    """Put together what is said of several areas; where they differ the answer is the one that promises least."""
    first = said[0]
    lying = {one.lying for one in said}
    deactivating = all(one.deactivating for one in said) or None
    return Particulars(
        hazards=frozenset(hazard for one in said for hazard in one.hazards),
        lying=first.lying if len(lying) == 1 else Lying.UNKNOWN if Lying.UNKNOWN in lying else Lying.MIXED,
        evidence=tuple(dict.fromkeys(piece for one in said for piece in one.evidence)),
        deactivating=deactivating,
        deactivates_by=_latest(one.deactivates_by for one in said) if deactivating else None,
        marking=first.marking if len({one.marking for one in said}) == 1 else Marking.UNKNOWN,
        reported_on=_latest(one.reported_on for one in said),
        surveyed_on=_latest(one.surveyed_on for one in said),
        benchmark=first.benchmark,
        beneficiaries=sum(one.beneficiaries or 0 for one in said) if any(one.beneficiaries for one in said) else None,
    )


def _reshown(changed: Zone, before: Zone, in_force: Sequence[Area]) -> Zone:
    """Widen what the public sees to what is on record now; it keeps all that it saw."""
    whole = public_outline(changed.official, changed.accuracy_m, changed.publication)
    if whole is None:
        return changed
    held = [whole, *(outline for outline in [whole_outline(before)] if outline is not None)]
    if not whole.covers(held[-1]):
        whole = geo.holding(_together(held), held)
    return back(replace(changed, whole=whole), in_force)


def _child(zone: Zone, part: Part, child_id: UUID, *, now: datetime) -> Zone:
    area = part.outline.area
    return replace(
        zone,
        id=child_id,
        external_id=part.external_id,
        key=key_of(part.external_id),
        name=part.name or zone.name,
        claim="",
        official=area,
        public=public_outline(area, zone.accuracy_m, zone.publication),
        **_fresh(child_id, now) | {"given": part.outline.given},
    )


def _fresh(zone_id: UUID, now: datetime) -> dict[str, Any]:
    """Return what a new zone does not take from those that it came of; it is in no source's list."""
    return {
        "given": None, "content_hash": _by_hand(zone_id), "revision": 1, "created_at": now, "changed_at": now,
        "feed": "", "state": State.ACTIVE, "released": None, "whole": None, "public_revision": 1, "departure": None,
        "departed_at": None,
    }  # fmt: skip  # one field a line would hide that these are all


def _covering(public: Area | None, children: Sequence[Zone]) -> list[Zone]:
    """Give each piece of the old public outline that no child shows to the nearest child."""
    shown = [child.public for child in children if child.public is not None]
    if public is None or len(shown) < len(children):
        return list(children)
    given: dict[int, list[Area]] = {}
    for piece in geo.pieces(public, _together(shown)):
        nearest = min(range(len(shown)), key=lambda at: shapely.distance(shown[at], piece))
        given.setdefault(nearest, []).append(piece)
    for at, pieces in given.items():
        shown[at] = geo.holding(_together([shown[at], *pieces]), [shown[at], *pieces])
    if geo.is_lost(public, shown):
        raise geo.NotOutward("the parts show less than the zone did")
    return [sound(replace(child, public=outline)) for child, outline in zip(children, shown, strict=True)]


def _demand_no_released_ground(zone: Zone, parts: Sequence[Part]) -> None:
    for part in parts if zone.released is not None else ():
        over = geo.overlap(part.outline.area, zone.released or part.outline.area)
        if not over.is_empty:
            detail = f"{part.external_id} covers {geo.square_metres(over):,.1f}"
            raise refusal(Reason.RELEASED_GROUND, detail, where="parts")


def _demand_alike(zones: Sequence[Zone]) -> None:
    if len({zone.id for zone in zones}) < _PAIR:
        raise refusal(Reason.ZONES_TOO_FEW, "One zone cannot become one.", where="zones")
    for zone in zones:
        demand_active(zone)
    if len({zone.exercise for zone in zones}) > 1:
        raise refusal(Reason.WORLDS_MIXED, where="zones")
    for field in ("authority", "publication"):
        if len({getattr(zone, field) for zone in zones}) > 1:
            raise refusal(Reason.ZONES_DIFFER, field, where="zones")


def _next(zone: Zone, now: datetime) -> Zone:
    return replace(zone, revision=zone.revision + 1, changed_at=now)


def _by_hand(zone_id: UUID) -> bytes:
    """Return what no row of a source says: an import of the same id is compared anew."""
    return hashlib.sha256(b"by hand" + zone_id.bytes).digest()


def _latest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _together(areas: Sequence[Area]) -> Area:
    return geo.areal(shapely.union_all(list(areas)))
