"""Writes the ledger of many texts in one commit; whoever waits goes on once his own line is committed."""

import asyncio
from contextvars import Context
from dataclasses import dataclass

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.delivery import ledger
from service.delivery.texts import Answered, Intent
from service.kit.clock import Clock
from service.kit.db import Pool, Tx, transaction

_log = structlog.get_logger()
MOST_TOGETHER = 500
_GATHER_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0
_AGAIN_SECONDS = 1.0
_TRIES = 30
_AWAY = (psycopg.Error, PoolTimeout, TimeoutError)


class Unwritten(Exception):  # noqa: N818 - the database is away, nothing is at fault
    """An intent could not be committed: its text must not be handed over."""


@dataclass(slots=True)
class _Line:
    said: Intent | Answered
    done: asyncio.Future[int | None]
    tries: int = 0


class Book:
    """One worker's hand in the ledger.

    An intent that cannot be committed fails at once. An answer is tried again for half a minute, as nobody else knows
    it; after that its text is in doubt, as it is after a crash.
    """

    def __init__(self, pool: Pool, *, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._waiting: list[_Line] = []
        self._writer: asyncio.Task[None] | None = None

    async def intend(self, intent: Intent) -> int | None:
        """Return the text's id once its intent is committed; None where somebody else has it in hand."""
        return await self._wait(intent)

    async def answer(self, answered: Answered) -> None:
        """Return once it is committed what an operator said."""
        await self._wait(answered)

    async def _wait(self, said: Intent | Answered) -> int | None:
        line = _Line(said, asyncio.get_running_loop().create_future())
        self._waiting.append(line)
        if self._writer is None or self._writer.done():
            # No context of a caller: this task works for all of them.
            self._writer = asyncio.create_task(self._write_all(), context=Context())
        return await line.done

    async def close(self) -> None:
        """Wait until all that was said is written."""
        if self._writer is not None:
            await self._writer

    async def _write_all(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS), transaction(self._pool) as tx:
                    ids = await self._write(tx, [line.said for line in group])
            except _AWAY as error:
                _log.warning("ledger.database_away", error=type(error).__name__, waiting=len(group))
                self._again(group)
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                for line, made in zip(group, ids, strict=True):
                    _tell(line, made)

    async def _write(self, tx: Tx, group: list[Intent | Answered]) -> list[int | None]:
        now = self._clock.now()
        intents = [one for one in group if isinstance(one, Intent)]
        answers = [one for one in group if isinstance(one, Answered)]
        made = iter(await ledger.intend(tx, intents, now=now) if intents else ())
        if answers:
            await ledger.answered(tx, answers, now=now)
        return [next(made) if isinstance(one, Intent) else None for one in group]

    def _again(self, group: list[_Line]) -> None:
        for line in group:
            line.tries += 1
            if isinstance(line.said, Answered) and line.tries < _TRIES:
                self._waiting.append(line)
            elif isinstance(line.said, Answered):
                _log.error("ledger.answer_not_written")
                _tell(line, None)
            elif not line.done.done():
                line.done.set_exception(Unwritten())


def _tell(line: _Line, made: int | None) -> None:
    if not line.done.done():  # its caller may have gone away
        line.done.set_result(made)
