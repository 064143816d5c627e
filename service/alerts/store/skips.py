"""Who was passed over, and why."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.alerts.records import Skipped
from service.kit.db import Tx, array

INSERT_SKIPS: LiteralString = """
WITH one AS MATERIALIZED (
    SELECT reason, ring, at, due_at, channel, (%(numbers)s::bigint[])[start + 1:start + size] AS numbers
      FROM unnest(%(reasons)s::text[], %(rings)s::smallint[], %(at)s::timestamptz[], %(due_at)s::timestamptz[],
                  %(channels)s::text[], %(starts)s::int[], %(sizes)s::int[])
           AS part (reason, ring, at, due_at, channel, start, size))
INSERT INTO alert_skip (alert_id, reason, ring, lowest, highest, numbers, at, due_at, channel)
SELECT %(alert_id)s, reason, ring, numbers[1], numbers[cardinality(numbers)], numbers, at, due_at, channel FROM one
"""


async def insert(tx: Tx, alert_id: UUID, parts: Sequence[Skipped]) -> None:
    """Keep who was passed over; the numbers of each part are in order, and not so many that finding one takes long."""
    sizes = [len(part.numbers) for part in parts]
    values: dict[str, Any] = {
        "alert_id": alert_id,
        "reasons": [part.reason for part in parts],
        "rings": [part.ring for part in parts],
        "at": [part.at for part in parts],
        "due_at": [part.due_at for part in parts],
        "channels": [part.channel for part in parts],
        "starts": [sum(sizes[:place]) for place in range(len(sizes))],
        "sizes": sizes,
        "numbers": array(number for part in parts for number in part.numbers),
    }
    await tx.execute(INSERT_SKIPS, values)


SKIPPED: LiteralString = "SELECT numbers FROM alert_skip WHERE alert_id = %(alert_id)s AND channel IS NULL"


async def skipped(tx: Tx, alert_id: UUID) -> AsyncIterator[Sequence[int]]:
    """Give everybody who was passed over by all channels, part by part."""
    async with tx.cursor("skipped") as cursor:
        await cursor.execute(SKIPPED, {"alert_id": alert_id})
        async for row in cursor:
            yield row["numbers"]


TAKE_DUE: LiteralString = """
DELETE FROM alert_skip
 WHERE id IN (SELECT id FROM alert_skip WHERE alert_id = %(alert_id)s AND due_at <= %(now)s
               ORDER BY ring, id LIMIT %(limit)s)
RETURNING reason, ring, numbers, at, due_at, channel
"""


async def take_due(tx: Tx, alert_id: UUID, *, limit: int, now: datetime) -> list[Skipped]:
    """Take the delayed who are due out of the record: they are planned, or put back."""
    rows = await (await tx.execute(TAKE_DUE, {"alert_id": alert_id, "limit": limit, "now": now})).fetchall()
    return [Skipped(**row) for row in rows]


NEXT_DUE: LiteralString = (
    "SELECT min(due_at) AS due FROM alert_skip WHERE alert_id = %(alert_id)s AND due_at IS NOT NULL"
)


async def next_due(tx: Tx, alert_id: UUID) -> datetime | None:
    row = await (await tx.execute(NEXT_DUE, {"alert_id": alert_id})).fetchone()
    return row["due"] if row else None


WHY_SKIPPED: LiteralString = """
SELECT reason, at FROM alert_skip
 WHERE alert_id = %(alert_id)s AND channel IS NOT DISTINCT FROM %(channel)s
   AND lowest <= %(highest)s AND highest >= %(lowest)s AND numbers && %(numbers)s::bigint[]
 ORDER BY id DESC LIMIT 1
"""


async def why_skipped(
    tx: Tx, alert_id: UUID, numbers: Sequence[int], channel: str | None = None
) -> tuple[str, datetime] | None:
    """Return why the phone with these numbers was passed over last, by one channel or (None) by all, and when."""
    asked = {"alert_id": alert_id, "numbers": list(numbers), "lowest": min(numbers), "highest": max(numbers)}
    asked |= {"channel": channel}
    row = await (await tx.execute(WHY_SKIPPED, asked)).fetchone()
    return (row["reason"], row["at"]) if row else None
