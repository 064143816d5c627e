"""All SQL of operators: who works here, changes that wait for a second person, the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.kit.db import Tx
from service.operators.model import Act, Change, Entry, Operator, Role

EVERYBODY: LiteralString = "SELECT id, name, roles, created_at, revoked_at FROM operator ORDER BY created_at, id"


async def everybody(tx: Tx) -> list[Operator]:
    return [_operator(row) for row in await (await tx.execute(EVERYBODY)).fetchall()]


# Changes of rights are rare and must each see the one before: whoever changes them waits for the others.
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('surefoot operators', 0))"


async def lock(tx: Tx) -> None:
    await tx.execute(LOCK)


BY_KEY: LiteralString = """
SELECT id, name, roles, created_at, revoked_at FROM operator WHERE key_hash = %(key_hash)s AND revoked_at IS NULL
"""


async def by_key(tx: Tx, key_hash: bytes) -> Operator | None:
    row = await (await tx.execute(BY_KEY, {"key_hash": key_hash})).fetchone()
    return _operator(row) if row else None


INSERT: LiteralString = """
INSERT INTO operator (id, name, folded, roles, key_hash, created_at)
VALUES (%(id)s, %(name)s, %(folded)s, %(roles)s, %(key_hash)s, %(created_at)s)
"""


async def insert(tx: Tx, operator: Operator, *, folded: str, key_hash: bytes) -> None:
    values = {
        "id": operator.id,
        "name": operator.name,
        "folded": folded,
        "roles": sorted(operator.roles),
        "key_hash": key_hash,
        "created_at": operator.created_at,
    }
    await tx.execute(INSERT, values)


UPDATE: LiteralString = """
UPDATE operator SET roles = %(roles)s, revoked_at = %(revoked_at)s, key_hash = coalesce(%(key_hash)s, key_hash)
 WHERE id = %(id)s
"""


async def update(tx: Tx, operator: Operator, *, key_hash: bytes | None) -> None:
    values = {
        "id": operator.id,
        "roles": sorted(operator.roles),
        "revoked_at": operator.revoked_at,
        "key_hash": key_hash,
    }
    await tx.execute(UPDATE, values)


WAITING: LiteralString = "SELECT * FROM operator_change WHERE confirmed_at IS NULL ORDER BY asked_at"


async def waiting(tx: Tx) -> list[Change]:
    return [_change(row) for row in await (await tx.execute(WAITING)).fetchall()]


GET_CHANGE: LiteralString = "SELECT * FROM operator_change WHERE id = %(id)s FOR UPDATE"


async def get_change(tx: Tx, change_id: UUID) -> Change | None:
    row = await (await tx.execute(GET_CHANGE, {"id": change_id})).fetchone()
    return _change(row) if row else None


INSERT_CHANGE: LiteralString = """
INSERT INTO operator_change (id, act, operator_id, name, roles, asked_by, asked_at)
VALUES (%(id)s, %(act)s, %(operator_id)s, %(name)s, %(roles)s, %(asked_by)s, %(asked_at)s)
"""


async def insert_change(tx: Tx, change: Change) -> None:
    values = {
        "id": change.id,
        "act": change.act.value,
        "operator_id": change.operator_id,
        "name": change.name,
        "roles": None if change.roles is None else sorted(change.roles),
        "asked_by": change.asked_by,
        "asked_at": change.asked_at,
    }
    await tx.execute(INSERT_CHANGE, values)


CONFIRM_CHANGE: LiteralString = """
UPDATE operator_change SET confirmed_by = %(by)s, confirmed_at = %(now)s WHERE id = %(id)s
"""


async def confirm_change(tx: Tx, change_id: UUID, *, by: UUID, now: datetime) -> None:
    await tx.execute(CONFIRM_CHANGE, {"id": change_id, "by": by, "now": now})


ADD_ENTRY: LiteralString = """
INSERT INTO audit (at, operator_id, act, subject, detail)
VALUES (%(at)s, %(operator_id)s, %(act)s, %(subject)s, %(detail)s)
"""


async def add_entry(tx: Tx, values: Mapping[str, Any]) -> None:
    """Write one line of the audit trail; `values` name the columns, `detail` is JSON-ready."""
    await tx.execute(ADD_ENTRY, {**values, "detail": Jsonb(values["detail"])})


ENTRIES: LiteralString = """
SELECT id, at, operator_id, act, subject, detail FROM audit
 WHERE (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s
"""


async def entries(tx: Tx, *, before: int | None, limit: int) -> list[Entry]:
    rows = await (await tx.execute(ENTRIES, {"before": before, "limit": limit})).fetchall()
    return [Entry(**row) for row in rows]


def _operator(row: dict[str, Any]) -> Operator:
    return Operator(**(row | {"roles": frozenset(Role(role) for role in row["roles"])}))


def _change(row: dict[str, Any]) -> Change:
    roles = None if row["roles"] is None else frozenset(Role(role) for role in row["roles"])
    return Change(**(row | {"act": Act(row["act"]), "roles": roles}))
