"""What can be done with topics: keep their keys, write an alert's letters, claim and settle them."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from service.config import Settings
from service.delivery import rules, topics
from service.delivery.actions import tell_operator
from service.delivery.model import (
    TOPICS_JOB,
    Accepted,
    AddressDead,
    Bulletin,
    Fate,
    Message,
    MessageRefused,
    Outcome,
    Published,
    Pull,
    Retry,
    Text,
)
from service.delivery.store import dispatches
from service.delivery.store import topics as store
from service.delivery.topics import Claimed, Generation, Letter, Round, Spread, TopicTally
from service.kit.clock import Clock
from service.kit.crypto import KEY_BYTES, Signer
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.jobs import Job, Queue, defer, under_way
from service.operators.actions import record
from service.operators.model import Operator

_log = structlog.get_logger()
# Before any other job of its queue: a round is 20 messages, and the most severe alert is chosen in it.
_PRIORITY = 4000
_AS_IF = 1_000_000


async def generations(tx: Tx, *, exercise: bool, now: datetime) -> list[Generation]:
    """Return the generations that alerts go to now, the newest first; a world's first is made when it is needed."""
    known = await store.generations(tx, exercise=exercise)
    if not known:
        await store.add_generation(tx, _new(1, exercise=exercise, now=now))
        known = await store.generations(tx, exercise=exercise)
    return topics.alive(known, now=now)


async def rotate(tx: Tx, operator: Operator, *, exercise: bool, now: datetime) -> Generation:
    """Begin a generation; the one before is sent to for 270 days more.

    Refused `topics-rotated-lately` while an older one is still sent to: phones that have not asked since would lose
    their warnings.
    """
    held = await generations(tx, exercise=exercise, now=now)
    if len(held) > 1:
        detail = f"Generation {held[1].number} is sent to until {topics.ended(held[0]):%Y-%m-%d}."
        remedy = "Wait until then: a phone that has not asked since would lose its warnings."
        raise Refused(Kind.CONFLICT, "topics-rotated-lately", detail, remedy=remedy)
    made = _new(held[0].number + 1, exercise=exercise, now=now)
    if not await store.add_generation(tx, made):
        raise Refused(Kind.CONFLICT, "topics-rotated-lately", "Somebody else rotated at the same moment.")
    world = "exercise" if exercise else "live"
    await record(tx, operator, "topics.rotate", world, {"number": made.number}, now=now)
    return made


def _new(number: int, *, exercise: bool, now: datetime) -> Generation:
    return Generation(number, exercise, os.urandom(KEY_BYTES), now)


async def is_planned(tx: Tx, bulletin: Bulletin) -> bool:
    """Say whether the bulletin's letters have been written."""
    return await store.planned(tx, bulletin.alert_id, bulletin.revision)


async def unplanned(tx: Tx, *, patience: timedelta, now: datetime) -> list[UUID]:
    """Return alerts announced lately whose letters nobody has written or is about to write."""
    return await store.unplanned(tx, await under_way(tx), since=now - patience, now=now)


async def spread(tx: Tx, bulletin: Bulletin, found: Spread, *, spoken: Mapping[str, str], clock: Clock) -> int | None:
    """Write the letters of a bulletin and defer their sending, in the caller's commit; return how many they are.

    `found` is its own area, `spoken` says for every language of the scheme in which text it is told. What follows an
    alert goes to the topics that the alert went to, in their generations (R19). None if it had been done.
    """
    now = clock.now()
    used = await generations(tx, exercise=bulletin.exercise, now=now)
    if bulletin.message is Message.UPDATE:
        before = await store.earlier_generations(tx, bulletin.lineage, bulletin.revision)
        every = await store.generations(tx, exercise=bulletin.exercise)
        used = [one for one in every if one in used or one.number in before]
    letters = topics.letters(found.rings, spoken, used)
    if bulletin.message is not Message.WARNING:
        earlier = await store.earlier(tx, bulletin.lineage, bulletin.revision)
        letters = topics.followed(bulletin.message, letters, earlier, _chooser(spoken))
    plan = {
        "alert_id": bulletin.alert_id,
        "revision": bulletin.revision,
        "generations": [one.number for one in used],
        "excess": found.excess,
        "now": now,
    }
    if not await store.insert_plan(tx, plan):
        return None
    await store.insert_letters(tx, bulletin.alert_id, bulletin.revision, letters, now=now)
    await defer(tx, _job(), clock=clock)
    _log.info("topics.planned", letters=len(letters), cells=len(found.rings), excess=round(found.excess, 2))
    return len(letters)


def _chooser(spoken: Mapping[str, str]) -> Callable[[str], str]:
    """Return how to choose the text of a letter's language, which may have one of its own by now, or none any more."""
    source = next(iter(spoken.values()))
    return lambda language: spoken.get(language, source)


def _job() -> Job:
    return Job(TOPICS_JOB, Queue.URGENT, alone=TOPICS_JOB, priority=_PRIORITY)


async def claim(tx: Tx, house: House) -> Round | None:
    """Take the next letters for sending; None if none is due.

    Checked once more here: the alert was not withdrawn, has not expired, and the topics are of its own world (R18).
    """
    now = house.clock.now()
    while rows := await store.claim(tx, limit=topics.AT_ONCE, now=now):
        bulletin = replace(dispatches.bulletin_of(rows[0]), pull=_pull(house, exercise=rows[0]["exercise"]))
        if rows[0]["stopped_at"] is not None:
            await _close(tx, bulletin, Fate.STOPPED, now=now)
        elif now >= bulletin.expires_at:
            await _close(tx, bulletin, Fate.EXHAUSTED, now=now)
        else:
            try:
                return _round(rows, bulletin, house.get(Signer), now=now)
            except Refused as refusal:
                await _close(tx, bulletin, Fate.REFUSED, now=now)
                await tell_operator(tx, [MessageRefused(refusal.name)])
    return None


def _pull(house: House, *, exercise: bool) -> Pull:
    """Nobody knows how many follow: the fetches are spread as if it were very many."""
    within = rules.spread(_AS_IF, a_second=house.get(Settings).syncs_per_second)
    return Pull(house.get(Published).version(exercise=exercise), within)


async def _close(tx: Tx, bulletin: Bulletin, fate: Fate, *, now: datetime) -> None:
    await store.close(tx, bulletin.alert_id, bulletin.revision, fate=fate.value, now=now)


def _round(rows: Sequence[Mapping[str, Any]], bulletin: Bulletin, signer: Signer, *, now: datetime) -> Round:
    """Sign and encode once for each language."""
    texts = {Text(row["language"], row["direction"], row["title"], row["body"]) for row in rows}
    bodies = {text.language: topics.body(bulletin, text, now=now, sign=signer.sign) for text in texts}
    claimed = []
    for row in rows:
        letter = Letter(row["language"], row["ring"], tuple(row["topics"]))
        if not letter.fits(exercise=bulletin.exercise):
            detail = "A letter's topics are of the other world."
            raise Refused(Kind.CONFLICT, "topics-of-another-world", detail)
        body = bodies[letter.language]
        claimed.append(Claimed(row["id"], row["attempts"], row["created_at"], body, letter.condition))
    return Round(bulletin, tuple(claimed))


async def settle(  # noqa: PLR0913 - what was sent, what came of it, and what decides about the rest
    tx: Tx, sent: Round, outcomes: Sequence[Outcome], *, patience: timedelta, jitter: float, now: datetime
) -> None:
    """Store what became of each letter; who still waits is due again after a while."""
    judged = [_of_topic(outcome) for outcome in outcomes]
    for letter, outcome in zip(sent.letters, judged, strict=True):
        fate = rules.fate_of(outcome)
        give_up_at = min(letter.created_at + patience, sent.bulletin.expires_at)
        step = rules.next_step(
            fate.value, [outcome], attempts=letter.attempts, give_up_at=give_up_at, jitter=jitter, now=now
        )
        waits = isinstance(step, Retry)
        values = {
            "id": letter.id,
            "attempts": letter.attempts,
            "state": "waiting" if waits else "done",
            "fate": fate.value if waits else rules.exhaust(fate.value),
            "due_at": now + step.wait if isinstance(step, Retry) else now,
            "finished_at": None if waits else now,
        }
        if not await store.settle(tx, values):
            _log.warning("topics.outcome_discarded", letter=letter.id, attempt=letter.attempts)
    await tell_operator(tx, judged)
    _log.info("topics.settled", letters=len(judged), accepted=sum(isinstance(one, Accepted) for one in judged))


def _of_topic(outcome: Outcome) -> Outcome:
    """No topic dies: where the provider says so, it is our message that is wrong."""
    return MessageRefused(outcome.reason) if isinstance(outcome, AddressDead) else outcome


async def sweep(tx: Tx, *, clock: Clock) -> None:
    """Defer the sending of letters that are due and that no job is about to take."""
    if await store.due(tx, now=clock.now()):
        await defer(tx, _job(), clock=clock)


async def is_sent(tx: Tx, alert_id: UUID, revision: int) -> bool:
    """Say whether any letter to topics went out, or may have."""
    return await store.sent(tx, alert_id, revision)


async def tally(tx: Tx, alert_id: UUID, revision: int) -> TopicTally | None:
    """Return what became of an alert's letters; None before they are written."""
    found = await store.tally(tx, alert_id, revision)
    return TopicTally(**found) if found else None
