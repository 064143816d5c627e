"""What can be done with an alert: draft, preview, submit, approve, send back, withdraw, pull."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from service.alerts import areas, composing, rules
from service.alerts.model import PLAN_JOB, Act, Alert, Content, Draft, Event, LiveAlert, Reason
from service.alerts.store import messages, plans
from service.alerts.texts import CORRECTIONS, TEMPLATES, Wrong
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery.model import Severity
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
    checked = await _checked(tx, wanted)
    alert_id = new_id(now=now)
    await messages.insert(tx, alert_id, checked, author=operator.id, now=now)
    await _note(tx, alert_id, Act.CREATE, operator, now=now)
    return await get(tx, alert_id)


async def change(tx: Tx, operator: Operator, alert_id: UUID, wanted: Draft, *, now: datetime) -> Alert:
    """Write a draft or returned alert anew."""
    await _may(tx, alert_id, Act.CHANGE, operator)
    await messages.change(tx, alert_id, await _checked(tx, wanted))
    await _note(tx, alert_id, Act.CHANGE, operator, now=now)
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
    return alert, await composing.content(tx, house, alert)


async def submit(tx: Tx, house: House, operator: Operator, alert_id: UUID) -> Alert:
    """Hand it to a second person; what cannot be sent as it stands is refused here, not in the night."""
    now = house.clock.now()
    alert = await _may(tx, alert_id, Act.SUBMIT, operator)
    content = await composing.content(tx, house, alert)
    await messages.submit(tx, alert_id, submitter=operator.id, content=content.hash)
    await _note(tx, alert_id, Act.SUBMIT, operator, now=now)
    return await get(tx, alert_id)


async def approve(tx: Tx, house: House, operator: Operator, alert_id: UUID) -> Alert:
    """Freeze texts and area, announce them and defer planning, all in the caller's one commit.

    Refused if what would go out is not what was submitted: the zone or a text changed meanwhile.
    """
    now = house.clock.now()
    alert = await _may(tx, alert_id, Act.APPROVE, operator)
    content = await composing.content(tx, house, alert)
    if content.hash != alert.content:
        detail = "The zone or a text changed after this alert was submitted."
        remedy = "Return it, look at the preview again and submit it anew."
        raise Refused(Kind.CONFLICT, Reason.CONTENT_CHANGED, detail, remedy=remedy)
    values = {
        "approver_id": operator.id,
        "now": now,
        "expires_at": now + house.get(Settings).alert_life,
        "snapshot": composing.as_json(content.texts, content.drafts),
        "cells": list(content.area.told),
    }
    await messages.approve(tx, alert_id, values)
    await plans.insert_cells(tx, alert_id, content.area)
    await plans.start_plan(tx, alert_id, last_ring=content.area.last_ring)
    await _note(tx, alert_id, Act.APPROVE, operator, now=now)
    approved = await get(tx, alert_id)
    await delivery.announce(tx, approved.bulletin(), content.texts)
    await _renew_packs(tx, approved)
    await defer(tx, plan_job(alert_id, severity=alert.draft.severity), clock=house.clock)
    return approved


def plan_job(alert_id: UUID, *, severity: Severity) -> Job:
    """Return the job that plans an alert; the most severe is planned first."""
    args = {"alert": str(alert_id)}
    return Job(PLAN_JOB, Queue.URGENT, args, alone=f"plan:{alert_id}", priority=int(severity) * 1000)


async def give_back(tx: Tx, operator: Operator, alert_id: UUID, *, reason: str, now: datetime) -> Alert:
    """Return it to its author with what should change."""
    return await _end(tx, operator, alert_id, (Act.RETURN, reason), now=now)


async def reject(tx: Tx, operator: Operator, alert_id: UUID, *, reason: str, now: datetime) -> Alert:
    """Refuse it for good."""
    return await _end(tx, operator, alert_id, (Act.REJECT, reason), now=now)


async def _end(tx: Tx, operator: Operator, alert_id: UUID, why: tuple[Act, str], *, now: datetime) -> Alert:
    act, reason = why
    alert = await _may(tx, alert_id, act, operator)
    await messages.set_state(tx, alert_id, rules.TRANSITIONS[alert.state, act])
    await _note(tx, alert_id, act, operator, reason=reason, now=now)
    return await get(tx, alert_id)


async def withdraw(  # noqa: PLR0913 - who takes back what, why, and what phones are told instead
    tx: Tx, house: House, operator: Operator, alert_id: UUID, *, wrong: Wrong, reason: str
) -> Alert:
    """Take an alert back: one person, at once (R17). Phones that pull are told what was wrong, never just "ignore"."""
    now = house.clock.now()
    alert = await _may(tx, alert_id, Act.WITHDRAW, operator)
    if alert.draft.exercise and wrong is Wrong.EXERCISE:
        detail = "What was known as an exercise cannot be taken back for having been one."
        raise Refused(Kind.CONFLICT, Reason.NO_SUCH_MISTAKE, detail, where="wrong", remedy="Say mistake instead.")
    correction = None
    if alert.state in rules.TOLD:
        await delivery.stop(tx, alert_id, alert.revision, now=now)
        texts, drafts = composing.texts(house, alert, CORRECTIONS[wrong])
        correction = composing.as_json(texts, drafts)
    await messages.withdraw(tx, alert_id, correction=correction, now=now)
    await _renew_packs(tx, alert)
    await _note(tx, alert_id, Act.WITHDRAW, operator, reason=reason, now=now)
    return await get(tx, alert_id)


async def _renew_packs(tx: Tx, alert: Alert) -> None:
    """Have the packs say it too: whoever missed every push learns of it there."""
    await zones.renew_packs(tx, await plans.pack_cells(tx, alert.id), exercise=alert.draft.exercise)


async def live(tx: Tx, cells: Collection[int], *, exercise: bool, now: datetime) -> list[LiveAlert]:
    """Return what was told about these cells: live, withdrawn (with the correction), or out of date; never dropped."""
    told = await messages.told_in(tx, list(cells), exercise=exercise)
    entries = []
    for alert, correction in told:
        bulletin = alert.bulletin()
        texts, drafts = composing.from_json(correction or alert.snapshot or ())
        entries.append(LiveAlert(bulletin, rules.phase(alert.state, bulletin.expires_at, now=now), texts, drafts))
    return entries


async def _checked(tx: Tx, wanted: Draft) -> Draft:
    if wanted.template not in TEMPLATES:
        known = ", ".join(sorted(TEMPLATES))
        detail = "There is no such template."
        raise Refused(Kind.INVALID, Reason.TEMPLATE_UNKNOWN, detail, where="template", remedy=f"Take one of: {known}.")
    return await areas.checked(tx, wanted)


async def _may(tx: Tx, alert_id: UUID, act: Act, operator: Operator) -> Alert:
    alert = _found(await messages.get_locked(tx, alert_id))
    reason = rules.why_not(alert, act, operator)
    if reason is Reason.SAME_PERSON:
        detail = "Whoever wrote or submitted a warning cannot approve it."
        raise Refused(Kind.FORBIDDEN, reason, detail, remedy="Ask another operator with the role approver.")
    if reason is not None:
        detail = f"An alert that is {alert.state.value} cannot be given the act {act.value}."
        raise Refused(Kind.CONFLICT, reason, detail, where="state", remedy="Look at the alert's events.")
    return alert


def _found(alert: Alert | None) -> Alert:
    if alert is None:
        detail = "There is no such alert."
        raise Refused(Kind.NOT_FOUND, Reason.ALERT_UNKNOWN, detail, remedy="GET /v1/alerts lists them.")
    return alert


async def _note(  # noqa: PLR0913 - one line of an alert's history
    tx: Tx, alert_id: UUID, act: Act, operator: Operator, *, now: datetime, reason: str = ""
) -> None:
    values = {"at": now, "act": act.value, "operator_id": operator.id, "reason": reason}
    await messages.add_event(tx, alert_id, values)
    await record(tx, operator, f"alerts.{act.value}", str(alert_id), {"reason": reason}, now=now)
