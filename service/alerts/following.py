"""What can be done with a warning that was told: update it, correct it, end it by a release record, renew it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from service.alerts import actions, composing, ending, rules
from service.alerts.later_texts import TAKEN_BACK
from service.alerts.model import Act, Alert, Content, Correction, Draft, Reason
from service.alerts.store import lineages, messages, plans
from service.alerts.texts import Wrong
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery.model import Message, Severity
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.ids import new_id
from service.operators.model import Operator
from service.zones import actions as zones

_log = structlog.get_logger()
_MOST_EXPIRING = 500


async def update(tx: Tx, operator: Operator, alert_id: UUID, wanted: Draft, *, now: datetime) -> Alert:
    """Draft an update of a told message: the next revision of its lineage, which waits for a second person.

    Until that person approves it the earlier message goes on. Then it stops at once, and nobody is lost by that: those
    to whom it was or may have been sent follow it into the update, wherever they are now; who still waited for it is
    warned by the update if its area holds them (R19). Phones that pull find it wherever they found the earlier one.
    """
    earlier = await _to_follow(tx, operator, alert_id, Act.UPDATE)
    actions.demand_same_world(earlier, wanted)
    checked = await actions.check(tx, wanted, Message.UPDATE)
    values = {"message": Message.UPDATE.value, "severity": int(checked.severity), "template": checked.template}
    drafted = await _follow(tx, operator, earlier, values, now=now)
    await messages.change(tx, drafted, checked)
    await actions.note(tx, drafted, Act.CREATE, operator, now=now)
    return await actions.get(tx, drafted)


async def end(tx: Tx, operator: Operator, alert_id: UUID, *, now: datetime) -> Alert:
    """Draft the end of a warning whose zone release records cover; a second person approves it. Refused without one.

    It hurries nobody: its severity is the least.
    """
    earlier = await _to_follow(tx, operator, alert_id, Act.END)
    found = await ending.records(tx, earlier.draft.zone_id)
    values = {
        "message": Message.END.value,
        "severity": int(Severity.MINOR),
        "template": ending.template(found),
        "release_id": found[-1].id,
    }
    drafted = await _follow(tx, operator, earlier, values, now=now)
    await actions.note(tx, drafted, Act.CREATE, operator, now=now)
    return await actions.get(tx, drafted)


async def correction(tx: Tx, house: House, operator: Operator, alert_id: UUID, *, wrong: Wrong) -> Correction:
    """Prepare a correction and change nothing: what it would say, and of which message."""
    earlier = await _to_correct(tx, operator, alert_id)
    template = rules.correcting(earlier, wrong)
    area = await plans.area(tx, earlier)
    made, drafts = composing.checked(house, earlier, template, area)
    frame = [str(earlier.id), earlier.revision, template, int(earlier.draft.severity), earlier.draft.exercise]
    content = hashlib.sha256(composing.as_told(frame, made)).digest()
    return Correction(earlier, template, Content(area, made, drafts, content))


async def correct(  # noqa: PLR0913 - what was wrong with which message, why, and what was looked at before
    tx: Tx, house: House, operator: Operator, alert_id: UUID, *, wrong: Wrong, reason: str, content: bytes
) -> Alert:
    """Send the correction that was prepared: one person (R17). The message stops, the correction goes after it.

    Refused `content-changed` unless `content` is that of what would be sent now.
    """
    now = house.clock.now()
    prepared = await correction(tx, house, operator, alert_id, wrong=wrong)
    if prepared.content.hash != content:
        detail = "This is not the correction that was prepared, or what it would say has changed since."
        remedy = "Prepare it again, look at it and confirm that."
        raise Refused(Kind.CONFLICT, Reason.CONTENT_CHANGED, detail, where="content", remedy=remedy)
    earlier = prepared.of
    values = {
        "message": Message.CORRECTION.value,
        "severity": int(earlier.draft.severity),
        "template": prepared.template,
    }
    drafted = await _follow(tx, operator, earlier, values, now=now)
    await actions.note(tx, drafted, Act.CREATE, operator, reason=reason, now=now)
    made = await actions.may(tx, drafted, Act.CONFIRM, operator)
    return await actions.issue(tx, house, operator, made, prepared.content)


async def renew(tx: Tx, house: House, operator: Operator, alert_id: UUID, *, reason: str) -> Alert:
    """Let a warning stand as long again, in silence: phones learn it from the index, nobody is pushed (R19).

    Only until when it is up to date moves, and only forward: what was approved stays as it is, under its revision, so
    that no phone takes it for news. One person is enough, as no danger is taken away.
    """
    now = house.clock.now()
    alert = await actions.may(tx, alert_id, Act.RENEW, operator)
    until = now + house.get(Settings).alert_life
    if alert.expires_at is None or until <= alert.expires_at:
        detail = f"This warning is up to date until {alert.expires_at} already."
        raise Refused(Kind.CONFLICT, Reason.NOTHING_TO_RENEW, detail, remedy="Renew it when less of its time is left.")
    await lineages.renew(tx, alert_id, until=until)
    await delivery.prolong(tx, alert_id, alert.revision, until=until)
    await actions.renew_packs(tx, alert)
    said = f"{reason} (from {alert.expires_at:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC)"
    await actions.note(tx, alert_id, Act.RENEW, operator, reason=said, now=now)
    return await actions.get(tx, alert_id)


async def expiring(tx: Tx, *, within: timedelta, now: datetime) -> list[Alert]:
    """Return what says less than is true unless somebody acts.

    First the ends whose zone is dangerous again, which must be corrected: a record fell, or a survey overruled it. Then
    the warnings that soon say no more than that they are out of date, or do already; the next one first.
    """
    ended = await lineages.ends(tx)
    active = await zones.active_among(tx, [one.draft.zone_id for one in ended if one.draft.zone_id is not None])
    overtaken = [one for one in ended if one.draft.zone_id in active]
    soon = await lineages.expiring(tx, until=now + within, taken_back=TAKEN_BACK, limit=_MOST_EXPIRING)
    return [*overtaken, *soon]


async def remind(tx: Tx, house: House) -> Sequence[UUID]:
    """Note in the events and the log of each such message, once, that somebody must act; return the new ones."""
    now, before = house.clock.now(), house.get(Settings).alert_notice
    due = {one.id: one for one in await expiring(tx, within=before, now=now)}
    fresh = await lineages.remind(tx, list(due), before=before, now=now) if due else []
    for alert_id in fresh:
        if due[alert_id].message is Message.END:
            _log.error("alerts.ended_zone_dangerous", alert=str(alert_id), remedy="correct it; warn again")
        else:
            _log.warning("alerts.expires_soon", alert=str(alert_id), remedy="renew, end or correct it")
    return fresh


async def _to_follow(tx: Tx, operator: Operator, alert_id: UUID, act: Act) -> Alert:
    """Return the message, held until the transaction ends. Refused unless it is the latest and none waits after it."""
    earlier = await _to_correct(tx, operator, alert_id, act)
    waiting = await lineages.open_follower(tx, earlier.lineage)
    if waiting is not None:
        detail = "Another message about this warning is being written or waits for a second person."
        remedy = f"Change or withdraw that one: GET /v1/alerts/{waiting}."
        raise Refused(Kind.CONFLICT, Reason.DRAFT_OPEN, detail, where="follows", remedy=remedy)
    return earlier


async def _to_correct(tx: Tx, operator: Operator, alert_id: UUID, act: Act = Act.CORRECT) -> Alert:
    """Return the message, held until the transaction ends; a draft that waits never holds up a correction."""
    named = await actions.get(tx, alert_id)
    actions.demand_followable(named, await lineages.latest(tx, named.lineage))
    return await actions.may(tx, alert_id, act, operator)


async def _follow(tx: Tx, operator: Operator, earlier: Alert, values: dict[str, Any], *, now: datetime) -> UUID:
    made = new_id(now=now)
    await lineages.follow(tx, made, values | {"follows": earlier.id, "author_id": operator.id, "now": now})
    return made
