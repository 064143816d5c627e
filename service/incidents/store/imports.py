"""All SQL of imports: what was taken in, what waits for a person, what became of that."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.incidents.model import Declared, Quarantined
from service.incidents.records import Decision, Kept, Waiting
from service.kit.db import Tx

SOURCE_MAP: LiteralString = """
    SELECT source_map FROM incident_import
     WHERE authority = %(authority)s AND exercise = %(exercise)s AND source_map IS NOT NULL ORDER BY id DESC LIMIT 1
"""


async def source_map(tx: Tx, authority: str, *, exercise: bool) -> dict[str, Any] | None:
    """Return what was stated last of the columns of this authority's files."""
    row = await (await tx.execute(SOURCE_MAP, {"authority": authority, "exercise": exercise})).fetchone()
    return None if row is None else row["source_map"]


INSERT_IMPORT: LiteralString = """
    INSERT INTO incident_import (id, authority, dated, exercise, digest, counts, source_map, at, operator_id)
    VALUES (%(id)s, %(authority)s, %(dated)s, %(exercise)s, %(digest)s, %(counts)s, %(source_map)s, %(at)s,
            %(operator_id)s)
"""


async def insert_import(tx: Tx, row: Mapping[str, Any]) -> None:
    stated = None if row["source_map"] is None else Jsonb(row["source_map"])
    await tx.execute(INSERT_IMPORT, {**row, "counts": Jsonb(row["counts"]), "source_map": stated})


GET: LiteralString = """
    SELECT id, authority, dated, exercise, counts, source_map, at, operator_id,
           (SELECT count(*) FROM incident_quarantine WHERE import_id = incident_import.id AND decision IS NULL) AS waits
      FROM incident_import WHERE id = %(id)s
"""


async def get(tx: Tx, import_id: UUID) -> Kept | None:
    row = await (await tx.execute(GET, {"id": import_id})).fetchone()
    return None if row is None else Kept(**row)


QUARANTINE: LiteralString = """
    INSERT INTO incident_quarantine (import_id, row_no, external_id, key, reason, detail, remedy, record, digest)
    VALUES (%(import_id)s, %(row_no)s, %(external_id)s, %(key)s, %(reason)s, %(detail)s, %(remedy)s, %(record)s,
            %(digest)s)
    ON CONFLICT (digest) WHERE decision IS DISTINCT FROM 'moot' DO NOTHING
"""


async def quarantine(tx: Tx, import_id: UUID, declared: Declared, rows: Sequence[Quarantined]) -> list[bytes]:
    """Keep what waits for a person; a row that waits already, or was dismissed, is not kept twice.

    Returns the digests by which the rows are known.
    """
    digests = [_digest(declared, row) for row in rows]
    kept = [
        {
            "import_id": import_id,
            "row_no": row.row,
            "external_id": row.external_id,
            "key": row.key,
            "reason": row.reason.value,
            "detail": row.detail,
            "remedy": row.remedy,
            "record": Jsonb(row.record),
            "digest": digest,
        }
        for row, digest in zip(rows, digests, strict=True)
    ]
    await tx.cursor().executemany(QUARANTINE, kept)
    return digests


SETTLE: LiteralString = """
    UPDATE incident_quarantine AS waiting
       SET decision = 'moot', decided_by = taken.operator_id, decided_at = taken.at,
           decided_why = 'its incident was taken by import ' || taken.id
      FROM incident_import AS source, incident_import AS taken
     WHERE source.id = waiting.import_id AND taken.id = %(import_id)s AND waiting.decision IS NULL
       AND source.authority = taken.authority AND source.exercise = taken.exercise
       AND waiting.key = ANY(%(keys)s) AND waiting.reason = ANY(%(reasons)s) AND NOT waiting.digest = ANY(%(digests)s)
"""


async def settle(
    tx: Tx, import_id: UUID, keys: Collection[str], reasons: Collection[str], *, besides: Collection[bytes]
) -> None:
    """Close what waited, for these reasons, of the incidents that an import took, besides what it doubts itself."""
    wanted = {"import_id": import_id, "keys": list(keys), "reasons": list(reasons), "digests": list(besides)}
    await tx.execute(SETTLE, wanted)


WAITING: LiteralString = """
    SELECT incident_quarantine.id, import_id, authority, exercise, dated, at, row_no, external_id, reason, detail,
           remedy, record, decision, decided_by, decided_at, decided_why
      FROM incident_quarantine JOIN incident_import ON incident_import.id = import_id
     WHERE incident_quarantine.id > %(after)s
       AND (%(decided)s OR decision IS NULL)
       AND (%(exercise)s::boolean IS NULL OR exercise = %(exercise)s)
       AND (%(authority)s::text IS NULL OR authority = %(authority)s)
       AND (%(reason)s::text IS NULL OR reason = %(reason)s)
       AND (%(import_id)s::uuid IS NULL OR import_id = %(import_id)s)
     ORDER BY incident_quarantine.id LIMIT %(limit)s
"""


async def waiting(tx: Tx, wanted: Mapping[str, Any]) -> list[Waiting]:
    """Return a page of rows that wait, the oldest first, with `decided` those that were closed too."""
    return [_waiting(row) for row in await (await tx.execute(WAITING, wanted)).fetchall()]


ONE_WAITING: LiteralString = """
    SELECT incident_quarantine.id, import_id, authority, exercise, dated, at, row_no, external_id, reason, detail,
           remedy, record, decision, decided_by, decided_at, decided_why
      FROM incident_quarantine JOIN incident_import ON incident_import.id = import_id
     WHERE incident_quarantine.id = %(id)s FOR UPDATE OF incident_quarantine
"""


async def one_waiting(tx: Tx, row_id: int) -> Waiting | None:
    """Return a row of the quarantine, and let nobody else close it before the transaction ends."""
    row = await (await tx.execute(ONE_WAITING, {"id": row_id})).fetchone()
    return None if row is None else _waiting(row)


DISMISS: LiteralString = """
    UPDATE incident_quarantine
       SET decision = 'dismissed', decided_by = %(operator_id)s, decided_at = %(now)s, decided_why = %(why)s
     WHERE id = %(id)s
"""


async def dismiss(tx: Tx, row_id: int, why: str, *, operator_id: UUID, now: datetime) -> None:
    await tx.execute(DISMISS, {"id": row_id, "why": why, "operator_id": operator_id, "now": now})


def _digest(declared: Declared, row: Quarantined) -> bytes:
    said = [declared.authority, declared.exercise, row.reason, row.external_id, row.record]
    return sha256(json.dumps(said, sort_keys=True).encode()).digest()


def _waiting(row: Mapping[str, Any]) -> Waiting:
    decision = None if row["decision"] is None else Decision(row["decision"])
    return Waiting(**{**row, "decision": decision})
