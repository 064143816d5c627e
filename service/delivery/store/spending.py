"""What texts cost: set aside when a batch is taken, given back where nothing was handed over, lifted by an admin."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

OPEN_MONTH: LiteralString = "INSERT INTO sms_month (month) VALUES (%(month)s) ON CONFLICT DO NOTHING"
OPEN_ALERT: LiteralString = "INSERT INTO sms_spending (alert_id) VALUES (%(alert_id)s) ON CONFLICT DO NOTHING"
# Always the month before the alert, so that two workers never wait for each other.
HOLD_MONTH: LiteralString = """
SELECT spent, stopped_at,
       (SELECT coalesce(sum(amount), 0)::bigint FROM sms_lift WHERE sms_lift.month = sms_month.month) AS lifted
  FROM sms_month WHERE month = %(month)s FOR UPDATE
"""
HOLD_ALERT: LiteralString = """
SELECT spent, stopped_at,
       (SELECT coalesce(sum(amount), 0)::bigint FROM sms_lift WHERE sms_lift.alert_id = sms_spending.alert_id) AS lifted
  FROM sms_spending WHERE alert_id = %(alert_id)s FOR UPDATE
"""


async def hold(tx: Tx, alert_id: UUID, month: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what an alert and a month cost so far; until the transaction ends nobody else spends of either."""
    asked = {"alert_id": alert_id, "month": month}
    await tx.execute(OPEN_MONTH, asked)
    await tx.execute(OPEN_ALERT, asked)
    of_month = await (await tx.execute(HOLD_MONTH, asked)).fetchone()
    of_alert = await (await tx.execute(HOLD_ALERT, asked)).fetchone()
    assert of_month is not None and of_alert is not None  # noqa: S101, PT018 - both were made just now
    return of_alert, of_month


LOOK: LiteralString = """
SELECT coalesce((SELECT spent FROM sms_spending WHERE alert_id = %(alert_id)s), 0) AS alert_spent,
       (SELECT stopped_at FROM sms_spending WHERE alert_id = %(alert_id)s) AS alert_stopped,
       (SELECT coalesce(sum(amount), 0)::bigint FROM sms_lift WHERE alert_id = %(alert_id)s) AS alert_lifted,
       coalesce((SELECT spent FROM sms_month WHERE month = %(month)s), 0) AS month_spent,
       (SELECT stopped_at FROM sms_month WHERE month = %(month)s) AS month_stopped,
       (SELECT coalesce(sum(amount), 0)::bigint FROM sms_lift WHERE month = %(month)s) AS month_lifted
"""


async def look(tx: Tx, alert_id: UUID, month: date) -> dict[str, Any]:
    """Return what an alert and a month cost so far, without holding anybody up."""
    row = await (await tx.execute(LOOK, {"alert_id": alert_id, "month": month})).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM gives one row
    return row


# No number of an alert or month falls below what its batches have: each of these gives back at most what it took.
SPEND: LiteralString = """
WITH paid AS (UPDATE batch SET cost = cost + %(more)s, cost_month = %(month)s WHERE id = %(batch)s),
     of_month AS (UPDATE sms_month SET spent = spent + %(more)s,
                         stopped_at = CASE WHEN %(more)s > 0 THEN stopped_at END WHERE month = %(month)s)
UPDATE sms_spending SET spent = spent + %(more)s, stopped_at = CASE WHEN %(more)s > 0 THEN stopped_at END
 WHERE alert_id = %(alert_id)s
"""


async def spend(tx: Tx, values: Mapping[str, Any]) -> None:
    """Let a batch have more, or (below 0) give back; what is given back opens a purse again that had stopped."""
    await tx.execute(SPEND, values)


STOP_ALERT: LiteralString = "UPDATE sms_spending SET stopped_at = %(limit)s WHERE alert_id = %(alert_id)s"
STOP_MONTH: LiteralString = "UPDATE sms_month SET stopped_at = %(limit)s WHERE month = %(month)s"


async def stop_alert(tx: Tx, alert_id: UUID, limit: int) -> None:
    await tx.execute(STOP_ALERT, {"alert_id": alert_id, "limit": limit})


async def stop_month(tx: Tx, month: date, limit: int) -> None:
    await tx.execute(STOP_MONTH, {"month": month, "limit": limit})


PAID: LiteralString = """
SELECT batch.alert_id, batch.cost, batch.cost_month,
       (SELECT coalesce(sum(handed * segments), 0)::bigint FROM sms_text WHERE batch_id = batch.id) AS segments
  FROM batch WHERE batch.id = %(batch)s
"""


async def paid(tx: Tx, batch: int) -> dict[str, Any]:
    """Return what a batch took out of which month, and how many segments of it were, or may have been, handed over."""
    row = await (await tx.execute(PAID, {"batch": batch})).fetchone()
    assert row is not None  # noqa: S101 - the caller has claimed it
    return row


# As if it had never been claimed: nothing of it was handed over this time.
PARK: LiteralString = """
UPDATE batch SET state = 'waiting', attempts = attempts - 1, parked_at = %(now)s, due_at = %(now)s,
       cost_month = CASE WHEN cost > 0 THEN cost_month END
 WHERE id = %(batch)s
"""


async def park(tx: Tx, batch: int, *, now: datetime) -> None:
    await tx.execute(PARK, {"batch": batch, "now": now})


CUT: LiteralString = """
WITH rest AS (
    INSERT INTO batch (alert_id, revision, channel, ring, verified, language, beside, source, lowest, highest, size,
                       due_at, created_at, fates, parked_at)
    SELECT alert_id, revision, channel, ring, verified, language, beside, source, numbers[%(size)s + 1], highest,
           size - %(size)s, %(now)s, created_at, substr(fates, %(size)s + 1), %(now)s
      FROM batch JOIN batch_audience ON batch_id = id WHERE id = %(batch)s
    RETURNING id),
others AS (
    INSERT INTO batch_audience (batch_id, numbers)
    SELECT rest.id, numbers[%(size)s + 1:] FROM rest, batch_audience WHERE batch_id = %(batch)s),
kept AS (UPDATE batch_audience SET numbers = numbers[1:%(size)s] WHERE batch_id = %(batch)s RETURNING numbers)
UPDATE batch SET size = %(size)s, highest = kept.numbers[%(size)s], fates = left(fates, %(size)s)
  FROM kept WHERE batch.id = %(batch)s
"""


async def cut(tx: Tx, batch: int, size: int, *, now: datetime) -> None:
    """Move all but the first of a batch's recipients to a batch that waits for more to be spent."""
    await tx.execute(CUT, {"batch": batch, "size": size, "now": now})


# Whoever took a batch before has its cost on it; what was parked for want of money waits as well.
NEARER: LiteralString = """
SELECT coalesce(sum(length(nearer.fates) - length(replace(nearer.fates, 'w', ''))), 0)::bigint AS people
  FROM batch AS mine JOIN batch AS nearer USING (alert_id, revision)
 WHERE mine.id = %(batch)s AND nearer.ring < mine.ring AND nearer.channel = 'sms' AND nearer.state = 'waiting'
   AND nearer.cost = 0
"""


async def nearer(tx: Tx, batch: int) -> int:
    """Count the people nearer than those of a batch for whose texts nothing was set aside yet."""
    row = await (await tx.execute(NEARER, {"batch": batch})).fetchone()
    return 0 if row is None else int(row["people"])


# What waits only for its own alert's budget holds up no other alert; a correction or an end takes what it needs.
AHEAD: LiteralString = """
SELECT dispatch_text.sms, sum(length(batch.fates) - length(replace(batch.fates, 'w', '')))::bigint AS people
  FROM (SELECT alert_id, exercise, severity, ring FROM batch JOIN dispatch USING (alert_id, revision)
         WHERE id = %(batch)s) AS mine
  JOIN batch ON batch.alert_id <> mine.alert_id
  JOIN dispatch ON dispatch.alert_id = batch.alert_id AND dispatch.revision = batch.revision
  JOIN dispatch_text ON dispatch_text.alert_id = batch.alert_id AND dispatch_text.revision = batch.revision
       AND dispatch_text.language = batch.language
  LEFT JOIN sms_spending ON sms_spending.alert_id = batch.alert_id
 WHERE batch.channel = 'sms' AND batch.state = 'waiting' AND batch.cost = 0
   AND (batch.parked_at IS NULL OR sms_spending.stopped_at IS NULL)
   AND dispatch.message IN ('warning', 'update') AND dispatch.stopped_at IS NULL AND dispatch.expires_at > %(now)s
   AND (NOT dispatch.exercise, dispatch.severity, -batch.ring) > (NOT mine.exercise, mine.severity, -mine.ring)
 GROUP BY dispatch_text.sms
"""


async def ahead(tx: Tx, batch: int, *, now: datetime) -> list[dict[str, Any]]:
    """Count, for each text of other alerts, the people who come before a batch's and have nothing set aside yet.

    No exercise comes before what is real; then the more severe comes first, then the nearer.
    """
    return await (await tx.execute(AHEAD, {"batch": batch, "now": now})).fetchall()


PARKED: LiteralString = """
SELECT alert_id, bool_or(dispatch.stopped_at IS NOT NULL OR dispatch.expires_at <= %(now)s) AS over,
       count(*)::int AS batches
  FROM batch JOIN dispatch USING (alert_id, revision) WHERE batch.parked_at IS NOT NULL GROUP BY alert_id
"""


async def parked(tx: Tx, *, now: datetime) -> list[dict[str, Any]]:
    """Return the messages some of whose texts wait for more to be spent; `over` if they are told no more."""
    return await (await tx.execute(PARKED, {"now": now})).fetchall()


PARKED_PEOPLE: LiteralString = """
SELECT coalesce(sum(length(fates) - length(replace(fates, 'w', ''))), 0)::int AS people FROM batch
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND parked_at IS NOT NULL
"""


async def parked_people(tx: Tx, alert_id: UUID, revision: int) -> int:
    """Count whose texts of one message wait for more to be spent."""
    row = await (await tx.execute(PARKED_PEOPLE, {"alert_id": alert_id, "revision": revision})).fetchone()
    return row["people"] if row else 0


# Of a batch that had its turn before some may have been taken since: it is looked at again now and then.
GO_ON: LiteralString = """
UPDATE batch SET parked_at = NULL, due_at = %(now)s
 WHERE parked_at IS NOT NULL
   AND (alert_id = ANY (%(alert_ids)s::uuid[])
        OR cost > 0 AND parked_at <= %(now)s::timestamptz - interval '60 seconds')
"""


async def go_on(tx: Tx, alert_ids: Sequence[UUID], *, now: datetime) -> int:
    """Let what waits be sent; return how many batches."""
    return (await tx.execute(GO_ON, {"alert_ids": list(alert_ids), "now": now})).rowcount


LIFT: LiteralString = """
INSERT INTO sms_lift (alert_id, month, amount, operator, reason, at)
VALUES (%(alert_id)s, %(month)s, %(amount)s, %(operator)s, %(reason)s, %(now)s)
"""


async def lift(tx: Tx, values: Mapping[str, Any]) -> None:
    await tx.execute(LIFT, values)
