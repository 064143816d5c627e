"""The program, but for a clock that a file pushes: `python -m tests.e2e.jumping FILE worker`."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from service.__main__ import main
from service.kit.clock import Clock

_TRUE = Clock.now


def jump(file: Path, hours: float) -> None:
    """Let all programs that look at the file be so many hours ahead, from their next look on."""
    file.write_text(str(hours))


def jumping(file: Path) -> None:
    """Have the only place that reads the clock add what the file says."""

    def now(clock: Clock) -> datetime:
        return _TRUE(clock) + timedelta(hours=float(file.read_text() or 0))

    setattr(Clock, "now", now)  # noqa: B010 - a machine whose time is set while the program runs


if __name__ == "__main__":
    jumping(Path(sys.argv.pop(1)))
    main()
