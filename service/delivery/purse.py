"""What texts cost and what may still be spent, in millionths of the currency of the settings; pure."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from service.delivery.model import Message
from service.kit.sms import split

MILLION = 1_000_000
NEVER_STOPPED = frozenset({Message.CORRECTION, Message.END})
"""Who was told wrongly, or what is over, is told whatever it costs: these may overdraw a budget."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a segment costs at the dearest provider, and how many all of them take in a second; 0: nobody is there."""

    segment: int
    a_second: int

    @classmethod
    def of(cls, price: Decimal, a_second: int) -> "Tariff":
        return cls(math.ceil(price * MILLION), a_second)

    def text(self, sms: str) -> int:
        """Return what one text costs."""
        return self.segment * segments(sms)


def segments(sms: str) -> int:
    """Return how many segments a text needs; none without a text."""
    return split(sms).segments if sms else 0


@dataclass(frozen=True, slots=True)
class Purse:
    """What an alert, or a month, may cost: `budget` 0 means no limit. `stopped_at` is the limit at which it stopped."""

    budget: int
    lifted: int
    spent: int
    stopped_at: int | None = None

    @property
    def limit(self) -> int | None:
        return self.budget + self.lifted if self.budget else None

    @property
    def left(self) -> int | None:
        """Return what may still be spent; None without a limit."""
        return None if self.limit is None else max(0, self.limit - self.spent)

    @property
    def is_open(self) -> bool:
        """Say whether anything may be tried: once it stopped, whoever is farther away does not pass those who wait."""
        return self.limit is None or self.stopped_at is None or self.limit > self.stopped_at

    def allows(self, more: int) -> bool:
        return self.limit is None or (self.is_open and self.spent + more <= self.limit)


def month_of(now: datetime) -> date:
    """Return the first day of the month, UTC."""
    return now.date().replace(day=1)
