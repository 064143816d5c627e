"""Load on two servers in turns, and what each request costs the server: fair also on a machine that is busy."""

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path

from pyreqwest.client import ClientBuilder

_TICKS = os.sysconf("SC_CLK_TCK")
_AT_ONCE = 32


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and all its children have used."""
    return sum(_own(one) for one in _family(pid))


def _family(pid: int) -> list[int]:
    found = [pid]
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [one for child in file.read_text().split() for one in _family(int(child))]
    return found


def _own(pid: int) -> float:
    """Return a process's own time and that of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0  # ended just now: its parent tells of it next time
    return sum(int(field) for field in fields[11:15]) / _TICKS


async def requests_a_cpu_second(url: str, pid: int, headers: Mapping[str, str], *, seconds: float) -> float:
    """Ask for a URL as fast as answers come; return the answers a second of the server's processor time."""
    # Unpacking would slow the caller for one of two servers, and a server that waits pays more for each request.
    client = ClientBuilder().brotli(False).gzip(False).zstd(False).build()
    answered = 0
    end = time.perf_counter() + seconds

    async def ask() -> None:
        nonlocal answered
        while time.perf_counter() < end:
            answer = await client.get(url).headers(dict(headers)).build().send()
            body = await answer.bytes()
            if answer.status != 200 or not body:
                raise RuntimeError(f"{url} answers {answer.status}")
            answered += 1

    async with client:
        before = cpu_seconds(pid)
        await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
        return answered / (cpu_seconds(pid) - before)
