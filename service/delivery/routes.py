"""Receipts from phones, and the switch that stops sending."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from service.config import Settings
from service.delivery import actions, receiving, sms_reports
from service.delivery.provider_calls import Call
from service.delivery.receiving import Desk
from service.delivery.schemas import ReceiptIn, SendingOut, Why
from service.delivery.sms_reports import Reporter, Reporters
from service.kit.errors import Kind, Refused
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep, decides_access
from service.kit.limits import Limits, limited
from service.operators.model import STAFF, Operator, Role
from service.operators.routes import needs

router = APIRouter(tags=["delivery"])

Anybody = Annotated[Operator, Depends(needs(*STAFF))]
MayResume = Annotated[Operator, Depends(needs(Role.APPROVER, Role.ADMIN))]
_REPORT = "/sms/{provider}/report"


@router.post("/receipts", status_code=202, dependencies=[PUBLIC, Depends(limited("receipts", "6000/minute"))])
async def receive(given: ReceiptIn, house: HouseDep, now: NowDep) -> dict[str, bool]:
    """Say that an alert was shown on this phone."""
    receipt = given.receipt()
    if not receiving.is_genuine(receipt, keyring=house.keyring):
        detail = "The receipt was not made with this registration's receipt key."
        raise Refused(Kind.FORBIDDEN, "receipt-forged", detail, where="mac", remedy="Use the key of the registration.")
    await house.get(Desk).keep(receipt, now=now)
    return {"received": True}


@router.get("/sending")
async def status(_: Anybody, tx: TxDep, house: HouseDep) -> SendingOut:
    """Say whether messages go out."""
    return SendingOut.of(await actions.status(tx), epoch=house.get(Settings).epoch)


@router.post("/sending/pause")
async def pause(why: Why, operator: Anybody, tx: TxDep, house: HouseDep, now: NowDep) -> SendingOut:
    """Stop all sending within two seconds: one person is enough."""
    await actions.pause(tx, operator, reason=why.reason, now=now)
    return SendingOut.of(await actions.status(tx), epoch=house.get(Settings).epoch)


@router.post("/sending/resume")
async def resume(why: Why, operator: MayResume, tx: TxDep, house: HouseDep, now: NowDep) -> SendingOut:
    """Let messages go out again."""
    epoch = house.get(Settings).epoch
    await actions.resume(tx, operator, reason=why.reason, epoch=epoch, now=now)
    return SendingOut.of(await actions.status(tx), epoch=epoch)


@decides_access
async def _reporter(provider: str, request: Request, house: HouseDep) -> Reporter:
    # The body is read only once it is known who calls.
    call = Call(request.scope["query_string"], dict(request.headers), b"")
    reporter = house.get(Reporters).caller(provider, call)
    await sms_reports.demand_room(house.get(Limits), reporter)
    return reporter


ReporterDep = Annotated[Reporter, Depends(_reporter)]


@router.post(_REPORT, response_class=PlainTextResponse)
async def report(reporter: ReporterDep, request: Request, tx: TxDep, now: NowDep) -> PlainTextResponse:
    """Say what became of a text, in the form that the file of providers says."""
    call = Call(request.scope["query_string"], dict(request.headers), await request.body())
    await sms_reports.hear(tx, reporter, call, now=now)
    return PlainTextResponse("OK")


@router.get(_REPORT, response_class=PlainTextResponse)
async def report_by_get(reporter: ReporterDep, request: Request, tx: TxDep, now: NowDep) -> PlainTextResponse:
    """Say the same, for a gateway that knows GET only."""
    return await report(reporter, request, tx, now)
