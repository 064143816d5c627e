"""Alerts for operators, and what phones pull."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from limits import parse

from service.alerts import actions, charging, following, hearing, progress, showing, warned
from service.alerts.costing import LiftedOut, LiftIn
from service.alerts.drafting import DraftIn
from service.alerts.model import Act, Draft
from service.alerts.previewing import PreviewOut
from service.alerts.rules import ROLES
from service.alerts.schemas import AlertOut, LivesOut, UnverifiedIn, WarnedOut, Why, WithdrawIn
from service.alerts.telling import CorrectIn, CorrectionOut, WrongIn
from service.config import Settings
from service.i18n.routes import AskedDep
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep
from service.kit.limits import Limits, demand_within, limited
from service.operators.model import STAFF, Operator, Role
from service.operators.routes import needs
from service.residents.model import MOST_PLACES
from service.residents.routes import Owner

router = APIRouter(prefix="/alerts", tags=["alerts"])
phones = APIRouter(tags=["registrations"])
_WARNINGS = "/registrations/{registration_id}/warnings"
receipts = APIRouter(prefix="/receipts", tags=["delivery"])
_PREVIEWS = parse("60/hour")

Anybody = Annotated[Operator, Depends(needs(*STAFF))]
Admin = Annotated[Operator, Depends(needs(Role.ADMIN))]
Auditor = Annotated[Operator, Depends(needs(Role.ADMIN, Role.APPROVER))]
Author = Annotated[Operator, Depends(needs(*ROLES[Act.SUBMIT]))]
Approver = Annotated[Operator, Depends(needs(*ROLES[Act.APPROVE]))]
MayWithdraw = Annotated[Operator, Depends(needs(*ROLES[Act.WITHDRAW]))]
MayRenew = Annotated[Operator, Depends(needs(*ROLES[Act.RENEW]))]
Cells = Annotated[Sequence[str], Query(max_length=64, description="H3 cells of resolution 4 to 7")]
Places = Annotated[
    Sequence[UUID], Query(max_length=MOST_PLACES, description="ids of places that a phone subscribed to")
]


async def _asked(tx: TxDep, cell: Cells = (), place: Places = ()) -> list[int]:
    return await showing.read_cells(tx, cell, place)


async def _seldom(operator: Anybody, house: HouseDep) -> Operator:
    """R26: whoever looks at many audiences could tell them apart by one person."""
    await demand_within(house.get(Limits), "previews", _PREVIEWS, str(operator.id))
    return operator


def _drafted(wanted: DraftIn, house: HouseDep) -> Draft:
    return wanted.draft(escalate_minutes=house.get(Settings).escalate_minutes)


Drafted = Annotated[Draft, Depends(_drafted)]
Previewing = Annotated[Operator, Depends(_seldom)]


_FIELD = {"type": "string"}
# What one event holds: OpenAPI describes a stream by its events.
_EVENT = {"type": "object", "properties": {"event": _FIELD, "id": _FIELD, "data": _FIELD}}
_EVENTS: dict[str, Any] = {"content": {"text/event-stream": {"schema": _EVENT}}}


class EventStream(StreamingResponse):
    """Server-sent events; proxies must not hold them back."""

    media_type = "text/event-stream"


@router.get("/live", dependencies=[PUBLIC])
async def live(
    asked: Annotated[list[int], Depends(_asked)],
    tx: TxDep,
    house: HouseDep,
    words: AskedDep,
    *,
    exercise: Annotated[bool, Query()] = False,
) -> LivesOut:
    """Return every alert told about these cells and places: phones learn here what a push did not bring."""
    return await showing.lives(tx, house, asked, words, exercise=exercise)


@router.post("", status_code=201)
async def draft(wanted: Drafted, operator: Author, tx: TxDep, now: NowDep) -> AlertOut:
    """Write a draft."""
    return AlertOut.of(await actions.draft(tx, operator, wanted, now=now))


@router.get("")
async def newest(
    _: Anybody, tx: TxDep, before: datetime | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> list[AlertOut]:
    """List alerts, the newest first; `before` is the created_at of the last one seen."""
    return [AlertOut.of(alert) for alert in await actions.newest(tx, before=before, limit=limit)]


@router.get("/expiring")
async def expiring(
    _: Anybody, tx: TxDep, now: NowDep, days: Annotated[int, Query(ge=0, le=365)] = 14
) -> list[AlertOut]:
    """List what needs somebody: ends whose zone is dangerous again, and what is or will soon be out of date."""
    return [AlertOut.of(alert) for alert in await following.expiring(tx, within=timedelta(days=days), now=now)]


@router.get("/warned/{registration_id}", dependencies=[Depends(limited("warned", "60/minute"))])
async def warned_of(
    registration_id: UUID, operator: Auditor, tx: TxDep, now: NowDep, alert: UUID | None = None
) -> list[WarnedOut]:
    """Say whether a registration was warned, by what, and if not, why not. Each look is audited."""
    answers = await warned.of_registration(tx, operator, registration_id, alert, now=now)
    return [WarnedOut.of(one) for one in answers]


@phones.get(_WARNINGS, dependencies=[Depends(limited("warnings", "3000/minute"))])
async def warnings_of(owner: Owner, tx: TxDep, now: NowDep) -> list[WarnedOut]:
    """Tell a phone what it was sent, and why not where it was not."""
    return [WarnedOut.of(one) for one in await warned.of_phone(tx, owner.id, now=now)]


@router.get("/{alert_id}")
async def get(alert_id: UUID, _: Anybody, tx: TxDep, now: NowDep) -> AlertOut:
    """Return an alert with its events and counts."""
    return await showing.alert(tx, alert_id, now=now)


@router.get(
    "/{alert_id}/progress",
    response_class=EventStream,
    responses={200: _EVENTS, 204: {"description": "the caller's last event was the end"}},
)
async def follow(
    alert_id: UUID, _: Anybody, tx: TxDep, house: HouseDep, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Follow an alert by server-sent events until it is sent or withdrawn."""
    events = await progress.follow(tx, house, alert_id, seen=last_event_id)
    return Response(status_code=204) if events is None else EventStream(events)


@router.patch("/{alert_id}")
async def change(alert_id: UUID, wanted: Drafted, operator: Author, tx: TxDep, now: NowDep) -> AlertOut:
    """Write a draft or returned alert anew."""
    return AlertOut.of(await actions.change(tx, operator, alert_id, wanted, now=now))


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
    """Stop it at once: one person, one call. Whom it reached is told by a correction."""
    return AlertOut.of(await actions.withdraw(tx, house, operator, alert_id, wrong=why.wrong, reason=why.reason))


@router.post("/{alert_id}/update", status_code=201)
async def update(alert_id: UUID, wanted: Drafted, operator: Author, tx: TxDep, now: NowDep) -> AlertOut:
    """Draft an update of this message; once a second person approves it, it takes its place."""
    return AlertOut.of(await following.update(tx, operator, alert_id, wanted, now=now))


@router.post("/{alert_id}/end", status_code=201)
async def end(alert_id: UUID, operator: Author, tx: TxDep, now: NowDep) -> AlertOut:
    """Draft the end of a warning whose zone a release record covers; a second person approves it."""
    return AlertOut.of(await following.end(tx, operator, alert_id, now=now))


@router.post("/{alert_id}/correction/preview")
async def prepare(alert_id: UUID, what: WrongIn, operator: MayWithdraw, tx: TxDep, house: HouseDep) -> CorrectionOut:
    """Prepare a correction: show what it would say and to how many. Nothing happens yet."""
    return await showing.correction(tx, house, operator, alert_id, wrong=what.wrong)


@router.post("/{alert_id}/correction", status_code=201)
async def correct(alert_id: UUID, what: CorrectIn, operator: MayWithdraw, tx: TxDep, house: HouseDep) -> AlertOut:
    """Send exactly the correction that was prepared; the message stops at once. One person is enough."""
    content = bytes.fromhex(what.content)
    made = await following.correct(tx, house, operator, alert_id, wrong=what.wrong, reason=what.reason, content=content)
    return AlertOut.of(made)


@router.post("/{alert_id}/sms-budget")
async def lift(alert_id: UUID, wanted: LiftIn, operator: Admin, tx: TxDep, house: HouseDep) -> LiftedOut:
    """Let the texts of this alert cost more than the settings allow; what waits goes on."""
    return await charging.lift(tx, house, operator, alert_id, amount=wanted.amount, reason=wanted.reason)


@router.post("/sms-budget")
async def lift_month(wanted: LiftIn, operator: Admin, tx: TxDep, house: HouseDep) -> LiftedOut:
    """Let all texts of this month cost more than the settings allow."""
    return await charging.lift(tx, house, operator, None, amount=wanted.amount, reason=wanted.reason)


@router.post("/{alert_id}/renew")
async def renew(alert_id: UUID, why: Why, operator: MayRenew, tx: TxDep, house: HouseDep) -> AlertOut:
    """Let it stand as long again, in silence."""
    return AlertOut.of(await following.renew(tx, house, operator, alert_id, reason=why.reason))


@receipts.post(
    "/anonymous", status_code=202, dependencies=[PUBLIC, Depends(limited("anonymous-receipts", "600/minute"))]
)
async def hear(given: UnverifiedIn, tx: TxDep, house: HouseDep) -> dict[str, bool]:
    """Say that an alert was shown on a phone that registered nothing; it is counted apart, as anybody could say so."""
    await hearing.hear(tx, house, given.alert, given.revision, cell=given.place())
    return {"received": True}
