"""By which keys numbers are sealed, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from service.kit.db import Tx

# `key_id` is empty where the number itself is forgotten.
_USED: LiteralString = """
SELECT key_id, count(*) AS numbers
FROM (SELECT key_id FROM phone UNION ALL SELECT key_id FROM phone_claim WHERE key_id <> '') AS kept
GROUP BY key_id ORDER BY key_id
"""


async def used(tx: Tx) -> dict[str, int]:
    """Return how many numbers each key seals."""
    return {row["key_id"]: row["numbers"] for row in await (await tx.execute(_USED)).fetchall()}


_PROVED: LiteralString = """
SELECT number, sealed, key_id, hash FROM phone WHERE key_id = ANY(%(keys)s) ORDER BY number LIMIT %(limit)s FOR UPDATE
"""
_NAMED: LiteralString = """
SELECT number, sealed, key_id, hash FROM phone_claim WHERE key_id = ANY(%(keys)s)
ORDER BY number LIMIT %(limit)s FOR UPDATE
"""


async def sealed_by(tx: Tx, keys: Sequence[str], *, named: bool, limit: int) -> list[dict[str, Any]]:
    """Hold numbers that these keys seal: the proved, or those that were only `named`."""
    asked = {"keys": list(keys), "limit": limit}
    return await (await tx.execute(_NAMED if named else _PROVED, asked)).fetchall()


_RESEAL_PROVED: LiteralString = """
UPDATE phone SET sealed = made.sealed, key_id = made.key_id
FROM unnest(%(numbers)s::bigint[], %(sealed)s::bytea[], %(keys)s::text[]) AS made(number, sealed, key_id)
WHERE phone.number = made.number
"""
_RESEAL_NAMED: LiteralString = """
UPDATE phone_claim SET sealed = made.sealed, key_id = made.key_id
FROM unnest(%(numbers)s::bigint[], %(sealed)s::bytea[], %(keys)s::text[]) AS made(number, sealed, key_id)
WHERE phone_claim.number = made.number
"""


async def reseal(tx: Tx, made: Mapping[int, tuple[bytes, str]], *, named: bool) -> None:
    """Write numbers, which the caller holds, as they are sealed now."""
    asked = {
        "numbers": list(made),
        "sealed": [sealed for sealed, _ in made.values()],
        "keys": [key_id for _, key_id in made.values()],
    }
    await tx.execute(_RESEAL_NAMED if named else _RESEAL_PROVED, asked)
