"""Child processes that never outlive us, and servers' binaries that an unprivileged user may run."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_OTHERS_MAY_ENTER = 0o001
_OTHERS_MAY_WRITE = 0o022
# Loaded before any fork: a child must not load libraries between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel to send us this signal when our parent dies; nothing happens where the kernel cannot.

    A program whose parent is already gone (nohup, a service) goes on.
    """
    if _LIBC is not None and os.getppid() != 1:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def _bind_to(parent: int, number: int) -> None:
    """Run in the child after its change of user, which would clear the setting."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
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
        preexec_fn=bind,  # noqa: PLW1509 - it calls nothing but prctl and getppid, loaded before the fork
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

    A virtual environment under a closed folder (as root's home is) cannot be entered by another user.
    """
    home = parts[0].parent
    if os.geteuid() != 0 or all(one.stat().st_mode & _OTHERS_MAY_ENTER for one in (home, *home.parents)):
        return home
    place = Path("/var/tmp") / f"surefoot-{name}"  # noqa: S108 - root's own folder, checked below
    if not place.exists():
        trial = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
        for part in parts:
            (shutil.copytree if part.is_dir() else shutil.copy2)(part, trial / part.name)
        trial.chmod(0o755)
        try:
            trial.rename(place)
        except OSError:
            shutil.rmtree(trial)  # another start was quicker
    kept = place.lstat()
    if kept.st_uid != 0 or kept.st_mode & _OTHERS_MAY_WRITE or place.is_symlink():
        raise PermissionError(f"{place} is not root's own: remove it")
    return place
