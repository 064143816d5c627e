"""How a zone ends, in part or whole, and how it comes back: only what a record covers is ever taken (R2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import shapely

from service.kit import geo
from service.kit.geo import Area
from service.zones.model import Departure, HazardClass, Publication, State, Zone
from service.zones.records import Effect, Reason, Releasing, Taken
from service.zones.refusals import refusal
from service.zones.rules import public_outline

_ENDS = {State.RELEASED: Departure.RELEASED, State.REPLACED: Departure.REPLACED, State.ANNULLED: Departure.ANNULLED}


def release(zone: Zone, record: Releasing, earlier: Sequence[Area], *, now: datetime) -> Effect:
    """Return the zone without the ground that a record covers; `earlier` are the outlines of records in force.

    What no record covers stays dangerous. Raises Refused for a zone that the record does not concern.
    """
    demand_active(zone)
    _demand_no_later_survey(zone, record.dated)
    outline = remaining(zone) if record.outline is None else record.outline
    ground = geo.overlap(zone.official, outline)
    if ground.is_empty:
        raise refusal(Reason.ZONE_UNTOUCHED, _mirrored(zone, outline), where="outline")
    if zone.released is not None and geo.lies_within(ground, zone.released):
        raise refusal(Reason.RELEASED_ALREADY, named(zone), where="outline")
    covered = _together([*earlier, outline])
    whole = whole_outline(zone)
    shown = geo.inward(geo.overlap(whole, outline)) if whole and zone.publication is Publication.OUTLINE else None
    taken = Taken(zone.id, ground, shown)
    changed = replace(_next(zone, now), released=_together([ground, *_some(zone.released)]), whole=whole)
    if geo.lies_within(zone.official, covered):
        return Effect(ended(changed, State.RELEASED, now=now), 0.0, taken)
    if zone.public is not None and zone.publication is Publication.OUTLINE:
        changed = replace(changed, public=geo.cut(zone.public, outline))
    return Effect(_plain(sound(changed)), geo.square_metres(geo.without(zone.official, covered)), taken)


def given_back(zone: Zone, in_force: Sequence[Area], *, now: datetime) -> Zone:
    """Return the zone after one of its records fell: what the records that are left do not cover is dangerous again.

    A zone that others replaced comes back beside them. An annulled one stays annulled.
    """
    return uncovered(_next(zone, now), in_force)


def uncovered(zone: Zone, in_force: Sequence[Area]) -> Zone:
    """Return the same revision of a zone as these records leave it."""
    released = geo.overlap(zone.official, _together(in_force)) if in_force else None
    changed = replace(zone, released=None if released is None or released.is_empty else released)
    covered = bool(in_force) and geo.lies_within(zone.official, _together(in_force))
    match zone.state:
        case State.ANNULLED:
            return changed
        case State.RELEASED if covered:
            return changed
        case _:
            return back(changed, in_force)


def back(zone: Zone, in_force: Sequence[Area]) -> Zone:
    """Return the zone as an active one, shown as far as the records in force leave it; nothing else of it is lost."""
    active = replace(zone, state=State.ACTIVE)
    whole = shown = whole_outline(active)
    if whole is None or shown is None:
        return active
    for record in in_force if zone.publication is Publication.OUTLINE else ():
        shown = geo.cut(shown, record)
    return _plain(sound(replace(active, public=shown, whole=whole, departure=None, departed_at=None)))


def annul(zone: Zone, *, now: datetime) -> Zone:
    """Return the zone as one that was recorded in error."""
    demand_active(zone)
    return ended(replace(_next(zone, now), whole=whole_outline(zone)), State.ANNULLED, now=now)


def reinstate(zone: Zone, in_force: Sequence[Area], *, now: datetime) -> Zone:
    """Return an annulled zone to the record, as it was."""
    if zone.state is not State.ANNULLED:
        raise refusal(Reason.ZONE_NOT_ENDED_SO, named(zone))
    return back(_next(zone, now), in_force)


def reclassified(zone: Zone, hazard_class: HazardClass, *, now: datetime) -> Zone:
    """Return the zone under the other class. Raises Refused if it has that class."""
    demand_active(zone)
    if zone.hazard_class is hazard_class:
        raise refusal(Reason.NOTHING_CHANGES, named(zone), where="class")
    return replace(_next(zone, now), hazard_class=hazard_class)


def stale(zone: Zone, *, now: datetime) -> Zone:
    """Return the zone with the mark that its source fell silent; nothing else of it changes (R6)."""
    return replace(_next(zone, now), stale=True)


def published(zone: Zone, publication: Publication, in_force: Sequence[Area], *, now: datetime) -> Zone:
    """Return the zone with what the public may see from now on; the records in force stay taken out."""
    demand_active(zone)
    if zone.publication is publication:
        raise refusal(Reason.NOTHING_CHANGES, named(zone), where="publication")
    changed = replace(_next(zone, now), publication=publication, public=None, whole=None)
    if publication is Publication.WITHHELD:
        return _departed(changed, zone, Departure.UNPUBLISHED, now=now)
    whole = public_outline(zone.official, zone.accuracy_m, publication)
    return back(replace(changed, whole=whole), in_force)


def ended(zone: Zone, state: State, *, now: datetime) -> Zone:
    """Return the zone in one of its three ends; phones learn why if they held it. `whole` must have been kept."""
    return _departed(replace(zone, state=state, public=None), zone, _ENDS[state], now=now)


def whole_outline(zone: Zone) -> Area | None:
    """Return what would be public without release records; None for a withheld zone."""
    if zone.publication is Publication.WITHHELD:
        return None
    held = [*_some(zone.whole), *_some(zone.public)]
    if not held:
        return public_outline(zone.official, zone.accuracy_m, zone.publication)
    # What is shown may have grown, by an import or by rounding at a cut.
    return held[0] if held[0].covers(held[-1]) else geo.holding(_together(held), held)


def demand_active(zone: Zone) -> None:
    if zone.state is not State.ACTIVE:
        raise refusal(Reason.ZONE_ENDED, named(zone))


def named(zone: Zone) -> str:
    """Name a zone as its authority does."""
    return f"{zone.external_id} ({zone.id})"


def sound(zone: Zone) -> Zone:
    """Return a zone that is shown as it is, if the public sees all of it that is dangerous. Raises NotOutward."""
    if zone.public is not None and not zone.public.covers(remaining(zone)):
        raise geo.NotOutward("the public outline would lose official ground")
    return zone


def remaining(zone: Zone) -> Area:
    """Return the official ground that no record in force covers."""
    return zone.official if zone.released is None else geo.without(zone.official, zone.released)


def _departed(zone: Zone, before: Zone, reason: Departure, *, now: datetime) -> Zone:
    """Note why a zone left the phones; one that they do not hold leaves nothing."""
    return zone if before.public is None else replace(zone, departure=reason, departed_at=now)


def _next(zone: Zone, now: datetime) -> Zone:
    return replace(zone, revision=zone.revision + 1, changed_at=now)


def _plain(zone: Zone) -> Zone:
    """Keep the whole outline beside the public one only where they differ."""
    return replace(zone, whole=None) if zone.whole == zone.public else zone


def _demand_no_later_survey(zone: Zone, dated: date) -> None:
    said = zone.particulars
    evidence = (("found so by evidence", one.dated) for one in said.evidence)
    for what, day in (("surveyed", said.surveyed_on), ("reported", said.reported_on), *evidence):
        if day is not None and day > dated:
            raise refusal(Reason.ZONE_SURVEYED_LATER, f"{named(zone)} was {what} on {day}", where="dated")


def _mirrored(zone: Zone, outline: Area) -> str:
    """Name the zone, and the mistake in the outline that would explain why it lies elsewhere."""
    guesses = {
        "latitude and longitude swapped": lambda at: at[:, ::-1],
        "north and south swapped": lambda at: at * (1, -1),
        "east and west swapped": lambda at: at * (-1, 1),
        "both hemispheres swapped": lambda at: at * (-1, -1),
    }
    for mistake, change in guesses.items():
        if shapely.intersects(zone.official, shapely.make_valid(shapely.transform(outline, change))):
            return f"{named(zone)}, but would with {mistake}"
    return named(zone)


def _together(areas: Sequence[Area]) -> Area:
    return geo.areal(shapely.union_all(list(areas)))


def _some(area: Area | None) -> list[Area]:
    return [] if area is None else [area]
