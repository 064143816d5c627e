"""The processes of the demo and the environment made for them from scratch, pointing at this machine only."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import service
from service.demo.listening import is_alone
from service.kit.errors import Kind, Refused
from service.kit.processes import child

_ROOT = Path(service.__file__).parents[1]
# What a program needs to run and to draw; nothing else of the caller's is looked at: no address, no key, no proxy.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM", "COLUMNS", "LINES", "NO_COLOR")
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_STOP_SECONDS = 25.0
_TAIL = 1500


def forget_the_callers() -> None:
    """Drop the caller's environment but for what every program needs, so that nothing of production is ever seen."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)


class Household:
    """Children that end with us. Each writes its log into the folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        # The program's own place, not the folder where the caller stands, which may hold another `service`.
        self._environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1", **environment}
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        """Start `python -m …` as a child; call it from the main thread."""
        with self.log(name).open("ab") as log:
            command = [sys.executable, "-m", *arguments]
            environment = self._environment | dict(more or {})
            self._children[name] = child(command, environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def ended(self) -> str | None:
        """Return the name of a child that has ended by itself."""
        return next((name for name, process in self._children.items() if process.poll() is not None), None)

    def wait_for(self, name: str, url: str) -> None:
        """Wait until the child answers at this address.

        Refused with the end of its log if it ends or never does, or if a stranger listens there too.
        """
        process = self._children[name]
        if not _answers(process, url) or not is_alone(process.pid, urlsplit(url).port or 0):
            raise self.failure(name)

    def failure(self, name: str) -> Refused:
        tail = self.log(name).read_bytes()[-_TAIL:].decode(errors="replace").strip()
        detail = f"The {name} process does not run. The end of its log: {tail or 'empty'}"
        return Refused(Kind.UNAVAILABLE, "demo-child-failed", detail, where=str(self.log(name)), remedy="Read its log.")

    def drop(self, name: str) -> None:
        """Stop one child."""
        _stop([self._children.pop(name)])

    def stop(self) -> None:
        """Stop all, the last started first asked; who does not end in time is killed."""
        _stop(list(reversed(self._children.values())))
        self._children.clear()


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    opener = build_opener(ProxyHandler({}))
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with opener.open(url, timeout=2):
                return process.poll() is None
        except OSError:
            time.sleep(_LOOK_SECONDS)
    return False


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in children:
        process.terminate()
    give_up = time.monotonic() + _STOP_SECONDS
    for process in children:
        try:
            process.wait(max(0.1, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
