"""What can be done with a message: draft, preview, submit, approve, send back, withdraw, pull."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from service.alerts import areas, composing, ending, rules
from service.alerts.later_texts import UPDATES
from service.alerts.model import PLAN_JOB, SPREAD_JOB, Act, Alert, Content, Draft, Event, LiveAlert, Reason
from service.alerts.store import lineages, messages, plans
from service.alerts.texts import TEMPLATES, Wrong
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import queueing
from service.delivery.model import Message, Severity
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.ids import new_id
from service.kit.jobs import Job, Queue, defer
from service.operators.actions import record
from service.operators.model import Operator
from service.zones import actions as zones


async def draft(tx: Tx, operator: Operator, wanted: Draft, *, now: datetime) -> Alert:
    """Write a draft; whether it is an exercise is fixed here for ever (R18) and must be so of its zone too (R27)."""
    checked = await check(tx, wanted, Message.WARNING)
    alert_id = new_id(now=now)
    await messages.insert(tx, alert_id, checked, author=operator.id, now=now)
    await note(tx, alert_id, Act.CREATE, operator, now=now)
    return await get(tx, alert_id)


async def change(tx: Tx, operator: Operator, alert_id: UUID, wanted: Draft, *, now: datetime) -> Alert:
    """Write a draft or returned alert anew; what an end says stands in the release record and cannot be written."""
    alert = await may(tx, alert_id, Act.CHANGE, operator)
    if alert.message is Message.END:
        detail = "What an end says comes from the release record."
        remedy = "Withdraw this draft; correct the record with the zones."
        raise Refused(Kind.CONFLICT, Reason.NOT_NOW, detail, where="message", remedy=remedy)
    demand_same_world(alert, wanted)
    await messages.change(tx, alert_id, await check(tx, wanted, alert.message))
    await note(tx, alert_id, Act.CHANGE, operator, now=now)
    return await get(tx, alert_id)


async def get(tx: Tx, alert_id: UUID) -> Alert:
    """Return one alert; raises Refused when there is none."""
    return _found(await messages.get(tx, alert_id))


async def newest(tx: Tx, *, before: datetime | None, limit: int) -> list[Alert]:
    """Return alerts, the newest first."""
    return await messages.list_newest(tx, before=before, limit=limit)


async def events(tx: Tx, alert_id: UUID) -> list[Event]:
    """Return what was done to an alert, in order."""
    return await messages.events(tx, alert_id)


async def preview(tx: Tx, house: House, alert_id: UUID) -> tuple[Alert, Content]:
    """Return what would go out if it were approved now."""
    alert = await get(tx, alert_id)
    return alert, await _content(tx, house, alert)


async def _content(tx: Tx, house: House, alert: Alert) -> Content:
    if alert.follows is None:
        return await composing.content(tx, house, alert)
    earlier = await get(tx, alert.follows)
    if alert.message is Message.END:
        return await ending.content(tx, house, alert, area=await plans.area(tx, earlier))
    return await composing.content(tx, house, alert, {"earlier": composing.told_at(house, earlier)})


async def submit(tx: Tx, house: House, operator: Operator, alert_id: UUID) -> Alert:
    """Hand it to a second person; what cannot be sent as it stands is refused here, not in the night."""
    now = house.clock.now()
    alert = await may(tx, alert_id, Act.SUBMIT, operator)
    await _demand_latest(tx, alert)
    content = await _content(tx, house, alert)
    await messages.submit(tx, alert_id, submitter=operator.id, content=content.hash)
    await note(tx, alert_id, Act.SUBMIT, operator, now=now)
    return await get(tx, alert_id)


async def approve(tx: Tx, house: House, operator: Operator, alert_id: UUID) -> Alert:
    """Freeze texts and area, announce them and defer planning, all in the caller's one commit.

    Refused if what would go out is not what was submitted: the zone or a text changed meanwhile.
    """
    alert = await may(tx, alert_id, Act.APPROVE, operator)
    await _demand_latest(tx, alert)
    content = await _content(tx, house, alert)
    if content.hash != alert.content:
        detail = "The zone or a text changed after this alert was submitted."
        remedy = "Return it, look at the preview again and submit it anew."
        raise Refused(Kind.CONFLICT, Reason.CONTENT_CHANGED, detail, remedy=remedy)
    return await issue(tx, house, operator, alert, content)


async def issue(tx: Tx, house: House, operator: Operator, alert: Alert, content: Content) -> Alert:
    """Freeze a message, let it take the place of the one that it follows, and have it planned and told.

    The caller has made sure that it may be: by a second person, or as a correction, which needs none (R17).
    """
    now = house.clock.now()
    corrects = alert.message is Message.CORRECTION
    values = {
        "approver_id": None if corrects else operator.id,
        "now": now,
        "expires_at": now + house.get(Settings).alert_life,
        "snapshot": composing.as_json(content.texts, content.drafts),
        "cells": list(content.area.told),
    }
    if alert.follows is not None:
        await _replace(tx, operator, alert.follows, Act.CORRECT if corrects else Act.REPLACE, now=now)
    await messages.approve(tx, alert.id, values)
    await plans.insert_cells(tx, alert.id, content.area)
    await plans.insert_earlier_cells(tx, alert.id, alert.follows)
    await plans.start_plan(tx, alert.id, last_ring=content.area.last_ring)
    await note(tx, alert.id, Act.CONFIRM if corrects else Act.APPROVE, operator, now=now)
    approved = await get(tx, alert.id)
    await delivery.announce(tx, approved.bulletin(), content.texts)
    await renew_packs(tx, approved)
    await defer(tx, plan_job(alert.id, alert.draft.severity, alert.message), clock=house.clock)
    if house.get(Settings).topics:
        await defer(tx, spread_job(alert.id, alert.draft.severity, alert.message), clock=house.clock)
    return approved


async def _replace(tx: Tx, operator: Operator, alert_id: UUID, act: Act, *, now: datetime) -> None:
    """Stop a message at once: from the caller's commit on nobody new is sent it, and phones that pull see the later."""
    earlier = await may(tx, alert_id, act, operator)
    await delivery.stop(tx, earlier.id, earlier.revision, now=now)
    await messages.set_state(tx, earlier.id, rules.TRANSITIONS[earlier.state, act])
    await note(tx, earlier.id, act, operator, now=now)


def plan_job(alert_id: UUID, severity: Severity, message: Message) -> Job:
    """Return the job that plans an alert; the most severe is planned first."""
    args, rank = {"alert": str(alert_id)}, queueing.plan_rank(severity, message)
    return Job(PLAN_JOB, Queue.URGENT, args, alone=f"plan:{alert_id}", priority=rank)


def spread_job(alert_id: UUID, severity: Severity, message: Message) -> Job:
    """Return the job that writes an alert's letters to topics; seconds of work for a country, so one of its own."""
    args, rank = {"alert": str(alert_id)}, queueing.plan_rank(severity, message)
    return Job(SPREAD_JOB, Queue.URGENT, args, alone=f"topics:{alert_id}", priority=rank)


async def give_back(tx: Tx, operator: Operator, alert_id: UUID, *, reason: str, now: datetime) -> Alert:
    """Return it to its author with what should change."""
    return await _end(tx, operator, alert_id, (Act.RETURN, reason), now=now)


async def reject(tx: Tx, operator: Operator, alert_id: UUID, *, reason: str, now: datetime) -> Alert:
    """Refuse it for good."""
    return await _end(tx, operator, alert_id, (Act.REJECT, reason), now=now)


async def _end(tx: Tx, operator: Operator, alert_id: UUID, why: tuple[Act, str], *, now: datetime) -> Alert:
    act, reason = why
    alert = await may(tx, alert_id, act, operator)
    await messages.set_state(tx, alert_id, rules.TRANSITIONS[alert.state, act])
    await note(tx, alert_id, act, operator, reason=reason, now=now)
    return await get(tx, alert_id)


async def withdraw(  # noqa: PLR0913 - who takes back what, why, and what phones are told instead
    tx: Tx, house: House, operator: Operator, alert_id: UUID, *, wrong: Wrong, reason: str
) -> Alert:
    """Stop a message: one person, one call, at once (R17). Phones that pull learn what was wrong, never just "ignore".

    Whom it reached already is told by `following.correct`, which has its texts looked at first.
    """
    now = house.clock.now()
    alert = await may(tx, alert_id, Act.WITHDRAW, operator)
    correction = None
    if alert.state in rules.TOLD:
        template = rules.correcting(alert, wrong)
        await delivery.stop(tx, alert_id, alert.revision, now=now)
        correction = composing.as_json(*composing.texts(house, alert, template))
    await messages.withdraw(tx, alert_id, correction=correction, now=now)
    await renew_packs(tx, alert)
    await note(tx, alert_id, Act.WITHDRAW, operator, reason=reason, now=now)
    return await get(tx, alert_id)


async def renew_packs(tx: Tx, alert: Alert) -> None:
    """Have the packs say it too: whoever missed every push learns of it there."""
    await zones.renew_packs(tx, await plans.pack_cells(tx, alert.id), exercise=alert.draft.exercise)


async def live(tx: Tx, cells: Collection[int], *, exercise: bool, now: datetime) -> list[LiveAlert]:
    """Return what was told about these cells, of each lineage the latest: live, withdrawn, ended or out of date.

    Nothing is ever dropped: who heard an earlier message finds here what became of it.
    """
    told = await messages.told_in(tx, list(cells), exercise=exercise)
    entries = []
    for alert, correction, replaces in told:
        bulletin = alert.bulletin()
        texts, drafts = composing.from_json(correction or alert.snapshot or ())
        phase = rules.phase(alert, bulletin.expires_at, now=now)
        entries.append(LiveAlert(bulletin, phase, texts, drafts, replaces))
    return entries


async def check(tx: Tx, wanted: Draft, message: Message) -> Draft:
    """Return a draft as it may be kept. Refused with a template that is not for such a message, or of two worlds."""
    templates = UPDATES if message is Message.UPDATE else TEMPLATES
    if wanted.template not in templates:
        known = ", ".join(sorted(templates))
        detail = "There is no such template."
        raise Refused(Kind.INVALID, Reason.TEMPLATE_UNKNOWN, detail, where="template", remedy=f"Take one of: {known}.")
    return await areas.checked(tx, wanted)


def demand_same_world(alert: Alert, wanted: Draft) -> None:
    """Refuse to turn an exercise into an actual alert or the reverse, whatever zone is named with it (R18, R27)."""
    if wanted.exercise is not alert.draft.exercise:
        detail = "Whether an alert is an exercise is fixed when it is first written."
        remedy = "Draft another alert."
        raise Refused(Kind.CONFLICT, Reason.EXERCISE_FIXED, detail, where="exercise", remedy=remedy)


async def _demand_latest(tx: Tx, alert: Alert) -> None:
    """Refuse a message that follows one which is not the latest any more (R20)."""
    if alert.follows is not None:
        demand_followable(await _locked(tx, alert.follows), await lineages.latest(tx, alert.lineage))


def demand_followable(named: Alert, latest: Alert | None) -> None:
    """Refuse to follow anything but the latest told message of its lineage, by name (R20)."""
    if latest is not None and latest.id != named.id:
        detail = f"Message {named.revision} of this warning was followed by {latest.revision} ({latest.message.value})."
        remedy = f"Withdraw this draft, if it is one, look at GET /v1/alerts/{latest.id}, and follow that one."
        raise Refused(Kind.CONFLICT, Reason.STALE, detail, where="follows", remedy=remedy)


async def may(tx: Tx, alert_id: UUID, act: Act, operator: Operator) -> Alert:
    """Return an alert, held until the transaction ends, to which the operator may do this now. Refused if not."""
    alert = await _locked(tx, alert_id)
    reason = rules.why_not(alert, act, operator)
    if reason is Reason.SAME_PERSON:
        detail = "Whoever wrote or submitted a warning cannot approve it."
        raise Refused(Kind.FORBIDDEN, reason, detail, remedy="Ask another operator with the role approver.")
    if reason is not None:
        what = "" if alert.message is Message.WARNING else f" {alert.message.value}"
        detail = f"An alert{what} that is {alert.state.value} cannot be given the act {act.value}."
        raise Refused(Kind.CONFLICT, reason, detail, where="state", remedy="Look at the alert's events.")
    return alert


async def _locked(tx: Tx, alert_id: UUID) -> Alert:
    return _found(await messages.get_locked(tx, alert_id))


def _found(alert: Alert | None) -> Alert:
    if alert is None:
        detail = "There is no such alert."
        raise Refused(Kind.NOT_FOUND, Reason.ALERT_UNKNOWN, detail, remedy="GET /v1/alerts lists them.")
    return alert


async def note(  # noqa: PLR0913 - one line of an alert's history
    tx: Tx, alert_id: UUID, act: Act, operator: Operator, *, now: datetime, reason: str = ""
) -> None:
    values = {"at": now, "act": act.value, "operator_id": operator.id, "reason": reason}
    await messages.add_event(tx, alert_id, values)
    await record(tx, operator, f"alerts.{act.value}", str(alert_id), {"reason": reason}, now=now)
