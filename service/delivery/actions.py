"""What can be done with a message: announce, claim, settle, stop it, hear that it arrived."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from service.config import Settings
from service.delivery import payload, rules, texting
from service.delivery.model import (
    AddressDead,
    Batch,
    Bulletin,
    ChannelName,
    Fate,
    Finished,
    Gate,
    Message,
    MessageRefused,
    Outcome,
    Payload,
    Published,
    Pull,
    Retry,
    Severity,
    Text,
    TryLater,
)
from service.delivery.queueing import Place, send_job
from service.delivery.records import Sending, Tally
from service.delivery.store import batches, dispatches, senders, switch, topics
from service.kit.clock import Clock
from service.kit.crypto import Signer
from service.kit.db import Tx
from service.kit.house import House
from service.kit.jobs import defer, under_way
from service.operators.actions import record
from service.operators.model import Operator
from service.residents import actions as residents
from service.residents.model import Dead

_log = structlog.get_logger()


async def announce(tx: Tx, bulletin: Bulletin, texts: Sequence[Text]) -> None:
    """Keep what will be said, once and for all; nothing is sent yet."""
    await dispatches.insert_dispatch(tx, bulletin)
    for text in texts:
        await dispatches.insert_text(tx, bulletin, text)


async def claim(tx: Tx, house: House, batch_id: int) -> Batch | None:
    """Take a batch for sending, with the addresses of those who still wait; None if there is nothing to send now.

    Checked once more here: the alert was not withdrawn, has not expired, an exercise finds testers only (R18), and what
    texts cost is set aside.
    """
    row = await batches.claim(tx, batch_id)
    if row is None:
        return None
    bulletin, fates, now = dispatches.bulletin_of(row), row["fates"], house.clock.now()
    if row["stopped_at"] is not None or now >= bulletin.expires_at:
        await batches.settle(tx, _closing(row, await _closed(tx, row), now=now))
        await texting.pay(tx, house, batch_id, row["sms"], waiting=0)
        return None
    waiting = [number for number, fate in zip(row["numbers"], fates, strict=True) if fate == Fate.WAITING]
    if ChannelName(row["channel"]) is ChannelName.SMS:
        found = await texting.destinations(tx, house, batch_id, waiting, exercise=bulletin.exercise)
        afforded = await texting.afford(tx, house, row, found)
        if afforded is None:
            return None
        row, destinations = afforded
    else:
        destinations = await residents.addresses(tx, house.keyring, waiting, exercise=bulletin.exercise, now=now)
    return Batch(
        id=batch_id,
        attempts=row["attempts"],
        created_at=row["created_at"],
        bulletin=bulletin,
        channel=ChannelName(row["channel"]),
        ring=row["ring"],
        verified=row["verified"],
        numbers=tuple(row["numbers"]),
        fates=row["fates"],
        payload=await _payload(tx, house, row, bulletin),
        destinations=destinations,
    )


async def _closed(tx: Tx, row: Mapping[str, Any]) -> str:
    """Return the fates of a batch that was withdrawn or has expired."""
    stopped, fates = row["stopped_at"] is not None, row["fates"]
    if ChannelName(row["channel"]) is ChannelName.SMS:
        otherwise = Fate.STOPPED if stopped else Fate.EXHAUSTED
        return await texting.close(tx, row["id"], row["numbers"], fates, otherwise=otherwise)
    return rules.halt(fates, tried=row["attempts"] > 1) if stopped else rules.exhaust(fates)


async def _payload(tx: Tx, house: House, row: Mapping[str, Any], bulletin: Bulletin) -> Payload:
    text = Text(row["language"], row["direction"], row["title"], row["body"], row["sms"])
    urgency, now = rules.urgency(bulletin.severity, bulletin.message), house.clock.now()
    if ChannelName(row["channel"]) is ChannelName.SMS:
        # Texts wait for each other in one row: the nearest first, as their batches do.
        rank = rules.priority(urgency, row["ring"], verified=row["verified"])
        return payload.encode_sms(bulletin, text, rank=rank, now=now)
    if bulletin.message is Message.CANARY:
        return replace(payload.encode_canary(bulletin, batch=row["id"], now=now), rank=urgency)
    bulletin = replace(bulletin, pull=await _pull(tx, house, bulletin))
    signature = house.get(Signer).sign(payload.signed_bytes(bulletin, text))
    body = payload.encode(bulletin, text, now=now, batch=row["id"], signature=signature)
    return replace(body, rank=urgency)


async def _pull(tx: Tx, house: House, bulletin: Bulletin) -> Pull:
    audience = await batches.audience(tx, bulletin.alert_id, bulletin.revision)
    within = rules.spread(audience, a_second=house.get(Settings).syncs_per_second)
    return Pull(house.get(Published).version(exercise=bulletin.exercise), within)


def _closing(row: Mapping[str, object], fates: str, *, now: datetime) -> dict[str, object]:
    return {
        "id": row["id"],
        "attempts": row["attempts"],
        "state": "done",
        "fates": fates,
        "due_at": now,
        "finished_at": now,
    }


async def settle(tx: Tx, house: House, batch: Batch, outcomes: Mapping[int, Outcome], *, jitter: float) -> None:
    """Store what became of each recipient, forget dead addresses, and defer the next try of those who still wait."""
    now = house.clock.now()
    stopped = await dispatches.is_stopped(tx, batch.bulletin.alert_id, batch.bulletin.revision)
    if batch.channel is ChannelName.SMS:
        fates = await texting.merge(tx, batch, outcomes, stopped=stopped)
    else:
        fates = rules.merge(batch.fates, batch.numbers, outcomes)
        fates = rules.halt_after(fates, batch.numbers, outcomes) if stopped else fates
    give_up_at = min(batch.created_at + house.get(Settings).patience, batch.bulletin.expires_at)
    step = rules.next_step(
        fates, list(outcomes.values()), attempts=batch.attempts, give_up_at=give_up_at, jitter=jitter, now=now
    )
    match step:
        case Finished():
            values = _closing({"id": batch.id, "attempts": batch.attempts}, rules.exhaust(fates), now=now)
        case Retry(wait):
            values = _closing({"id": batch.id, "attempts": batch.attempts}, fates, now=now)
            values |= {"state": "waiting", "due_at": now + wait, "finished_at": None}
    if not await batches.settle(tx, values):
        _log.warning("delivery.outcomes_discarded", batch=batch.id, attempt=batch.attempts)
        return
    if batch.channel is ChannelName.SMS:
        waiting = fates.count(Fate.WAITING) if isinstance(step, Retry) else 0
        await texting.pay(tx, house, batch.id, batch.payload.body, waiting=waiting)
    await _bury(tx, house, batch, outcomes)
    await tell_operator(tx, outcomes.values())
    if isinstance(step, Retry):
        urgency = rules.urgency(batch.bulletin.severity, batch.bulletin.message)
        place = Place(batch.ring, batch.verified, batch.channel)
        await defer(tx, send_job(batch.id, urgency, place, wait=step.wait), clock=house.clock)
    waits = Counter(one.reason for one in outcomes.values() if isinstance(one, TryLater))
    _log.info("delivery.settled", batch=batch.id, attempt=batch.attempts, waits=dict(waits))


async def _bury(tx: Tx, house: House, batch: Batch, outcomes: Mapping[int, Outcome]) -> None:
    if batch.channel is ChannelName.SMS:
        await texting.end(tx, house, batch, outcomes)
        return
    dead = {
        number: Dead(batch.destinations[number].witness, outcome.reason)
        for number, outcome in outcomes.items()
        if isinstance(outcome, AddressDead)
    }
    if dead:
        await residents.bury(tx, dead, now=house.clock.now())


async def tell_operator(tx: Tx, outcomes: Collection[Outcome]) -> None:
    """Keep the faults that only an operator can mend where operators look."""
    refused = {one.reason for one in outcomes if isinstance(one, MessageRefused)}
    ours = {one.reason for one in outcomes if isinstance(one, TryLater) and one.ours}
    if refused or ours:
        _log.error("delivery.trouble", refused=sorted(refused), waiting=sorted(ours))
        said = [f"refused for good: {one}" for one in sorted(refused)] + [f"waits: {one}" for one in sorted(ours)]
        await switch.note_trouble(tx, "; ".join(said))


async def stop(tx: Tx, alert_id: UUID, revision: int, *, now: datetime) -> None:
    """Stop a dispatch: workers see it within half a second; what waits is closed as stopped at its next claim."""
    await dispatches.stop(tx, alert_id, revision, now=now)


async def prolong(tx: Tx, alert_id: UUID, revision: int, *, until: datetime) -> None:
    """Let whoever is told of a dispatch from now on hear that it is up to date for longer; nobody is told again."""
    await dispatches.prolong(tx, alert_id, revision, until=until)


async def tally(tx: Tx, alert_id: UUID, revision: int) -> list[Tally]:
    """Return the exact counts by ring, language and channel; whoever shows them to people blurs them (R26)."""
    return [Tally(**row) for row in await batches.tally(tx, alert_id, revision)]


async def finished(tx: Tx, alert_id: UUID, revision: int) -> bool:
    """Say whether no batch of the dispatch, and no letter to topics, has anything left to send."""
    return not (await batches.unfinished(tx, alert_id, revision) or await topics.unfinished(tx, alert_id, revision))


async def sweep(tx: Tx, *, clock: Clock) -> int:
    """Defer a send for every due batch that no job is about to take; returns how many. Nothing is ever forgotten."""
    jobs = await under_way(tx)
    rows = await batches.overdue(tx, jobs, now=clock.now())
    for row in rows:
        urgency = rules.urgency(Severity(row["severity"]), Message(row["message"]))
        await defer(tx, send_job(row["id"], urgency, Place.of(row)), clock=clock)
    return len(rows)


async def beat(tx: Tx, sender: UUID) -> int:
    """Say that a sending process lives; return how many do, this one among them."""
    return await senders.beat(tx, sender)


async def status(tx: Tx) -> Sending:
    """Return whether this installation may send."""
    return Sending(**await switch.sending(tx))


async def pause(tx: Tx, operator: Operator, *, reason: str, now: datetime) -> None:
    """Stop all sending: one person, at once (R17). Workers see it within half a second; what waits keeps waiting."""
    await switch.switch(tx, paused=True, reason=reason, epoch=None, now=now)
    await record(tx, operator, "sending.pause", "sending", {"reason": reason}, now=now)


async def resume(tx: Tx, operator: Operator, *, reason: str, epoch: str | None, now: datetime) -> None:
    """Let messages go out again, from this installation (`epoch`), even if its database is a restored copy."""
    await switch.switch(tx, paused=False, reason=reason, epoch=epoch, now=now)
    await record(tx, operator, "sending.resume", "sending", {"reason": reason}, now=now)


async def settle_in(tx: Tx, *, epoch: str | None, now: datetime) -> Sending:
    """Give a new database this installation's name; a copy of another's keeps the other's, and so does not send."""
    known = await status(tx)
    if known.epoch is None and epoch is not None:
        await switch.switch(tx, paused=known.paused, reason=known.reason, epoch=epoch, now=now)
    return await status(tx)


async def look(tx: Tx, gate: Gate, *, epoch: str | None, now: datetime) -> None:
    """Bring the gate up to date."""
    gate.stopped = await dispatches.stopped(tx, now=now)
    gate.held = (await status(tx)).held(epoch=epoch)
