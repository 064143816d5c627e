"""The doors to incidents: operators take in, list and let totals be seen; everybody reads the totals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request

from service.i18n.catalogues import Catalogues
from service.i18n.routes import LanguageDep
from service.incidents import actions, showing, waiting
from service.incidents.schemas import ImportIn, IncidentOut, IncidentsOut, ListIn, ReportOut
from service.incidents.showing import AskedOut, TotalsIn, TotalsOut, WithdrawIn, YearIn
from service.incidents.telling import (
    DismissIn,
    HistoryOut,
    ImportOut,
    PastIn,
    QuarantineOut,
    WaitingIn,
    WaitingOut,
)
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep
from service.operators.model import STAFF, Operator, Role
from service.operators.routes import needs

router = APIRouter(prefix="/incidents", tags=["incidents"])

Anybody = Annotated[Operator, Depends(needs(*STAFF))]
Editor = Annotated[Operator, Depends(needs(Role.EDITOR, Role.ADMIN))]
Approver = Annotated[Operator, Depends(needs(Role.APPROVER, Role.ADMIN))]
RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
_FILE = {"schema": {"type": "string", "format": "binary"}}
_BODY = {
    "requestBody": {"required": True, "content": {"application/geo+json": _FILE, "application/octet-stream": _FILE}}
}


@router.post("/imports", openapi_extra=_BODY)
async def take_in(
    request: Request, operator: Editor, stated: Annotated[ImportIn, Query()], tx: TxDep, now: NowDep
) -> ReportOut:
    """Take in a file of accidents and finds as the body; with `dry_run` only say what would happen."""
    content, declared = await request.body(), stated.declared()
    if stated.dry_run:
        return ReportOut.of(await actions.plan_import(tx, content, declared, now=now))
    return ReportOut.of(await actions.run_import(tx, operator, content, declared, now=now))


@router.get("/imports/{import_id}")
async def get_import(import_id: UUID, _: Anybody, tx: TxDep) -> ImportOut:
    """Return what an import did, and how many of its rows still wait."""
    return ImportOut.of(await waiting.get_import(tx, import_id))


@router.get("/quarantine")
async def quarantine(_: Anybody, wanted: Annotated[WaitingIn, Query()], tx: TxDep) -> QuarantineOut:
    """List rows of imports that wait for a person, the oldest first, with what is wrong and how to mend it."""
    found = await waiting.page(tx, wanted.model_dump() | {"limit": wanted.limit + 1})
    return QuarantineOut.of(found, wanted.limit)


@router.post("/quarantine/{row_id}/dismiss")
async def dismiss(row_id: RowId, wanted: DismissIn, operator: Editor, tx: TxDep, now: NowDep) -> WaitingOut:
    """Close a row that needs not be taken, with the reason; it stays on record."""
    return WaitingOut.of(await waiting.dismiss(tx, operator, row_id, wanted.reason, now=now))


@router.get("")
async def page(_: Anybody, wanted: Annotated[ListIn, Query()], tx: TxDep) -> IncidentsOut:
    """Return a page of incidents, for operators."""
    found = await actions.page(tx, **wanted.model_dump(exclude={"limit"}), limit=wanted.limit + 1)
    return IncidentsOut.of(found, wanted.limit)


@router.get("/totals", dependencies=[PUBLIC])
async def totals(wanted: Annotated[TotalsIn, Query()], tx: TxDep, house: HouseDep, language: LanguageDep) -> TotalsOut:
    """Return recorded events by district and year; a district without any is not free of danger."""
    found = await actions.public_totals(tx, authority=wanted.authority, year=wanted.year)
    return showing.totals(found, house.get(Catalogues), language)


@router.post("/totals", status_code=202)
async def ask_for_totals(wanted: YearIn, operator: Editor, tx: TxDep, house: HouseDep, now: NowDep) -> AskedOut:
    """Ask that a year's totals become public; a second person has to approve."""
    asked = await actions.ask_for_totals(tx, house.keyring, operator, wanted.authority, wanted.year, now=now)
    return AskedOut.of(asked)


@router.post("/totals/approve")
async def approve_totals(wanted: YearIn, operator: Approver, tx: TxDep, house: HouseDep, now: NowDep) -> AskedOut:
    """Let the public see a year's totals, as the second person; from then on they never change."""
    shown = await actions.approve_totals(tx, house.keyring, operator, wanted.authority, wanted.year, now=now)
    return AskedOut.of(shown)


@router.post("/totals/withdraw", status_code=204)
async def withdraw_totals(wanted: WithdrawIn, operator: Anybody, tx: TxDep, now: NowDep) -> None:
    """Stop showing a year's totals, alone and at once."""
    await actions.withdraw_totals(tx, operator, wanted.authority, wanted.year, wanted.reason, now=now)


@router.get("/{incident_id}")
async def get(incident_id: UUID, _: Anybody, tx: TxDep) -> IncidentOut:
    """Return the whole record of one incident, for operators."""
    return IncidentOut.of(await actions.get(tx, incident_id))


@router.get("/{incident_id}/history")
async def history(incident_id: UUID, _: Anybody, wanted: Annotated[PastIn, Query()], tx: TxDep) -> HistoryOut:
    """Return what an incident was, revision by revision: when it changed, by whom, why."""
    found = await waiting.history(tx, incident_id, after=wanted.after, limit=wanted.limit + 1)
    return HistoryOut.of(found, wanted.limit)
