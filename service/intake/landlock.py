"""Landlock: which files this process may still open; the kernel holds it for every user, root too."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_CHANGES = 0b1_1111_1111_0000  # make and remove files, folders, links, sockets, devices
_REFER, _TRUNCATE, _DEVICES = 1 << 13, 1 << 14, 1 << 15
_NETWORK = 0b11  # bind and connect by TCP
_SCOPES = 0b11  # abstract sockets and signals stay inside
_SINCE = {"refer": 2, "truncate": 3, "network": 4, "devices": 5, "scopes": 6}
_FILE_ONLY = _EXECUTE | _WRITE | _READ | _TRUNCATE


def version(libc: ctypes.CDLL) -> int:
    """Return the version that the kernel has, 0 where it has none or has it switched off."""
    return max(0, int(libc.syscall(_CREATE, None, 0, _VERSION)))


def restrict(libc: ctypes.CDLL, *, read: Iterable[Path], write: Iterable[Path]) -> None:
    """Leave nothing to open but what is beneath those paths; it needs NO_NEW_PRIVS. OSError where it fails."""
    known = version(libc)
    handled = _EXECUTE | _WRITE | _READ | _LIST | _CHANGES
    for since, right in (("refer", _REFER), ("truncate", _TRUNCATE), ("devices", _DEVICES)):
        handled |= right if known >= _SINCE[since] else 0
    rules = struct.pack(
        "=QQQ",
        handled,
        _NETWORK if known >= _SINCE["network"] else 0,
        _SCOPES if known >= _SINCE["scopes"] else 0,
    )
    # An older kernel takes only as much of the structure as it knows.
    size = 24 if known >= _SINCE["scopes"] else 16 if known >= _SINCE["network"] else 8
    ruleset = _checked(libc.syscall(_CREATE, rules, size, 0))
    try:
        for path in read:
            _allow(libc, ruleset, path, _READ | _LIST | _EXECUTE)
        for path in write:
            _allow(libc, ruleset, path, handled & ~_EXECUTE & ~_DEVICES)
        _checked(libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        allowed = rights if path.is_dir() else rights & _FILE_ONLY
        _checked(libc.syscall(_ADD, ruleset, _BENEATH, struct.pack("=Qi", allowed, opened), 0))
    finally:
        os.close(opened)


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock was refused: {os.strerror(error)}")
    return result
