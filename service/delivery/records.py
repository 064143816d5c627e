"""What is kept beside batches: who was heard, and which registrations try the path."""

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
