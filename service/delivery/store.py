"""All SQL of delivery: dispatches, batches, receipts, and the switch that stops sending."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.delivery.model import Bulletin, Severity, Text
from service.kit.db import Tx

INSERT_DISPATCH: LiteralString = """
INSERT INTO dispatch (alert_id, revision, severity, exercise, zone_id, reach_m, issued_at, expires_at)
VALUES (%(alert_id)s, %(revision)s, %(severity)s, %(exercise)s, %(zone_id)s, %(reach_m)s, %(issued_at)s, %(expires_at)s)
"""


async def insert_dispatch(tx: Tx, bulletin: Bulletin) -> None:
    await tx.execute(
        INSERT_DISPATCH,
        {
            "alert_id": bulletin.alert_id,
            "revision": bulletin.revision,
            "severity": int(bulletin.severity),
            "exercise": bulletin.exercise,
            "zone_id": bulletin.zone_id,
            "reach_m": bulletin.reach_m,
            "issued_at": bulletin.issued_at,
            "expires_at": bulletin.expires_at,
        },
    )


INSERT_TEXT: LiteralString = """
INSERT INTO dispatch_text (alert_id, revision, language, direction, title, body)
VALUES (%(alert_id)s, %(revision)s, %(language)s, %(direction)s, %(title)s, %(body)s)
"""


async def insert_text(tx: Tx, bulletin: Bulletin, text: Text) -> None:
    await tx.execute(
        INSERT_TEXT,
        {
            "alert_id": bulletin.alert_id,
            "revision": bulletin.revision,
            "language": text.language,
            "direction": text.direction,
            "title": text.title,
            "body": text.body,
        },
    )


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
    INSERT INTO batch (alert_id, revision, ring, language, lowest, highest, size, due_at, created_at, fates)
    VALUES (%(alert_id)s, %(revision)s, %(ring)s, %(language)s, %(lowest)s, %(highest)s, %(size)s, %(now)s, %(now)s,
            %(fates)s)
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
SELECT claimed.id, claimed.attempts, claimed.created_at, claimed.ring, claimed.fates, batch_audience.numbers,
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


STOP: LiteralString = """
UPDATE dispatch SET stopped_at = %(now)s
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND stopped_at IS NULL
"""


async def stop(tx: Tx, alert_id: UUID, revision: int, *, now: datetime) -> None:
    await tx.execute(STOP, {"alert_id": alert_id, "revision": revision, "now": now})


STOPPED: LiteralString = """
SELECT alert_id, revision FROM dispatch WHERE stopped_at IS NOT NULL AND expires_at > %(now)s
"""


async def stopped(tx: Tx, *, now: datetime) -> frozenset[tuple[UUID, int]]:
    rows = await (await tx.execute(STOPPED, {"now": now})).fetchall()
    return frozenset((row["alert_id"], row["revision"]) for row in rows)


SENDING: LiteralString = "SELECT paused, reason, epoch, trouble, changed_at FROM sending"


async def sending(tx: Tx) -> dict[str, Any]:
    row = await (await tx.execute(SENDING)).fetchone()
    assert row is not None  # noqa: S101 - the migration writes the only row
    return row


SWITCH: LiteralString = """
UPDATE sending SET paused = %(paused)s, reason = %(reason)s, changed_at = %(now)s, epoch = coalesce(%(epoch)s, epoch),
       trouble = CASE WHEN %(paused)s THEN trouble ELSE '' END
"""


async def switch(tx: Tx, *, paused: bool, reason: str, epoch: str | None, now: datetime) -> None:
    await tx.execute(SWITCH, {"paused": paused, "reason": reason, "epoch": epoch, "now": now})


NOTE_TROUBLE: LiteralString = "UPDATE sending SET trouble = %(trouble)s WHERE trouble <> %(trouble)s"


async def note_trouble(tx: Tx, trouble: str) -> None:
    await tx.execute(NOTE_TROUBLE, {"trouble": trouble})


TALLY: LiteralString = """
SELECT ring, language, sum(size)::int AS planned,
       sum(length(fates) - length(replace(fates, 'a', '')))::int AS accepted,
       sum(length(fates) - length(replace(fates, 'd', '')))::int AS dead,
       sum(length(fates) - length(replace(fates, 'w', '')))::int AS waiting,
       coalesce(sum(bit_count(batch_receipt.received)), 0)::int AS received
  FROM batch LEFT JOIN batch_receipt ON batch_receipt.batch_id = batch.id
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s
 GROUP BY ring, language ORDER BY ring, language
"""


async def tally(tx: Tx, alert_id: UUID, revision: int) -> list[dict[str, Any]]:
    return await (await tx.execute(TALLY, {"alert_id": alert_id, "revision": revision})).fetchall()


UNFINISHED: LiteralString = """
SELECT EXISTS (SELECT FROM batch WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND state <> 'done') AS any
"""


async def unfinished(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(UNFINISHED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["any"])


# The batch that the phone names, else the one in which its number stands: who learned by a sync knows no batch.
FIND_PLACE: LiteralString = """
SELECT batch.id, batch.size, array_position(batch_audience.numbers, %(number)s::bigint) - 1 AS place
  FROM batch JOIN batch_audience ON batch_audience.batch_id = batch.id
 WHERE batch.alert_id = %(alert_id)s AND batch.revision = %(revision)s
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


def bulletin_of(row: dict[str, Any]) -> Bulletin:
    return Bulletin(
        alert_id=row["alert_id"],
        revision=row["revision"],
        severity=Severity(row["severity"]),
        exercise=row["exercise"],
        zone_id=row["zone_id"],
        reach_m=row["reach_m"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
    )
