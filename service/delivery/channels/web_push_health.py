"""How a server is spared: rested after failures, asked no faster than it may be; by a steady clock."""

from dataclasses import dataclass
from datetime import timedelta

PATIENCE = 5
"""Failures in a row after which a server is rested; a single one may be one subscription's."""

_FIRST_REST = 30.0
_LONGEST_REST = 600.0
_LONGEST_WISH = 3600.0
_MOST_DOUBLINGS = 10


@dataclass(slots=True)
class Breaker:
    """Lets nobody ask a server that rests; after the rest one asks, and the others wait for what comes of it.

    Each rest is twice the last, up to the longest; a server's own wish for more counts up to `longest_wish`.
    """

    failures: int = 0
    rests: int = 0
    until: float = 0.0
    probing: bool = False
    first_rest: float = _FIRST_REST
    longest_rest: float = _LONGEST_REST
    longest_wish: float = _LONGEST_WISH

    def rest(self, moment: float) -> float | None:
        """Return for how many seconds nobody may ask; None if the caller may, and then it must say what came of it."""
        left = self.left(moment)
        if left is not None or self.failures < PATIENCE:
            return left
        if self.probing:
            return self.first_rest
        self.probing = True
        return None

    def left(self, moment: float) -> float | None:
        """Return for how many seconds nobody may ask, for those who would only wait to hear it; None if some may."""
        resting = self.failures >= PATIENCE and moment < self.until
        return self.until - moment if resting else None

    def worked(self) -> None:
        self.failures, self.rests, self.until, self.probing = 0, 0, 0.0, False

    def failed(self, moment: float, wish: timedelta | None) -> None:
        """Count a failure; the server's own wish counts once it is rested, as one subscription may have caused it."""
        self.probing = False
        self.failures += 1
        if self.failures < PATIENCE or moment < self.until:
            return
        own = min(self.longest_rest, self.first_rest * 2 ** min(self.rests, _MOST_DOUBLINGS))
        asked = 0.0 if wish is None else min(wish.total_seconds(), self.longest_wish)
        self.rests += 1
        self.until = moment + max(own, asked)


@dataclass(slots=True)
class Pace:
    """Spreads what is asked of a server evenly."""

    per_second: float
    next_at: float = 0.0

    def wait(self, moment: float) -> float:
        """Take the next place in the row and return in how many seconds it is."""
        place = max(moment, self.next_at)
        self.next_at = place + 1 / self.per_second
        return place - moment
