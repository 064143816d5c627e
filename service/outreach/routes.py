"""The doors to reports on sessions held: handing in, correcting, exact records, and what everybody may see."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import HTMLResponse

from service.config import Settings
from service.guidance.words import DRAFT
from service.i18n.catalogues import Catalogues
from service.kit.house import House
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep
from service.operators.model import Operator, Role
from service.operators.routes import needs
from service.outreach import actions, counting, form, totals, words
from service.outreach.actions import Around
from service.outreach.schemas import BatchIn, CorrectIn, ReportIn, ReportsIn, WithdrawIn
from service.outreach.showing import (
    FiguresOut,
    GainsOut,
    HandedInOut,
    HistoryOut,
    OutcomeOut,
    OutcomesOut,
    PastOut,
    ReportOut,
    ReportsOut,
)
from service.places.following import PlaceIndex

router = APIRouter(prefix="/lessons", tags=["lessons"])

Educator = Annotated[Operator, Depends(needs(Role.EDUCATOR))]
Officer = Annotated[Operator, Depends(needs(Role.INFORMATION_OFFICER))]
Either = Annotated[Operator, Depends(needs(Role.EDUCATOR, Role.INFORMATION_OFFICER))]
Editor = Annotated[Operator, Depends(needs(Role.EDITOR, Role.ADMIN))]
OwnId = Annotated[
    UUID, Header(alias="Idempotency-Key", description="made by the sender, one a report: sent twice, it is kept once")
]
_TAG = r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}$"
Lang = Annotated[str, Query(pattern=_TAG, description="BCP 47")]


async def _around(house: HouseDep) -> Around:
    settings = house.get(Settings)
    return Around(actions.terms_of(settings), settings.zone, house.get(PlaceIndex).gazetteer)


AroundDep = Annotated[Around, Depends(_around)]


@router.post("/reports", status_code=201, responses={200: {"model": HandedInOut, "description": "it was on record"}})
async def hand_in(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies
    wanted: ReportIn, own_id: OwnId, operator: Educator, around: AroundDep, tx: TxDep, now: NowDep, answer: Response
) -> HandedInOut:
    """Hand in a report after the sessions; the answer says what the class has learnt."""
    done = await actions.hand_in(tx, operator, own_id, wanted.report(), around, now=now)
    answer.status_code = 200 if done.repeated else 201
    return HandedInOut.of(done)


@router.post("/reports/batch")
async def hand_in_many(wanted: BatchIn, operator: Educator, around: AroundDep, tx: TxDep, now: NowDep) -> OutcomesOut:
    """Hand in what waited in a queue; each report has its own outcome."""
    done = await actions.hand_in_many(tx, operator, wanted.read(), around, now=now)
    return OutcomesOut(outcomes=[OutcomeOut.of(one) for one in done])


@router.get("/reports")
async def page(_: Officer, wanted: Annotated[ReportsIn, Query()], tx: TxDep) -> ReportsOut:
    """Return a page of exact records, withdrawn ones too, for the authority's information officers."""
    return ReportsOut.of(await actions.page(tx, wanted.wanted()), wanted.limit)


@router.get("/reports/form", response_class=HTMLResponse, dependencies=[PUBLIC])
async def paper(house: HouseDep, lang: Lang = "en") -> HTMLResponse:
    """Return the report as a sheet to print and fill in by hand."""
    return HTMLResponse(*_sheet(house, lang))


@router.get("/reports/{report_id}")
async def get(report_id: UUID, operator: Either, tx: TxDep) -> ReportOut:
    """Return a report, for whoever handed it in and for information officers."""
    return ReportOut.of(await actions.get(tx, operator, report_id))


@router.get("/reports/{report_id}/history")
async def history(report_id: UUID, operator: Either, tx: TxDep) -> HistoryOut:
    """Return what a report was, the oldest revision first."""
    found = await actions.history(tx, operator, report_id)
    return HistoryOut(revisions=[PastOut.of(one) for one in found])


@router.post("/reports/{report_id}/correct")
async def correct(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies
    report_id: UUID, wanted: CorrectIn, operator: Either, around: AroundDep, tx: TxDep, now: NowDep
) -> ReportOut:
    """Put a report right: its sender for some days, an information officer at any time. The old one stays on record."""
    done = await actions.correct(tx, operator, report_id, wanted.report.report(), wanted.why, around, now=now)
    return ReportOut.of(done)


@router.post("/reports/{report_id}/withdraw")
async def withdraw(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies
    report_id: UUID, wanted: WithdrawIn, operator: Either, around: AroundDep, tx: TxDep, now: NowDep
) -> ReportOut:
    """Take a report back; it counts no more, and stays on record."""
    return ReportOut.of(await actions.withdraw(tx, operator, report_id, wanted.why, around.terms, now=now))


@router.get("/figures", dependencies=[PUBLIC])
async def figures(house: HouseDep, tx: TxDep, now: NowDep) -> FiguresOut:
    """Return how many people were reached, rounded, months late, so that nobody can be told from it."""
    terms = actions.terms_of(house.get(Settings))
    release = await totals.release(tx, terms, now=now)
    return FiguresOut.of(release, counting.figures(release.counted, terms.groups))


@router.get("/gains")
async def gains(_: Editor, tx: TxDep) -> GainsOut:
    """Return what classes learnt, by lesson and revision, where enough of them answered."""
    return GainsOut.of(await totals.learnt(tx))


def _sheet(house: House, lang: str) -> tuple[str, int, dict[str, str]]:
    catalogues = house.get(Catalogues)
    chosen = catalogues.choose([lang], available=catalogues.having((*words.EVERY, DRAFT))).tag
    told = form.sheet(catalogues, chosen, house.get(Settings).outreach_age_groups, DRAFT)
    return told, 200, {"Content-Language": chosen, "Cache-Control": "no-cache"}
