"""Batches: who is sent to, and what became of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

# The audiences come as one array, each batch a slice of it: an array of arrays would need them all of one length.
INSERT_BATCHES: LiteralString = """
WITH lot AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('batch', 'id')) AS id, one.*
      FROM unnest(%(channels)s::text[], %(rings)s::smallint[], %(verified)s::boolean[], %(languages)s::text[],
                  %(beside)s::boolean[], %(sources)s::bigint[], %(starts)s::int[], %(sizes)s::int[])
           AS one (channel, ring, verified, language, beside, source, start, size)),
audience AS MATERIALIZED (
    SELECT lot.*, (%(numbers)s::bigint[])[lot.start + 1:lot.start + lot.size] AS numbers FROM lot),
made AS (
    INSERT INTO batch (id, alert_id, revision, channel, ring, verified, language, beside, source, lowest, highest, size,
                       due_at, created_at, fates)
    OVERRIDING SYSTEM VALUE
    SELECT id, %(alert_id)s, %(revision)s, channel, ring, verified, language, beside, source, numbers[1], numbers[size],
           size, %(now)s, %(now)s, repeat('w', size)
      FROM audience),
kept AS (INSERT INTO batch_audience (batch_id, numbers) SELECT id, numbers FROM audience)
SELECT id, ring, verified, channel FROM lot ORDER BY id
"""


async def insert_batches(tx: Tx, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Write batches with their audiences; `values` hold a column a name, and all numbers one batch after another."""
    return await (await tx.execute(INSERT_BATCHES, values)).fetchall()


CLAIM: LiteralString = """
WITH claimed AS (
    UPDATE batch SET state = 'claimed', attempts = attempts + 1, parked_at = NULL
     WHERE id = %(id)s AND state <> 'done'
    RETURNING *)
SELECT claimed.id, claimed.attempts, claimed.created_at, claimed.channel, claimed.ring, claimed.verified, claimed.fates,
       batch_audience.numbers,
       dispatch.*, dispatch_text.language, dispatch_text.direction, dispatch_text.title, dispatch_text.body,
       dispatch_text.sms
  FROM claimed
  JOIN batch_audience ON batch_audience.batch_id = claimed.id
  JOIN dispatch USING (alert_id, revision)
  JOIN dispatch_text USING (alert_id, revision, language)
"""


async def claim(tx: Tx, batch_id: int) -> dict[str, Any] | None:
    return await (await tx.execute(CLAIM, {"id": batch_id})).fetchone()


# A later claim that was given up for want of money changed nothing: what the earlier one brought still counts.
SETTLE: LiteralString = """
UPDATE batch SET state = %(state)s, fates = %(fates)s, due_at = %(due_at)s, finished_at = %(finished_at)s,
       parked_at = NULL
 WHERE id = %(id)s AND attempts = %(attempts)s AND (state = 'claimed' OR parked_at IS NOT NULL)
"""


async def settle(tx: Tx, values: dict[str, Any]) -> bool:
    """Store outcomes; False when somebody else claimed the batch meanwhile (its outcomes stand, not these)."""
    return (await tx.execute(SETTLE, values)).rowcount == 1


# No wait is so long (rules.py): what is due only after more than 90 minutes was written by a clock that was ahead.
OVERDUE: LiteralString = """
SELECT batch.id, dispatch.severity, dispatch.message, batch.ring, batch.verified, batch.channel
  FROM batch JOIN dispatch USING (alert_id, revision)
 WHERE batch.state <> 'done' AND batch.parked_at IS NULL
   AND (batch.due_at <= %(now)s OR batch.due_at > %(now)s::timestamptz + interval '90 minutes')
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
SELECT ring, language, channel, beside, sum(size)::int AS planned,
       sum(length(fates) - length(replace(fates, 'a', '')))::int AS accepted,
       sum(length(fates) - length(replace(fates, 'd', '')))::int AS dead,
       sum(length(fates) - length(replace(fates, 'w', '')))::int AS waiting,
       coalesce(sum(bit_count(batch_receipt.received)), 0)::int AS received
  FROM batch LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s
 GROUP BY ring, language, channel, beside ORDER BY ring, language, channel, beside
"""


async def tally(tx: Tx, alert_id: UUID, revision: int) -> list[dict[str, Any]]:
    return await (await tx.execute(TALLY, {"alert_id": alert_id, "revision": revision})).fetchall()


UNFINISHED: LiteralString = """
SELECT EXISTS (SELECT FROM batch WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND state <> 'done') AS any
"""


async def unfinished(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(UNFINISHED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["any"])
