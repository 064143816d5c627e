"""Stops asking a provider that fails, tries it with a few messages now and then, and goes on when it answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_HALF_WINDOW = timedelta(seconds=1)
_FEWEST = 20
_SHARE = 0.5
_SUSTAINED = timedelta(seconds=1)
_FORGOTTEN = timedelta(seconds=30)
_FIRST_REST = timedelta(seconds=2)
_LONGEST_REST = timedelta(minutes=1)
_LONGEST_WISH = timedelta(minutes=5)
_PROBES = 5
_PROBE_LIFE = timedelta(seconds=30)
_SOON = timedelta(seconds=1)


@dataclass(slots=True)
class Count:
    """Answers since a moment, and the longest Retry-After among those that failed."""

    since: datetime
    good: int = 0
    bad: int = 0
    wish: timedelta = timedelta(0)

    def note(self, *, good: bool, wish: timedelta | None) -> None:
        self.good += good
        self.bad += not good
        if not good and wish is not None:
            self.wish = max(self.wish, wish)

    def holds(self, now: datetime, span: timedelta) -> bool:
        """Say whether it is younger than this; one from the future, before the clock was put back, is not."""
        return timedelta(0) <= now - self.since < span


@dataclass(slots=True)
class Breaker:
    """Closed, open until a moment, or half open with a few probes.

    It opens when for a second half of the answers (20 at least) say that the provider fails: for 2 s, then twice as
    long each time up to a minute, or for as long as the provider itself asked. Three good answers to five probes close
    it. A cut that breaks everything on the way once is no such failure.
    """

    opened_at: datetime | None = None
    until: datetime | None = None
    rest: timedelta = _FIRST_REST
    probes: int = 0
    _now: Count | None = None
    _before: Count | None = None
    _failing_since: datetime | None = None
    _failed_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        return self.until is None

    def is_open(self, now: datetime) -> bool:
        """Say whether nothing at all may go now. A clock that was put back opens nothing for longer."""
        return self.until is not None and self.opened_at is not None and self.opened_at <= now < self.until

    def admit(self, now: datetime) -> timedelta | None:
        """Let one message go (None), or say after how long it may be tried again."""
        if self.until is None:
            return None
        if self.is_open(now):
            return self.until - now
        if self._now is None or not self._now.holds(now, _PROBE_LIFE):
            self._now, self.probes = Count(now), _PROBES
        if self.probes == 0:
            return _SOON
        self.probes -= 1
        return None

    def note(self, now: datetime, *, good: bool, wish: timedelta | None = None) -> None:
        """Take one answer into account; answers to what was sent before it opened say nothing new."""
        if self.until is None:
            self._note_closed(now, good=good, wish=wish)
        elif self._now is not None and not self.is_open(now):
            self._now.note(good=good, wish=wish)
            self._judge_probes(self._now, now)

    def _note_closed(self, now: datetime, *, good: bool, wish: timedelta | None) -> None:
        if self._now is None or not self._now.holds(now, _HALF_WINDOW):
            self._before, self._now = self._now, Count(now)
        self._now.note(good=good, wish=wish)
        if self._before is not None and not self._before.holds(now, 2 * _HALF_WINDOW):
            self._before = None
        counts = [one for one in (self._before, self._now) if one is not None]
        bad, answers = sum(one.bad for one in counts), sum(one.good + one.bad for one in counts)
        if bad < _SHARE * answers:
            self._failing_since = None
        elif not good and answers >= _FEWEST:
            self._fail(now, max(one.wish for one in counts))

    def _fail(self, now: datetime, wish: timedelta) -> None:
        if self._failed_at is None or not timedelta(0) <= now - self._failed_at < _FORGOTTEN:
            self._failing_since = None
        self._failed_at = now
        self._failing_since = self._failing_since or now
        if now - self._failing_since >= _SUSTAINED:
            self._open(now, wish)

    def _judge_probes(self, probing: Count, now: datetime) -> None:
        enough = _PROBES // 2 + 1
        if probing.good >= enough:
            self.opened_at = self.until = self._now = self._before = self._failing_since = None
            self.rest = _FIRST_REST
        elif probing.bad >= enough:
            self.rest = min(_LONGEST_REST, self.rest * 2)
            self._open(now, probing.wish)

    def _open(self, now: datetime, wish: timedelta) -> None:
        self.opened_at = now
        self.until = now + max(self.rest, min(wish, _LONGEST_WISH))
        self._now = self._before = self._failing_since = None
