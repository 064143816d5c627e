"""Alerts for operators, and what phones pull."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from limits import parse

from service.alerts import actions, hearing, progress, showing
from service.alerts.drafting import DraftIn
from service.alerts.model import Act
from service.alerts.rules import ROLES
from service.alerts.schemas import AlertOut, LivesOut, PreviewOut, UnverifiedIn, Why, WithdrawIn
from service.i18n.routes import LanguageDep
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep
from service.kit.limits import Limits, demand_within, limited
from service.operators.model import Operator, Role
from service.operators.routes import needs

router = APIRouter(prefix="/alerts", tags=["alerts"])
receipts = APIRouter(prefix="/receipts", tags=["delivery"])
_PREVIEWS = parse("60/hour")

Anybody = Annotated[Operator, Depends(needs(*Role))]
Author = Annotated[Operator, Depends(needs(*ROLES[Act.SUBMIT]))]
Approver = Annotated[Operator, Depends(needs(*ROLES[Act.APPROVE]))]
MayWithdraw = Annotated[Operator, Depends(needs(*ROLES[Act.WITHDRAW]))]
Cells = Annotated[list[str], Query(min_length=1, max_length=64, description="H3 cells of resolution 4 to 7")]


async def _seldom(operator: Anybody, house: HouseDep) -> Operator:
    """R26: whoever looks at many audiences could tell them apart by one person."""
    await demand_within(house.get(Limits), "previews", _PREVIEWS, str(operator.id))
    return operator


Previewing = Annotated[Operator, Depends(_seldom)]


class EventStream(StreamingResponse):
    """Server-sent events; proxies must not hold them back."""

    media_type = "text/event-stream"


@router.get("/live", dependencies=[PUBLIC])
async def live(
    cell: Cells, tx: TxDep, house: HouseDep, language: LanguageDep, *, exercise: Annotated[bool, Query()] = False
) -> LivesOut:
    """Return every alert told about these cells: phones learn here what a push did not bring."""
    return await showing.lives(tx, house, showing.read_cells(cell), language, exercise=exercise)


@router.post("", status_code=201)
async def draft(wanted: DraftIn, operator: Author, tx: TxDep, now: NowDep) -> AlertOut:
    """Write a draft."""
    return AlertOut.of(await actions.draft(tx, operator, wanted.draft(), now=now))


@router.get("")
async def newest(
    _: Anybody, tx: TxDep, before: datetime | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> list[AlertOut]:
    """List alerts, the newest first; `before` is the created_at of the last one seen."""
    return [AlertOut.of(alert) for alert in await actions.newest(tx, before=before, limit=limit)]


@router.get("/{alert_id}")
async def get(alert_id: UUID, _: Anybody, tx: TxDep, now: NowDep) -> AlertOut:
    """Return an alert with its events and counts."""
    return await showing.alert(tx, alert_id, now=now)


@router.get(
    "/{alert_id}/progress",
    response_class=EventStream,
    responses={204: {"description": "the caller's last event was the end"}},
)
async def follow(
    alert_id: UUID, _: Anybody, tx: TxDep, house: HouseDep, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Follow an alert by server-sent events until it is sent or withdrawn."""
    events = await progress.follow(tx, house, alert_id, seen=last_event_id)
    return Response(status_code=204) if events is None else EventStream(events)


@router.patch("/{alert_id}")
async def change(alert_id: UUID, wanted: DraftIn, operator: Author, tx: TxDep, now: NowDep) -> AlertOut:
    """Write a draft or returned alert anew."""
    return AlertOut.of(await actions.change(tx, operator, alert_id, wanted.draft(), now=now))


@router.get("/{alert_id}/preview")
async def preview(alert_id: UUID, operator: Previewing, tx: TxDep, house: HouseDep) -> PreviewOut:
    """Return whom and what it would reach if it were approved now."""
    return await showing.preview(tx, house, operator, alert_id)


@router.post("/{alert_id}/submit")
async def submit(alert_id: UUID, operator: Author, tx: TxDep, house: HouseDep) -> AlertOut:
    """Hand it to a second person."""
    return AlertOut.of(await actions.submit(tx, house, operator, alert_id))


@router.post("/{alert_id}/approve")
async def approve(alert_id: UUID, operator: Approver, tx: TxDep, house: HouseDep) -> AlertOut:
    """Let it go out; never by whoever wrote or submitted it."""
    return AlertOut.of(await actions.approve(tx, house, operator, alert_id))


@router.post("/{alert_id}/return")
async def give_back(alert_id: UUID, why: Why, operator: Approver, tx: TxDep, now: NowDep) -> AlertOut:
    """Give it back to its author."""
    return AlertOut.of(await actions.give_back(tx, operator, alert_id, reason=why.reason, now=now))


@router.post("/{alert_id}/reject")
async def reject(alert_id: UUID, why: Why, operator: Approver, tx: TxDep, now: NowDep) -> AlertOut:
    """Refuse it for good."""
    return AlertOut.of(await actions.reject(tx, operator, alert_id, reason=why.reason, now=now))


@router.post("/{alert_id}/withdraw")
async def withdraw(alert_id: UUID, why: WithdrawIn, operator: MayWithdraw, tx: TxDep, house: HouseDep) -> AlertOut:
    """Take it back; one person is enough."""
    return AlertOut.of(await actions.withdraw(tx, house, operator, alert_id, wrong=why.wrong, reason=why.reason))


@receipts.post(
    "/anonymous", status_code=202, dependencies=[PUBLIC, Depends(limited("anonymous-receipts", "600/minute"))]
)
async def hear(given: UnverifiedIn, tx: TxDep, house: HouseDep) -> dict[str, bool]:
    """Say that an alert was shown on a phone that registered nothing; it is counted apart, as anybody could say so."""
    await hearing.hear(tx, house, given.alert, given.revision, cell=given.place())
    return {"received": True}
