"""Which of several providers gets the next text: by weight, less for who fails, a little even then; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.delivery.providers import Provider

_LATEST = 0.02
_HALVED_SECONDS = 60.0
_STEEPNESS = 8
LEAST = 0.02
"""What is left of a provider's weight however it fails: without texts nobody would learn that it is well again."""


@dataclass(slots=True)
class Health:
    """How a provider fares.

    `errors` is its share of errors, in which each text counts for 2 % and those before it fade: a provider at 30 % has
    26 % after 100 texts. `blame` is the worst that `errors` was, halved every minute: it rises at once, falls slowly,
    whatever good texts come between. Both fade without texts too.
    """

    errors: float = 0.0
    blame: float = 0.0
    at: datetime | None = None

    def note(self, *, good: bool, now: datetime) -> None:
        left = self._left(now)
        self.errors = self.errors * left * (1 - _LATEST) + _LATEST * (not good)
        self.blame, self.at = max(self.blame * left, self.errors), now

    def share(self, now: datetime) -> float:
        """Return what is left of the weight: at 1 % blame 92 %, at 5 % 66 %, at 10 % 43 %, at 30 % 6 %."""
        return max(LEAST, (1 - self.blame * self._left(now)) ** _STEEPNESS)

    def _left(self, now: datetime) -> float:
        """Return what time leaves of the past; a clock that was put back heals nobody and harms nobody."""
        passed = 0.0 if self.at is None else max(0.0, (now - self.at).total_seconds())
        return float(0.5 ** (passed / _HALVED_SECONDS))


class Weights:
    """Spreads texts over providers. One without weight is a reserve: it is chosen where no other can be."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._weights = {one.name: one.weight for one in providers}
        self._health = {one.name: Health() for one in providers}

    def choose(self, *, among: Collection[str], draw: float, now: datetime) -> str | None:
        """Return who gets the next text; `draw` is a number from 0 up to 1. None if nobody can be had."""
        usable = [name for name in self._weights if name in among]
        weighed = {name: self._weights[name] * self.share(name, now=now) for name in usable}
        if not any(weighed.values()):
            weighed = {name: self.share(name, now=now) for name in usable}
        left = draw * sum(weighed.values())
        for name, weight in weighed.items():
            left -= weight
            if left < 0:
                return name
        return usable[-1] if usable else None  # what rounding leaves over

    def note(self, name: str, good: bool, *, now: datetime) -> None:  # noqa: FBT001 - what became of the text
        """Learn from a text how a provider fares; a dead number or a refused text is no fault of it."""
        self._health[name].note(good=good, now=now)

    def share(self, name: str, *, now: datetime) -> float:
        """Return what is left of a provider's weight, from `LEAST` to 1."""
        return self._health[name].share(now)
