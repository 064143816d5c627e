"""How proved numbers are kept, and who said stop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx, array

_FIND: LiteralString = """
SELECT p.number, p.hash, p.lapsed_at, p.asked_at, r.id, r.platform = 'sms' AS by_text, r.languages
FROM phone p JOIN registration r USING (number) WHERE p.hash = %(hash)s
"""


async def find(tx: Tx, hashed: bytes) -> dict[str, Any] | None:
    return await (await tx.execute(_FIND, {"hash": hashed})).fetchone()


_OF: LiteralString = """
SELECT p.hash, p.sealed, p.key_id, p.lapsed_at, p.asked_at, p.consent_wording, p.consent_language, p.consent_at
FROM phone p WHERE p.number = %(number)s
"""


async def of(tx: Tx, number: int) -> dict[str, Any] | None:
    return await (await tx.execute(_OF, {"number": number})).fetchone()


_HOLD: LiteralString = """
SELECT number FROM registration WHERE number = ANY(%(numbers)s::bigint[]) ORDER BY number FOR UPDATE
"""


async def hold(tx: Tx, numbers: Sequence[int]) -> list[int]:
    """Keep others from changing registrations, the lowest first; return those that are still there."""
    return [row["number"] for row in await (await tx.execute(_HOLD, {"numbers": list(numbers)})).fetchall()]


_ALONE: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended(%(hash)s, 23))"


async def alone_with(tx: Tx, hashed: bytes) -> None:
    """Let nobody else decide whose this number is until the commit."""
    await tx.execute(_ALONE, {"hash": hashed.hex()})


_KEEP: LiteralString = """
INSERT INTO phone (number, sealed, key_id, hash, verified_at, alive_at, consent_wording, consent_language, consent_at)
VALUES (%(number)s, %(sealed)s, %(key_id)s, %(hash)s, %(now)s, %(now)s, %(consent_wording)s, %(consent_language)s,
    %(consent_at)s)
ON CONFLICT (number) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id, hash = excluded.hash,
    verified_at = excluded.verified_at, alive_at = excluded.alive_at, asked_at = NULL, lapsed_at = NULL,
    consent_wording = excluded.consent_wording, consent_language = excluded.consent_language,
    consent_at = excluded.consent_at
"""


async def keep(tx: Tx, row: Mapping[str, Any]) -> None:
    """Give a registration this number, proved now, instead of the one that it had."""
    await tx.execute(_KEEP, row)


# Whoever is reached by text alone counts as verified with the number.
_TEXTED: LiteralString = """
UPDATE registration SET numbered = true, seen_at = %(now)s, written = pg_current_xact_id(),
    verified = verified OR platform = 'sms', capped = capped AND platform <> 'sms',
    network_hash = CASE WHEN platform <> 'sms' THEN network_hash END
WHERE number = %(number)s
"""


async def texted(tx: Tx, number: int, *, now: datetime) -> None:
    """Let texts go to a registration's number, and mark it for planning's second pass."""
    await tx.execute(_TEXTED, {"number": number, "now": now})


_NOT_TEXTED: LiteralString = """
UPDATE registration SET numbered = false, written = pg_current_xact_id(),
    verified = verified AND platform <> 'sms', capped = capped OR platform = 'sms'
WHERE number = ANY(%(numbers)s::bigint[])
"""


async def not_texted(tx: Tx, numbers: Sequence[int]) -> None:
    """Let no text go to the numbers of registrations."""
    await tx.execute(_NOT_TEXTED, {"numbers": list(numbers)})


_DROP: LiteralString = "DELETE FROM phone WHERE number = ANY(%(numbers)s::bigint[])"


async def drop(tx: Tx, numbers: Sequence[int]) -> None:
    await tx.execute(_DROP, {"numbers": list(numbers)})


_BY_TEXT: LiteralString = """
SELECT number FROM registration WHERE number = ANY(%(numbers)s::bigint[]) AND platform = 'sms'
"""


async def by_text(tx: Tx, numbers: Sequence[int]) -> list[int]:
    """Return which registrations nothing but text reaches."""
    return [row["number"] for row in await (await tx.execute(_BY_TEXT, {"numbers": list(numbers)})).fetchall()]


_NUMBERLESS: LiteralString = """
SELECT number FROM registration r
WHERE number = ANY(%(numbers)s::bigint[]) AND platform = 'sms'
    AND NOT EXISTS (SELECT FROM phone p WHERE p.number = r.number)
    AND NOT EXISTS (SELECT FROM phone_claim c WHERE c.number = r.number)
"""


async def numberless(tx: Tx, numbers: Sequence[int]) -> list[int]:
    """Return those that nothing but text could reach and that have no number, not even one that is not proved."""
    return [row["number"] for row in await (await tx.execute(_NUMBERLESS, {"numbers": list(numbers)})).fetchall()]


_TO_TEXT: LiteralString = """
SELECT asked.number, p.sealed, p.key_id, p.hash
FROM unnest(%(numbers)s::bigint[]) AS asked(number)
LEFT JOIN registration_past past ON past.past = asked.number
JOIN registration r ON r.number = coalesce(past.number, asked.number)
JOIN phone p ON p.number = r.number
WHERE p.lapsed_at IS NULL AND NOT EXISTS (SELECT FROM opted_out o WHERE o.hash = p.hash)
    AND (NOT %(exercise)s::boolean OR r.tester_until > %(now)s)
"""


async def to_text(tx: Tx, numbers: Sequence[int], *, exercise: bool, now: datetime) -> list[dict[str, Any]]:
    asked = {"numbers": array(numbers), "exercise": exercise, "now": now}
    return await (await tx.execute(_TO_TEXT, asked, prepare=False)).fetchall()


_WITH: LiteralString = """
SELECT asked.number
FROM unnest(%(numbers)s::bigint[]) AS asked(number)
LEFT JOIN registration_past past ON past.past = asked.number
JOIN registration r ON r.number = coalesce(past.number, asked.number)
WHERE r.numbered
"""


async def with_number(tx: Tx, numbers: Sequence[int]) -> list[int]:
    rows = await (await tx.execute(_WITH, {"numbers": array(numbers)}, prepare=False)).fetchall()
    return [row["number"] for row in rows]


_WITNESSED: LiteralString = "SELECT number FROM phone WHERE hash = ANY(%(hashes)s::bytea[]) AND lapsed_at IS NULL"


async def witnessed(tx: Tx, hashes: Sequence[bytes]) -> list[int]:
    """Return whose these numbers are, of those that texts go to."""
    rows = await tx.execute(_WITNESSED, {"hashes": list(hashes)})
    return [row["number"] for row in await rows.fetchall()]


_LAPSE: LiteralString = """
UPDATE phone SET lapsed_at = %(now)s WHERE number = ANY(%(numbers)s::bigint[]) AND lapsed_at IS NULL
"""


async def lapse(tx: Tx, numbers: Sequence[int], *, now: datetime) -> None:
    """Let nothing be sent to the numbers of these registrations until they are confirmed anew."""
    await tx.execute(_LAPSE, {"numbers": list(numbers), "now": now})


_ALIVE: LiteralString = "UPDATE phone SET alive_at = %(now)s, asked_at = NULL WHERE number = %(number)s"
_SEEN: LiteralString = "UPDATE registration SET seen_at = %(now)s WHERE number = %(number)s"


async def alive(tx: Tx, number: int, *, now: datetime) -> None:
    """Note a sign of life of a number, and so of its registration."""
    await tx.execute(_ALIVE, {"number": number, "now": now})
    await tx.execute(_SEEN, {"number": number, "now": now})


_SPEAK: LiteralString = """
UPDATE registration SET languages = %(languages)s, written = pg_current_xact_id(), changed_at = %(now)s
WHERE number = %(number)s
"""


async def speak(tx: Tx, number: int, languages: Sequence[str], *, now: datetime) -> None:
    await tx.execute(_SPEAK, {"number": number, "languages": list(languages), "now": now})


_OPT_OUT: LiteralString = """
INSERT INTO opted_out (hash, by_operator, at) VALUES (%(hash)s, %(by_operator)s, %(now)s) ON CONFLICT DO NOTHING
"""


async def opt_out(tx: Tx, hashed: bytes, *, by_operator: bool, now: datetime) -> bool:
    """Keep that nothing goes to this number; False if that was known."""
    values = {"hash": hashed, "by_operator": by_operator, "now": now}
    return (await tx.execute(_OPT_OUT, values)).rowcount == 1


_COME_BACK: LiteralString = "DELETE FROM opted_out WHERE hash = %(hash)s"


async def come_back(tx: Tx, hashed: bytes) -> bool:
    """Forget that nothing goes to this number; False if that was not so."""
    return (await tx.execute(_COME_BACK, {"hash": hashed})).rowcount == 1


_IS_OUT: LiteralString = "SELECT FROM opted_out WHERE hash = %(hash)s"


async def is_out(tx: Tx, hashed: bytes) -> bool:
    return (await tx.execute(_IS_OUT, {"hash": hashed})).rowcount == 1


_MOVE: LiteralString = """
UPDATE phone SET number = %(heir)s
WHERE number = (SELECT number FROM phone WHERE number = ANY(%(numbers)s::bigint[]) AND lapsed_at IS NULL
                ORDER BY verified_at DESC LIMIT 1)
    AND NOT EXISTS (SELECT FROM phone WHERE number = %(heir)s)
"""

_MOVED: LiteralString = """
UPDATE registration SET numbered = true, written = pg_current_xact_id(),
    verified = verified OR platform = 'sms', capped = capped AND platform <> 'sms',
    network_hash = CASE WHEN platform <> 'sms' THEN network_hash END
WHERE number = %(heir)s
"""


async def move(tx: Tx, numbers: Sequence[int], *, heir: int) -> None:
    """Give the heir the number of one of these registrations, unless it has one."""
    asked = {"numbers": list(numbers), "heir": heir}
    if (await tx.execute(_MOVE, asked)).rowcount:
        await tx.execute(_MOVED, asked)


_ID: LiteralString = "SELECT id FROM registration WHERE number = %(number)s"


async def id_of(tx: Tx, number: int) -> UUID | None:
    row = await (await tx.execute(_ID, {"number": number})).fetchone()
    return row["id"] if row else None
