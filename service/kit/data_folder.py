"""The folder of the embedded servers: made by us, held by one program at a time."""

import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from service.kit.errors import Kind, Refused

_LAYOUT = 1
_MARKER = "surefoot.json"
_LOCK = "lock"
# What a first start may leave when it is interrupted before the marker is whole.
_BEGINNINGS = {_LOCK, f"{_MARKER}.new"}
_PATIENCE_SECONDS = 15.0
_OTHERS_MAY_WRITE = 0o022


class DataFolder:
    """A folder that we made and hold alone; made by `take`, a context manager."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path, *, purpose: str) -> "DataFolder":
        """Make or open the folder. Refused: not ours, another purpose, another program holds it, not writable.

        Once taken, no server of a killed program lives on in it.
        """
        path = path.expanduser().absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _demand_own(path)
            folder = cls(path, _open_lock(path / _LOCK))
        except OSError as error:
            detail = f"The data folder cannot be used: {error.strerror}."
            raise _refused("data-folder-unusable", detail, path, "Name a folder of your own with --data.") from error
        try:
            folder._hold()
            _demand_purpose(path, purpose)
            with folder.servers_lock():
                pass
        except BaseException:
            folder.__exit__()
            raise
        return folder

    def _hold(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 20, 0).decode(errors="replace").strip() or "unknown"
            detail = f"Another Surefoot (process {holder}) uses this folder."
            remedy = "Stop it first, or name another folder with --data."
            raise _refused("data-folder-in-use", detail, self.path, remedy) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    @contextmanager
    def servers_lock(self) -> Iterator[int]:
        """Give a file for servers to inherit: who gets it knows that no earlier server, nor a child of one, lives.

        Waits for servers that are still shutting down; Refused if they do not end.
        """
        lock = _open_lock(self.path / "servers.lock")
        give_up = time.monotonic() + _PATIENCE_SECONDS
        try:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > give_up:
                        detail = "Servers of an earlier start still work in this folder."
                        remedy = "Wait until they have ended, or end them."
                        raise _refused("data-folder-in-use", detail, self.path, remedy) from None
                    time.sleep(0.05)
            yield lock
        finally:
            os.close(lock)

    def secret(self, name: str, size: int = 32) -> bytes:
        """Return the folder's own secret of this name; made at the first call, readable by us alone."""
        kept = self.path / f"{name}.secret"
        if not kept.exists():
            _write(kept, secrets.token_bytes(size))
        found = kept.read_bytes()
        if len(found) != size:
            detail = f"The secret {kept.name} has {len(found)} bytes and should have {size}."
            raise _refused("data-folder-damaged", detail, self.path, "Restore this file from a copy.")
        return found

    def write(self, name: str, content: bytes) -> Path:
        """Keep a file of this name in the folder, whole or not at all, readable by us alone."""
        _write(self.path / name, content)
        return self.path / name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _demand_own(path: Path) -> None:
    """Refuse what another account could have prepared for us: its keys would be ours, its links would be written to."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        detail = "This folder is a symbolic link."
        raise _refused("data-folder-foreign", detail, path, f"Name the folder itself: {path.resolve()}.")
    if found.st_uid != os.geteuid():
        detail = f"This folder belongs to another account (uid {found.st_uid})."
        raise _refused("data-folder-foreign", detail, path, "Run as that account, or name another folder with --data.")
    if not (path / _MARKER).exists():
        if {one.name for one in path.iterdir()} - _BEGINNINGS:
            detail = "This folder is not empty and was not made by Surefoot."
            raise _refused("data-folder-foreign", detail, path, "Name a new or empty folder with --data.")
        path.chmod(0o700)
    elif found.st_mode & _OTHERS_MAY_WRITE:
        detail = "Other accounts may write in this folder."
        raise _refused("data-folder-foreign", detail, path, f"See that nothing was planted, then: chmod 700 {path}")


def _demand_purpose(path: Path, purpose: str) -> None:
    ours = {"made_by": "surefoot", "purpose": purpose, "layout": _LAYOUT}
    marker = path / _MARKER
    if not marker.exists():
        _write(marker, json.dumps(ours).encode())
    try:
        found = json.loads(marker.read_bytes())
    except ValueError:
        found = None
    if found != ours:
        detail = f"This folder was made for something else: {found}."
        raise _refused("data-folder-foreign", detail, path, f"Name another folder for {purpose!r} with --data.")


def _open_lock(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _write(file: Path, content: bytes) -> None:
    """Give the file its name only when its content is on the disk: an interrupted start leaves no empty key."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "xb", opener=lambda at, how: os.open(at, how, 0o600)) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.rename(file)


def _refused(name: str, detail: str, path: Path, remedy: str) -> Refused:
    return Refused(Kind.CONFLICT, name, detail, where=str(path), remedy=remedy)
