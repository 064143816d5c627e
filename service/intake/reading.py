"""Reads a stranger's file in a process that has no rights, and brings its rows over."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from service.intake import folders, frames, refusals
from service.intake.model import LIMITS, MIB, Layout, Limits, Record, Remark
from service.kit.errors import Kind, Refused

_ROOT = Path(__file__).parents[2]
_LONG = 1 * MIB
_log = structlog.get_logger()

Progress = Callable[[int, int], None]  # bytes of the file that were read, and all of them


@dataclass(frozen=True)
class _Stranger:
    process: asyncio.subprocess.Process
    out: asyncio.StreamReader
    deadline: float


async def read(
    content: Path, layout: Layout | None = None, *, progress: Progress | None = None, limits: Limits = LIMITS
) -> AsyncIterator[Record | Remark]:
    """Yield every row of a file in order, the unreadable ones too, and what was noticed on the way.

    Raises Refused for a file that cannot be read as a whole, which may come after rows: act on none of them before the
    last. Leaving early kills the process; close the iterator (`contextlib.aclosing`) to wait for that.
    """
    size = content.stat().st_size  # noqa: ASYNC240 - one look at a local file
    if size > limits.file_bytes:
        raise refusals.too_large(size, limits.file_bytes)
    async with _started(content, layout or Layout(), limits) as stranger:
        rows = 0
        async for word, value in _said(stranger, limits):
            match word:
                case "row" | "remark":
                    rows += word == "row"
                    yield value
                case "refused":
                    raise value
                case "progress":
                    if progress is not None:
                        progress(min(value, size), size)
                case "crashed":
                    raise _crashed(value)
                case _:
                    _check_end(value, rows)
                    return


async def _said(stranger: _Stranger, limits: Limits) -> AsyncIterator[tuple[str, Any]]:
    """Yield what the process says until it ends; however it ends without saying so, Refused tells why."""
    while True:
        try:
            async with asyncio.timeout_at(stranger.deadline):
                length = frames.length(await stranger.out.readexactly(frames.LENGTH_BYTES))
                body = await stranger.out.readexactly(length)
        except TimeoutError:
            raise _too_slow(limits) from None
        except asyncio.IncompleteReadError:
            raise _died(await stranger.process.wait(), limits) from None
        except frames.Malformed as error:
            raise _crashed(str(error)) from None
        try:
            # A large frame takes long to parse: other callers of this process must not wait for it.
            said = await asyncio.to_thread(frames.heard, body) if length > _LONG else frames.heard(body)
        except frames.Malformed as error:
            raise _crashed(str(error)) from None
        for one in said:
            yield one


@asynccontextmanager
async def _started(content: Path, layout: Layout, limits: Limits) -> AsyncIterator[_Stranger]:
    await asyncio.to_thread(folders.sweep)
    folder = folders.Private.make()
    try:
        process = await _start(content, folder.path, layout, limits)
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
            yield _Stranger(process, process.stdout, asyncio.get_running_loop().time() + limits.seconds)
        finally:
            await _end(process)
    finally:
        await asyncio.to_thread(folder.remove)


async def _start(content: Path, folder: Path, layout: Layout, limits: Limits) -> asyncio.subprocess.Process:
    order = {"folder": str(folder), "layout": asdict(layout), "limits": asdict(limits), "parent": os.getpid()}
    with content.open("rb") as opened:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-E", "-s", "-B", "-X", "utf8", "-m", "service.intake.stranger", json.dumps(order)),
            stdin=opened,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd=_ROOT,
            start_new_session=True,
        )


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    # Shielded: a caller that is cancelled twice must not leave the process unreaped and the folder full.
    waiting = asyncio.ensure_future(process.communicate())
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise


def _check_end(told: int, rows: int) -> None:
    if told != rows:
        raise _crashed(f"{told} rows were told, {rows} came")
    if not rows:
        raise refusals.empty()


def _died(code: int, limits: Limits) -> Refused:
    match -code:
        case signal.SIGXCPU | signal.SIGALRM:
            return _too_slow(limits)
        case signal.SIGKILL:
            detail = "The process that read the file was killed, most likely because this machine ran out of memory."
            remedy = "Try again; if it happens again, import the file in parts."
            return Refused(Kind.UNAVAILABLE, "reading-killed", detail, remedy=remedy)
        case _:
            return _crashed(f"it ended with {code}")


def _crashed(what: str) -> Refused:
    _log.error("intake.crashed", what=what)
    detail = "The process that read the file broke down; nothing of it was taken."
    remedy = "The file may be damaged or hostile: export it again, or convert it to GeoJSON."
    return Refused(Kind.INVALID, "reading-crashed", detail, remedy=remedy)


def _too_slow(limits: Limits) -> Refused:
    detail = f"The file could not be read within {limits.seconds:g} seconds; nothing of it was taken."
    return Refused(Kind.TOO_LARGE, "reading-too-long", detail, remedy="Import it in parts.")
