"""Pushes that brought no sign of life: of whom it is not decided yet whether a text goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

# One of four must hold: some were not reached at all; it is long since all was sent; some wait for long; or for so long
# that those whom the provider took are due as well (rules.goes_on). Who is decided on already is counted by the bits.
DUE: LiteralString = """
SELECT batch.id, batch.alert_id, batch.ring, batch.language, batch.fates, batch.created_at, batch.finished_at,
       batch_audience.numbers, coalesce(batch.decided::text, '') AS decided,
       coalesce(batch_receipt.received::text, '') AS received
  FROM unnest(%(alert_ids)s::uuid[], %(revisions)s::integer[], %(patience)s::interval[])
       AS asked (alert_id, revision, patience)
  JOIN dispatch USING (alert_id, revision) JOIN batch USING (alert_id, revision)
  JOIN batch_audience ON batch_audience.batch_id = batch.id
  LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id
 WHERE batch.escalated_at IS NULL AND batch.channel <> 'sms'
   AND dispatch.stopped_at IS NULL AND dispatch.expires_at > %(now)s
   AND (length(fates) - length(translate(fates, 'drxgsh', '')) > bit_count(coalesce(decided, B''))
        OR batch.finished_at <= %(now)s - asked.patience
        OR batch.created_at <= %(now)s - asked.patience
           AND length(fates) - length(translate(fates, 'drxgshw', '')) > bit_count(coalesce(decided, B''))
        OR batch.created_at <= %(now)s - 2 * asked.patience)
 ORDER BY dispatch.severity DESC, dispatch.issued_at, dispatch.alert_id, batch.ring, batch.id
 LIMIT %(limit)s
   FOR UPDATE OF batch SKIP LOCKED
"""


async def due(tx: Tx, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return pushes to be looked at now, held until the transaction ends; see DUE for what `asked` holds."""
    return await (await tx.execute(DUE, asked, prepare=False)).fetchall()


DECIDE: LiteralString = """
UPDATE batch SET decided = told.decided::bit varying, escalated_at = CASE WHEN told.whole THEN %(now)s::timestamptz END
  FROM unnest(%(ids)s::bigint[], %(decided)s::text[], %(whole)s::boolean[]) AS told (id, decided, whole)
 WHERE batch.id = told.id
"""


async def decide(tx: Tx, decided: Sequence[tuple[int, str]], *, now: datetime) -> None:
    """Keep of whom it is decided by now: text of a 1 for each; a push of which it is of all is done with."""
    values = {
        "ids": [batch for batch, _ in decided],
        "decided": [bits for _, bits in decided],
        "whole": ["0" not in bits for _, bits in decided],
        "now": now,
    }
    await tx.execute(DECIDE, values)


HEARD: LiteralString = """
SELECT one.number
  FROM batch JOIN batch_audience ON batch_audience.batch_id = batch.source
  JOIN batch_receipt ON batch_receipt.batch_id = batch.source
 CROSS JOIN LATERAL unnest(batch_audience.numbers) WITH ORDINALITY AS one (number, place)
 WHERE batch.id = %(batch)s AND substring(batch_receipt.received FROM one.place::int FOR 1) = B'1'
"""


async def heard(tx: Tx, batch: int) -> frozenset[int]:
    """Return who proved by a receipt of the push that the text of this batch is not needed any more."""
    rows = await (await tx.execute(HEARD, {"batch": batch})).fetchall()
    return frozenset(row["number"] for row in rows)


UNDECIDED: LiteralString = """
SELECT count(*) AS batches FROM batch
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND escalated_at IS NULL AND channel <> 'sms'
"""


async def undecided(tx: Tx, alert_id: UUID, revision: int) -> int:
    """Count the pushes of a message of which it is not decided yet who goes on by text."""
    row = await (await tx.execute(UNDECIDED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return 0 if row is None else int(row["batches"])
