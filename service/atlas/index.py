"""All public zones in this process's memory, and answers from there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.atlas.answering import Answer, Atlas, Chart, Place, answer
from service.kit.clock import Clock
from service.kit.db import Pool, Tx, transaction
from service.zones import actions as zones

_log = structlog.get_logger()
_LOOK_SECONDS = 1.0
_STALE_SECONDS = 10.0


class ZoneIndex:
    """All public zones in this process's memory, read anew within about a second of a change.

    Answers need no database; when its version could not be read for ten seconds they say that they may be old.
    """

    def __init__(self) -> None:
        self._atlas = Atlas(version=-1)
        self._seen: float | None = None

    @property
    def stale(self) -> bool:
        return self._seen is None or _monotonic() - self._seen > _STALE_SECONDS

    @property
    def version(self) -> int:
        """The version of the record that answers stand on; -1 before the first reading."""
        return self._atlas.version

    def check(self, place: Place, *, today: date, old_after_days: int) -> Answer:
        """Answer about a place after R5; older data than that counts as stale."""
        return answer(self._atlas, place, today=today, old_after_days=old_after_days, unread=self.stale)

    async def look(self, pool: Pool) -> None:
        """Read the version, and all zones if it moved; what is in use meanwhile stays whole."""
        async with asyncio.timeout(_STALE_SECONDS), transaction(pool) as tx:
            version = await zones.version(tx)
            if version != self._atlas.version:
                self._atlas = await _read(tx, version)
        self._seen = _monotonic()

    @asynccontextmanager
    async def following(self, pool: Pool, clock: Clock) -> AsyncIterator[None]:
        """Keep up with the record while the block runs. A database that is away is waited for."""
        del clock  # staleness is a matter of real seconds, however fast a test's clock runs
        await self._try(pool)
        task = asyncio.create_task(self._follow(pool))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self, pool: Pool) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._try(pool)

    async def _try(self, pool: Pool) -> None:
        try:
            await self.look(pool)
        except (psycopg.Error, PoolTimeout, TimeoutError) as error:
            _log.warning("zones.index_not_read", error=type(error).__name__)


async def _read(tx: Tx, version: int) -> Atlas:
    shown = await zones.public(tx)

    def drawn() -> Atlas:
        live = Chart.of([zone for zone in shown if not zone.exercise])
        return Atlas(version, live, Chart.of([zone for zone in shown if zone.exercise]))

    return await asyncio.to_thread(drawn)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
