"""Who was reached, or may have been: what planning asks of earlier messages."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.delivery.model import Bulletin
from service.kit.db import Tx, array

PLANNED: LiteralString = """
SELECT batch_audience.numbers
  FROM batch JOIN batch_audience ON batch_audience.batch_id = batch.id
 WHERE batch.alert_id = %(alert_id)s AND batch.revision = %(revision)s
"""


async def planned(tx: Tx, alert_id: UUID, revision: int) -> AsyncIterator[Sequence[int]]:
    """Give everybody who stands in a batch of a dispatch, batch by batch."""
    async with tx.cursor("planned") as cursor:
        await cursor.execute(PLANNED, {"alert_id": alert_id, "revision": revision})
        async for row in cursor:
            yield row["numbers"]


TEXTED: LiteralString = """
SELECT batch_audience.numbers
  FROM batch JOIN batch_audience ON batch_audience.batch_id = batch.id
 WHERE batch.alert_id = %(alert_id)s AND batch.revision = %(revision)s AND batch.channel = 'sms'
"""


async def texted(tx: Tx, alert_id: UUID, revision: int) -> AsyncIterator[Sequence[int]]:
    """Give everybody who stands in a batch of texts of a dispatch, batch by batch."""
    async with tx.cursor("texted") as cursor:
        await cursor.execute(TEXTED, {"alert_id": alert_id, "revision": revision})
        async for row in cursor:
            yield row["numbers"]


TEXTED_BEFORE: LiteralString = """
SELECT count(DISTINCT one.number)::int AS people
  FROM dispatch JOIN batch USING (alert_id, revision) JOIN batch_audience ON batch_audience.batch_id = batch.id
 CROSS JOIN LATERAL unnest(batch_audience.numbers) AS one (number)
 WHERE dispatch.lineage = %(lineage)s AND dispatch.revision < %(revision)s AND batch.channel = 'sms'
"""


async def texted_before(tx: Tx, lineage: UUID, revision: int) -> int:
    """Count who stands in a batch of texts of an earlier dispatch of the lineage."""
    row = await (await tx.execute(TEXTED_BEFORE, {"lineage": lineage, "revision": revision})).fetchone()
    return row["people"] if row else 0


# Only batches in whose span one of them lies are opened, and each of these once.
PLANNED_ALREADY: LiteralString = """
SELECT DISTINCT one.number
  FROM batch JOIN batch_audience ON batch_audience.batch_id = batch.id
 CROSS JOIN LATERAL unnest(batch_audience.numbers) AS one (number)
 WHERE batch.alert_id = %(alert_id)s AND batch.revision = %(revision)s
   AND EXISTS (SELECT FROM unnest(%(numbers)s::bigint[]) AS wanted (number)
                WHERE wanted.number BETWEEN batch.lowest AND batch.highest)
   AND one.number = ANY (%(numbers)s::bigint[])
"""


async def planned_already(tx: Tx, alert_id: UUID, revision: int, numbers: Sequence[int]) -> frozenset[int]:
    """Return which of these stand in a batch of a dispatch."""
    asked = {"alert_id": alert_id, "revision": revision, "numbers": array(numbers)}
    rows = await (await tx.execute(PLANNED_ALREADY, asked, prepare=False)).fetchall()
    return frozenset(row["number"] for row in rows)


# FOR SHARE waits for a claim that is about to be committed: what was claimed may be sent, whatever was stopped since.
# Of those who still wait, who belong to a batch that nobody ever claimed and that was stopped will not be sent to.
EARLIER: LiteralString = """
SELECT batch.id, batch.ring, batch.channel,
       (SELECT array_agg(one.number)
          FROM ROWS FROM (unnest(batch_audience.numbers), string_to_table(batch.fates, NULL)) AS one (number, fate)
         WHERE one.fate IN ('a', 'x')
            OR one.fate = 'w' AND (batch.attempts > 0 OR dispatch.stopped_at IS NULL)) AS numbers
  FROM dispatch JOIN batch USING (alert_id, revision) JOIN batch_audience ON batch_audience.batch_id = batch.id
 WHERE dispatch.lineage = %(lineage)s AND dispatch.revision < %(revision)s AND batch.id > %(after)s
 ORDER BY batch.id LIMIT %(limit)s
   FOR SHARE OF batch
"""


SO_FAR: LiteralString = """
SELECT coalesce(sum(length(fates) - length(translate(fates, told, ''))), 0)::int AS people
  FROM batch CROSS JOIN LATERAL (SELECT CASE WHEN attempts > 0 THEN 'axw' ELSE 'ax' END) AS letters (told)
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND NOT beside
"""


async def so_far(tx: Tx, alert_id: UUID, revision: int) -> int:
    """Count to whom a dispatch was or may have been sent by now; many may be claimed the moment after."""
    row = await (await tx.execute(SO_FAR, {"alert_id": alert_id, "revision": revision})).fetchone()
    return row["people"] if row else 0


async def earlier(tx: Tx, bulletin: Bulletin, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Return earlier batches of a lineage, by id, with whom they were or may have been sent to (R19)."""
    asked = {"lineage": bulletin.lineage, "revision": bulletin.revision, "after": after, "limit": limit}
    return await (await tx.execute(EARLIER, asked)).fetchall()


WARNED: LiteralString = """
SELECT (SELECT array_agg(one.number)
          FROM ROWS FROM (unnest(batch_audience.numbers), string_to_table(batch.fates, NULL))
               WITH ORDINALITY AS one (number, fate, place)
         WHERE one.fate = 'a' OR substring(batch_receipt.received FROM one.place::int FOR 1) = B'1') AS numbers
  FROM dispatch JOIN batch USING (alert_id, revision) JOIN batch_audience ON batch_audience.batch_id = batch.id
  LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id
 WHERE dispatch.alert_id <> %(alert_id)s AND dispatch.exercise = %(exercise)s
   AND dispatch.severity >= %(severity)s AND dispatch.message IN ('warning', 'update')
   AND dispatch.expires_at > %(now)s AND dispatch.stopped_at IS NULL
   AND (dispatch.zone_id = %(zone_id)s OR dispatch.lineage = %(lineage)s)
   AND NOT EXISTS (SELECT FROM dispatch later WHERE later.lineage = dispatch.lineage
                      AND later.revision > dispatch.revision AND later.message IN ('correction', 'end'))
   AND (%(number)s::bigint IS NULL OR %(number)s BETWEEN batch.lowest AND batch.highest)
"""


async def warned(tx: Tx, bulletin: Bulletin, number: int | None, *, now: datetime) -> AsyncIterator[Sequence[int]]:
    """Give everybody who was warned of the same thing at least as urgently (R21); a number asks for its own batches."""
    asked = {
        "alert_id": bulletin.alert_id,
        "lineage": bulletin.lineage,
        "zone_id": bulletin.zone_id,
        "exercise": bulletin.exercise,
        "severity": int(bulletin.severity),
        "number": number,
        "now": now,
    }
    async with tx.cursor("warned") as cursor:
        await cursor.execute(WARNED, asked)
        async for row in cursor:
            yield row["numbers"] or ()


MESSAGES_SINCE: LiteralString = """
SELECT one.number, count(*) FILTER (WHERE batch.created_at > %(day)s)::int AS day, count(*)::int AS week
  FROM dispatch JOIN batch USING (alert_id, revision) JOIN batch_audience ON batch_audience.batch_id = batch.id
 CROSS JOIN LATERAL ROWS FROM (unnest(batch_audience.numbers), string_to_table(batch.fates, NULL)) AS one (number, fate)
 WHERE batch.created_at > %(week)s AND NOT batch.beside AND dispatch.exercise = %(exercise)s AND one.fate IN ('a', 'w')
 GROUP BY one.number
HAVING count(*) >= %(a_week)s OR count(*) FILTER (WHERE batch.created_at > %(day)s) >= %(a_day)s
"""


async def tired(tx: Tx, asked: Mapping[str, Any]) -> list[int]:
    """Return who had `a_day` messages since `day`, or `a_week` since `week`."""
    rows = await (await tx.execute(MESSAGES_SINCE, asked)).fetchall()
    return [row["number"] for row in rows]


TELLINGS: LiteralString = """
SELECT dispatch.alert_id, batch.channel, coalesce(batch.finished_at, batch.created_at) AS at,
       substring(batch.fates FROM found.place FOR 1) AS fate, dispatch.stopped_at IS NOT NULL AS stopped,
       coalesce(substring(batch_receipt.received FROM found.place FOR 1) = B'1', false) AS received
  FROM dispatch JOIN batch USING (alert_id, revision)
  JOIN unnest(%(numbers)s::bigint[]) AS asked (number) ON asked.number BETWEEN batch.lowest AND batch.highest
  JOIN batch_audience ON batch_audience.batch_id = batch.id
 CROSS JOIN LATERAL (SELECT array_position(batch_audience.numbers, asked.number) AS place) AS found
  LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id
 WHERE found.place IS NOT NULL AND dispatch.message <> 'canary'
   AND (%(alert_id)s::uuid IS NULL OR dispatch.alert_id = %(alert_id)s)
"""


async def tellings(tx: Tx, numbers: Sequence[int], alert_id: UUID | None) -> list[dict[str, Any]]:
    """Return the batches in which the phone with these numbers stands, with what became of it there."""
    asked = {"numbers": array(numbers), "alert_id": alert_id}
    return await (await tx.execute(TELLINGS, asked)).fetchall()
