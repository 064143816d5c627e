"""Receipts: one bit a recipient."""

from typing import Any, LiteralString

from service.kit.db import Tx

# The batch that the phone names, else the one in which its number stands: who learned by a sync knows no batch.
FIND_PLACE: LiteralString = """
SELECT batch.id, batch.size, array_position(batch_audience.numbers, %(number)s::bigint) - 1 AS place
  FROM dispatch JOIN batch USING (alert_id, revision) JOIN batch_audience ON batch_audience.batch_id = batch.id
 WHERE dispatch.lineage = %(lineage)s AND dispatch.revision = %(revision)s
   AND (%(batch)s::bigint IS NULL OR batch.id = %(batch)s)
   AND %(number)s BETWEEN batch.lowest AND batch.highest AND %(number)s = ANY (batch_audience.numbers)
 LIMIT 1
"""


async def find_place(tx: Tx, values: dict[str, Any]) -> dict[str, Any] | None:
    return await (await tx.execute(FIND_PLACE, values)).fetchone()


MARK_RECEIVED: LiteralString = """
INSERT INTO batch_receipt (batch_id, received) VALUES (%(batch)s, set_bit(%(empty)s::bytea, %(place)s, 1))
    ON CONFLICT (batch_id) DO UPDATE SET received = set_bit(batch_receipt.received, %(place)s, 1)
 WHERE get_bit(batch_receipt.received, %(place)s) = 0
"""


async def mark_received(tx: Tx, *, batch: int, size: int, place: int) -> None:
    await tx.execute(MARK_RECEIVED, {"batch": batch, "place": place, "empty": bytes((size + 7) // 8)})
