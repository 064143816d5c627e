"""What follows from what a provider answered."""

from collections.abc import Mapping, Sequence
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
)

HELD = "held"
"""The reason with which a channel answers for those whom the gate kept from being sent to."""

_BEFORE_ALL = Severity.EXTREME + 1
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=5)


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

    The provider's longest wish is honoured; else the wait doubles from 2 s to 5 min. Nobody is tried after
    `give_up_at`.
    """
    if Fate.WAITING not in fates:
        return Finished()
    wishes = [outcome.after for outcome in outcomes if isinstance(outcome, TryLater) and outcome.after is not None]
    doubled = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempts - 1, 16))
    wait = max(max(wishes, default=timedelta(0)), doubled) * (1 + jitter / 4)
    return Retry(wait) if now + wait < give_up_at else Finished()


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
    """Return a job's rank, the higher first: by urgency, then the verified, then the nearest; age decides the rest."""
    return urgency * 10_000 + (5_000 if verified else 0) - min(ring, 4_999)
