"""Lets a second person decide what waits: whoever imported it proposed it, whoever decides is another (R2, R6, R17)."""

from collections.abc import Sequence
from datetime import datetime

from service.imports.model import Remembered
from service.imports.reasons import REMOVING, Reason
from service.imports.records import Decision, Verdict, Waiting
from service.imports.store import quarantine as store
from service.imports.store import sources as source_store
from service.kit import geo
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import actions as zones
from service.zones import proposals
from service.zones.records import Annulling, Downgrading, Releasing, Terms, Wanted

FITTING: dict[Decision, frozenset[Reason]] = {
    Decision.KEPT: REMOVING,
    Decision.RELEASED: REMOVING - {Reason.DOWNGRADED},
    Decision.RECLASSIFIED: frozenset({Reason.DOWNGRADED}),
    Decision.ANNULLED: frozenset({Reason.MISSING, Reason.CLOSED}),
}
"""Which decision fits which reason; what takes nothing away can only be dismissed."""


async def decide(tx: Tx, operator: Operator, ids: Sequence[int], verdict: Verdict, *, now: datetime) -> list[Waiting]:
    """Decide about entries of the quarantine, all of them or none. Raises Refused, naming the entry."""
    await zones.lock(tx)
    found = await store.by_ids(tx, ids)
    _demand(found, ids, operator, verdict)
    for entry in found:
        await _effect(tx, operator, entry, verdict, now=now)
    wanted = [entry.id for entry in found]
    await store.decide(tx, wanted, verdict.decision, by=operator.id, why=verdict.why, now=now)
    detail = {"entries": wanted, "why": verdict.why}
    await operators.record(tx, operator, f"quarantine.{verdict.decision.value}", "", detail, now=now)
    return await store.by_ids(tx, ids)


def _demand(found: Sequence[Waiting], ids: Sequence[int], operator: Operator, verdict: Verdict) -> None:
    lost = sorted(set(ids) - {entry.id for entry in found})
    if lost:
        detail = f"There is no entry {lost[0]} in the quarantine."
        raise Refused(Kind.NOT_FOUND, "entry-unknown", detail, where="ids", remedy="List what waits.")
    for entry in found:
        _demand_one(entry, operator, verdict)
    if verdict.decision is Decision.RELEASED and (verdict.release is None or verdict.dated is None):
        detail = "A release record needs its kind and its day."
        raise Refused(Kind.INVALID, "release-incomplete", detail, where="release", remedy="State both.")


def _demand_one(entry: Waiting, operator: Operator, verdict: Verdict) -> None:
    where = f"entry {entry.id}"
    if entry.decision is not None:
        detail = f"Entry {entry.id} has been decided already: {entry.decision.value}."
        raise Refused(Kind.CONFLICT, "entry-decided-already", detail, where=where, remedy="Leave it out.")
    if entry.imported_by == operator.id:
        detail = f"Entry {entry.id} came with your own import."
        raise Refused(Kind.FORBIDDEN, "same-person", detail, where=where, remedy="Another person has to decide it.")
    fits = entry.reason in FITTING.get(verdict.decision, frozenset())
    if verdict.decision is Decision.DISMISSED:
        fits = entry.reason not in REMOVING
    if not fits or (entry.reason in REMOVING and entry.zone_id is None):
        detail = f"Entry {entry.id} waits because of {entry.reason.value}; it cannot be {verdict.decision.value}."
        fitting = [one.value for one, reasons in FITTING.items() if entry.reason in reasons] or ["dismissed"]
        raise Refused(Kind.CONFLICT, "decision-unfit", detail, where=where, remedy=f"Fitting is: {', '.join(fitting)}.")


async def _effect(tx: Tx, operator: Operator, entry: Waiting, verdict: Verdict, *, now: datetime) -> None:
    terms = await _terms(tx, entry, verdict)
    if terms is not None and entry.zone_id is not None:
        importer = await _importer(tx, entry)
        why = f"quarantine {entry.id}, import {entry.import_id}: {verdict.why}"
        proposal, _ = await proposals.propose(tx, importer, Wanted([entry.zone_id], terms, why), now=now)
        await proposals.approve(tx, operator, proposal.id, now=now)
    await _remember(tx, entry)


async def _terms(tx: Tx, entry: Waiting, verdict: Verdict) -> Terms | None:
    match verdict.decision:
        case Decision.RELEASED:
            return await _release(tx, entry, verdict)
        case Decision.ANNULLED:
            return Annulling(verdict.why)
        case Decision.RECLASSIFIED:
            return Downgrading()
        case _:
            return None


async def _release(tx: Tx, entry: Waiting, verdict: Verdict) -> Releasing:
    """Return the record: over the ground that the row leaves out, or over the whole zone that has no row or ended."""
    assert verdict.release is not None  # noqa: S101 - demanded before
    assert verdict.dated is not None  # noqa: S101 - as above
    outline = None
    if entry.reason in {Reason.SHRINKS, Reason.MOVES}:
        assert entry.zone_id is not None  # noqa: S101 - demanded before
        assert entry.outline is not None  # noqa: S101 - kept with each of these: without it the whole zone would go
        zone = await zones.get_record(tx, entry.zone_id)
        outline = geo.without(zone.official, entry.outline)
        if outline.is_empty:
            detail = f"The row of entry {entry.id} leaves no official ground out: only its accuracy is finer."
            raise Refused(Kind.CONFLICT, "ground-missing", detail, where=f"entry {entry.id}", remedy="Keep it.")
    return Releasing(verdict.release, entry.authority, verdict.dated, outline, verdict.depth_cm, remarks=verdict.why)


async def _remember(tx: Tx, entry: Waiting) -> None:
    """Remember the row as taken: until it changes nobody is asked the same again."""
    if entry.zone_id is not None and entry.source_digest is not None:
        row = Remembered(entry.source_digest, entry.outline)
        await source_store.remember(tx, entry.authority, {entry.zone_id: row}, exercise=entry.exercise)


async def _importer(tx: Tx, entry: Waiting) -> Operator:
    """Return who imported the row: the first of the two people."""
    found = next((one for one in await operators.everybody(tx) if one.id == entry.imported_by), None)
    assert found is not None  # noqa: S101 - the table of imports refers to operators
    return found
