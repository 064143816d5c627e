"""Canaries: whom test messages go to, and what came of the last one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.delivery.records import Canary
from service.kit.db import Tx

MARK: LiteralString = """
INSERT INTO canary AS kept (number, channel, language, answers, marked_at)
SELECT %(number)s, %(channel)s, %(language)s, %(answers)s, %(now)s
 WHERE NOT EXISTS (SELECT FROM canary WHERE number = %(number)s)
    ON CONFLICT (channel, language) DO UPDATE SET number = excluded.number, answers = excluded.answers
 WHERE kept.number IS NULL
"""


async def mark(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Keep a canary, in the place of one that is gone; False if that stands, or the registration is one already."""
    return (await tx.execute(MARK, values)).rowcount == 1


UNMARK: LiteralString = "DELETE FROM canary WHERE number = ANY (%(numbers)s::bigint[])"


async def unmark(tx: Tx, numbers: list[int]) -> bool:
    return (await tx.execute(UNMARK, {"numbers": numbers})).rowcount > 0


EVERYBODY: LiteralString = """
SELECT number, channel, language, answers, marked_at, asked_at, answered_at, delay_s FROM canary
 ORDER BY channel, language
"""


async def everybody(tx: Tx) -> list[Canary]:
    return [Canary(**row) for row in await (await tx.execute(EVERYBODY)).fetchall()]


# Its batch holds nobody else, so its place is the first. A receipt's moment is not kept: this look's is.
NOTE_ANSWERS: LiteralString = """
UPDATE canary SET answered_at = told.at, delay_s = greatest(0, extract(epoch FROM told.at - canary.asked_at))
  FROM (SELECT batch.id, CASE WHEN received IS NULL THEN batch.finished_at ELSE %(now)s END AS at, received,
               left(batch.fates, 1) = 'a' AS accepted
          FROM batch LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id) AS told
 WHERE told.id = canary.batch_id AND (canary.answered_at IS NULL OR canary.answered_at < canary.asked_at)
   AND CASE WHEN canary.answers THEN get_bit(told.received, 0) = 1 ELSE told.accepted AND told.at IS NOT NULL END
"""


async def note_answers(tx: Tx, *, now: datetime) -> None:
    await tx.execute(NOTE_ANSWERS, {"now": now})


DUE: LiteralString = """
SELECT number, channel, language, answers, marked_at, asked_at, answered_at, delay_s FROM canary
 WHERE number IS NOT NULL AND (asked_at IS NULL OR asked_at <= %(before)s)
 ORDER BY number FOR UPDATE SKIP LOCKED
"""


async def due(tx: Tx, *, before: datetime) -> list[Canary]:
    """Return those who were asked last before this moment; another worker does not get them until this commit."""
    return [Canary(**row) for row in await (await tx.execute(DUE, {"before": before})).fetchall()]


ASKED: LiteralString = """
UPDATE canary SET asked_at = %(now)s, batch_id = (
       SELECT batch.id FROM batch
        WHERE batch.alert_id = %(alert_id)s AND (batch.channel, batch.language) = (canary.channel, canary.language))
 WHERE canary.number = ANY (%(numbers)s::bigint[])
"""


async def asked(tx: Tx, alert_id: UUID, numbers: list[int], *, now: datetime) -> None:
    await tx.execute(ASKED, {"alert_id": alert_id, "numbers": numbers, "now": now})


OLD: LiteralString = """
SELECT alert_id FROM dispatch WHERE message = 'canary' AND issued_at < %(before)s LIMIT 100
"""
DROP_RECEIPTS: LiteralString = """
DELETE FROM batch_receipt USING batch WHERE batch.id = batch_id AND alert_id = ANY (%(ids)s::uuid[])
"""
DROP_AUDIENCES: LiteralString = """
DELETE FROM batch_audience USING batch WHERE batch.id = batch_id AND alert_id = ANY (%(ids)s::uuid[])
"""
DROP_BATCHES: LiteralString = "DELETE FROM batch WHERE alert_id = ANY (%(ids)s::uuid[])"
DROP_TEXTS: LiteralString = "DELETE FROM dispatch_text WHERE alert_id = ANY (%(ids)s::uuid[])"
DROP: LiteralString = "DELETE FROM dispatch WHERE alert_id = ANY (%(ids)s::uuid[])"


async def drop_old(tx: Tx, *, before: datetime) -> None:
    """Forget test messages of long ago; nobody is told anything by them."""
    ids = [row["alert_id"] for row in await (await tx.execute(OLD, {"before": before})).fetchall()]
    if ids:
        await tx.execute(DROP_RECEIPTS, {"ids": ids})
        await tx.execute(DROP_AUDIENCES, {"ids": ids})
        await tx.execute(DROP_BATCHES, {"ids": ids})
        await tx.execute(DROP_TEXTS, {"ids": ids})
        await tx.execute(DROP, {"ids": ids})
