"""What the ledger says of a text to one recipient, and what follows from it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from service.delivery.model import Accepted, AddressDead, Fate, MessageRefused, Outcome, TryLater, Unproved
from service.delivery.sms import (
    Answer,
    Arrival,
    NotNow,
    NumberDead,
    OptedOut,
    Taken,
    TextRefused,
    Unanswered,
)

DOUBT = timedelta(seconds=60)
"""How long a text of which nobody can say whether it was taken waits for a report, before it is handed over again."""

MOST_HANDED = 2
UNANSWERED = "unanswered"
OPTED_OUT = "opted-out"


class State(StrEnum):
    """What is known of a text; stored as it is."""

    WAITING = "waiting"  # the operator took no part of it; it will be handed over
    ASKED = "asked"  # about to be handed over; after a crash: nobody can say
    TAKEN = "taken"
    UNANSWERED = "unanswered"  # handed over, and nobody can say
    REFUSED = "refused"
    DELIVERED = "delivered"
    FAILED = "failed"  # taken, and did not arrive
    UNKNOWN = "unknown"  # given up: nobody will ever say


OPEN = frozenset({State.ASKED, State.UNANSWERED})


@dataclass(frozen=True, slots=True)
class Entry:
    """A text as the ledger has it; `ids` are the operator's, `whole` says that they stand for all of it."""

    id: int
    provider: str
    state: State
    handed: int
    asked_at: datetime
    ids: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Hand:
    """Hand it over; before, it was taken, or may have been, `handed` times."""

    handed: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the operator first; if it cannot tell either, `otherwise`."""

    entry: Entry
    otherwise: "Hand | Close"


@dataclass(frozen=True, slots=True)
class Close:
    """Nobody will ever say: no third time."""

    entry: Entry


Step = Outcome | Hand | Ask | Close


def next_step(entry: Entry | None, *, now: datetime) -> Step:
    """Say what is to be done about a text that a batch holds, whatever happened since it was claimed last."""
    if entry is None:
        return Hand(0)
    match entry.state:
        case State.WAITING | State.REFUSED:
            return Hand(entry.handed)
        case State.TAKEN | State.DELIVERED:
            return Accepted(entry.ids[-1] if entry.ids else "")
        case State.FAILED | State.UNKNOWN:
            return Unproved(entry.state.value)
        case State.ASKED | State.UNANSWERED:
            return _in_doubt(entry, now=now)
        case _:
            assert_never(entry.state)


def may_be_handed(entry: Entry | None) -> bool:
    """Say whether a text may still be handed over, now or once it was in doubt for long enough."""
    if entry is None or entry.state in {State.WAITING, State.REFUSED}:
        return True
    return entry.state in OPEN and entry.handed < MOST_HANDED


def _in_doubt(entry: Entry, *, now: datetime) -> Step:
    left = DOUBT - (now - entry.asked_at)
    if left > timedelta(0):
        return TryLater(min(left, DOUBT), UNANSWERED)  # a clock that was set back makes nobody wait for longer
    otherwise = Hand(entry.handed) if entry.handed < MOST_HANDED else Close(entry)
    return Ask(entry, otherwise) if entry.ids else otherwise


def after(answer: Answer, handed: int) -> tuple[State, int]:
    """Return what an answer makes of a text that was handed over for the `handed`-th time, and how often it counts.

    What the operator took no part of counts as not handed over: the doubt about an earlier time stays.
    """
    match answer:
        case Taken():
            return State.TAKEN, handed
        case Unanswered():
            return State.UNANSWERED, handed
        case NumberDead() | OptedOut() | TextRefused():
            return State.REFUSED, handed - 1
        case NotNow():
            return (State.WAITING if handed == 1 else State.UNANSWERED), handed - 1
        case _:
            assert_never(answer)


def outcome_of(answer: Answer) -> Outcome:
    """Say what an operator's answer is to delivery."""
    match answer:
        case Taken(ids):
            return Accepted(ids[-1] if ids else "")
        case NumberDead(reason):
            return AddressDead(reason)
        case OptedOut():
            return AddressDead(OPTED_OUT)
        case TextRefused(reason):
            return MessageRefused(reason)
        case NotNow(wait, reason, ours):
            return TryLater(wait, reason, ours=ours)
        case Unanswered():
            return TryLater(DOUBT, UNANSWERED)
        case _:
            assert_never(answer)


def last_of(answer: Answer, segments: int, *, one_id: bool) -> str | None:
    """Return the id whose report stands for the whole text; None where a part of it has no id.

    `one_id` says that the operator names a text once, however many segments it has.
    """
    match answer:
        case Taken(ids):
            return ids[-1] if ids else None
        case Unanswered(ids):
            return ids[-1] if ids and (one_id or len(ids) >= segments) else None
        case _:
            return None


_FAILURES = frozenset({Arrival.FAILED, Arrival.EXPIRED, Arrival.UNKNOWN_SUBSCRIBER, Arrival.OPTED_OUT})


def heard(state: State, arrival: Arrival, *, is_last: bool) -> State:
    """Return the state after a report of a part: reports come late, twice, and in any order.

    What was delivered stays so. A part of a text of which the rest is in doubt says nothing of the whole.
    """
    if state is State.DELIVERED:
        return state
    if arrival is Arrival.DELIVERED and is_last:
        return State.DELIVERED
    if arrival is Arrival.UNDERWAY and is_last and state in OPEN:
        return State.TAKEN
    if arrival in _FAILURES and (state is State.TAKEN or (is_last and state in OPEN | {State.UNKNOWN})):
        return State.FAILED
    return state


def soonest(outcomes: Sequence[Outcome]) -> timedelta | None:
    """Return the shortest wait among those who wait: one text in doubt holds back no other of its batch."""
    return min((one.after for one in outcomes if isinstance(one, TryLater) and one.after is not None), default=None)


@dataclass(frozen=True, slots=True)
class Intent:
    """A text that is about to be handed over; `before` is how often it was, as far as its worker knows."""

    batch: int
    number: int
    template: str
    revision: int
    provider: str
    segments: int
    before: int
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What an operator said of the text `id`, handed over for the `handed`-th time."""

    id: int
    handed: int
    provider: str
    segments: int
    one_id: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class Counted:
    """How many texts of a message are in a state, exactly; `repeated` were handed over twice."""

    state: State
    texts: int
    repeated: int
    segments: int


def mark_of(witness: bytes) -> int | None:
    """Return the part of a number's keyed hash that the ledger keeps."""
    return int.from_bytes(witness[:4], "big", signed=True) if witness else None


def left(entry: Entry | None, *, otherwise: Fate) -> Fate:
    """Say what became of a recipient who is tried no more; `otherwise` is for whom nothing was handed over."""
    if entry is None:
        return otherwise
    if entry.state in {State.TAKEN, State.DELIVERED}:
        return Fate.ACCEPTED
    return Fate.EXHAUSTED if entry.handed else otherwise
