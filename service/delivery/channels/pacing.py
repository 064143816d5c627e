"""How fast a provider may be asked: its quota a minute, reached slowly after a rest or kept to evenly; pure."""

import math
from dataclasses import dataclass, field

RAMP_SECONDS = 60.0
"""From rest to the full speed takes at least this long; Google asks for a minute."""

GENTLE = 500.0
"""Messages a second that are no spike to any provider: up to here nothing is held back after a rest."""

_PILE_SECONDS = 0.25
_FIRST_SECONDS = 0.05
_SLACK_SECONDS = 0.5
_EVEN_SLACK_SECONDS = 6.0
_SLOWEST = 0.1
_SLOWED = 0.7
_SLOWED_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """A quota of messages a minute, shared by `parts` that cannot ask each other.

    The speed grows with the square root of the time in use: from `GENTLE` to the whole in a minute, as Google asks, but
    steep at its beginning, where little is asked of anybody: with 600,000 a minute the first second lets 1,400 messages
    go and five seconds 10,000, where a straight line would need eleven seconds for them.

    Without `ramp` it is even instead, for providers that count by the second: the whole speed from the beginning, and
    less only while the provider says that it is too much.
    """

    per_minute: int
    parts: int = 1
    ramp: bool = True

    @property
    def full(self) -> float:
        """Messages a second.

        A little below the quota: what piles up and what is lent out fits in too, so no minute sees more than the quota,
        wherever it begins; an even one keeps a tenth back, so that no second does.
        """
        slack = _SLACK_SECONDS if self.ramp else _EVEN_SLACK_SECONDS
        return self.per_minute / self.parts / (60 + slack)

    @property
    def gentle(self) -> float:
        return min(self.full, GENTLE / self.parts) if self.ramp else self.full * _SLOWEST

    @property
    def warm_at_first(self) -> float:
        return 0.0 if self.ramp else RAMP_SECONDS

    @property
    def cooling(self) -> float:
        """By how many seconds one of rest cools, beside the one that it does not warm; an even pace does not cool."""
        return 2.0 if self.ramp else 0.0

    @property
    def pile_seconds(self) -> float:
        """How much may pile up unused, as time at the speed of the moment."""
        return _PILE_SECONDS if self.ramp else _FIRST_SECONDS

    def speed(self, warm: float) -> float:
        """Return how many messages a second may go after `warm` seconds in use."""
        return max(self.gentle, self.full * math.sqrt(warm / RAMP_SECONDS))

    @property
    def at_first(self) -> float:
        """How many may go at once after a rest."""
        return max(1.0, self.full * _FIRST_SECONDS)

    def most(self, warm: float) -> float:
        """Return how many may pile up unused."""
        return max(self.at_first, self.speed(warm) * self.pile_seconds)

    @property
    def lease(self) -> int:
        """How many are taken from the shared budget at once: a tenth of a second's, of an even one a fiftieth's."""
        return max(1, math.ceil(self.full / (10 if self.ramp else 50)))


@dataclass(slots=True)
class Bucket:
    """What may go now. `now` is any clock's seconds that never run backwards.

    Time in which the bucket runs over is rest and cools it, all other time warms it: only speed that is used grows.
    """

    pace: Pace
    at: float
    warm: float = field(default=-1.0)
    left: float = field(default=-1.0)
    slowed_at: float = -math.inf

    def __post_init__(self) -> None:
        if self.warm < 0:
            self.warm = self.pace.warm_at_first
        if self.left < 0:
            self.left = self.pace.at_first

    def take(self, wanted: int, *, now: float) -> int:
        """Return how many of those wanted may go."""
        passed = max(0.0, now - self.at)
        speed, most = self.pace.speed(self.warm), self.pace.most(self.warm)
        filled = self.left + passed * speed
        rested = min(passed, max(0.0, filled - most) / speed)
        self.warm = min(RAMP_SECONDS, max(0.0, self.warm + passed - self.pace.cooling * rested))
        granted = min(wanted, int(min(filled, most)))
        self.left = min(filled, most) - granted
        self.at = now
        return granted

    def wait(self) -> float:
        """Return the seconds until the next one may go."""
        return max(0.0, 1.0 - self.left) / self.pace.speed(self.warm)

    def slow_down(self, *, now: float) -> None:
        """Go slower, as the provider said that it is too much; at most once a second, however many it said it to."""
        if now - self.slowed_at >= _SLOWED_EVERY:
            self.warm, self.slowed_at = self.warm * _SLOWED, now

    def follow(self, *, warm: float, now: float) -> None:
        """Stand where a bucket shared with others stands, ready to go on without it."""
        self.warm, self.left, self.at = warm, 0.0, now
