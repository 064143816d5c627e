"""Child processes that never outlive us, and servers' binaries that an unprivileged user may run."""

import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_OTHERS_MAY_ENTER = 0o001
_OTHERS_MAY_WRITE = 0o022
_OWNER_MAY_RUN = 0o100
_GLANCE_SECONDS = 0.5
# A cache by the file system standard: not aged as /var/tmp is, and no other account can take the name first.
_SHARED = Path("/var/cache/surefoot")
# Loaded before any fork: a child must not load libraries between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Send ourselves this signal within half a second of our parent's death; call it at the start of main.

    It watches: the kernel's own signal would come as well when only the parent's thread ended. A program that is
    meant to outlive its parent goes on: init's child, or one that ignores SIGHUP as nohup makes it.
    """
    parent = os.getppid()
    if parent <= 1 or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_GLANCE_SECONDS)
        os.kill(os.getpid(), number)

    threading.Thread(target=watch, name="die-with-parent", daemon=True).start()


def _bind_to(parent: int, number: int) -> None:
    """Run in the child after its change of user, which would clear the setting."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    # Whoever started us with nohup meant us; our children end with us all the same.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the setting held


def child(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    ends_by: int = signal.SIGTERM,
    drop: bool = False,
    **more: Any,
) -> subprocess.Popen[bytes]:
    """Start a program that gets the signal `ends_by` when we die; `drop` runs it as nobody if we are root.

    The kernel watches the thread that forks, so only the main thread may call this: RuntimeError elsewhere.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a child dies with the thread that starts it: start it from the main thread")
    if drop and os.geteuid() == 0:
        more |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    bind: Callable[[], None] = partial(_bind_to, os.getpid(), ends_by)
    # A group of its own keeps the terminal's Ctrl-C from the servers: we stop them in order.
    command = [os.fspath(one) for one in arguments]
    return subprocess.Popen(  # noqa: S603 - the callers name our own programs, never a user's words
        command,
        env=dict(environment),
        preexec_fn=bind,  # noqa: PLW1509 - it calls nothing but system calls, loaded before the fork
        process_group=0,
        **more,
    )


def free_port(preferred: int | None = None) -> int:
    """Return a free TCP port on the loopback address, the preferred one if it is free."""
    for port in ([] if preferred is None else [preferred]) + [0]:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = trial.getsockname()[1]
            return found
    raise OSError("no TCP port is free on the loopback address")


def runnable(parts: Sequence[Path], *, name: str) -> Path:
    """Return a folder from which the unprivileged user can run what is in `parts` (siblings), copied if need be.

    A virtual environment under a closed folder (as root's home is), or one that was installed with a strict umask,
    cannot be entered by another user. OSError where no copy can be made.
    """
    home = parts[0].parent
    if os.geteuid() != 0 or all(one.stat().st_mode & _OTHERS_MAY_ENTER for one in (*parts, home, *home.parents)):
        return home
    _SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    kept = _SHARED.lstat()
    if kept.st_uid != 0 or kept.st_mode & _OTHERS_MAY_WRITE or _SHARED.is_symlink():
        raise PermissionError(errno.EPERM, "a folder of root's own is needed: remove this one", str(_SHARED))
    place = _SHARED / name
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=_SHARED) as trial:
            _copy(parts, Path(trial, "whole"))
            try:
                Path(trial, "whole").rename(place)
            except OSError:
                if not place.exists():  # else another start was quicker
                    raise
    return place


def _copy(parts: Sequence[Path], to: Path) -> None:
    to.mkdir()
    for part in parts:
        if part.is_dir():
            shutil.copytree(part, to / part.name, ignore=shutil.ignore_patterns("pginstall", "include", "*.a"))
        else:
            shutil.copy2(part, to / part.name)
    for one in (to, *to.rglob("*")):
        one.chmod(0o755 if one.stat().st_mode & _OWNER_MAY_RUN else 0o644)
