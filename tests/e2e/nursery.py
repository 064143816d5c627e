"""Forks workers from a program that has read everything in: they start at once, so that a test can kill many."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from service.kit.processes import child, die_with_parent

ROOT = Path(__file__).parents[2]


class Nursery:
    """A running program that forks workers."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        command = [sys.executable, "-m", "tests.e2e.nursery", str(log)]
        self._process = child(command, environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", log.read_text()[-2000:]

    def start(self) -> int:
        """Start a worker; return its process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"one more\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End it; its workers see that and end too."""
        self._process.communicate()


def main() -> None:
    """Fork a worker for every line that comes in; say which process it is."""
    die_with_parent()
    import service.worker  # noqa: F401, PLC0415 - what every worker would read in
    from service.__main__ import app  # noqa: PLC0415 - the same

    print("ready", flush=True)  # noqa: T201 - the test reads it
    for _ in sys.stdin:
        born = os.fork()
        if born == 0:
            log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            for stream in (1, 2):
                os.dup2(log, stream)
            os.close(0)
            app(["worker"])
        print(born, flush=True)  # noqa: T201 - the test reads it
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


if __name__ == "__main__":
    main()
