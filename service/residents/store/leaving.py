"""How registrations go: their rows, and those of whoever was silent for too long."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

_FORGET: LiteralString = "DELETE FROM registration WHERE number = ANY(%(numbers)s::bigint[]) RETURNING id"


async def forget(tx: Tx, numbers: Sequence[int]) -> list[UUID]:
    """Delete registrations and return their ids; their cells and past numbers go with them."""
    return [row["id"] for row in await (await tx.execute(_FORGET, {"numbers": list(numbers)})).fetchall()]


_INHERIT: LiteralString = "UPDATE registration_past SET number = %(heir)s WHERE number = ANY(%(numbers)s::bigint[])"
_REMEMBER: LiteralString = """
INSERT INTO registration_past (past, number) SELECT past, %(heir)s FROM unnest(%(numbers)s::bigint[]) AS past
"""


async def take_over(tx: Tx, numbers: Sequence[int], *, heir: int) -> list[UUID]:
    """Forget registrations of the heir's own phone; what was sent to them can still be corrected through the heir."""
    asked = {"numbers": list(numbers), "heir": heir}
    await tx.execute(_INHERIT, asked)
    await tx.execute(_REMEMBER, asked)
    return await forget(tx, numbers)


_BURY_UNPROVED: LiteralString = """
UPDATE registration SET address_kind = NULL, address = NULL, address_hash = NULL, capped = false, network_hash = NULL,
    dead_at = %(now)s, dead_reason = %(reason)s
WHERE id = %(id)s AND address_hash = %(hash)s AND NOT verified
"""


async def bury_unproved(tx: Tx, asked: Mapping[str, Any]) -> None:
    await tx.execute(_BURY_UNPROVED, asked)


# Who is held by somebody just now shows a sign of life, and is looked at in the next round. A canary need show none;
# whoever has a number is asked first.
_SILENT: LiteralString = """
SELECT number FROM registration
WHERE seen_at < %(since)s AND NOT numbered
    AND NOT EXISTS (SELECT FROM canary WHERE canary.number = registration.number)
LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


async def silent(tx: Tx, *, since: datetime, limit: int) -> list[int]:
    """Hold registrations without a sign of life since then; return their numbers."""
    rows = await (await tx.execute(_SILENT, {"since": since, "limit": limit})).fetchall()
    return [row["number"] for row in rows]


# A row that somebody holds is passed over: whoever changes it notes the sign of life too.
_HEARD: LiteralString = """
UPDATE registration SET seen_at = %(now)s
FROM (SELECT number FROM registration
      WHERE id = ANY(%(ids)s::uuid[]) AND seen_at < %(now)s::timestamptz - interval '1 day'
      ORDER BY number FOR UPDATE SKIP LOCKED) AS heard
WHERE registration.number = heard.number
"""


async def heard(tx: Tx, ids: Sequence[UUID], *, now: datetime) -> None:
    """Note signs of life, at most one a day each: more would tell when somebody uses the phone."""
    await tx.execute(_HEARD, {"ids": list(ids), "now": now})
