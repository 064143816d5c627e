"""Batches: written many at once with the jobs that send them, in the caller's commit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.delivery import rules
from service.delivery.model import (
    BATCH_SIZE,
    SEND_JOB,
    TEXTS_TOGETHER,
    Bulletin,
    ChannelName,
    Fate,
    Lot,
    Message,
    Severity,
)
from service.delivery.store import batches, reached
from service.kit.clock import Clock
from service.kit.db import Tx, array
from service.kit.jobs import Job, Queue, defer_many


@dataclass(frozen=True, slots=True)
class Telling:
    """What became of one phone in one message: `received` by its own word, else what the provider answered."""

    alert_id: UUID
    channel: ChannelName
    fate: Fate
    received: bool
    at: datetime

    @property
    def warns(self) -> bool:
        """Say whether the phone counts as warned (R21)."""
        return self.received or self.fate is Fate.ACCEPTED


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier batch of a lineage, with whom it may have reached, and whether by text."""

    id: int
    ring: int
    by_text: bool
    numbers: Sequence[int]


async def enqueue(tx: Tx, bulletin: Bulletin, lots: Sequence[Lot], *, clock: Clock) -> int:
    """Write batches for registrations that stand in none of this bulletin yet, and defer their sends.

    The caller holds the lock of the alert's plan, so that nobody is planned twice. Returns how many were planned.
    """
    cut = [(lot, part) for lot in lots for part in _cut(lot)]
    if not cut:
        return 0
    sizes = [len(part) for _, part in cut]
    values: dict[str, Any] = {
        "alert_id": bulletin.alert_id,
        "revision": bulletin.revision,
        "channels": [lot.channel.value for lot, _ in cut],
        "rings": [lot.ring for lot, _ in cut],
        "verified": [lot.verified for lot, _ in cut],
        "languages": [lot.language for lot, _ in cut],
        "beside": [lot.beside for lot, _ in cut],
        "sources": [lot.source for lot, _ in cut],
        "starts": [sum(sizes[:place]) for place in range(len(sizes))],
        "sizes": sizes,
        "numbers": array(number for _, part in cut for number in part),
        "now": clock.now(),
    }
    rows = await batches.insert_batches(tx, values)
    urgency = rules.urgency(bulletin.severity, bulletin.message)
    await defer_many(tx, [send_job(row["id"], urgency, Place.of(row)) for row in rows])
    return sum(sizes)


def _cut(lot: Lot) -> list[list[int]]:
    """Cut into batches whose numbers lie close together: they are kept small and found quickly."""
    ordered, most = sorted(lot.numbers), TEXTS_TOGETHER if lot.channel is ChannelName.SMS else BATCH_SIZE
    return [ordered[start : start + most] for start in range(0, len(ordered), most)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch stands in the row of its urgency, and in which row."""

    ring: int
    verified: bool
    channel: ChannelName

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Place":
        return cls(row["ring"], row["verified"], ChannelName(row["channel"]))


def send_job(batch_id: int, urgency: int, place: Place, *, wait: timedelta = timedelta(0)) -> Job:
    """Return the job that sends a batch.

    What is urgent has a queue of its own, for which every worker keeps hands free; so have texts.
    """
    queues = (Queue.URGENT_TEXTS, Queue.TEXTS) if place.channel is ChannelName.SMS else (Queue.URGENT, Queue.DELIVERY)
    return Job(
        SEND_JOB,
        queues[0] if rules.is_urgent(urgency) else queues[1],
        {"batch": batch_id},
        alone=f"batch:{batch_id}",
        priority=rules.priority(urgency, place.ring, verified=place.verified),
        wait=wait,
    )


async def planned(tx: Tx, bulletin: Bulletin) -> AsyncIterator[Sequence[int]]:
    """Give everybody who stands in a batch of this bulletin, batch by batch."""
    async for numbers in reached.planned(tx, bulletin.alert_id, bulletin.revision):
        yield numbers


async def texted(tx: Tx, alert_id: UUID, revision: int) -> AsyncIterator[Sequence[int]]:
    """Give everybody to whom a text of this message goes, batch by batch."""
    async for numbers in reached.texted(tx, alert_id, revision):
        yield numbers


async def texted_before(tx: Tx, lineage: UUID, revision: int) -> int:
    """Return exactly to how many a text of an earlier message of the lineage goes or went."""
    return await reached.texted_before(tx, lineage, revision)


async def planned_already(tx: Tx, bulletin: Bulletin, numbers: Sequence[int]) -> frozenset[int]:
    """Return which of a few stand in a batch of this bulletin."""
    return await reached.planned_already(tx, bulletin.alert_id, bulletin.revision, numbers)


async def reached_so_far(tx: Tx, bulletin: Bulletin) -> int:
    """Return exactly to how many a dispatch was or may have been sent; whoever shows it blurs it (R26)."""
    return await reached.so_far(tx, bulletin.alert_id, bulletin.revision)


async def earlier(tx: Tx, bulletin: Bulletin, *, after: int, limit: int) -> list[Earlier]:
    """Return the next earlier batches of the lineage, by id (R19)."""
    rows = await reached.earlier(tx, bulletin, after=after, limit=limit)
    return [Earlier(row["id"], row["ring"], row["channel"] == ChannelName.SMS, row["numbers"] or []) for row in rows]


def plan_rank(severity: Severity, message: Message) -> int:
    """Return the rank of planning: before every send that is as urgent."""
    return rules.priority(rules.urgency(severity, message), -1, verified=True)


async def warned(
    tx: Tx, bulletin: Bulletin, *, number: int | None = None, now: datetime
) -> AsyncIterator[Sequence[int]]:
    """Give everybody who was warned of the same thing at least as urgently, or of one number whether it was (R21)."""
    async for numbers in reached.warned(tx, bulletin, number, now=now):
        yield numbers


async def tired(tx: Tx, bulletin: Bulletin, budget: tuple[int, int], *, now: datetime) -> list[int]:
    """Return who had as many messages as a budget allows: in a day, and in a week."""
    a_day, a_week = budget
    asked = {
        "exercise": bulletin.exercise,
        "day": now - timedelta(days=1),
        "week": now - timedelta(weeks=1),
        "a_day": a_day,
        "a_week": a_week,
    }
    return await reached.tired(tx, asked)


async def tellings(tx: Tx, numbers: Sequence[int], alert_id: UUID | None = None) -> list[Telling]:
    """Return what became of the phone with these numbers, message by message, or in one of them."""
    return [_telling(row) for row in await reached.tellings(tx, numbers, alert_id)]


def _telling(row: Mapping[str, Any]) -> Telling:
    fate = Fate(row["fate"])
    if fate is Fate.WAITING and row["stopped"]:
        fate = Fate.STOPPED
    return Telling(row["alert_id"], ChannelName(row["channel"]), fate, row["received"], row["at"])
