"""The folder of the embedded servers: made by us, held by one program at a time."""

import fcntl
import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from service.kit.errors import Kind, Refused

_LAYOUT = 1
_MARKER = "surefoot.json"
_PATIENCE_SECONDS = 15.0


class DataFolder:
    """A folder that we made and hold alone; made by `take`, a context manager."""

    def __init__(self, path: Path, lock: IO[str]) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path, *, purpose: str) -> "DataFolder":
        """Make or open the folder. Refused: not ours, another purpose, another program holds it, not writable."""
        path = path.expanduser().absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check(path, purpose)
            lock = (path / "lock").open("a+")
        except OSError as error:
            detail = f"The data folder cannot be used: {error.strerror}."
            raise _refused("data-folder-unusable", detail, path, "Name a folder of your own with --data.") from error
        _hold(lock, path)
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        return cls(path, lock)

    @property
    def lock_number(self) -> int:
        """The file that servers inherit: while one of them lives, the folder stays held."""
        return self._lock.fileno()

    def secret(self, name: str, size: int = 32) -> bytes:
        """Return the folder's own secret of this name; made at the first call, readable by us alone."""
        kept = self.path / f"{name}.secret"
        with suppress(FileExistsError), open(kept, "xb", opener=lambda at, how: os.open(at, how, 0o600)) as new:
            new.write(secrets.token_bytes(size))
        return kept.read_bytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _check(path: Path, purpose: str) -> None:
    marker = path / _MARKER
    ours = {"made_by": "surefoot", "purpose": purpose, "layout": _LAYOUT}
    if not marker.exists():
        if any(path.iterdir()):
            detail = "This folder is not empty and was not made by Surefoot."
            raise _refused("data-folder-foreign", detail, path, "Name a new or empty folder with --data.")
        marker.write_text(json.dumps(ours))
    try:
        found = json.loads(marker.read_text())
    except ValueError:
        found = None
    if found != ours:
        detail = f"This folder was made for something else: {found}."
        raise _refused("data-folder-foreign", detail, path, f"Name another folder for {purpose!r} with --data.")


def _hold(lock: IO[str], path: Path) -> None:
    """Lock the folder; wait a while for servers of a killed program that are still shutting down."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            if time.monotonic() > give_up or _lives(holder):
                lock.close()
                detail = f"Another Surefoot (process {holder}) uses this folder."
                remedy = "Stop it first, or name another folder with --data."
                raise _refused("data-folder-in-use", detail, path, remedy) from None
            time.sleep(0.1)
        else:
            return


def _lives(holder: str) -> bool:
    return holder.isdigit() and Path(f"/proc/{holder}").exists()


def _refused(name: str, detail: str, path: Path, remedy: str) -> Refused:
    return Refused(Kind.CONFLICT, name, detail, where=str(path), remedy=remedy)
