"""One pool, one transaction an action, and migrations that only go forward."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import yoyo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Tx: TypeAlias = psycopg.AsyncConnection[DictRow]
Pool: TypeAlias = AsyncConnectionPool[Tx]

_WAIT_SECONDS = 5.0
# No prepared statements: a deploy migrates while the last version still runs, and once a column is added to what a
# prepared statement reads, PostgreSQL refuses it for as long as its connection lives.
_CONNECTION: dict[str, Any] = {"row_factory": dict_row, "connect_timeout": 5, "prepare_threshold": None}


async def open_pool(url: str, *, size: int) -> Pool:
    """Open a pool of at most `size` connections; it starts even while the server is away and heals by itself."""
    pool: Pool = AsyncConnectionPool(
        url,
        kwargs=_CONNECTION,
        min_size=1,
        max_size=size,
        timeout=_WAIT_SECONDS,
        reconnect_timeout=_WAIT_SECONDS,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    await pool.open()
    return pool


def array(numbers: Iterable[int]) -> str:
    """Return numbers as PostgreSQL reads an array of them; psycopg writes many of them one by one, and slowly."""
    return "{" + ",".join(map(str, numbers)) + "}"


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Tx]:
    """Lend a connection with an open transaction: committed at the end, rolled back on any error."""
    async with pool.connection() as tx, tx.transaction():
        yield tx


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncIterator[Tx]:
    """Lend a connection for reading only: all that is read was true at one moment."""
    async with pool.connection() as tx:
        await tx.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        await tx.set_read_only(True)
        try:
            async with tx.transaction():
                yield tx
        finally:
            await tx.set_isolation_level(None)
            await tx.set_read_only(None)


def migrate(url: str, folder: Path) -> list[str]:
    """Apply every migration that the database does not have yet, in order; return their names.

    Two processes may call it at once: yoyo holds a lock. Raises psycopg.Error when one fails; that one leaves nothing.
    """
    backend = yoyo.get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with backend.lock():
        missing = backend.to_apply(yoyo.read_migrations(str(folder)))
        backend.apply_migrations(missing)
    backend.connection.close()
    return [one.id for one in missing]


def pending(url: str, folder: Path) -> list[str]:
    """Return the names of the migrations that the database does not have yet."""
    backend = yoyo.get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1))
    missing = [one.id for one in backend.to_apply(yoyo.read_migrations(str(folder)))]
    backend.connection.close()
    return missing
