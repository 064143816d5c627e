"""The doors to the record of zones, for operators: look, propose, decide, add danger."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from service.kit.http import NowDep, TxDep
from service.operators.model import STAFF, Operator
from service.operators.routes import needs
from service.zones import actions, coverage, history, lineage, proposals, releasing, schemas
from service.zones.model import HazardClass
from service.zones.records import Annulling, Downgrading, Publishing, Terms, Wanted
from service.zones.schemas import CoverageOut, HistoryOut, ProposalOut, ReclassifiedOut, RecordOut, StaleOut, Why

router = APIRouter(tags=["zones"])

Anybody = Annotated[Operator, Depends(needs(*STAFF))]
Editor = Annotated[Operator, Depends(needs(*proposals.PROPOSERS))]
Decider = Annotated[Operator, Depends(needs(*proposals.DECIDERS))]
Rescuer = Annotated[Operator, Depends(needs(*proposals.RESCUERS))]
_WAITS: dict[int | str, dict[str, Any]] = {202: {"model": ReclassifiedOut, "description": "a second person decides"}}


@router.post("/zones", status_code=201)
async def add(wanted: schemas.ZoneIn, operator: Editor, tx: TxDep, now: NowDep) -> RecordOut:
    """Add one zone by hand."""
    return RecordOut.of(await lineage.add(tx, operator, wanted.newcomer(), why=wanted.why, now=now))


@router.get("/zones/records")
async def records(_: Anybody, wanted: Annotated[schemas.WantedIn, Query()], tx: TxDep) -> list[RecordOut]:
    """List whole records in the order in which they came, the withheld and the ended ones too."""
    found = await actions.everything(tx, after=wanted.after, limit=wanted.limit, wanted=wanted.filter())
    return [RecordOut.of(zone) for zone in found]


@router.post("/zones/stale")
async def mark_stale(wanted: schemas.StaleIn, operator: Editor, tx: TxDep, now: NowDep) -> StaleOut:
    """Mark an authority's zones, or those of one of its lists, as stale; nothing else of them changes."""
    world = {"exercise": wanted.exercise}
    marked = await lineage.mark_stale(tx, operator, wanted.authority, wanted.feed, **world, why=wanted.why, now=now)
    return StaleOut(marked=marked)


@router.get("/zones/proposals")
async def waiting(_: Anybody, tx: TxDep) -> list[ProposalOut]:
    """List what waits for a second person, the oldest first."""
    return [ProposalOut.of(one) for one in await proposals.waiting(tx)]


@router.post("/zones/proposals/{proposal_id}/approve")
async def approve(proposal_id: UUID, operator: Decider, tx: TxDep, now: NowDep) -> ProposalOut:
    """Do what was proposed, as the second person; never as the one who proposed it."""
    return ProposalOut.of(*await proposals.approve(tx, operator, proposal_id, now=now))


@router.post("/zones/proposals/{proposal_id}/refuse")
async def refuse(proposal_id: UUID, said: Why, operator: Rescuer, tx: TxDep, now: NowDep) -> ProposalOut:
    """Refuse what was proposed; whoever proposed it may take it back so."""
    return ProposalOut.of(await proposals.refuse(tx, operator, proposal_id, why=said.why, now=now))


@router.get("/zones/{zone_id}/record")
async def get_record(zone_id: UUID, _: Anybody, tx: TxDep) -> RecordOut:
    """Return the whole record of a zone: class, hazards, official outline."""
    return RecordOut.of(await actions.get_record(tx, zone_id))


@router.get("/zones/{zone_id}/history")
async def get_history(zone_id: UUID, _: Anybody, tx: TxDep) -> HistoryOut:
    """Return a zone's revisions, release records, proposals and lineage."""
    return HistoryOut.of(await history.of(tx, zone_id))


@router.post("/zones/{zone_id}/extend")
async def extend(zone_id: UUID, wanted: schemas.ExtendIn, operator: Editor, tx: TxDep, now: NowDep) -> RecordOut:
    """Add ground to a zone; a release record that covers any of it no longer counts for this zone."""
    return RecordOut.of(await lineage.extend(tx, operator, zone_id, wanted.drawn(), why=wanted.why, now=now))


@router.post("/zones/{zone_id}/correct")
async def correct(zone_id: UUID, wanted: schemas.CorrectIn, operator: Editor, tx: TxDep, now: NowDep) -> RecordOut:
    """Correct what is said of a zone; its accuracy may only become larger."""
    return RecordOut.of(await lineage.correct(tx, operator, zone_id, wanted.correction(), why=wanted.why, now=now))


@router.post("/zones/{zone_id}/split", status_code=201)
async def split(zone_id: UUID, wanted: schemas.SplitIn, operator: Editor, tx: TxDep, now: NowDep) -> list[RecordOut]:
    """Replace a zone by parts that cover it together."""
    made = await lineage.split(tx, operator, zone_id, wanted.drawn(), why=wanted.why, now=now)
    return [RecordOut.of(zone) for zone in made]


@router.post("/zones/{zone_id}/merge", status_code=201)
async def merge(zone_id: UUID, wanted: schemas.MergeIn, operator: Editor, tx: TxDep, now: NowDep) -> RecordOut:
    """Replace this zone and others by one that covers them."""
    ids, named = [zone_id, *wanted.others], (wanted.external_id, wanted.name)
    return RecordOut.of(await lineage.merge(tx, operator, ids, named, why=wanted.why, now=now))


@router.post("/zones/{zone_id}/reclassify", responses=_WAITS)
async def reclassify(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies
    zone_id: UUID, wanted: schemas.ReclassifyIn, operator: Editor, tx: TxDep, now: NowDep, answer: Response
) -> ReclassifiedOut:
    """Make a suspected area a confirmed one at once; the other way waits for a second person (202)."""
    if wanted.hazard_class is HazardClass.CONFIRMED:
        zone = await lineage.confirm(tx, operator, zone_id, why=wanted.why, now=now)
        return ReclassifiedOut(zone=RecordOut.of(zone))
    asked = Wanted([zone_id], Downgrading(), wanted.why)
    proposal = ProposalOut.of(*await proposals.propose(tx, operator, asked, now=now))
    answer.status_code = 202
    return ReclassifiedOut(proposal=proposal)


@router.post("/zones/{zone_id}/release", status_code=202)
async def release(zone_id: UUID, wanted: schemas.ReleaseIn, operator: Editor, tx: TxDep, now: NowDep) -> ProposalOut:
    """Propose a release record; nothing changes until a second person approves it."""
    asked = Wanted([zone_id, *wanted.others], wanted.releasing(), wanted.why)
    return ProposalOut.of(*await proposals.propose(tx, operator, asked, now=now))


@router.post("/zones/{zone_id}/annul", status_code=202)
async def annul(zone_id: UUID, wanted: schemas.AnnulIn, operator: Editor, tx: TxDep, now: NowDep) -> ProposalOut:
    """Propose to annul a zone that was recorded in error; a second person decides."""
    terms: Terms = Annulling(wanted.evidence)
    return ProposalOut.of(*await proposals.propose(tx, operator, Wanted([zone_id], terms, wanted.why), now=now))


@router.post("/zones/{zone_id}/publication", status_code=202)
async def publish(
    zone_id: UUID, wanted: schemas.PublicationIn, operator: Editor, tx: TxDep, now: NowDep
) -> ProposalOut:
    """Propose what the public may see of a zone, more or less; a second person decides."""
    terms: Terms = Publishing(wanted.publication)
    return ProposalOut.of(*await proposals.propose(tx, operator, Wanted([zone_id], terms, wanted.why), now=now))


@router.post("/zones/{zone_id}/reinstate")
async def reinstate(zone_id: UUID, said: Why, operator: Rescuer, tx: TxDep, now: NowDep) -> RecordOut:
    """Return an annulled zone to the record; one person is enough."""
    return RecordOut.of(await lineage.reinstate(tx, operator, zone_id, why=said.why, now=now))


@router.post("/releases/{release_id}/revoke")
async def revoke(release_id: UUID, said: Why, operator: Rescuer, tx: TxDep, now: NowDep) -> list[RecordOut]:
    """Revoke a release record; one person is enough, and the danger is back at once."""
    zones = await releasing.revoke(tx, operator, release_id, why=said.why, now=now)
    return [RecordOut.of(zone) for zone in zones]


@router.get("/coverage")
async def list_coverage(_: Anybody, tx: TxDep) -> list[CoverageOut]:
    """List coverage areas, those that have ended too."""
    return [CoverageOut.of(area) for area in await coverage.everything(tx)]


@router.post("/coverage")
async def put_coverage(wanted: schemas.CoverageIn, operator: Editor, tx: TxDep, now: NowDep) -> CoverageOut:
    """Say where an authority keeps the record, or replace what was said under the same id."""
    return CoverageOut.of(await coverage.put(tx, operator, wanted.covered(), why=wanted.why, now=now))


@router.post("/coverage/{coverage_id}/end")
async def end_coverage(coverage_id: UUID, said: Why, operator: Editor, tx: TxDep, now: NowDep) -> CoverageOut:
    """End a coverage area; no zone changes by it."""
    return CoverageOut.of(await coverage.end(tx, operator, coverage_id, why=said.why, now=now))
