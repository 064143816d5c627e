"""Receipts from phones: those that come at about the same time share one commit, and each is answered after it."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextvars import Context
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.delivery.model import Receipt
from service.delivery.records import Told
from service.delivery.store import receipts
from service.kit import log
from service.kit.crypto import Keyring, mac, same
from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Kind, Refused
from service.residents import actions as residents
from service.residents import leaving

_log = structlog.get_logger()
MOST_TOGETHER = 500
MOST_WAITING = 5_000
_GATHER_SECONDS = 0.003
_PATIENCE_SECONDS = 10.0
_AGAIN_SECONDS = 30
_AWAY = (psycopg.OperationalError, PoolTimeout, TimeoutError)


def is_genuine(receipt: Receipt, *, keyring: Keyring) -> bool:
    """Say whether the registration's own key made it: derived from the server's and the id, it costs no look-up."""
    expected = mac(
        residents.receipt_key(keyring, receipt.registration),
        receipt.lineage.bytes,
        receipt.revision.to_bytes(4, "big"),
        (receipt.batch or 0).to_bytes(8, "big"),
    )
    return same(expected, receipt.mac)


async def write(tx: Tx, told: Sequence[Receipt], *, now: datetime) -> None:
    """Set the recipient's bit for each; who is unknown, or stands in no such batch, changes nothing, nor do repeats.

    A phone that was sent to under an earlier number is heard under its present one. A receipt is a sign of life.
    """
    await leaving.heard(tx, [one.registration for one in told], now=now)
    numbers: dict[UUID, list[int]] = defaultdict(list)
    for registration, number in await residents.numbers_of(tx, [one.registration for one in told]):
        numbers[registration].append(number)
    found = [Told(number, one.lineage, one.revision, one.batch) for one in told for number in numbers[one.registration]]
    named = [one for one in found if one.batch is not None]
    nameless = [one for one in found if one.batch is None]
    if named:
        await receipts.mark(tx, named)
    if nameless:
        await receipts.mark_nameless(tx, nameless)


class Desk:
    """Where the receipts of one process wait for their common commit; nobody is answered before it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Receipt, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._now = datetime.min.replace(tzinfo=UTC)
        self.written = 0

    async def keep(self, receipt: Receipt, *, now: datetime) -> None:
        """Return once the receipt is committed, also if others' callers went away meanwhile.

        Refused while the database is away, or when more wait than can be written soon: a repeat changes nothing.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise _later("Too many receipts wait to be written.")
        self._now = now
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((receipt, written))
        if self._writer is None or self._writer.done():
            # No context of a caller: this task works for all of them.
            self._writer = asyncio.create_task(self._write_all(), context=Context())
        await written

    async def close(self) -> None:
        """Wait until whoever waits is answered."""
        if self._writer is not None:
            await self._writer

    async def _write_all(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS), transaction(self._pool) as tx:
                    await write(tx, [receipt for receipt, _ in group], now=self._now)
            except _AWAY as error:
                _log.warning("receipts.database_away", error=type(error).__name__, waiting=len(self._waiting))
                group, self._waiting = group + self._waiting, []
                _answer(group, "The receipt could not be written: the database is away.")
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it was
                _log.error("receipts.surprise", error=type(error).__name__, at=log.places(error))
                _answer(group, "The receipt could not be written.")
            else:
                self.written += len(group)
                _answer(group)


def _answer(group: Sequence[tuple[Receipt, asyncio.Future[None]]], trouble: str | None = None) -> None:
    for _, written in group:
        if written.done():
            continue  # its caller went away; the receipt is kept all the same
        if trouble is None:
            written.set_result(None)
        else:
            written.set_exception(_later(trouble))


def _later(detail: str) -> Refused:
    remedy = "Send the same receipt again later: a repeat changes nothing."
    return Refused(Kind.UNAVAILABLE, "receipts-wait", detail, remedy=remedy, after=_AGAIN_SECONDS)
