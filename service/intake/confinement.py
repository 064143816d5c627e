"""What a process gives up for good before it looks at a stranger's file."""

import ctypes
import os
import resource
import signal
import site
import stat
import sys
from pathlib import Path

from service.intake import landlock, seccomp
from service.intake.model import Limits
from service.kit.processes import NOBODY

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
_CAPABILITIES_VERSION = 0x20080522
_READ_SEARCH = 1 << 2  # CAP_DAC_READ_SEARCH
_FILES = 64
_GRACE_SECONDS = 2
_SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
_DEVICES = ("/dev/null", "/dev/urandom")


class NotConfined(Exception):  # noqa: N818 - names what it is
    """The process cannot be confined here; nothing may be read."""


def confine(folder: Path, limits: Limits, parent: int) -> None:
    """Give up network, programs, other users' files, and more than our share; only `folder` can be written to.

    Raises NotConfined where this machine does not allow it: then no file may be looked at.
    """
    if sys.platform != "linux":
        raise NotConfined("files are read on Linux only, where a process can give up its rights")
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        _limit(limits)
        walls = landlock.version(libc) > 0
        become_nobody(libc, walls=walls)
        _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
        _prctl(libc, _PR_SET_DUMPABLE, 0)
        # The change of user would have cleared it; a parent that is gone by now has left init behind.
        _prctl(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
        if walls:
            landlock.restrict(libc, read=libraries(), write=(folder,))
        seccomp.install(libc)
    except (OSError, ValueError) as error:
        raise NotConfined(str(error)) from None
    if os.getppid() != parent:
        raise NotConfined("whoever asked is gone")


def _limit(limits: Limits) -> None:
    seconds = int(limits.seconds) + 1
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes * 2),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + _GRACE_SECONDS))
    # A last resort by the wall, should whoever started us forget us.
    signal.alarm(2 * seconds + _GRACE_SECONDS)


def become_nobody(libc: ctypes.CDLL, *, walls: bool) -> None:
    """Change root to nobody.

    Where Python lies in a closed home, nobody could not load its libraries: then the one right to read is kept, behind
    Landlock's walls only.
    """
    if os.geteuid() != 0:
        return
    closed = not all(_is_open(path) for path in libraries())
    if closed and not walls:
        raise OSError(
            "Python lies in root's closed home, and this kernel has no Landlock; install it where others may read"
        )
    _prctl(libc, _PR_SET_KEEPCAPS, int(closed))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    if closed:
        _keep(libc, _READ_SEARCH)


def _keep(libc: ctypes.CDLL, rights: int) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    # Effective, permitted, inheritable; the second three are for rights above the 32nd.
    wanted = (ctypes.c_uint32 * 6)(rights, rights, 0, 0, 0, 0)
    if libc.capset(header, wanted):
        raise OSError(ctypes.get_errno(), "the rights of root could not be given up")


def libraries() -> list[Path]:
    """Return where Python, its packages and the system's libraries lie; our own code, but not what lies beside it."""
    ours = Path(__file__).resolve().parents[1]
    places = {Path(sys.prefix), Path(sys.base_prefix), *map(Path, site.getsitepackages()), ours}
    places |= {Path(each) for each in (*_SYSTEM, *_DEVICES)}
    found = (Path(each).resolve() for each in sys.path if each and Path(each).resolve() != ours.parent)
    return sorted({each for each in (*places, *found) if each.exists()})


def _is_open(path: Path) -> bool:
    """Whether everybody may pass through the folders above and read what is there."""
    wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    above = all(each.stat().st_mode & stat.S_IXOTH for each in path.resolve().parents)
    return above and path.stat().st_mode & wanted == wanted


def _prctl(libc: ctypes.CDLL, what: int, value: int) -> None:
    if libc.prctl(what, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({what}) was refused")
