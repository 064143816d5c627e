"""Where the servers of tests keep their files: in memory if there is plenty, as every test makes a database."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, closed to others
_PREFIX = "surefoot-tests-"
# A worker's databases and its log of changes come to some 300 MB; what a run leaves must not crowd out the next.
_PLENTY = 4 * 1024**3


@contextmanager
def quick_folder(otherwise: Path, *, programs: bool = False) -> Iterator[Path]:
    """Give a folder in memory, removed at the end; `otherwise` where memory is scarce or may not hold `programs`."""
    if not _is_plenty() or (programs and os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC):
        yield otherwise
        return
    _clear()
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix=f"{_PREFIX}{os.getpid()}-") as made:
        yield Path(made)


def _is_plenty() -> bool:
    if not os.access(_MEMORY, os.W_OK):
        return False
    found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    available = int(found[1]) * 1024 if found else 0
    return min(available, shutil.disk_usage(_MEMORY).free) > _PLENTY


def _clear() -> None:
    """Remove what runs left that were killed: nobody else would, before the machine starts anew."""
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)
