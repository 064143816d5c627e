"""Keeps a process's words up to date with their files: read anew as a whole, or left as they are."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from service.config import Settings
from service.guidance import opening
from service.guidance.opening import Seen, Words
from service.kit.errors import Refused
from service.kit.house import House

_log = structlog.get_logger()
_LOOK_SECONDS = 5.0

Act = Callable[[], Awaitable[None]]
Open = Callable[[Settings], Words]


def call_children() -> None:
    """Pass SIGHUP on to our processes, which read their words anew, where a server would end them and begin others."""

    def call(*_: object) -> None:
        for process in multiprocessing.active_children():
            if process.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGHUP)

    signal.signal(signal.SIGHUP, call)


class Following:
    """Looks at the files every few seconds, and at once when the process gets SIGHUP.

    A change is taken up when the files look the same twice: a copy that is under way is not read half. What cannot be
    read changes nothing: `trouble` says why, until a later look finds it mended.
    """

    def __init__(self, house: House, *, changed: Act | None = None, opened: Open = opening.open_words) -> None:
        self._house = house
        self._open = opened
        self._changed = changed
        self._called = asyncio.Event()
        self._read: Seen = house.get(Words).seen
        self._last = self._read
        self.trouble: Refused | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow while the block runs."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):  # only a main thread hears signals
            loop.add_signal_handler(signal.SIGHUP, self._called.set)
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def look(self, *, at_once: bool = False) -> None:
        """Read everything anew if the files changed and rest, or if somebody asks for it at once."""
        found = await asyncio.to_thread(opening.seen, self._house.get(Settings))
        rests, self._last = found == self._last, found
        if not at_once and (found == self._read or not rests):
            return
        self._read = found
        try:
            words = await asyncio.to_thread(self._open, self._house.get(Settings))
        except Refused as refused:
            self._keep(refused)
        except OSError as error:
            self._keep(opening.unread(error))
        except Exception:
            self._keep(opening.unread(OSError(0, "something about them is beyond what we foresaw")))
            raise
        else:
            await self._take(words)

    def _keep(self, refused: Refused) -> None:
        self.trouble = refused
        _log.error(
            "words.refused", name=refused.name, where=refused.where, detail=refused.detail, remedy=refused.remedy
        )

    async def _take(self, words: Words) -> None:
        self.trouble = None
        words.into(self._house)
        whose = words.overlay
        _log.info("words.read", overlay=whose and whose.name, revision=whose and whose.revision)
        if self._changed:
            await self._changed()

    async def _follow(self) -> None:
        while True:
            called = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._called.wait()
                    called = True
            self._called.clear()
            try:
                await self.look(at_once=called)
            except Exception as error:  # noqa: BLE001 - words in force stay in force, whatever a file brings
                _log.error("words.look_failed", error=type(error).__name__)
