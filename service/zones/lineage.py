"""What can be done with zones by one person: whatever adds danger, or takes none away (R4, R6)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from service.kit.db import Tx
from service.kit.ids import new_id
from service.operators.actions import record
from service.operators.model import Operator
from service.zones import actions, descent, ending, releasing, rules
from service.zones.model import HazardClass, Zone
from service.zones.records import Along, Correction, Drawn, Newcomer, Part, Reason
from service.zones.refusals import outlined, refusal
from service.zones.store import zone as store


async def add(tx: Tx, operator: Operator, wanted: Newcomer, *, why: str, now: datetime) -> Zone:
    """Add one zone by hand."""
    await actions.lock(tx)
    checked = rules.check_newcomer(wanted, now=now)
    await _demand_free(tx, checked.authority, [checked.external_id], exercise=checked.exercise)
    with outlined(checked.external_id):
        zone = descent.added(checked, new_id(now=now), now=now)
    await actions.keep(tx, operator, new=[zone], changed=(), why=f"add: {why}", now=now)
    return await _noted(tx, operator, "add", zone.id, why=why, now=now)


async def extend(  # noqa: PLR0913 - what is done to which zone, by whom, why and when
    tx: Tx, operator: Operator, zone_id: UUID, outline: Drawn, *, why: str, now: datetime
) -> Zone:
    """Add ground to a zone; a release record that covers any of it no longer counts for this zone."""
    zone = await _found(tx, zone_id)
    records = await releasing.living(tx, zone_id)
    met = [one.id for one in records if releasing.meets(one, zone_id, outline.area)]
    left = [one.outline for one in records if one.id not in met]
    with outlined(zone.external_id):
        grown = descent.extended(zone, outline, left, now=now)
    if met:
        await releasing.supersede(tx, operator, zone_id, met, now=now)
    return await _changed(tx, operator, "extend", grown, why=why, now=now)


async def correct(  # noqa: PLR0913 - as above
    tx: Tx, operator: Operator, zone_id: UUID, wanted: Correction, *, why: str, now: datetime
) -> Zone:
    """Correct what is said of a zone; its survey's error may only become larger by this (R7)."""
    if wanted.accuracy_m is not None:
        rules.check_accuracy(wanted.accuracy_m)
    zone = await _found(tx, zone_id)
    left = (await releasing.in_force(tx, [zone_id]))[zone_id]
    with outlined(zone.external_id):
        changed = descent.corrected(zone, wanted, left, now=now)
    return await _changed(tx, operator, "correct", changed, why=why, now=now)


async def split(  # noqa: PLR0913 - as above
    tx: Tx, operator: Operator, zone_id: UUID, parts: Sequence[Part], *, why: str, now: datetime
) -> list[Zone]:
    """Replace a zone by parts that cover it together."""
    zone = await _found(tx, zone_id)
    named = rules.named_parts(zone, parts)
    await _demand_free(tx, zone.authority, [part.external_id for part in named], exercise=zone.exercise)
    with outlined(zone.external_id):
        replaced, children = descent.split(zone, named, partial(new_id, now=now), now=now)
    along = Along("split", tuple((zone.id, child.id) for child in children))
    await actions.keep(tx, operator, new=children, changed=[replaced], along=along, why=f"split: {why}", now=now)
    detail = {"into": [str(child.id) for child in children], "why": why}
    await record(tx, operator, "zones.split", str(zone.id), detail, now=now)
    return [await actions.get_record(tx, child.id) for child in children]


async def merge(  # noqa: PLR0913 - which zones become which, and why
    tx: Tx, operator: Operator, zone_ids: Sequence[UUID], named: tuple[str, str], *, why: str, now: datetime
) -> Zone:
    """Replace zones by one that covers them, under a new (id, name); an empty id becomes `first+second`."""
    zones = [await _found(tx, each) for each in dict.fromkeys(zone_ids)]
    external_id = named[0] or "+".join(zone.external_id for zone in zones)
    external_id = rules.clean_name(external_id, Reason.ID_UNFIT, where="external_id")
    with outlined(external_id):
        merged = descent.merged(zones, (external_id, named[1]), new_id(now=now), now=now)
    await _demand_free(tx, merged.authority, [external_id], exercise=merged.exercise)
    replaced = [descent.replaced(zone, now=now) for zone in zones]
    along = Along("merge", tuple((zone.id, merged.id) for zone in zones))
    await actions.keep(tx, operator, new=[merged], changed=replaced, along=along, why=f"merge: {why}", now=now)
    detail = {"of": [str(zone.id) for zone in zones], "why": why}
    await record(tx, operator, "zones.merge", str(merged.id), detail, now=now)
    return await actions.get_record(tx, merged.id)


async def confirm(tx: Tx, operator: Operator, zone_id: UUID, *, why: str, now: datetime) -> Zone:
    """Make a suspected area a confirmed one; the other way needs a second person."""
    zone = await _found(tx, zone_id)
    raised = ending.reclassified(zone, HazardClass.CONFIRMED, now=now)
    return await _changed(tx, operator, "reclassify", raised, why=why, now=now)


async def reinstate(tx: Tx, operator: Operator, zone_id: UUID, *, why: str, now: datetime) -> Zone:
    """Return an annulled zone to the record."""
    zone = await _found(tx, zone_id)
    left = (await releasing.in_force(tx, [zone_id]))[zone_id]
    with outlined(zone.external_id):
        back = ending.reinstate(zone, left, now=now)
    return await _changed(tx, operator, "reinstate", back, why=why, now=now)


async def mark_stale(  # noqa: PLR0913 - which list of whom, and why
    tx: Tx, operator: Operator, authority: str, feed: str | None, *, exercise: bool, why: str, now: datetime
) -> list[UUID]:
    """Mark the active zones of an authority, or of one of its lists, as stale: their source fell silent (R6).

    That is all that changes; only a newer import makes them fresh again. Returns those that were not stale before.
    """
    await actions.lock(tx)
    found = await store.fresh(tx, authority, feed, exercise=exercise)
    marked = [ending.stale(zone, now=now) for zone in found]
    await actions.keep(tx, operator, new=(), changed=marked, why=f"stale: {why}", now=now)
    detail = {"feed": feed, "exercise": exercise, "zones": len(marked), "why": why}
    await record(tx, operator, "zones.stale", authority, detail, now=now)
    return [zone.id for zone in marked]


async def _found(tx: Tx, zone_id: UUID) -> Zone:
    await actions.lock(tx)
    zone = await store.get(tx, zone_id)
    if zone is None:
        raise refusal(Reason.ZONE_UNKNOWN, f": {zone_id}")
    return zone


async def _changed(  # noqa: PLR0913 - what was done to which zone, by whom and why
    tx: Tx, operator: Operator, act: str, zone: Zone, *, why: str, now: datetime
) -> Zone:
    await actions.keep(tx, operator, new=(), changed=[zone], why=f"{act}: {why}", now=now)
    return await _noted(tx, operator, act, zone.id, why=why, now=now)


async def _noted(  # noqa: PLR0913 - as above
    tx: Tx, operator: Operator, act: str, zone_id: UUID, *, why: str, now: datetime
) -> Zone:
    """Write the line of the audit trail; return the zone as it is kept."""
    await record(tx, operator, f"zones.{act}", str(zone_id), {"why": why}, now=now)
    return await actions.get_record(tx, zone_id)


async def _demand_free(tx: Tx, authority: str, ids: Sequence[str], *, exercise: bool) -> None:
    """Refuse ids that the authority's zones have already, ended ones too."""
    keys = [rules.key_of(each) for each in ids]
    taken = await store.by_keys(tx, authority, keys, exercise=exercise)
    twice = [each for each, key in zip(ids, keys, strict=True) if keys.count(key) > 1 or key in taken]
    if twice:
        raise refusal(Reason.ZONE_TAKEN, ", ".join(dict.fromkeys(twice)), where="external_id")
