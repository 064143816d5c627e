"""Who listens at a port of this machine: two servers that start at once may share one without a word."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def is_alone(group: int, port: int) -> bool:
    """Say whether only processes of this group listen at the port; true where the kernel does not tell.

    Servers with several processes set SO_REUSEPORT, so that the kernel lets a stranger's in and deals out the callers.
    """
    return set(_listening(port)) <= set(_sockets(group))


def _listening(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _sockets(group: int) -> Iterator[str]:
    for process in _PROC.glob("[0-9]*"):
        try:
            links = list((process / "fd").iterdir()) if os.getpgid(int(process.name)) == group else []
        except OSError:
            continue
        yield from (found[1] for link in links if (found := _SOCKET.match(_target(link))))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile
        return ""
