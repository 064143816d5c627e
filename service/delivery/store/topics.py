"""Topics: the keys that name them, and the letters to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.delivery.topics import Generation, Letter
from service.kit.db import Tx

GENERATIONS: LiteralString = """
SELECT number, exercise, key, since FROM topic_generation WHERE exercise = %(exercise)s ORDER BY number DESC
"""


async def generations(tx: Tx, *, exercise: bool) -> list[Generation]:
    """Return every generation that there ever was, the newest first."""
    rows = await (await tx.execute(GENERATIONS, {"exercise": exercise})).fetchall()
    return [Generation(row["number"], row["exercise"], bytes(row["key"]), row["since"]) for row in rows]


# Of two who add the same number one waits and then adds nothing.
ADD_GENERATION: LiteralString = """
INSERT INTO topic_generation (exercise, number, key, since) VALUES (%(exercise)s, %(number)s, %(key)s, %(since)s)
    ON CONFLICT (exercise, number) DO NOTHING
"""


async def add_generation(tx: Tx, one: Generation) -> bool:
    values = {"exercise": one.exercise, "number": one.number, "key": one.key, "since": one.since}
    return (await tx.execute(ADD_GENERATION, values)).rowcount == 1


INSERT_PLAN: LiteralString = """
INSERT INTO topic_plan (alert_id, revision, generations, excess, planned_at)
VALUES (%(alert_id)s, %(revision)s, %(generations)s, %(excess)s, %(now)s) ON CONFLICT (alert_id, revision) DO NOTHING
"""


async def insert_plan(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Note that a dispatch is planned; False if it was. `values` name the columns, with `now` for the time."""
    return (await tx.execute(INSERT_PLAN, values)).rowcount == 1


PLANNED: LiteralString = """
SELECT EXISTS (SELECT FROM topic_plan WHERE alert_id = %(alert_id)s AND revision = %(revision)s) AS planned
"""


async def planned(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(PLANNED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["planned"])


INSERT_LETTER: LiteralString = """
INSERT INTO topic_letter (alert_id, revision, language, ring, topics, due_at, created_at)
VALUES (%(alert_id)s, %(revision)s, %(language)s, %(ring)s, %(topics)s, %(now)s, %(now)s)
"""


async def insert_letters(tx: Tx, alert_id: UUID, revision: int, letters: Sequence[Letter], *, now: datetime) -> None:
    rows = [
        {
            "alert_id": alert_id,
            "revision": revision,
            "language": one.language,
            "ring": one.ring,
            "topics": list(one.topics),
            "now": now,
        }
        for one in letters
    ]
    await tx.cursor().executemany(INSERT_LETTER, rows)


EARLIER: LiteralString = """
SELECT topic_letter.language, topic_letter.ring, topic_letter.topics
  FROM dispatch JOIN topic_letter USING (alert_id, revision)
 WHERE dispatch.lineage = %(lineage)s AND dispatch.revision < %(revision)s AND topic_letter.attempts > 0
 ORDER BY topic_letter.id
"""


async def earlier(tx: Tx, lineage: UUID, revision: int) -> list[Letter]:
    """Return the letters of the messages before this one that were or may have been sent."""
    rows = await (await tx.execute(EARLIER, {"lineage": lineage, "revision": revision})).fetchall()
    return [Letter(row["language"], row["ring"], tuple(row["topics"])) for row in rows]


EARLIER_GENERATIONS: LiteralString = """
SELECT DISTINCT unnest(topic_plan.generations) AS number
  FROM dispatch JOIN topic_plan USING (alert_id, revision)
 WHERE dispatch.lineage = %(lineage)s AND dispatch.revision < %(revision)s
"""


async def earlier_generations(tx: Tx, lineage: UUID, revision: int) -> frozenset[int]:
    rows = await (await tx.execute(EARLIER_GENERATIONS, {"lineage": lineage, "revision": revision})).fetchall()
    return frozenset(row["number"] for row in rows)


# The most severe dispatch first, in it the nearest letters. What is due only after more than 90 minutes was written by
# a clock that was ahead: no wait is so long (rules.py).
CLAIM: LiteralString = """
WITH first AS (
    SELECT topic_letter.alert_id, topic_letter.revision
      FROM topic_letter JOIN dispatch USING (alert_id, revision)
     WHERE topic_letter.state <> 'done'
       AND (topic_letter.due_at <= %(now)s OR topic_letter.due_at > %(now)s::timestamptz + interval '90 minutes')
     ORDER BY dispatch.severity DESC, topic_letter.ring, topic_letter.id LIMIT 1),
due AS (
    SELECT topic_letter.id FROM topic_letter JOIN first USING (alert_id, revision)
     WHERE topic_letter.state <> 'done'
       AND (topic_letter.due_at <= %(now)s OR topic_letter.due_at > %(now)s::timestamptz + interval '90 minutes')
     ORDER BY topic_letter.ring, topic_letter.id LIMIT %(limit)s FOR UPDATE OF topic_letter),
claimed AS (
    UPDATE topic_letter SET state = 'claimed', attempts = attempts + 1
      FROM due WHERE topic_letter.id = due.id
    RETURNING topic_letter.*)
SELECT claimed.id, claimed.attempts, claimed.created_at, claimed.ring, claimed.topics,
       dispatch.*, dispatch_text.language, dispatch_text.direction, dispatch_text.title, dispatch_text.body
  FROM claimed
  JOIN dispatch USING (alert_id, revision)
  JOIN dispatch_text USING (alert_id, revision, language)
 ORDER BY claimed.ring, claimed.id
"""


async def claim(tx: Tx, *, limit: int, now: datetime) -> list[dict[str, Any]]:
    """Take the next letters of one dispatch, each with its text."""
    return await (await tx.execute(CLAIM, {"limit": limit, "now": now})).fetchall()


SETTLE: LiteralString = """
UPDATE topic_letter SET state = %(state)s, fate = %(fate)s, due_at = %(due_at)s, finished_at = %(finished_at)s
 WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'claimed'
"""


async def settle(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Store an outcome; False when somebody else claimed the letter meanwhile (the other's outcome stands)."""
    return (await tx.execute(SETTLE, values)).rowcount == 1


CLOSE: LiteralString = """
UPDATE topic_letter SET state = 'done', fate = %(fate)s, finished_at = %(now)s
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND state <> 'done'
"""


async def close(tx: Tx, alert_id: UUID, revision: int, *, fate: str, now: datetime) -> None:
    """Close all letters of a dispatch that are still open."""
    await tx.execute(CLOSE, {"alert_id": alert_id, "revision": revision, "fate": fate, "now": now})


DUE: LiteralString = """
SELECT EXISTS (
       SELECT FROM topic_letter WHERE state <> 'done'
          AND (due_at <= %(now)s OR due_at > %(now)s::timestamptz + interval '90 minutes')
       ) AS due
"""


async def due(tx: Tx, *, now: datetime) -> bool:
    row = await (await tx.execute(DUE, {"now": now})).fetchone()
    return bool(row and row["due"])


UNFINISHED: LiteralString = """
SELECT EXISTS (
       SELECT FROM topic_letter WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND state <> 'done') AS any
"""


async def unfinished(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(UNFINISHED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["any"])


SENT: LiteralString = """
SELECT EXISTS (
       SELECT FROM topic_letter WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND attempts > 0) AS any
"""


async def sent(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(SENT, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["any"])


TALLY: LiteralString = """
SELECT topic_plan.excess, count(topic_letter.id)::int AS planned,
       (count(*) FILTER (WHERE topic_letter.fate = 'a'))::int AS accepted,
       (count(*) FILTER (WHERE topic_letter.state <> 'done'))::int AS waiting
  FROM topic_plan LEFT JOIN topic_letter USING (alert_id, revision)
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s
 GROUP BY topic_plan.excess
"""


async def tally(tx: Tx, alert_id: UUID, revision: int) -> dict[str, Any] | None:
    return await (await tx.execute(TALLY, {"alert_id": alert_id, "revision": revision})).fetchone()


# Only what may still be sent: a worker that was away for long has not forgotten its plans. Canaries follow no topic.
UNPLANNED: LiteralString = """
SELECT alert_id FROM dispatch
 WHERE stopped_at IS NULL AND expires_at > %(now)s AND issued_at > %(since)s AND message <> 'canary'
   AND NOT EXISTS (SELECT FROM topic_plan WHERE (alert_id, revision) = (dispatch.alert_id, dispatch.revision))
   AND NOT ('topics:' || alert_id = ANY (%(under_way)s::text[]))
 LIMIT 100
"""


async def unplanned(tx: Tx, under_way: Collection[str], *, since: datetime, now: datetime) -> list[UUID]:
    """Return alerts announced since then that nobody has planned for topics or is about to."""
    asked = {"under_way": list(under_way), "since": since, "now": now}
    return [row["alert_id"] for row in await (await tx.execute(UNPLANNED, asked)).fetchall()]
