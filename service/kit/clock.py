"""The only place that reads the clock; it can run faster than the wall's."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_FORM = re.compile(r"(?P<start>[^@]+)@(?P<real>\d+(\.\d+)?)x(?P<speed>\d+(\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Clock:
    """Shows `start` at the real moment `real` (seconds since 1970) and runs `speed` times as fast."""

    start: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    real: float = 0.0
    speed: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "Clock":
        """Read `2026-11-01T00:00:00+00:00@1790000000x30`; several processes given one text show one time.

        Raises ValueError for any other form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"a clock is written START@REAL_SECONDSxSPEED, not {text!r}")
        start = datetime.fromisoformat(found["start"])
        if start.tzinfo is None:
            raise ValueError(f"the clock's start {found['start']!r} needs a time zone, as in +00:00")
        return cls(start=start.astimezone(UTC), real=float(found["real"]), speed=float(found["speed"]))

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        passed = datetime.now(UTC).timestamp() - self.real
        return self.start + timedelta(seconds=passed * self.speed)

    def really(self, span: timedelta) -> timedelta:
        """Return how long `span` of this clock's time lasts on the wall."""
        return span / self.speed
