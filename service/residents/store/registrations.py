"""How registrations are kept; `number` is the compact name that batches use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx
from service.residents.model import AddressKind, Dead, Held, Platform, Registration

_INSERT: LiteralString = """
INSERT INTO registration
    (id, secret_hash, platform, address_kind, address, address_hash, languages, verified, capped, network_hash,
     created_at, changed_at, seen_at)
VALUES
    (%(id)s, %(secret_hash)s, %(platform)s, %(address_kind)s, %(address)s, %(address_hash)s, %(languages)s,
     %(verified)s, %(capped)s, %(network_hash)s, %(created_at)s, %(created_at)s, %(created_at)s)
RETURNING number
"""


async def insert(tx: Tx, new: Registration) -> int:
    """Keep a new registration and return the number that it got; the one in `new` counts for nothing."""
    row = await (await tx.execute(_INSERT, _row_of(new))).fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives a row for each inserted one
    return int(row["number"])


def _row_of(registration: Registration) -> dict[str, Any]:
    held = registration.held
    return {
        "id": registration.id,
        "number": registration.number,
        "secret_hash": registration.secret_hash,
        "platform": registration.platform,
        "address_kind": held.kind if held else None,
        "address": (held.sealed or None) if held else None,
        "address_hash": (held.hash or None) if held else None,
        "languages": list(registration.languages),
        "verified": registration.verified,
        "capped": registration.capped,
        "network_hash": registration.network_hash,
        "tester_until": registration.tester_until,
        "created_at": registration.created_at,
    }


_SAVE: LiteralString = """
UPDATE registration SET
    address_kind = %(address_kind)s, address = %(address)s, address_hash = %(address_hash)s,
    languages = %(languages)s, verified = %(verified)s, capped = %(capped)s, network_hash = %(network_hash)s,
    tester_until = %(tester_until)s, changed_at = %(now)s, seen_at = %(now)s, written = pg_current_xact_id(),
    dead_at = CASE WHEN %(address_kind)s::text IS NULL THEN dead_at END,
    dead_reason = CASE WHEN %(address_kind)s::text IS NULL THEN dead_reason END
WHERE number = %(number)s
"""


async def save(tx: Tx, changed: Registration, *, now: datetime) -> None:
    """Write what may change of a registration that the caller holds, and mark it for planning's second pass."""
    await tx.execute(_SAVE, _row_of(changed) | {"now": now})


_FIND: LiteralString = """
SELECT id, number, secret_hash, platform, address_kind, address, address_hash, languages, verified, capped,
    network_hash, tester_until, created_at, numbered
FROM registration WHERE id = %(id)s
"""


async def find(tx: Tx, registration: UUID) -> Registration | None:
    row = await (await tx.execute(_FIND, {"id": registration})).fetchone()
    if row is None:
        return None
    kind, sealed, hashed = (row.pop(name) for name in ("address_kind", "address", "address_hash"))
    row["held"] = Held(AddressKind(kind), sealed or b"", hashed or b"") if kind else None
    return Registration(**row | {"platform": Platform(row["platform"]), "languages": tuple(row["languages"])})


_NUMBERS: LiteralString = """
SELECT id, number FROM registration WHERE id = ANY(%(ids)s::uuid[])
UNION ALL SELECT id, past FROM registration JOIN registration_past USING (number) WHERE id = ANY(%(ids)s::uuid[])
"""


async def numbers(tx: Tx, registrations: Sequence[UUID]) -> list[tuple[UUID, int]]:
    rows = await (await tx.execute(_NUMBERS, {"ids": list(registrations)})).fetchall()
    return [(row["id"], row["number"]) for row in rows]


_HOLD: LiteralString = """
SELECT number FROM registration WHERE id = %(id)s OR address_hash = %(hash)s ORDER BY number FOR UPDATE
"""


async def hold(tx: Tx, registration: UUID, *, hashed: bytes | None) -> list[int]:
    """Keep others from changing a registration and all with this address; return their numbers.

    The lowest is taken first, so that two callers never wait for each other.
    """
    rows = await (await tx.execute(_HOLD, {"id": registration, "hash": hashed})).fetchall()
    return [row["number"] for row in rows]


_DROP_CELLS: LiteralString = "DELETE FROM registration_cell WHERE number = %(number)s"
_ADD_CELLS: LiteralString = """
INSERT INTO registration_cell (cell, number) SELECT cell, %(number)s FROM unnest(%(cells)s::bigint[]) AS cell
 WHERE NOT EXISTS (SELECT FROM canary WHERE canary.number = %(number)s)
"""


async def set_cells(tx: Tx, number: int, cells: Sequence[int]) -> None:
    """Give a registration these cells instead of those that it had; a canary has none."""
    await tx.execute(_DROP_CELLS, {"number": number})
    await tx.execute(_ADD_CELLS, {"number": number, "cells": list(cells)})


_CELLS: LiteralString = "SELECT cell FROM registration_cell WHERE number = %(number)s ORDER BY cell"


async def cells(tx: Tx, number: int) -> tuple[int, ...]:
    return tuple(row["cell"] for row in await (await tx.execute(_CELLS, {"number": number})).fetchall())


_SEEN: LiteralString = """
UPDATE registration SET seen_at = %(now)s
WHERE number = %(number)s AND seen_at < %(now)s::timestamptz - interval '1 day'
"""


async def seen(tx: Tx, number: int, *, now: datetime) -> None:
    """Note a sign of life, at most one a day: more would tell when somebody uses the phone."""
    await tx.execute(_SEEN, {"number": number, "now": now})


_UNVERIFIED: LiteralString = "SELECT count(*) AS here FROM registration WHERE network_hash = %(network)s"


async def unverified(tx: Tx, network: bytes) -> int:
    """Count a network's registrations that still wait for their code."""
    row = await (await tx.execute(_UNVERIFIED, {"network": network})).fetchone()
    return int(row["here"]) if row else 0


_UNVERIFIED_AT: LiteralString = """
SELECT count(*) AS here FROM registration WHERE address_hash = %(hash)s AND NOT verified AND changed_at > %(since)s
"""


async def unverified_at(tx: Tx, hashed: bytes, *, since: datetime) -> int:
    """Count the registrations of an address that were written since then and still wait for their code."""
    row = await (await tx.execute(_UNVERIFIED_AT, {"hash": hashed, "since": since})).fetchone()
    return int(row["here"]) if row else 0


_ADDRESSES: LiteralString = """
SELECT asked.number, r.address_kind, r.address, r.address_hash
FROM unnest(%(numbers)s::bigint[]) AS asked(number)
LEFT JOIN registration_past p ON p.past = asked.number
JOIN registration r ON r.number = coalesce(p.number, asked.number)
WHERE r.address IS NOT NULL AND (NOT %(exercise)s::boolean OR r.tester_until > %(now)s)
"""


async def addresses(tx: Tx, numbers: Sequence[int], *, exercise: bool, now: datetime) -> dict[int, Held]:
    asked = {"numbers": list(numbers), "exercise": exercise, "now": now}
    rows = await (await tx.execute(_ADDRESSES, asked)).fetchall()
    return {row["number"]: Held(AddressKind(row["address_kind"]), row["address"], row["address_hash"]) for row in rows}


_BURY: LiteralString = """
WITH dead AS (
    SELECT r.number, told.reason
    FROM unnest(%(numbers)s::bigint[], %(witnesses)s::bytea[], %(reasons)s::text[]) AS told(number, witness, reason)
    LEFT JOIN registration_past p ON p.past = told.number
    JOIN registration r ON r.number = coalesce(p.number, told.number) AND r.address_hash = told.witness
    ORDER BY r.number FOR UPDATE OF r
)
UPDATE registration SET address_kind = NULL, address = NULL, address_hash = NULL, verified = false, capped = false,
    network_hash = NULL, dead_at = %(now)s, dead_reason = dead.reason
FROM dead WHERE registration.number = dead.number
"""


async def bury(tx: Tx, dead: Mapping[int, Dead], *, now: datetime) -> None:
    """Forget the addresses whose witness still holds."""
    parts = [(number, one.witness, one.reason) for number, one in dead.items()]
    numbers, witnesses, reasons = (list(column) for column in zip(*parts, strict=True)) if parts else ([], [], [])
    await tx.execute(_BURY, {"numbers": numbers, "witnesses": witnesses, "reasons": reasons, "now": now})


_KEEP_CODE: LiteralString = """
INSERT INTO tester_code (hash, uses_left, expires_at, issued_by, created_at)
VALUES (%(hash)s, %(uses)s, %(expires_at)s, %(issued_by)s, %(now)s)
"""
_DROP_CODES: LiteralString = "DELETE FROM tester_code WHERE expires_at <= %(now)s"


async def keep_code(tx: Tx, row: Mapping[str, Any]) -> None:
    """Keep a tester's code by its hash, and forget those that nobody can use any more."""
    await tx.execute(_DROP_CODES, row)
    await tx.execute(_KEEP_CODE, row)


_USE_CODE: LiteralString = """
UPDATE tester_code SET uses_left = uses_left - 1 WHERE hash = %(hash)s AND uses_left > 0 AND expires_at > %(now)s
"""


async def use_code(tx: Tx, hashed: bytes, *, now: datetime) -> bool:
    """Take one use of a tester's code; False when it is unknown, used up or expired."""
    return (await tx.execute(_USE_CODE, {"hash": hashed, "now": now})).rowcount == 1


_CENSUS: LiteralString = """
SELECT count(*) AS registrations, count(*) FILTER (WHERE verified) AS verified,
    count(*) FILTER (WHERE capped) AS capped,
    count(*) FILTER (WHERE address IS NULL AND NOT numbered) AS unreachable,
    count(*) FILTER (WHERE tester_until > %(now)s) AS testers,
    count(*) FILTER (WHERE address_kind IN ('fid', 'token')) AS by_fcm,
    count(*) FILTER (WHERE address_kind = 'webpush') AS by_web_push,
    count(*) FILTER (WHERE address_kind = 'sms') AS by_text,
    count(*) FILTER (WHERE numbered) AS with_number,
    (SELECT count(*) FROM (SELECT DISTINCT cell FROM registration_cell LIMIT 3) AS few) AS cells
FROM registration
"""


async def census(tx: Tx, *, now: datetime) -> dict[str, int]:
    return await (await tx.execute(_CENSUS, {"now": now})).fetchone() or {}
