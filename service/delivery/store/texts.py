"""The ledger of texts: what was handed over to which operator, and what it said."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

OF_BATCH: LiteralString = """
SELECT sms_text.number, sms_text.id, sms_text.provider, sms_text.state, sms_text.handed, sms_text.asked_at,
       part.ids, coalesce(part.whole, false) AS whole
  FROM sms_text
  LEFT JOIN LATERAL (
       SELECT array_agg(message_id ORDER BY is_last, at, message_id) AS ids, bool_or(is_last) AS whole
         FROM sms_part WHERE sms_part.text_id = sms_text.id AND sms_part.provider = sms_text.provider) AS part ON true
 WHERE sms_text.batch_id = %(batch)s
"""


async def of_batch(tx: Tx, batch: int) -> list[dict[str, Any]]:
    """Return the texts of a batch that were asked about before, with the operator's ids."""
    return await (await tx.execute(OF_BATCH, {"batch": batch})).fetchall()


# Written only if nobody else asked meanwhile: `before` is how often it counted as handed over when that was decided.
INTEND: LiteralString = """
INSERT INTO sms_text (batch_id, number, template, revision, provider, state, segments, mark, handed, asked_at,
                      changed_at)
SELECT one.batch, one.number, one.template, one.revision, one.provider, 'asked', one.segments, one.mark, one.before + 1,
       %(now)s, %(now)s
  FROM unnest(%(batches)s::bigint[], %(numbers)s::bigint[], %(templates)s::text[], %(revisions)s::integer[],
              %(providers)s::text[], %(segments)s::smallint[], %(marks)s::integer[], %(before)s::smallint[])
       AS one (batch, number, template, revision, provider, segments, mark, before)
 ORDER BY one.batch, one.number
    ON CONFLICT (batch_id, number) DO UPDATE
   SET state = 'asked', provider = excluded.provider, segments = excluded.segments, mark = excluded.mark,
       handed = excluded.handed, asked_at = excluded.asked_at, changed_at = excluded.changed_at
 WHERE sms_text.handed = excluded.handed - 1
   AND (sms_text.state IN ('waiting', 'refused')
        OR sms_text.state IN ('asked', 'unanswered') AND sms_text.asked_at <= %(doubted)s)
RETURNING id, batch_id, number
"""


async def intend(tx: Tx, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Write that texts are about to be handed over; absent are those that somebody else has in hand."""
    return await (await tx.execute(INTEND, values)).fetchall()


INTEND_ALONE: LiteralString = """
INSERT INTO sms_text (template, revision, provider, state, segments, asked_at, changed_at)
VALUES (%(template)s, 0, %(provider)s, 'asked', %(segments)s, %(now)s, %(now)s)
RETURNING id
"""


async def intend_alone(tx: Tx, values: dict[str, Any]) -> int:
    """Write that a text outside of warnings is about to be handed over; return its id."""
    row = await (await tx.execute(INTEND_ALONE, values)).fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives a row for each inserted one
    return int(row["id"])


# What was taken counts whatever was decided meanwhile; all else only where nobody went on without this answer.
ANSWER: LiteralString = """
UPDATE sms_text SET state = one.state, changed_at = %(now)s,
       handed = CASE WHEN one.state = 'taken' THEN sms_text.handed ELSE one.after END
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(handed)s::smallint[], %(after)s::smallint[])
       AS one (id, state, handed, after)
 WHERE sms_text.id = one.id
   AND (one.state = 'taken' AND sms_text.state NOT IN ('delivered', 'failed')
        OR sms_text.state = 'asked' AND sms_text.handed = one.handed)
"""
# A report that was there first keeps what it said. An id that an operator uses again names the later text.
PARTS: LiteralString = """
INSERT INTO sms_part (provider, message_id, text_id, is_last, at)
SELECT one.provider, one.message_id, one.text_id, one.is_last, %(now)s
  FROM unnest(%(providers)s::text[], %(message_ids)s::text[], %(text_ids)s::bigint[], %(lasts)s::boolean[])
       AS one (provider, message_id, text_id, is_last)
 ORDER BY one.provider, one.message_id
    ON CONFLICT (provider, message_id) DO UPDATE
   SET text_id = excluded.text_id, is_last = excluded.is_last, at = excluded.at,
       arrival = CASE WHEN sms_part.text_id IS NULL THEN sms_part.arrival END
RETURNING text_id, is_last, arrival
"""


async def answer(tx: Tx, values: dict[str, Any], parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Write what operators answered; return the parts of which a report had come before."""
    await tx.execute(ANSWER, values)
    if not parts["message_ids"]:
        return []
    rows = await (await tx.execute(PARTS, parts)).fetchall()
    return [row for row in rows if row["arrival"] is not None]


HEAR: LiteralString = """
INSERT INTO sms_part (provider, message_id, arrival, at)
SELECT one.provider, one.message_id, one.arrival, %(now)s
  FROM unnest(%(providers)s::text[], %(message_ids)s::text[], %(arrivals)s::text[])
       AS one (provider, message_id, arrival)
 ORDER BY one.provider, one.message_id
    ON CONFLICT (provider, message_id) DO UPDATE
   SET arrival = CASE WHEN sms_part.arrival = 'delivered' THEN sms_part.arrival ELSE excluded.arrival END
RETURNING provider, message_id, text_id, is_last
"""


async def hear(tx: Tx, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Keep reports, no two by one id; return whose parts they are of. Absent is what names no text that is known."""
    rows = await (await tx.execute(HEAR, values)).fetchall()
    return [row for row in rows if row["text_id"] is not None]


HOLD: LiteralString = """
SELECT id, batch_id, number, state FROM sms_text WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE
"""


async def hold(tx: Tx, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return texts that nobody else can change now."""
    return await (await tx.execute(HOLD, {"ids": list(ids)})).fetchall()


MOVE: LiteralString = """
UPDATE sms_text SET state = one.state, changed_at = %(now)s
  FROM unnest(%(ids)s::bigint[], %(states)s::text[]) AS one (id, state)
 WHERE sms_text.id = one.id
"""


async def move(tx: Tx, states: Mapping[int, str], *, now: datetime) -> None:
    await tx.execute(MOVE, {"ids": list(states), "states": list(states.values()), "now": now})


# Hardly any: what an operator reports is mostly what was thought of the text already.
OTHERWISE: LiteralString = """
SELECT one.batch, one.number, one.was, one.fate
  FROM unnest(%(batches)s::bigint[], %(numbers)s::bigint[], %(was)s::text[], %(fates)s::text[])
       AS one (batch, number, was, fate)
  JOIN batch ON batch.id = one.batch
  JOIN batch_audience ON batch_audience.batch_id = one.batch
 WHERE batch.state <> 'claimed'
   AND substring(batch.fates FROM array_position(batch_audience.numbers, one.number) FOR 1) = one.was
"""


async def otherwise(tx: Tx, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return those of whom something else was thought, in batches that nobody has in hand."""
    return await (await tx.execute(OTHERWISE, values)).fetchall()


# While a batch is claimed its worker knows better, and looks again when it has settled.
REFATE: LiteralString = """
UPDATE batch SET fates = overlay(fates PLACING %(fate)s::text FROM found.place FOR 1)
  FROM (SELECT array_position(numbers, %(number)s::bigint) AS place FROM batch_audience WHERE batch_id = %(batch)s)
       AS found
 WHERE id = %(batch)s AND state <> 'claimed' AND substring(fates FROM found.place FOR 1) = %(was)s
"""


async def refate(tx: Tx, batch: int, number: int, *, was: str, fate: str) -> None:
    """Change what became of one recipient of a batch that nobody has in hand."""
    await tx.execute(REFATE, {"batch": batch, "number": number, "was": was, "fate": fate})


ENDED: LiteralString = """
SELECT sms_part.provider, sms_part.message_id, sms_part.arrival, sms_text.number, sms_text.mark
  FROM sms_part JOIN sms_text ON sms_text.id = sms_part.text_id
 WHERE sms_part.arrival IN ('unknown-subscriber', 'opted-out')
 LIMIT 500 FOR UPDATE OF sms_part SKIP LOCKED
"""
FOLLOWED: LiteralString = """
UPDATE sms_part SET arrival = 'failed'
  FROM unnest(%(providers)s::text[], %(message_ids)s::text[]) AS one (provider, message_id)
 WHERE sms_part.provider = one.provider AND sms_part.message_id = one.message_id
"""


async def ended(tx: Tx) -> list[dict[str, Any]]:
    """Take the reports that end a number, each once."""
    rows = await (await tx.execute(ENDED)).fetchall()
    if rows:
        named = {"providers": [row["provider"] for row in rows], "message_ids": [row["message_id"] for row in rows]}
        await tx.execute(FOLLOWED, named)
    return rows


REPORTED: LiteralString = """
SELECT number, state FROM sms_text WHERE batch_id = %(batch)s AND state IN ('delivered', 'failed')
"""


async def reported(tx: Tx, batch: int) -> list[dict[str, Any]]:
    """Return those of a batch of whom an operator has reported."""
    return await (await tx.execute(REPORTED, {"batch": batch})).fetchall()


COUNTS: LiteralString = """
SELECT sms_text.state, count(*)::int AS texts, count(*) FILTER (WHERE sms_text.handed = 2)::int AS repeated,
       sum(sms_text.segments)::int AS segments
  FROM batch JOIN sms_text ON sms_text.batch_id = batch.id
 WHERE batch.alert_id = %(alert_id)s AND batch.revision = %(revision)s
 GROUP BY sms_text.state ORDER BY sms_text.state
"""


async def counts(tx: Tx, alert_id: UUID, revision: int) -> list[dict[str, Any]]:
    return await (await tx.execute(COUNTS, {"alert_id": alert_id, "revision": revision})).fetchall()


PRUNE_EARLY: LiteralString = """
DELETE FROM sms_part WHERE text_id IS NULL AND at < %(before)s
"""
PRUNE_PARTS: LiteralString = """
DELETE FROM sms_part WHERE at < %(before)s
"""
PRUNE_ALONE: LiteralString = """
DELETE FROM sms_text WHERE batch_id IS NULL AND asked_at < %(before)s
"""
UNMARK: LiteralString = """
UPDATE sms_text SET mark = NULL WHERE mark IS NOT NULL AND asked_at < %(before)s
"""
CLOSE: LiteralString = """
UPDATE sms_text SET state = 'unknown', changed_at = %(now)s
 WHERE state IN ('asked', 'unanswered') AND asked_at < %(before)s
   AND NOT EXISTS (SELECT FROM batch WHERE batch.id = sms_text.batch_id AND batch.state <> 'done')
"""


async def prune_early(tx: Tx, *, before: datetime) -> int:
    """Drop reports of texts that nobody knows; return how many."""
    return (await tx.execute(PRUNE_EARLY, {"before": before})).rowcount


async def prune(tx: Tx, *, before: datetime) -> None:
    """Drop old ids, what is left of numbers, and old texts that were no warnings."""
    await tx.execute(PRUNE_PARTS, {"before": before})
    await tx.execute(PRUNE_ALONE, {"before": before})
    await tx.execute(UNMARK, {"before": before})


async def close(tx: Tx, *, before: datetime, now: datetime) -> None:
    """Give up what is in doubt and will not be tried again."""
    await tx.execute(CLOSE, {"before": before, "now": now})


GIVE_UP: LiteralString = """
UPDATE sms_text SET state = 'unknown', changed_at = %(now)s
 WHERE id = %(id)s AND state IN ('asked', 'unanswered') AND handed = %(handed)s
"""


async def give_up(tx: Tx, text_id: int, *, handed: int, now: datetime) -> None:
    """Close one text whose second time nobody can speak of either."""
    await tx.execute(GIVE_UP, {"id": text_id, "handed": handed, "now": now})
