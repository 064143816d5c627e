"""What follows from what a provider answered."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from service.delivery.model import (
    Accepted,
    AddressDead,
    Fate,
    Finished,
    Message,
    MessageRefused,
    NextStep,
    Outcome,
    Retry,
    Severity,
    TryLater,
    Unproved,
)

HELD = "held"
"""The reason with which a channel answers for those whom the gate kept from being sent to."""

_NEEDS_NOTHING = frozenset({Fate.STOPPED, Fate.HEARD})
_BEFORE_ALL = Severity.EXTREME + 1
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=1)
_GETTING_ON = 3
_LEAST_WAIT = timedelta(seconds=1)
_LONGEST_SPREAD_SECONDS = 3600


def fate_of(outcome: Outcome) -> Fate:
    """Say what an answer makes of a recipient: only `TryLater` leaves it waiting."""
    match outcome:
        case Accepted():
            return Fate.ACCEPTED
        case AddressDead():
            return Fate.DEAD
        case MessageRefused():
            return Fate.REFUSED
        case TryLater():
            return Fate.WAITING
        case Unproved():
            return Fate.EXHAUSTED
        case _:
            assert_never(outcome)


def merge(fates: str, numbers: Sequence[int], outcomes: Mapping[int, Outcome]) -> str:
    """Fill in what became of those who waited; who waited and has no outcome was gone before its turn."""
    merged = list(fates)
    for place, number in enumerate(numbers):
        if merged[place] == Fate.WAITING:
            merged[place] = fate_of(outcomes[number]) if number in outcomes else Fate.GONE
    return "".join(merged)


def next_step(  # noqa: PLR0913 - the whole decision in one place
    fates: str, outcomes: Sequence[Outcome], *, attempts: int, give_up_at: datetime, jitter: float, now: datetime
) -> NextStep:
    """Decide when those who still wait are tried again; `jitter` is a number from 0 to 1.

    The longest wish is honoured: nobody is tried sooner than the provider asked for him. Where an answer came without a
    wish the wait doubles from 2 s to a minute, and only to 8 s while the provider takes some of the others: an outage
    that is over must not slow down what comes after. It is this batch's wait only: no other ring waits for it. Nobody
    is tried after `give_up_at`.
    """
    if Fate.WAITING not in fates:
        return Finished()
    waits = [outcome.after for outcome in outcomes if isinstance(outcome, TryLater)]
    wishes = [wish for wish in waits if wish is not None]
    gets_on = any(isinstance(outcome, Accepted) for outcome in outcomes)
    doubled = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (min(attempts, _GETTING_ON if gets_on else 16) - 1))
    least = doubled if len(wishes) < len(waits) or not wishes else _LEAST_WAIT
    wait = max([least, *wishes]) * (1 + jitter / 4)
    return Retry(wait) if now + wait < give_up_at else Finished()


def spread(audience: int, *, a_second: int) -> int:
    """Return over how many seconds an audience should fetch, so that so many do in each; at most an hour."""
    return min(_LONGEST_SPREAD_SECONDS, math.ceil(audience / a_second))


def exhaust(fates: str) -> str:
    """Close a batch whose time is over: who still waits was not reached by this channel."""
    return fates.replace(Fate.WAITING, Fate.EXHAUSTED)


def halt(fates: str, *, tried: bool = False) -> str:
    """Close a batch of a withdrawn alert; who was tried may have been reached, and must hear of a correction (R19)."""
    return fates.replace(Fate.WAITING, Fate.EXHAUSTED if tried else Fate.STOPPED)


def halt_after(fates: str, numbers: Sequence[int], outcomes: Mapping[int, Outcome]) -> str:
    """Close a batch whose alert was withdrawn in mid-send: whom the gate held back was stopped before its turn."""
    held = {number for number, outcome in outcomes.items() if isinstance(outcome, TryLater) and outcome.reason == HELD}
    pairs = zip(fates, numbers, strict=True)
    return "".join(halt(fate, tried=number not in held) for fate, number in pairs)


def urgency(severity: Severity, message: Message) -> int:
    """Say how soon a message goes out: by its severity, and a correction before every other."""
    return _BEFORE_ALL if message is Message.CORRECTION else int(severity)


def is_urgent(urgency: int) -> bool:
    """Say whether a message may not wait behind others that are under way."""
    return urgency >= Severity.SEVERE


def priority(urgency: int, ring: int, *, verified: bool) -> int:
    """Return a job's rank, the higher first: by urgency, then the nearest, then the verified; age decides the rest."""
    return urgency * 10_000 - 2 * min(ring, 4_999) + (1 if verified else 0)


@dataclass(frozen=True, slots=True)
class Sent:
    """How far a push got: letters as in `Fate`; a 1 for who has proved that it was shown, and for who is decided on."""

    fates: str
    received: str
    decided: str
    created_at: datetime
    finished_at: datetime | None


def goes_on(sent: Sent, *, patience: timedelta, now: datetime) -> tuple[list[int], str]:
    """Say at which places of a push somebody is who gets a text now, and of whom it is decided by now.

    Whom the push cannot reach any more gets it at once; who still waits, once that takes longer than `patience`; whom
    the provider took, so long after the whole push was sent, or twice as long after its planning where that drags on.
    Never who proved that it was shown, nor where the message was stopped.
    """
    received, known = sent.received.ljust(len(sent.fates), "0"), sent.decided.ljust(len(sent.fates), "0")
    taken_at = sent.created_at + patience if sent.finished_at is None else sent.finished_at
    due = dict.fromkeys(Fate, True) | {
        Fate.WAITING: now >= sent.created_at + patience,
        Fate.ACCEPTED: now >= taken_at + patience,
    }
    going, decided = [], list(known)
    for place, letter in enumerate(sent.fates):
        fate = Fate(letter)
        if decided[place] == "1" or not due[fate]:
            continue
        decided[place] = "1"
        if received[place] == "0" and fate not in _NEEDS_NOTHING:
            going.append(place)
    return going, "".join(decided)
