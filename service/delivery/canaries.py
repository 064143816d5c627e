"""Canaries: phones of our own that answer silent test messages, so that a dead path is noticed before it is needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from service.config import Settings
from service.delivery import actions, queueing
from service.delivery.model import Bulletin, ChannelName, Lot, Message, Severity, Text
from service.delivery.records import Canary
from service.delivery.store import canaries
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.ids import new_id
from service.operators.actions import record
from service.operators.model import Operator
from service.residents import actions as residents
from service.residents import canaries as registrations
from service.residents.model import AddressKind

_log = structlog.get_logger()
_KEPT = timedelta(days=1)


async def mark(tx: Tx, house: House, operator: Operator, registration: UUID, *, answers: bool) -> Canary:
    """Let a registration stand for nobody from now on; one for each channel and language, the first that it reads.

    `answers` says that its phone sends receipts; else the provider's word counts as the answer. Its cells are gone: it
    is in no audience, and no alert reaches it. Refused when there is no such registration, or a canary already.
    """
    now = house.clock.now()
    found = await registrations.take_out(tx, registration)
    assert found.held is not None  # noqa: S101 - who cannot be sent to was refused
    of_fcm = found.held.kind in {AddressKind.FID, AddressKind.TOKEN}
    channel, language = ChannelName.FCM if of_fcm else ChannelName.WEB_PUSH, found.languages[0]
    values = {"number": found.number, "channel": channel.value, "language": language, "answers": answers, "now": now}
    if not await canaries.mark(tx, values):
        detail = f"There is a canary for {channel.value} in {language!r} already, or this registration is one."
        remedy = "Take that one away first: `surefoot residents canary ID --remove`."
        raise Refused(Kind.CONFLICT, "canary-exists", detail, where="registration", remedy=remedy)
    said = {"channel": channel.value, "language": language, "answers": answers}
    await record(tx, operator, "canaries.mark", str(registration), said, now=now)
    return Canary(found.number, channel, language, answers, now)


async def unmark(tx: Tx, house: House, operator: Operator, registration: UUID) -> None:
    """Let it be a phone again; it is warned once its app tells its cells anew. Refused when it is no canary."""
    numbers = [number for _, number in await residents.numbers_of(tx, [registration])]
    if not await canaries.unmark(tx, numbers):
        detail = "This registration is no canary."
        raise Refused(Kind.NOT_FOUND, "canary-unknown", detail, where="registration")
    await record(tx, operator, "canaries.unmark", str(registration), {}, now=house.clock.now())


async def everybody(tx: Tx) -> list[Canary]:
    return await canaries.everybody(tx)


async def keep_up(tx: Tx, house: House) -> None:
    """Note who answered, and ask those whose turn it is: a silent message by the way that a warning takes."""
    settings, now = house.get(Settings), house.clock.now()
    await canaries.note_answers(tx, now=now)
    due = await canaries.due(tx, before=now - settings.canary_rhythm)
    if not due:
        return
    for one in due:
        if one.silence(now=now) > settings.canary_patience:
            seconds = round(one.silence(now=now).total_seconds())
            _log.error("canary.silent", channel=one.channel, language=one.language, seconds=seconds)
    await _ask(tx, house, due, now=now)
    await canaries.drop_old(tx, before=now - _KEPT)


async def _ask(tx: Tx, house: House, due: Sequence[Canary], *, now: datetime) -> None:
    test = new_id(now=now)
    said = Bulletin(
        alert_id=test,
        lineage=test,
        revision=1,
        message=Message.CANARY,
        severity=Severity.EXTREME,  # what waits behind others is told by the queues' ages
        exercise=False,
        zone_id=None,
        reach_m=0,
        issued_at=now,
        expires_at=now + house.get(Settings).canary_patience,
    )
    await actions.announce(tx, said, [Text(tag, "ltr", "", "") for tag in sorted({one.language for one in due})])
    tried = [(one, one.number) for one in due if one.number is not None]
    for one, number in tried:
        lot = Lot(0, verified=True, channel=ChannelName(one.channel), language=one.language, numbers=(number,))
        await queueing.enqueue(tx, said, [lot], clock=house.clock)
    await canaries.asked(tx, test, [number for _, number in tried], now=now)
