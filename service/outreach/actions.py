"""What can be done with reports on sessions held: hand in, look up, correct, withdraw."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.config import Settings
from service.kit.db import Tx
from service.kit.errors import Fault, Kind, Refused
from service.operators import actions as operators
from service.operators.model import Operator, Role
from service.outreach import rules, store
from service.outreach.model import HandedIn, Kept, Past, Report, Spot, Terms, Wanted, Why
from service.places.gazetteer import Gazetteer
from service.places.model import Place, Reason

HANDED_IN = "handed-in"
_REGION = 1


@dataclass(frozen=True, slots=True)
class Around:
    """What a report is judged by: a deployment's terms, its time zone, and the places."""

    terms: Terms
    zone: ZoneInfo
    gazetteer: Gazetteer


def terms_of(settings: Settings) -> Terms:
    """Return what a deployment sets for reports."""
    return Terms(settings.outreach_age_groups, settings.outreach_months_late, settings.outreach_days_to_correct)


async def hand_in(  # noqa: PLR0913 - who hands in what under which id, what it is judged by, and when
    tx: Tx, operator: Operator, report_id: UUID, report: Report, around: Around, *, now: datetime
) -> HandedIn:
    """Keep a report once, however often it is sent. Refused if it is unfit, or its id was used for another."""
    sent = rules.digest(report)
    known = await store.get(tx, report_id)
    if known is not None:
        return HandedIn(rules.demand_repeat(known, sent, operator.id), repeated=True)
    rules.check(report, around.terms, today=_day(now, around))
    spot = _spot(report, around.gazetteer)
    kept = await store.insert(tx, report_id, sent, report, spot, operator_id=operator.id, now=now)
    if kept is None:  # another process kept it meanwhile
        found = await _found(tx, report_id)
        return HandedIn(rules.demand_repeat(found, sent, operator.id), repeated=True)
    await store.remember(tx, kept, operator_id=operator.id, why=HANDED_IN)
    await _record(tx, operator, "hand-in", kept, now=now)
    return HandedIn(kept, repeated=False)


async def hand_in_many(
    tx: Tx, operator: Operator, reports: Iterable[tuple[UUID, Report] | Refused], around: Around, *, now: datetime
) -> list[HandedIn | Refused]:
    """Keep what can be kept, each for itself: one that is refused holds no other back."""
    outcomes: list[HandedIn | Refused] = []
    for one in reports:
        if isinstance(one, Refused):
            outcomes.append(one)
            continue
        try:
            async with tx.transaction():
                outcomes.append(await hand_in(tx, operator, *one, around, now=now))
        except Refused as refused:
            outcomes.append(refused)
    return outcomes


async def get(tx: Tx, operator: Operator, report_id: UUID) -> Kept:
    """Return a report, for whoever handed it in and for information officers. Refused alike for others' and none."""
    return await _own(tx, operator, report_id)


async def page(tx: Tx, wanted: Wanted) -> list[Kept]:
    """Return a page of reports, withdrawn ones too, in the order in which they came."""
    return await store.page(tx, wanted)


async def history(tx: Tx, operator: Operator, report_id: UUID) -> list[Past]:
    """Return what a report was, the oldest revision first."""
    await _own(tx, operator, report_id)
    return await store.history(tx, report_id)


async def correct(  # noqa: PLR0913, PLR0917 - who changes what into what, why and when
    tx: Tx, operator: Operator, report_id: UUID, report: Report, why: Why, around: Around, *, now: datetime
) -> Kept:
    """Put a report in the place of another; what it was stays on record."""
    kept = await _changeable(tx, operator, report_id, around.terms, now=now)
    rules.check(report, around.terms, today=_day(kept.received_at, around))
    spot = kept.spot if report.place == kept.report.place else _spot(report, around.gazetteer)
    changed = replace(kept, report=report, spot=spot, revision=kept.revision + 1, changed_at=now)
    return await _put(tx, operator, changed, "correct", why)


async def withdraw(  # noqa: PLR0913 - who takes what back, why and when
    tx: Tx, operator: Operator, report_id: UUID, why: Why, terms: Terms, *, now: datetime
) -> Kept:
    """Take a report back: it counts no more, and stays on record."""
    kept = await _changeable(tx, operator, report_id, terms, now=now)
    changed = replace(kept, withdrawn=True, revision=kept.revision + 1, changed_at=now)
    return await _put(tx, operator, changed, "withdraw", why)


async def note_export(tx: Tx, operator: Operator, rows: int, *, now: datetime) -> None:
    """Write down that exact records were taken out."""
    await operators.record(tx, operator, "lessons.report.export", "lesson reports", {"rows": rows}, now=now)


async def _put(tx: Tx, operator: Operator, changed: Kept, act: str, why: Why) -> Kept:
    await store.update(tx, changed)
    await store.remember(tx, changed, operator_id=operator.id, why=why.value)
    await _record(tx, operator, act, changed, now=changed.changed_at, why=why.value)
    return changed


async def _changeable(tx: Tx, operator: Operator, report_id: UUID, terms: Terms, *, now: datetime) -> Kept:
    kept = await _own(tx, operator, report_id)
    return rules.demand_changeable(kept, terms, is_officer=_is_officer(operator), now=now)


async def _own(tx: Tx, operator: Operator, report_id: UUID) -> Kept:
    kept = await _found(tx, report_id)
    return kept if rules.may_see(kept, operator.id, is_officer=_is_officer(operator)) else _unknown()


async def _found(tx: Tx, report_id: UUID) -> Kept:
    return await store.get(tx, report_id) or _unknown()


def _unknown() -> Kept:
    detail = "There is no such report, or it is not yours."
    raise Refused(Kind.NOT_FOUND, "report-unknown", detail, remedy="Look at the id that it was handed in under.")


def _is_officer(operator: Operator) -> bool:
    return Role.INFORMATION_OFFICER in operator.roles


def _day(moment: datetime, around: Around) -> date:
    return moment.astimezone(around.zone).date()


def _spot(report: Report, gazetteer: Gazetteer) -> Spot:
    """Return what the place code stands for. Refused for a code that is none, or one of an exercise (R27)."""
    if report.place is None:
        return Spot()
    place = _place(gazetteer, report.place, exercise=False)
    if place is None and _place(gazetteer, report.place, exercise=True):
        detail = "This place is invented, for exercises; a report is of sessions that were held."
        raise _refused("place-fictional", detail, "Give the code of a real place.")
    if place is None:
        detail = "No place has this code, or more than one."
        raise _refused("place-unknown", detail, "GET /v1/places?q=NAME finds the code.")
    centre = place.centre
    point = (None, None) if centre is None else (centre.longitude, centre.latitude)
    return Spot(place.id, _region(place, gazetteer), *point)


def _place(gazetteer: Gazetteer, code: str, *, exercise: bool) -> Place | None:
    """Return the one place that has this code; a name is none."""
    found = gazetteer.find(code, exercise=exercise)
    return found.only if found.groups and found.groups[0].reason is Reason.CODE else None


def _refused(name: str, detail: str, remedy: str) -> Refused:
    fault = Fault("place", detail, remedy)
    return Refused(Kind.INVALID, name, detail, where=fault.where, remedy=remedy, faults=[fault])


def _region(place: Place, gazetteer: Gazetteer) -> str:
    """Return the code of the region that a place lies in; none for a country."""
    for unit in (place, *gazetteer.above(place)):
        if unit.level == _REGION:
            return unit.codes[0][1]
    return ""


async def _record(tx: Tx, operator: Operator, act: str, kept: Kept, *, now: datetime, **more: str) -> None:
    # Neither place nor organisation: beside an operator's id they would say where somebody works.
    detail = {"revision": kept.revision, **more}
    await operators.record(tx, operator, f"lessons.report.{act}", str(kept.id), detail, now=now)
