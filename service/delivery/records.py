"""What is kept beside batches: who was heard, which registrations try the path, what may be sent; and counts of all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Told:
    """A genuine receipt, by the number under which its phone may have been sent to."""

    number: int
    lineage: UUID
    revision: int
    batch: int | None


@dataclass(frozen=True, slots=True)
class Canary:
    """A registration that stands for nobody; `asked_at` is of the last test message, `delay_s` of the last answer.

    `number` is missing once the registration is gone: what is silent then is the canary all the same.
    """

    number: int | None
    channel: str
    language: str
    answers: bool
    marked_at: datetime
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    delay_s: float | None = None

    def silence(self, *, now: datetime) -> timedelta:
        """Return for how long it has answered nothing."""
        return now - max(self.marked_at, self.answered_at or self.marked_at)


@dataclass(frozen=True, slots=True)
class Sending:
    """Whether this installation may send. `trouble` is the last fault that only an operator can mend."""

    paused: bool
    reason: str
    epoch: str | None
    trouble: str
    changed_at: datetime | None

    def held(self, *, epoch: str | None) -> bool:
        """Say whether nothing may go out: paused, or a copy of the database under another installation's name."""
        return self.paused or (self.epoch is not None and epoch is not None and self.epoch != epoch)


@dataclass(frozen=True, slots=True)
class Tally:
    """Exact counts of one ring, language and channel; what leaves the house is blurred (R26)."""

    ring: int
    language: str
    channel: str
    planned: int
    accepted: int
    dead: int
    waiting: int
    received: int
    beside: bool = False  # who stands in another tally as well


@dataclass(frozen=True, slots=True)
class TextFate:
    """Exact counts of texts: arrived, handed over twice, of which nobody can say; and of people who wait for money."""

    delivered: int
    doubled: int
    unknown: int
    parked: int
