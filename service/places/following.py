"""The gazetteer in a process's memory, read anew after a load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.kit.db import Pool, transaction
from service.kit.errors import Kind, Refused
from service.places import actions
from service.places.gazetteer import Gazetteer

_log = structlog.get_logger()
# Registers change a few times a year: nobody waits for a load as one waits for a zone.
_LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 30.0


class PlaceIndex:
    """All places in this process's memory. Answers need no database; what is in use stays whole."""

    def __init__(self) -> None:
        self._gazetteer: Gazetteer | None = None

    @property
    def gazetteer(self) -> Gazetteer:
        """Return the newest gazetteer. Refused before the first could be read."""
        if self._gazetteer is None:
            detail = "The places have not been read yet."
            raise Refused(Kind.UNAVAILABLE, "places-not-read", detail, remedy="Ask again soon.", after=5)
        return self._gazetteer

    async def look(self, pool: Pool) -> None:
        """Read the version, and all places if it moved."""
        async with asyncio.timeout(_PATIENCE_SECONDS), transaction(pool) as tx:
            if self._gazetteer is None or await actions.version(tx) != self._gazetteer.version:
                self._gazetteer = await actions.gazetteer(tx)

    @asynccontextmanager
    async def following(self, pool: Pool) -> AsyncIterator[None]:
        """Keep up with the record while the block runs. A database that is away is waited for."""
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
            _log.warning("places.index_not_read", error=type(error).__name__)
