"""Adds to a zone on record what a row says: more ground and more danger at once, less of either never."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import shapely

from service.imports.columns import column_name
from service.imports.comparing import Displaced, displaced, same
from service.imports.describing import meaning
from service.imports.model import Remembered, Survey
from service.kit import geo
from service.kit.geo import Area
from service.zones.model import HazardClass, Lying, Marking, Particulars, Publication, State, Zone
from service.zones.rules import public_outline

_AS_BEFORE = Displaced(grows=False, shrinks=False, moves=False)


def is_same(survey: Survey, zone: Zone, last: Remembered | None, *, ignored: frozenset[str]) -> bool:
    """Tell whether a row says what it said when it was last taken; of `ignored` columns it says nothing."""
    if last is not None and last.digest == survey.digest:
        return True
    return meaning_of(survey, zone, ignored) == zone.content_hash and same(survey.official, _last_outline(zone, last))


def meaning_of(survey: Survey, zone: Zone, ignored: frozenset[str]) -> bytes:
    """Return what a row says beside its outline, with what is on record under the columns that are ignored."""
    if not ignored:
        return survey.meaning
    attributes = {**_left(zone, ignored), **survey.attributes}
    name, source = survey.name or zone.name, survey.source or zone.source
    return meaning(replace(survey, name=name, source=source, attributes=attributes))


def _left(zone: Zone, ignored: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in zone.attributes.items() if column_name(name) in ignored}


def grown(survey: Survey, zone: Zone, last: Remembered | None) -> tuple[Zone, Displaced]:
    """Return the zone with whatever ground the row adds, and how the row would displace what is shown.

    Raises NotOutward, TooFarNorth.
    """
    if zone.state is not State.ACTIVE or (
        survey.accuracy_m == zone.accuracy_m and same(survey.official, _last_outline(zone, last))
    ):
        return zone, _AS_BEFORE
    shown, wanted = _extent(zone), _wanted(survey, zone)
    change = displaced(shown, wanted, (zone.official, survey.official), zone.accuracy_m)
    if not change.grows:
        return (zone if change.shrinks else _reshaped(zone, survey, survey.official, wanted)), change
    official = survey.official
    if change.shrinks or zone.released is not None:
        official = geo.joined([zone.official, survey.official])
    return _reshaped(zone, survey, official, geo.united(wanted, shown)), change


def told(survey: Survey, zone: Zone, *, ignored: frozenset[str]) -> Zone:
    """Return the zone with what the row says beside its outline; of two classes the more dangerous one stays."""
    classes = {zone.hazard_class, survey.said}
    return replace(
        zone,
        external_id=survey.external_id,
        hazard_class=HazardClass.CONFIRMED if HazardClass.CONFIRMED in classes else zone.hazard_class,
        claim=survey.claim,
        particulars=_more_particular(zone.particulars, survey.particulars),
        name=survey.name or zone.name,
        source=survey.source or zone.source,
        attributes={**_left(zone, ignored), **survey.attributes},
    )


def claims_again(
    survey: Survey, zone: Zone, remembered: Mapping[UUID, Remembered], run: tuple[date, frozenset[str]]
) -> bool:
    """Tell whether a newer row, changed since it was taken, says of released ground that it is dangerous."""
    last, (dated, ignored) = remembered.get(zone.id), run
    if zone.released is None or survey.closure is not None or dated < zone.data_as_of:
        return False
    if is_same(survey, zone, last, ignored=ignored):
        return False
    return bool(zone.claim) or not same(survey.official, _last_outline(zone, last))


def summary(zone: Zone, next_zone: Zone, change: Displaced, *, lowers: bool) -> str:
    """Say in a few words what a row does to a zone."""
    raised = next_zone.hazard_class is not zone.hazard_class
    ground = change.grows or change.shrinks
    parts = [
        words
        for words, applies in (
            ("moved away: its old ground stays until a second person decides", change.moves),
            ("leaves ground out: it stays until a second person decides", change.shrinks and not change.moves),
            ("ground added", change.grows),
            ("class raised to confirmed (CHA)", raised),
            ("class lowered to suspected (SHA): it stays confirmed until a second person decides", lowers),
            ("claimed to have ended", next_zone.claim and next_zone.claim != zone.claim),
            ("what is told of it changed", not ground and not raised and not lowers and next_zone != zone),
        )
        if applies
    ]
    return "; ".join(parts)


def outline_to_remember(survey: Survey, shape: Zone, zone: Zone, last: Remembered | None) -> Area | None:
    """Return the row's outline where the zone's own is another."""
    if shape is zone:
        return None if last is None else last.outline
    return None if shape.official is survey.official else survey.official


def _last_outline(zone: Zone, last: Remembered | None) -> Area:
    return zone.official if last is None or last.outline is None else last.outline


def _wanted(survey: Survey, zone: Zone) -> Area:
    """Return what the public would see of the row, published as the zone is."""
    if survey.wide is not None and zone.publication is not Publication.GENERALISED:
        return survey.wide
    shown = public_outline(survey.official, survey.accuracy_m, _visible(zone))
    if shown is None:
        raise geo.NotOutward("a visible zone has an outline")
    return shown


def _extent(zone: Zone) -> Area:
    """Return the ground that a zone keeps people away from; a withheld one's too, which nobody is shown."""
    if zone.public is not None:
        return zone.public
    ground = zone.official
    if zone.state is not State.ACTIVE:
        return shapely.MultiPolygon()
    if zone.released is not None:
        ground = geo.areal(shapely.difference(ground, zone.released))
    shown = public_outline(ground, zone.accuracy_m, _visible(zone))
    if shown is None:
        raise geo.NotOutward("a visible zone has an outline")
    return shown


def _visible(zone: Zone) -> Publication:
    return Publication.OUTLINE if zone.publication is Publication.WITHHELD else zone.publication


def _reshaped(zone: Zone, survey: Survey, official: Area, shown: Area) -> Zone:
    public = None if zone.publication is Publication.WITHHELD else shown
    whole = zone.whole if zone.whole is None else geo.united(zone.whole, shown)
    accuracy = max(zone.accuracy_m, survey.accuracy_m) if official is not survey.official else survey.accuracy_m
    return replace(zone, official=official, public=public, whole=whole, accuracy_m=accuracy, given=survey.given)


def _more_particular(known: Particulars, said: Particulars) -> Particulars:
    """Add what a row says to what is known; what it does not say stays as it was."""
    deactivating = known.deactivating if said.deactivating is None else said.deactivating
    return Particulars(
        hazards=known.hazards | said.hazards,
        lying=known.lying if said.lying is Lying.UNKNOWN else said.lying,
        evidence=(*known.evidence, *(one for one in said.evidence if one not in known.evidence)),
        deactivating=deactivating,
        deactivates_by=(said.deactivates_by or known.deactivates_by) if deactivating else None,
        marking=known.marking if said.marking is Marking.UNKNOWN else said.marking,
        reported_on=said.reported_on or known.reported_on,
        surveyed_on=said.surveyed_on or known.surveyed_on,
        benchmark=said.benchmark or known.benchmark,
        beneficiaries=known.beneficiaries if said.beneficiaries is None else said.beneficiaries,
    )
