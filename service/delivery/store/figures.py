"""What waits, what providers answered, who answered: for alarms."""

from collections.abc import Mapping
from typing import Any, LiteralString

from service.kit.db import Tx

# Texts go at the operators' pace and are told apart.
QUEUES: LiteralString = """
SELECT dispatch.severity, count(*) AS batches, min(batch.due_at) AS oldest
  FROM batch JOIN dispatch USING (alert_id, revision)
 WHERE batch.state <> 'done' AND batch.channel <> 'sms' GROUP BY dispatch.severity
"""


async def queues(tx: Tx) -> list[dict[str, Any]]:
    return await (await tx.execute(QUEUES)).fetchall()


TEXTS: LiteralString = """
SELECT dispatch.severity, min(batch.created_at) AS oldest
  FROM batch JOIN dispatch USING (alert_id, revision)
 WHERE batch.state <> 'done' AND batch.channel = 'sms' AND batch.parked_at IS NULL GROUP BY dispatch.severity
"""


async def texts(tx: Tx) -> list[dict[str, Any]]:
    return await (await tx.execute(TEXTS)).fetchall()


# The rows are taken in order, so that two workers never wait for each other.
ADD: LiteralString = """
INSERT INTO outcome_count AS kept (channel, outcome, reason, total)
SELECT * FROM unnest(%(channels)s::text[], %(outcomes)s::text[], %(reasons)s::text[], %(totals)s::bigint[])
 ORDER BY 1, 2, 3
    ON CONFLICT (channel, outcome, reason) DO UPDATE SET total = kept.total + excluded.total
"""


async def add(tx: Tx, counted: Mapping[tuple[str, str, str], int]) -> None:
    channels, outcomes, reasons = (list(column) for column in zip(*counted, strict=True))
    values = {"channels": channels, "outcomes": outcomes, "reasons": reasons, "totals": list(counted.values())}
    await tx.execute(ADD, values)


OUTCOMES: LiteralString = "SELECT channel, outcome, reason, total FROM outcome_count"


async def outcomes(tx: Tx) -> list[dict[str, Any]]:
    return await (await tx.execute(OUTCOMES)).fetchall()


SIZE: LiteralString = "SELECT pg_database_size(current_database()) AS bytes"


async def size(tx: Tx) -> int:
    row = await (await tx.execute(SIZE)).fetchone()
    return int(row["bytes"]) if row else 0
