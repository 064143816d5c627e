"""Private folders for reading processes, and the end of those whose asker was killed."""

import fcntl
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from service.kit.processes import NOBODY

_PREFIX = "surefoot-intake-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Private:
    """A folder that only one reading process may enter.

    We hold a lock on it as long as we live: the kernel lets go of it however we end, and then the next asker, of any
    container that shares the folder above, may remove what we left.
    """

    path: Path
    held: int

    @classmethod
    def make(cls) -> Self:
        while True:
            path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
            held = _held(path)
            if held is not None:
                break  # else a sweeper was there between two calls, and took it for one that was left
        if os.geteuid() == 0:
            os.chown(held, NOBODY, NOBODY)
        return cls(path, held)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.held)


def _held(path: Path) -> int | None:
    try:
        held = os.open(path, _FOLDER)
    except FileNotFoundError:
        return None
    fcntl.flock(held, fcntl.LOCK_EX)
    if path.exists():
        return held
    os.close(held)
    return None


def sweep() -> None:
    """Remove the folders that killed askers left; whatever else bears such a name stays."""
    above = Path(tempfile.gettempdir())
    for path in above.glob(f"{_PREFIX}[0-9]*-*"):
        _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    try:
        held = os.open(path, _FOLDER)
    except OSError:
        return  # a link, a file, another's, or gone by now
    try:
        if _is_ours(os.fstat(held)) and _is_left(held):
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(held)


def _is_ours(found: os.stat_result) -> bool:
    """Whether we, or nobody for us, own a folder that nobody else may enter."""
    own = {0, NOBODY} if os.geteuid() == 0 else {os.geteuid()}
    return found.st_uid in own and stat.S_IMODE(found.st_mode) == stat.S_IRWXU


def _is_left(held: int) -> bool:
    """Whether nobody who lives holds it."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
