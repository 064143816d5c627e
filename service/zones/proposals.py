"""What needs a second person: ask for it, decide it (R2, R17)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from service.kit import geo
from service.kit.db import Tx
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Operator, Role
from service.zones import actions, ending, releasing, rules
from service.zones.model import HazardClass, Zone
from service.zones.records import (
    Act,
    Annulling,
    Downgrading,
    Effect,
    Proposal,
    Publishing,
    Reason,
    Releasing,
    Terms,
    Wanted,
)
from service.zones.refusals import outlined, refusal
from service.zones.store import proposal as store
from service.zones.store import zone as zone_store

PROPOSERS = (Role.EDITOR, Role.ADMIN)
DECIDERS = (Role.APPROVER, Role.ADMIN)
RESCUERS = (Role.EDITOR, Role.APPROVER, Role.ADMIN)
"""Who may bring danger back: one person, and fast."""


async def propose(tx: Tx, operator: Operator, wanted: Wanted, *, now: datetime) -> tuple[Proposal, list[Effect]]:
    """Ask a second person to decide; nothing changes until then. Returns what approving it would do to each zone.

    The zones' revisions are frozen with it: whoever decides must find them unchanged.
    """
    await actions.lock(tx)
    zones = await _zones(tx, wanted.zone_ids)
    with outlined(", ".join(map(ending.named, zones))):
        terms, made = await _effects(tx, zones, wanted.terms, now=now)
    proposal = Proposal(
        id=new_id(now=now),
        act=_act(terms),
        zone_ids=tuple(zone.id for zone in zones),
        revisions=tuple(zone.revision for zone in zones),
        terms=terms,
        why=wanted.why,
        asked_by=operator.id,
        asked_at=now,
    )
    await store.insert(tx, proposal)
    await operators.record(tx, operator, f"zones.{proposal.act}.propose", str(proposal.id), _detail(proposal), now=now)
    return proposal, made


async def approve(tx: Tx, operator: Operator, proposal_id: UUID, *, now: datetime) -> tuple[Proposal, list[Effect]]:
    """Do what was proposed, as the second person; all of it in the caller's transaction.

    Raises Refused for whoever proposed it, and with what changed if a zone is not as it was.
    """
    await actions.lock(tx)
    proposal = await _waiting(tx, proposal_id)
    if proposal.asked_by == operator.id:
        raise refusal(Reason.SAME_PERSON)
    await _demand_asker(tx, proposal)
    zones = await _zones(tx, proposal.zone_ids)
    await _demand_unchanged(tx, proposal, zones)
    with outlined(", ".join(map(ending.named, zones))):
        terms, made = await _effects(tx, zones, proposal.terms, now=now)
    decided = replace(proposal, approved=True, decided_by=operator.id, decided_at=now)
    await store.decide(tx, decided)
    await _apply(tx, operator, decided, terms, made, now=now)
    await operators.record(tx, operator, f"zones.{proposal.act}.approve", str(proposal.id), _detail(proposal), now=now)
    kept = {zone.id: zone for zone in await zone_store.by_ids(tx, proposal.zone_ids)}
    return decided, [replace(one, zone=kept[one.zone.id]) for one in made]


async def refuse(tx: Tx, operator: Operator, proposal_id: UUID, *, why: str, now: datetime) -> Proposal:
    """Refuse what was proposed; whoever proposed it may take it back so."""
    await actions.lock(tx)
    proposal = await _waiting(tx, proposal_id)
    if proposal.asked_by != operator.id:
        operators.demand(operator, DECIDERS)
    decided = replace(proposal, approved=False, decided_by=operator.id, decided_at=now, decided_why=why)
    await store.decide(tx, decided)
    detail = {**_detail(proposal), "refused": why}
    await operators.record(tx, operator, f"zones.{proposal.act}.refuse", str(proposal.id), detail, now=now)
    return decided


async def waiting(tx: Tx) -> list[Proposal]:
    """Return what waits for a second person, the oldest first. Nothing lapses: it waits until somebody decides."""
    return await store.waiting(tx)


async def of(tx: Tx, zone_id: UUID) -> list[Proposal]:
    """Return every proposal that ever concerned a zone, the oldest first."""
    return await store.of(tx, zone_id)


async def _effects(tx: Tx, zones: Sequence[Zone], terms: Terms, *, now: datetime) -> tuple[Terms, list[Effect]]:
    match terms:
        case Releasing():
            return await releasing.effects(tx, zones, terms, now=now)
        case Annulling():
            return terms, [_effect(ending.annul(zone, now=now)) for zone in zones]
        case Downgrading():
            lowered = [ending.reclassified(zone, HazardClass.SUSPECTED, now=now) for zone in zones]
            return terms, [_effect(zone) for zone in lowered]
        case Publishing():
            records = await releasing.in_force(tx, [zone.id for zone in zones])
            shown = [ending.published(zone, terms.publication, records[zone.id], now=now) for zone in zones]
            return terms, [_effect(zone) for zone in shown]
        case _:
            assert_never(terms)


async def _apply(  # noqa: PLR0913 - who approved what, and what follows from it
    tx: Tx, operator: Operator, proposal: Proposal, terms: Terms, made: Sequence[Effect], *, now: datetime
) -> None:
    if isinstance(terms, Releasing):
        await releasing.keep(tx, operator, proposal, terms, made, now=now)
        return
    why = f"{proposal.act.value}: {proposal.why}"
    await actions.keep(tx, operator, new=(), changed=[one.zone for one in made], why=why, now=now)


def _effect(zone: Zone) -> Effect:
    return Effect(zone, geo.square_metres(ending.remaining(zone)))


def _act(terms: Terms) -> Act:
    match terms:
        case Releasing():
            return Act.RELEASE
        case Annulling():
            return Act.ANNUL
        case Downgrading():
            return Act.DOWNGRADE
        case Publishing():
            return Act.PUBLISH
        case _:
            assert_never(terms)


async def _zones(tx: Tx, ids: Sequence[UUID]) -> list[Zone]:
    found = {zone.id: zone for zone in await zone_store.by_ids(tx, ids)}
    lost = [str(each) for each in ids if each not in found]
    if lost or not ids:
        raise refusal(Reason.ZONE_UNKNOWN, f": {', '.join(lost)}" if lost else "")
    return [found[each] for each in dict.fromkeys(ids)]


async def _waiting(tx: Tx, proposal_id: UUID) -> Proposal:
    proposal = await store.get(tx, proposal_id)
    if proposal is None:
        raise refusal(Reason.PROPOSAL_UNKNOWN)
    if proposal.approved is not None:
        raise refusal(Reason.PROPOSAL_DECIDED)
    return proposal


async def _demand_asker(tx: Tx, proposal: Proposal) -> None:
    """Refuse what was asked for with a key that was revoked since: it may have been stolen."""
    staff = await operators.everybody(tx)
    if not any(one.id == proposal.asked_by and one.active for one in staff):
        raise refusal(Reason.ASKER_GONE)


async def _demand_unchanged(tx: Tx, proposal: Proposal, zones: Sequence[Zone]) -> None:
    frozen = dict(zip(proposal.zone_ids, proposal.revisions, strict=True))
    changed = [zone for zone in zones if zone.revision != frozen[zone.id]]
    if changed:
        told = [f"{ending.named(zone)}: {await _what_changed(tx, zone, frozen[zone.id])}" for zone in changed]
        raise refusal(Reason.PROPOSAL_OUTDATED, "; ".join(told))


async def _what_changed(tx: Tx, zone: Zone, since: int) -> str:
    kept = {row["revision"]: row["record"] for row in await store.revisions(tx, zone.id)}
    names = rules.differences(kept[since], kept[zone.revision])
    return ", ".join(names) or f"revision {since} to {zone.revision}"


def _detail(proposal: Proposal) -> Mapping[str, Any]:
    return {"zones": [str(each) for each in proposal.zone_ids], "why": proposal.why}
