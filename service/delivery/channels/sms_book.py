"""Writes the ledger of many texts in one commit; whoever waits goes on once his own line is committed."""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.delivery import ledger
from service.delivery.texts import Answered, Intent
from service.kit import log
from service.kit.clock import Clock
from service.kit.db import Pool, Tx, transaction

_log = structlog.get_logger()
MOST_TOGETHER = 500
_GATHER_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0
_AGAIN_SECONDS = 1.0
_TRIES = 30
_AWAY = (psycopg.Error, PoolTimeout, TimeoutError)


S = TypeVar("S")
R = TypeVar("R")
S_contra = TypeVar("S_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Write(Protocol[S_contra, R_co]):
    """Writes many lines and returns what came of each, in order."""

    async def __call__(self, tx: Tx, said: Sequence[S_contra], /, *, now: datetime) -> Sequence[R_co]: ...


class Unwritten(Exception):  # noqa: N818 - the database is away, nothing is at fault
    """It could not be committed; where it was an intent, its text must not be handed over."""


class Book:
    """One worker's hand in the ledger: intents and answers are written beside each other.

    An intent that cannot be committed fails at once. An answer is tried again for half a minute, as nobody else knows
    it; after that its text is in doubt, as it is after a crash.
    """

    def __init__(self, pool: Pool, *, clock: Clock) -> None:
        self._intents: Writer[Intent, int | None] = Writer(pool, clock, ledger.intend, tries=1)
        self._answers: Writer[Answered, None] = Writer(pool, clock, ledger.answered, tries=_TRIES)

    async def intend(self, intent: Intent) -> int | None:
        """Return the text's id once its intent is committed; None where somebody else has it in hand."""
        return await self._intents.write(intent)

    async def answer(self, answered: Answered) -> None:
        """Return once it is committed what an operator said, or could not be for too long."""
        try:
            await self._answers.write(answered)
        except Unwritten:
            _log.error("ledger.answer_not_written")

    async def close(self) -> None:
        """Wait until all that was said is written."""
        await self._intents.close()
        await self._answers.close()


@dataclass(slots=True)
class _Line(Generic[S, R]):
    said: S
    done: asyncio.Future[R]
    tries: int = 0


class Writer(Generic[S, R]):
    """Gathers what many say into one commit; what fails `tries` times is `Unwritten`."""

    def __init__(self, pool: Pool, clock: Clock, write: Write[S, R], *, tries: int) -> None:
        self._pool = pool
        self._clock = clock
        self._write = write
        self._tries = tries
        self._waiting: list[_Line[S, R]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, said: S) -> R:
        """Return what came of it once it is committed. Raises `Unwritten`."""
        line: _Line[S, R] = _Line(said, asyncio.get_running_loop().create_future())
        self._waiting.append(line)
        if self._writer is None or self._writer.done():
            # No context of a caller: this task works for all of them.
            self._writer = asyncio.create_task(self._write_all(), context=Context())
        return await line.done

    async def close(self) -> None:
        if self._writer is not None:
            await self._writer

    async def _write_all(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS), transaction(self._pool) as tx:
                    results = await self._write(tx, [line.said for line in group], now=self._clock.now())
            except _AWAY as error:
                _log.warning("ledger.database_away", error=type(error).__name__, waiting=len(group))
                if self._again(group):
                    await asyncio.sleep(_AGAIN_SECONDS)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it was
                _log.error("ledger.surprise", error=type(error).__name__, at=log.places(error))
                _tell_unwritten(group)
            else:
                for line, result in zip(group, results, strict=True):
                    if not line.done.done():  # its caller may have gone away
                        line.done.set_result(result)

    def _again(self, group: list[_Line[S, R]]) -> bool:
        """Keep those that are tried again; tell the others."""
        for line in group:
            line.tries += 1
            if line.tries < self._tries:
                self._waiting.append(line)
            else:
                _tell_unwritten([line])
        return bool(self._waiting)


def _tell_unwritten(group: Sequence[_Line[S, R]]) -> None:
    for line in group:
        if not line.done.done():
            line.done.set_exception(Unwritten())
