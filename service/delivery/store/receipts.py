"""Receipts: one bit a recipient."""

from collections.abc import Sequence
from typing import LiteralString

from service.delivery.records import Told
from service.kit.db import Tx

# The lowest batch is taken first, so that two processes never wait for each other. Bits that stand already are not
# written again. The first row of a batch holds a bit for everybody in it.
MARK_NAMED: LiteralString = """
WITH told AS (
    SELECT * FROM unnest(%(numbers)s::bigint[], %(lineages)s::uuid[], %(revisions)s::integer[], %(batches)s::bigint[])
        AS told (number, lineage, revision, batch)),
found AS (
    SELECT batch.id, batch.size, array_position(batch_audience.numbers, told.number) - 1 AS place
      FROM told JOIN dispatch USING (lineage, revision)
      JOIN batch ON batch.id = told.batch AND batch.alert_id = dispatch.alert_id AND batch.revision = dispatch.revision
      JOIN batch_audience ON batch_audience.batch_id = batch.id)
INSERT INTO batch_receipt AS kept (batch_id, received)
SELECT id, bit_or(set_bit(repeat('0', size)::bit varying, place, 1)) FROM found WHERE place IS NOT NULL
 GROUP BY id ORDER BY id
    ON CONFLICT (batch_id) DO UPDATE SET received = kept.received | excluded.received
 WHERE kept.received | excluded.received <> kept.received
"""
# Who learned by a sync knows no batch: it is the one in which the number stands, not the text that went beside it.
MARK_NAMELESS: LiteralString = """
WITH told AS (
    SELECT * FROM unnest(%(numbers)s::bigint[], %(lineages)s::uuid[], %(revisions)s::integer[])
        AS told (number, lineage, revision)),
found AS (
    SELECT batch.id, batch.size, array_position(batch_audience.numbers, told.number) - 1 AS place
      FROM told JOIN dispatch USING (lineage, revision)
      JOIN batch ON batch.alert_id = dispatch.alert_id AND batch.revision = dispatch.revision AND NOT batch.beside
       AND told.number BETWEEN batch.lowest AND batch.highest
      JOIN batch_audience ON batch_audience.batch_id = batch.id)
INSERT INTO batch_receipt AS kept (batch_id, received)
SELECT id, bit_or(set_bit(repeat('0', size)::bit varying, place, 1)) FROM found WHERE place IS NOT NULL
 GROUP BY id ORDER BY id
    ON CONFLICT (batch_id) DO UPDATE SET received = kept.received | excluded.received
 WHERE kept.received | excluded.received <> kept.received
"""


async def mark(tx: Tx, told: Sequence[Told]) -> None:
    """Set the bit of each number in the batch that was named; where it does not stand in it, nothing is set."""
    values = {
        "numbers": [one.number for one in told],
        "lineages": [one.lineage for one in told],
        "revisions": [one.revision for one in told],
        "batches": [one.batch for one in told],
    }
    await tx.execute(MARK_NAMED, values)


async def mark_nameless(tx: Tx, told: Sequence[Told]) -> None:
    """Set the bit of each number in whichever batch of the message it stands."""
    values = {
        "numbers": [one.number for one in told],
        "lineages": [one.lineage for one in told],
        "revisions": [one.revision for one in told],
    }
    await tx.execute(MARK_NAMELESS, values)
