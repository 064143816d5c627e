"""Batches: who is sent to, and what became of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

PLANNED_ALREADY: LiteralString = """
SELECT wanted.number
  FROM unnest(%(numbers)s::bigint[]) AS wanted (number)
 WHERE EXISTS (
       SELECT FROM batch JOIN batch_audience ON batch_audience.batch_id = batch.id
        WHERE batch.alert_id = %(alert_id)s AND batch.revision = %(revision)s
          AND wanted.number BETWEEN batch.lowest AND batch.highest
          AND wanted.number = ANY (batch_audience.numbers))
"""


async def planned_already(tx: Tx, alert_id: UUID, revision: int, numbers: Sequence[int]) -> frozenset[int]:
    asked = {"alert_id": alert_id, "revision": revision, "numbers": list(numbers)}
    rows = await (await tx.execute(PLANNED_ALREADY, asked)).fetchall()
    return frozenset(row["number"] for row in rows)


INSERT_BATCH: LiteralString = """
WITH made AS (
    INSERT INTO batch (alert_id, revision, channel, ring, language, lowest, highest, size, due_at, created_at, fates)
    VALUES (%(alert_id)s, %(revision)s, %(channel)s, %(ring)s, %(language)s, %(lowest)s, %(highest)s, %(size)s, %(now)s,
            %(now)s, %(fates)s)
    RETURNING id)
INSERT INTO batch_audience (batch_id, numbers) SELECT id, %(numbers)s::bigint[] FROM made RETURNING batch_id
"""


async def insert_batch(tx: Tx, values: dict[str, Any]) -> int:
    """Write one batch with its audience; `values` name the columns. Returns its id."""
    row = await (await tx.execute(INSERT_BATCH, values)).fetchone()
    assert row is not None  # noqa: S101 - INSERT … RETURNING gives a row or raises
    number: int = row["batch_id"]
    return number


CLAIM: LiteralString = """
WITH claimed AS (
    UPDATE batch SET state = 'claimed', attempts = attempts + 1
     WHERE id = %(id)s AND state <> 'done'
    RETURNING *)
SELECT claimed.id, claimed.attempts, claimed.created_at, claimed.channel, claimed.ring, claimed.fates,
       batch_audience.numbers,
       dispatch.*, dispatch_text.language, dispatch_text.direction, dispatch_text.title, dispatch_text.body
  FROM claimed
  JOIN batch_audience ON batch_audience.batch_id = claimed.id
  JOIN dispatch USING (alert_id, revision)
  JOIN dispatch_text USING (alert_id, revision, language)
"""


async def claim(tx: Tx, batch_id: int) -> dict[str, Any] | None:
    return await (await tx.execute(CLAIM, {"id": batch_id})).fetchone()


SETTLE: LiteralString = """
UPDATE batch SET state = %(state)s, fates = %(fates)s, due_at = %(due_at)s, finished_at = %(finished_at)s
 WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'claimed'
"""


async def settle(tx: Tx, values: dict[str, Any]) -> bool:
    """Store outcomes; False when somebody else claimed the batch meanwhile (its outcomes stand, not these)."""
    return (await tx.execute(SETTLE, values)).rowcount == 1


OVERDUE: LiteralString = """
SELECT batch.id, dispatch.severity, batch.ring
  FROM batch JOIN dispatch USING (alert_id, revision)
 WHERE batch.state <> 'done' AND batch.due_at <= %(now)s
   AND NOT ('batch:' || batch.id = ANY (%(under_way)s::text[]))
 ORDER BY dispatch.severity DESC, batch.ring, batch.id
 LIMIT 1000
"""


async def overdue(tx: Tx, under_way: Sequence[str], *, now: datetime) -> list[dict[str, Any]]:
    return await (await tx.execute(OVERDUE, {"now": now, "under_way": list(under_way)})).fetchall()


AUDIENCE: LiteralString = """
SELECT coalesce(sum(size), 0)::bigint AS audience
  FROM (SELECT size FROM batch WHERE alert_id = %(alert_id)s AND revision = %(revision)s LIMIT 4000) AS counted
"""


async def audience(tx: Tx, alert_id: UUID, revision: int) -> int:
    """Count whom an alert is planned for so far; past two million it matters no more."""
    row = await (await tx.execute(AUDIENCE, {"alert_id": alert_id, "revision": revision})).fetchone()
    return row["audience"] if row else 0


TALLY: LiteralString = """
SELECT ring, language, channel, sum(size)::int AS planned,
       sum(length(fates) - length(replace(fates, 'a', '')))::int AS accepted,
       sum(length(fates) - length(replace(fates, 'd', '')))::int AS dead,
       sum(length(fates) - length(replace(fates, 'w', '')))::int AS waiting,
       coalesce(sum(bit_count(batch_receipt.received)), 0)::int AS received
  FROM batch LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s
 GROUP BY ring, language, channel ORDER BY ring, language, channel
"""


async def tally(tx: Tx, alert_id: UUID, revision: int) -> list[dict[str, Any]]:
    return await (await tx.execute(TALLY, {"alert_id": alert_id, "revision": revision})).fetchall()


UNFINISHED: LiteralString = """
SELECT EXISTS (SELECT FROM batch WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND state <> 'done') AS any
"""


async def unfinished(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(UNFINISHED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["any"])
