"""What can be done with release records: keep one that two people stand behind, revoke it, let a survey overrule it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import shapely

from service.kit import geo
from service.kit.db import Tx
from service.kit.geo import Area
from service.kit.ids import new_id
from service.operators.actions import record
from service.operators.model import Operator
from service.zones import actions, ending
from service.zones.model import State, Zone
from service.zones.records import Along, Effect, Proposal, Reason, Release, Releasing
from service.zones.refusals import refusal
from service.zones.rules import check_record
from service.zones.store import release as store
from service.zones.store import zone as zone_store


async def effects(tx: Tx, zones: Sequence[Zone], wanted: Releasing, *, now: datetime) -> tuple[Releasing, list[Effect]]:
    """Return the record as it would be kept and what it would make of its zones. Raises Refused; nothing is written."""
    checked = check_record(wanted, now=now)
    if len({zone.exercise for zone in zones}) > 1:
        raise refusal(Reason.WORLDS_MIXED, where="zones")
    if await store.is_known(tx, checked.authority, checked.external_id, exercise=zones[0].exercise):
        raise refusal(Reason.RELEASE_KNOWN, checked.external_id, where="external_id")
    earlier = await in_force(tx, [zone.id for zone in zones])
    return checked, [ending.release(zone, checked, earlier[zone.id], now=now) for zone in zones]


async def keep(  # noqa: PLR0913 - who approved what, and what follows from it
    tx: Tx, operator: Operator, proposal: Proposal, wanted: Releasing, made: Sequence[Effect], *, now: datetime
) -> Release:
    """Keep an approved record with all that it does to its zones. The proposal must have been decided."""
    grounds = [one.taken.ground for one in made if one.taken is not None]
    outline = geo.areal(shapely.union_all(grounds)) if wanted.outline is None else wanted.outline
    kept = Release(
        id=new_id(now=now),
        proposal_id=proposal.id,
        kind=wanted.kind,
        authority=wanted.authority,
        external_id=wanted.external_id,
        dated=wanted.dated,
        depth_cm=wanted.depth_cm,
        devices_found=wanted.devices_found,
        remarks=wanted.remarks,
        outline=outline,
        exercise=made[0].zone.exercise,
        at=now,
        taken=tuple(one.taken for one in made if one.taken is not None),
    )
    await store.insert(tx, kept)
    zones = [one.zone for one in made]
    along = Along(recorded=tuple(zone.id for zone in zones))
    await actions.keep(tx, operator, new=(), changed=zones, along=along, why=f"release {kept.id}", now=now)
    return kept


async def revoke(tx: Tx, operator: Operator, release_id: UUID, *, why: str, now: datetime) -> list[Zone]:
    """Revoke a record; one person is enough, as danger comes back. Returns the zones as they are now."""
    await actions.lock(tx)
    found = await store.get(tx, release_id)
    if found is None:
        raise refusal(Reason.RELEASE_UNKNOWN)
    if found.revoked_at is not None:
        raise refusal(Reason.RELEASE_REVOKED)
    await store.revoke(tx, release_id, by=operator.id, why=why, now=now)
    fallen = [one.zone_id for one in found.taken if one.superseded_at is None]
    zones = await _give_back(tx, operator, fallen, why=f"release {release_id} revoked: {why}", now=now)
    detail = {"zones": [str(one.zone_id) for one in found.taken], "why": why}
    await record(tx, operator, "zones.release.revoke", str(release_id), detail, now=now)
    return zones


async def claimed_again(  # noqa: PLR0913 - what a survey found where and when, and who says so
    tx: Tx, operator: Operator, zone_id: UUID, outline: Area, *, dated: date, why: str, now: datetime
) -> list[UUID]:
    """Let a survey of that day overrule records that are not later than it and whose ground meets its outline.

    Returns the records that no longer cover ground of this zone; the zone is active again as far as they did. Empty:
    nothing was changed.
    """
    await actions.lock(tx)
    met = [one.id for one in await living(tx, zone_id) if one.dated <= dated and meets(one, zone_id, outline)]
    if met:
        await supersede(tx, operator, zone_id, met, now=now)
        await _give_back(tx, operator, [zone_id], why=why, now=now)
    return met


async def supersede(tx: Tx, operator: Operator, zone_id: UUID, ids: Collection[UUID], *, now: datetime) -> None:
    """Note that records no longer cover ground of a zone; the caller keeps the zone as it is then."""
    await store.supersede(tx, zone_id, ids, now=now)
    detail = {"releases": [str(each) for each in ids]}
    await record(tx, operator, "zones.release.supersede", str(zone_id), detail, now=now)


async def of(tx: Tx, zone_id: UUID) -> list[Release]:
    """Return every record that ever concerned a zone, revoked and superseded ones too, the oldest first."""
    return await store.of(tx, [zone_id])


async def living(tx: Tx, zone_id: UUID) -> list[Release]:
    """Return the records in force on a zone."""
    return [one for one in await store.of(tx, [zone_id]) if one.stands_at(zone_id)]


async def in_force(tx: Tx, zone_ids: Collection[UUID]) -> Mapping[UUID, list[Area]]:
    """Return the outlines of the records in force on each of these zones."""
    found = await store.of(tx, zone_ids)
    return {zone_id: [one.outline for one in found if one.stands_at(zone_id)] for zone_id in zone_ids}


def meets(release: Release, zone_id: UUID, outline: Area) -> bool:
    """Tell whether ground that is claimed to be dangerous lies in what a record covers, at this zone or beside it."""
    grounds = [one.ground for one in release.taken if one.zone_id == zone_id]
    return any(not geo.overlap(ground, outline).is_empty for ground in [release.outline, *grounds])


async def _give_back(tx: Tx, operator: Operator, ids: Collection[UUID], *, why: str, now: datetime) -> list[Zone]:
    outlines = await in_force(tx, ids)
    zones = [ending.given_back(zone, outlines[zone.id], now=now) for zone in await zone_store.by_ids(tx, ids)]
    along = Along(recorded=tuple(zone.id for zone in zones if zone.state in {State.ACTIVE, State.RELEASED}))
    await actions.keep(tx, operator, new=(), changed=zones, along=along, why=why, now=now)
    return await zone_store.by_ids(tx, ids)
