"""Was this registration warned, when, by what, and if not, why not."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.alerts import reach, rules
from service.alerts.model import Alert, State
from service.alerts.store import messages, plans, skips
from service.delivery import queueing
from service.delivery.model import ChannelName
from service.delivery.queueing import Telling
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.operators.actions import record
from service.operators.model import Operator
from service.residents import audience
from service.residents import rules as who
from service.residents.model import Reason, Resident

RECEIVED = "received"
NOT_PLANNED_YET = "not-planned-yet"
NOT_TOLD_BEFORE = "not-told-before"
NO_LONGER_TOLD = "no-longer-told"
"""Reasons beside those of residents, of planning, and what providers answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a message warned a registration (R21), by which channel and when; `reason` says how or why not."""

    alert: Alert
    warned: bool
    reason: str
    channel: str | None = None
    at: datetime | None = None


async def of_phone(tx: Tx, registration: UUID, *, now: datetime) -> list[Answer]:
    """Answer the phone itself about every message that concerned it, the newest first; by each channel for itself."""
    return await _answers(tx, registration, None, now=now)


async def of_registration(
    tx: Tx, operator: Operator, registration: UUID, alert_id: UUID | None, *, now: datetime
) -> list[Answer]:
    """Answer an operator; that somebody asked is audited, about whom is not: nothing of a phone outlives it."""
    answers = await _answers(tx, registration, alert_id, now=now)
    detail = {"alert": str(alert_id) if alert_id else "", "answers": len(answers)}
    await record(tx, operator, "alerts.warned", "registration", detail, now=now)
    return answers


async def _answers(tx: Tx, registration: UUID, alert_id: UUID | None, *, now: datetime) -> list[Answer]:
    found = await audience.resident(tx, registration)
    if found is None:
        detail = "There is no registration with this id."
        raise Refused(Kind.NOT_FOUND, "registration-unknown", detail, remedy="Look at the id that the phone shows.")
    resident, pasts = found
    numbers = [resident.number, *pasts]
    told: dict[UUID, list[Telling]] = defaultdict(list)
    for one in await queueing.tellings(tx, numbers, alert_id):
        told[one.alert_id].append(one)
    alerts = await _alerts(tx, resident, [alert_id] if alert_id else list(told), asked=alert_id is not None)
    answers = []
    for alert in alerts:
        found_in = told.get(alert.id)
        if found_in is None:
            answers.append(await _untold(tx, alert, (resident, numbers), now=now))
            continue
        answers += [_told(alert, telling) for telling in found_in]
        # Why no text went beside a push stands in the record, too.
        by_text = await skips.why_skipped(tx, alert.id, numbers, ChannelName.SMS)
        if by_text is not None and all(telling.channel is not ChannelName.SMS for telling in found_in):
            answers.append(Answer(alert, warned=False, reason=by_text[0], channel=ChannelName.SMS, at=by_text[1]))
    return answers


async def _alerts(tx: Tx, resident: Resident, ids: list[UUID], *, asked: bool) -> list[Alert]:
    """Return the messages with these ids, and those about the cells of the registration unless one was asked for."""
    known = {}
    for one in ids:
        alert = await messages.get(tx, one)
        if alert is None or alert.approved_at is None:
            detail = "There is no alert with this id that was approved."
            raise Refused(Kind.NOT_FOUND, "alert-unknown", detail, where="alert", remedy="GET /v1/alerts lists them.")
        known[one] = alert
    for exercise in () if asked else (False, True):
        here = await messages.told_in(tx, resident.cells.reveal(), exercise=exercise)
        known |= {alert.id: alert for alert, *_ in here if alert.id not in known}
    return sorted(known.values(), key=lambda alert: (alert.approved_at, alert.id), reverse=True)


def _told(alert: Alert, telling: Telling) -> Answer:
    reason = RECEIVED if telling.received else telling.fate.name.lower()
    return Answer(alert, telling.warns, reason, telling.channel.value, telling.at)


async def _untold(tx: Tx, alert: Alert, phone: tuple[Resident, list[int]], *, now: datetime) -> Answer:
    resident, numbers = phone
    skipped = await skips.why_skipped(tx, alert.id, numbers)
    if skipped is not None:
        return Answer(alert, warned=False, reason=skipped[0], at=skipped[1])
    rings = await plans.rings_of(tx, alert.id, resident.cells.reveal())
    meant = who.is_meant(resident, rings, exercise=alert.draft.exercise, now=now)
    return Answer(alert, warned=False, reason=_why_not(alert, meant))


def _why_not(alert: Alert, meant: int | Reason) -> str:
    if alert.message not in reach.WIDENS:
        return NOT_TOLD_BEFORE
    if isinstance(meant, Reason):
        return meant.value
    waits = alert.state in rules.TOLD and alert.state is not State.SENT
    return NOT_PLANNED_YET if waits else NO_LONGER_TOLD
