"""Numbers without a sign of life: who is asked, who does not answer."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

_SILENT: LiteralString = """
SELECT r.id FROM phone p JOIN registration r USING (number)
WHERE p.alive_at < %(since)s AND r.seen_at < %(since)s AND p.asked_at IS NULL AND p.lapsed_at IS NULL
ORDER BY p.alive_at LIMIT %(limit)s
"""


async def silent(tx: Tx, *, since: datetime, limit: int) -> list[UUID]:
    """Return the registrations of numbers without a sign of life since then, whose owners were not asked."""
    return [row["id"] for row in await (await tx.execute(_SILENT, {"since": since, "limit": limit})).fetchall()]


_TO_ASK: LiteralString = """
SELECT p.number, p.sealed, p.key_id, p.hash, r.languages FROM phone p JOIN registration r USING (number)
WHERE r.id = %(registration)s AND p.alive_at < %(since)s AND r.seen_at < %(since)s AND p.asked_at IS NULL
    AND p.lapsed_at IS NULL AND NOT EXISTS (SELECT FROM opted_out o WHERE o.hash = p.hash)
"""


async def to_ask(tx: Tx, registration: UUID, *, since: datetime) -> dict[str, Any] | None:
    return await (await tx.execute(_TO_ASK, {"registration": registration, "since": since})).fetchone()


_ASKED: LiteralString = "UPDATE phone SET asked_at = %(now)s WHERE number = %(number)s AND hash = %(hash)s"


async def asked(tx: Tx, number: int, hashed: bytes, *, now: datetime) -> None:
    """Note that the owner of a number was asked."""
    await tx.execute(_ASKED, {"number": number, "hash": hashed, "now": now})


_ANSWERED: LiteralString = """
UPDATE phone SET asked_at = NULL, alive_at = r.seen_at FROM registration r
WHERE r.number = phone.number AND phone.asked_at IS NOT NULL AND phone.lapsed_at IS NULL
    AND r.seen_at > phone.asked_at
"""


async def answered(tx: Tx) -> None:
    """Take for an answer what a registration's phone did since its owner was asked."""
    await tx.execute(_ANSWERED)


_UNANSWERED: LiteralString = """
SELECT p.number FROM phone p JOIN registration r USING (number)
WHERE p.lapsed_at IS NULL AND (p.asked_at < %(asked)s OR (p.alive_at < %(dead)s AND r.seen_at < %(dead)s))
ORDER BY p.number LIMIT %(limit)s
"""


async def unanswered(tx: Tx, *, asked: datetime, dead: datetime, limit: int) -> list[int]:
    """Return whose owners were asked before then, or could not be asked and are silent since `dead`."""
    values = {"asked": asked, "dead": dead, "limit": limit}
    return [row["number"] for row in await (await tx.execute(_UNANSWERED, values)).fetchall()]


_LAPSED: LiteralString = """
SELECT number FROM phone WHERE lapsed_at < %(lapsed)s AND alive_at < %(alive)s ORDER BY number LIMIT %(limit)s
"""


async def lapsed(tx: Tx, *, lapsed: datetime, alive: datetime, limit: int) -> list[int]:
    """Return whose numbers lapsed before then, without a sign of life since `alive`."""
    values = {"lapsed": lapsed, "alive": alive, "limit": limit}
    return [row["number"] for row in await (await tx.execute(_LAPSED, values)).fetchall()]
