"""How numbers are kept that nobody has proved yet, and how many codes went out for them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx

_NAME: LiteralString = """
INSERT INTO phone_claim
    (number, sealed, key_id, hash, named_at, consent_wording, consent_language, consent_at)
VALUES
    (%(number)s, %(sealed)s, %(key_id)s, %(hash)s, %(now)s, %(consent_wording)s, %(consent_language)s, %(consent_at)s)
ON CONFLICT (number) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id, hash = excluded.hash,
    named_at = excluded.named_at, wanted = true, code_hash = NULL, code_tries = 0, code_sent_at = NULL,
    consent_wording = excluded.consent_wording, consent_language = excluded.consent_language,
    consent_at = excluded.consent_at
"""


async def name(tx: Tx, row: Mapping[str, Any]) -> None:
    """Keep the number that a registration names, instead of the one that it named before."""
    await tx.execute(_NAME, row)


_NAMED_AT: LiteralString = "SELECT named_at FROM phone_claim WHERE number = %(number)s"


async def named_at(tx: Tx, number: int) -> datetime | None:
    """Return since when a registration names a number that it has not proved."""
    row = await (await tx.execute(_NAMED_AT, {"number": number})).fetchone()
    return row["named_at"] if row else None


_TAKE: LiteralString = """
DELETE FROM phone_claim WHERE number = %(number)s AND code_hash = %(code_hash)s
RETURNING sealed, key_id, hash, consent_wording, consent_language, consent_at
"""


async def take(tx: Tx, number: int, code_hash: bytes) -> dict[str, Any] | None:
    """Return the number that this code proves, which is named no more; None if another was named meanwhile."""
    return await (await tx.execute(_TAKE, {"number": number, "code_hash": code_hash})).fetchone()


_WANTED: LiteralString = """
SELECT c.number, c.sealed, c.key_id, c.hash, c.code_hash, r.languages
FROM phone_claim c JOIN registration r USING (number)
WHERE r.id = %(registration)s AND c.wanted FOR UPDATE OF c
"""


async def wanted(tx: Tx, registration: UUID) -> dict[str, Any] | None:
    """Hold the number to which a code is to be sent for a registration."""
    return await (await tx.execute(_WANTED, {"registration": registration})).fetchone()


_CODE: LiteralString = """
UPDATE phone_claim SET code_hash = %(code_hash)s, code_sent_at = %(now)s, code_tries = 0 WHERE number = %(number)s
"""


async def code(tx: Tx, number: int, code_hash: bytes, *, now: datetime) -> None:
    """Keep by its hash the code that goes out now; no earlier one counts any more."""
    await tx.execute(_CODE, {"number": number, "code_hash": code_hash, "now": now})


_WENT: LiteralString = "UPDATE phone_claim SET wanted = false WHERE number = %(number)s"


async def went(tx: Tx, number: int) -> None:
    """Want no code to be sent any more."""
    await tx.execute(_WENT, {"number": number})


_TRY: LiteralString = """
UPDATE phone_claim SET code_tries = code_tries + 1
WHERE number = %(number)s AND code_tries < %(tries)s AND code_sent_at > %(since)s RETURNING code_hash
"""


async def try_code(tx: Tx, number: int, *, tries: int, since: datetime) -> bytes | None:
    """Take one of the tries that a code has; return its hash, None where none waits or its tries are used up."""
    row = await (await tx.execute(_TRY, {"number": number, "tries": tries, "since": since})).fetchone()
    return bytes(row["code_hash"]) if row else None


_TRY_ALL: LiteralString = """
UPDATE phone_claim c SET code_tries = code_tries + 1
FROM registration r
WHERE r.number = c.number AND c.hash = %(hash)s AND code_tries < %(tries)s AND code_sent_at > %(since)s
RETURNING c.number, r.id, c.code_hash
"""


async def try_all(tx: Tx, hashed: bytes, *, tries: int, since: datetime) -> list[dict[str, Any]]:
    """Take one of the tries of each code that was sent to this number; return whose they are, and their hashes."""
    asked = {"hash": hashed, "tries": tries, "since": since}
    return await (await tx.execute(_TRY_ALL, asked)).fetchall()


_DROP: LiteralString = "DELETE FROM phone_claim WHERE number = ANY(%(numbers)s::bigint[])"


async def drop(tx: Tx, numbers: Sequence[int]) -> None:
    await tx.execute(_DROP, {"numbers": list(numbers)})


# Whoever named it cannot tell by anything that its owner said stop: the row stays, and holds nothing of the number.
_EMPTY: LiteralString = """
UPDATE phone_claim SET sealed = ''::bytea, key_id = '', hash = sha256(uuid_send(gen_random_uuid())), wanted = false,
    code_hash = NULL, code_sent_at = NULL
WHERE hash = %(hash)s
"""


async def empty(tx: Tx, hashed: bytes) -> None:
    """Forget a number wherever it was named and not proved."""
    await tx.execute(_EMPTY, {"hash": hashed})


_OLD: LiteralString = """
SELECT number FROM phone_claim WHERE named_at < %(since)s ORDER BY number LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


async def old(tx: Tx, *, since: datetime, limit: int) -> list[int]:
    """Hold numbers that were named before then and never proved; return whose they are."""
    return [row["number"] for row in await (await tx.execute(_OLD, {"since": since, "limit": limit})).fetchall()]


_COUNT: LiteralString = """
INSERT INTO code_count (bucket, day, codes) VALUES (%(bucket)s, %(day)s, 1)
ON CONFLICT (bucket) DO UPDATE SET codes = code_count.codes + 1 WHERE code_count.codes < %(most)s RETURNING codes
"""


async def count(tx: Tx, bucket: bytes, *, most: int, day: date) -> bool:
    """Count one code, if fewer than `most` were counted; says whether it was."""
    return (await tx.execute(_COUNT, {"bucket": bucket, "most": most, "day": day})).rowcount == 1


_PAST_COUNTS: LiteralString = "DELETE FROM code_count WHERE day < %(day)s"


async def drop_counts(tx: Tx, *, before: date) -> None:
    await tx.execute(_PAST_COUNTS, {"day": before})
