"""What planning keeps: how far it got, who was passed over and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Pass(IntEnum):
    """What planning looks at, in this order; stored, so a number never changes its meaning.

    Whom an earlier message of the lineage may have reached; all who stand in the area; those written meanwhile.
    """

    EARLIER = -1
    ALL = 0
    MEANWHILE = 1
    DONE = 2


class Skip(StrEnum):
    """Why somebody in the area was passed over when an alert was planned; beside residents' own reasons."""

    ALREADY_WARNED = "already-warned"
    DELAYED = "delayed"
    NO_NUMBER = "no-number"  # by text: no verified number is known
    NO_TEXT = "no-text"  # by text: there is none in any language


class Progress(StrEnum):
    """How planning goes on after a page."""

    MORE = "more"
    WAITS = "waits"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where planning stands: behind `number`, in the cell that is number `place` of the area.

    `seen_from` and `settled_at` are transactions: the first pass leaves out whoever was written by `seen_from` or
    later, the second takes these up once all that began before `settled_at` have ended. `resume_at` says when the
    delayed are looked at again.
    """

    plan_pass: Pass
    place: int
    number: int
    seen_from: str
    settled_at: str | None
    resume_at: datetime | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Registrations of one ring that were passed over for one reason, by one channel or (None) by all.

    The delayed are looked at again when due.
    """

    reason: str
    ring: int
    numbers: Sequence[int]
    at: datetime
    due_at: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """How many messages somebody may have had before what is not urgent waits."""

    a_day: int
    a_week: int
