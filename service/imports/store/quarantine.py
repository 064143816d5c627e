"""What waits for a second person, and what was decided."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from service.imports.model import Declared, Quarantined
from service.imports.reasons import Doubt, Reason
from service.imports.records import Decision, Waiting
from service.intake.model import Unread
from service.kit import geo
from service.kit.db import Tx

ADD: LiteralString = """
    INSERT INTO quarantine (import_id, row_no, external_id, reason, detail, remedy, record, zone_id, source_digest,
        outline, digest)
    SELECT %(import_id)s, told.*
      FROM unnest(%(rows)s::integer[], %(external_ids)s::text[], %(reasons)s::text[], %(details)s::text[],
           %(remedies)s::text[], %(records)s::jsonb[], %(zones)s::uuid[], %(source_digests)s::bytea[],
           %(outlines)s::bytea[], %(digests)s::bytea[]) AS told
    ON CONFLICT (digest) DO NOTHING
"""


async def add(tx: Tx, import_id: UUID, declared: Declared, rows: Sequence[Quarantined]) -> None:
    """Keep what waits for a person; a row that waits already for the same reason is not kept twice."""
    told = {
        "import_id": import_id,
        "rows": [row.row for row in rows],
        "external_ids": [row.external_id for row in rows],
        "reasons": [row.reason.value for row in rows],
        "details": [row.detail for row in rows],
        "remedies": [row.remedy for row in rows],
        "records": [Jsonb(row.record) for row in rows],
        "zones": [row.zone_id for row in rows],
        "source_digests": [row.digest for row in rows],
        "outlines": [None if row.outline is None else shapely.to_wkb(row.outline) for row in rows],
        "digests": [_digest(declared, row) for row in rows],
    }
    if rows:
        await tx.execute(ADD, told)


def _digest(declared: Declared, row: Quarantined) -> bytes:
    said = [declared.authority, declared.exercise, row.reason, row.external_id, row.record]
    return sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")).digest()


# A newer row says it anew, or no longer: what an older one asked for is not asked any more.
SETTLE: LiteralString = """
    UPDATE quarantine SET decision = 'moot', decided_by = %(by)s, decided_at = %(now)s,
        decided_why = 'a newer file no longer says it'
     WHERE zone_id = ANY(%(zones)s) AND decision IS NULL AND import_id <> %(import_id)s
       AND reason = ANY(%(reasons)s) AND NOT digest = ANY(%(still)s)
"""


@dataclass(frozen=True, slots=True)
class Settling:
    """What an import makes moot: what waits for these reasons, but for what it asks still itself."""

    import_id: UUID
    declared: Declared
    reasons: Collection[Reason]
    still: Sequence[Quarantined]


async def settle(tx: Tx, zones: Collection[UUID], settling: Settling, *, by: UUID, now: datetime) -> None:
    """Close what waits about these zones and is no longer asked."""
    wanted = {
        "zones": list(zones),
        "import_id": settling.import_id,
        "reasons": [reason.value for reason in settling.reasons],
        "still": [_digest(settling.declared, one) for one in settling.still],
    }
    await tx.execute(SETTLE, {**wanted, "by": by, "now": now})


OPEN: LiteralString = """
    SELECT quarantine.*, authority, exercise, dated, zone_import.operator_id AS imported_by, at AS imported_at
      FROM quarantine JOIN zone_import ON zone_import.id = import_id
     WHERE quarantine.id > %(after)s
       AND (%(decided)s OR decision IS NULL)
       AND (%(reason)s::text IS NULL OR reason = %(reason)s)
       AND (%(import_id)s::uuid IS NULL OR import_id = %(import_id)s)
     ORDER BY quarantine.id LIMIT %(limit)s
"""


async def page(tx: Tx, wanted: Mapping[str, Any]) -> list[Waiting]:
    """Return a page of the quarantine: after an id, of a reason or an import or all, decided ones too if wanted."""
    usual = {"after": 0, "decided": False, "reason": None, "import_id": None, "limit": 100}
    return [_waiting(row) for row in await (await tx.execute(OPEN, {**usual, **wanted})).fetchall()]


BY_IDS: LiteralString = """
    SELECT quarantine.*, authority, exercise, dated, zone_import.operator_id AS imported_by, at AS imported_at
      FROM quarantine JOIN zone_import ON zone_import.id = import_id
     WHERE quarantine.id = ANY(%(ids)s) ORDER BY quarantine.id FOR UPDATE OF quarantine
"""


async def by_ids(tx: Tx, ids: Collection[int]) -> list[Waiting]:
    """Return these entries; nobody else decides them until the caller's commit."""
    return [_waiting(row) for row in await (await tx.execute(BY_IDS, {"ids": list(ids)})).fetchall()]


DECIDE: LiteralString = """
    UPDATE quarantine SET decision = %(decision)s, decided_by = %(by)s, decided_at = %(now)s, decided_why = %(why)s
     WHERE id = ANY(%(ids)s) AND decision IS NULL
"""


async def decide(  # noqa: PLR0913 - what is decided about which, by whom, why and when
    tx: Tx, ids: Collection[int], decision: Decision, *, by: UUID, why: str, now: datetime
) -> None:
    await tx.execute(DECIDE, {"ids": list(ids), "decision": decision.value, "by": by, "why": why, "now": now})


def _waiting(row: Mapping[str, Any]) -> Waiting:
    same = (
        "id", "import_id", "external_id", "detail", "remedy", "record", "zone_id", "authority", "exercise", "dated",
        "imported_by", "imported_at", "source_digest", "decided_by", "decided_at", "decided_why",
    )  # fmt: skip  # one a line would hide that these are all
    return Waiting(
        **{name: row[name] for name in same},
        row=row["row_no"],
        reason=_doubt(row["reason"]),
        outline=None if row["outline"] is None else geo.areal(shapely.from_wkb(row["outline"])),
        decision=None if row["decision"] is None else Decision(row["decision"]),
    )


def _doubt(text: str) -> Doubt:
    return Reason(text) if text in set(Reason) else Unread(text)
