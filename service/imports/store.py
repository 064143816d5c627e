"""All SQL of imports: what was taken in, and what waits for a person."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.imports.model import Declared, Quarantined
from service.kit.db import Tx

INSERT_IMPORT: LiteralString = """
    INSERT INTO zone_import (id, authority, dated, exercise, digest, counts, at, operator_id)
    VALUES (%(id)s, %(authority)s, %(dated)s, %(exercise)s, %(digest)s, %(counts)s, %(at)s, %(operator_id)s)
"""


async def insert_import(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.execute(INSERT_IMPORT, {**row, "counts": Jsonb(row["counts"])})


QUARANTINE: LiteralString = """
    INSERT INTO quarantine (import_id, row_no, external_id, reason, detail, remedy, record, digest)
    VALUES (%(import_id)s, %(row_no)s, %(external_id)s, %(reason)s, %(detail)s, %(remedy)s, %(record)s, %(digest)s)
    ON CONFLICT (digest) DO NOTHING
"""


async def quarantine(tx: Tx, import_id: UUID, declared: Declared, rows: Iterable[Quarantined]) -> None:
    """Keep what waits for a person; a row that waits already for the same reason is not kept twice."""
    kept = [
        {
            "import_id": import_id,
            "row_no": row.row,
            "external_id": row.external_id,
            "reason": row.reason.value,
            "detail": row.detail,
            "remedy": row.remedy,
            "record": Jsonb(row.record),
            "digest": _digest(declared, row),
        }
        for row in rows
    ]
    await tx.cursor().executemany(QUARANTINE, kept)


def _digest(declared: Declared, row: Quarantined) -> bytes:
    said = [declared.authority, declared.exercise, row.reason, row.external_id, row.record]
    return sha256(json.dumps(said, sort_keys=True).encode()).digest()
