"""How operators, waiting changes and the audit trail are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.kit.db import Tx
from service.operators.model import Act, Change, Entry, Operator, Role
from service.operators.rules import fold

# Any number, the same in every process: whoever changes rights waits for who is changing them.
_TURN = 7_201_202_611

TAKE_TURN: LiteralString = "SELECT pg_advisory_xact_lock(%(turn)s::bigint)"


async def take_turn(tx: Tx) -> None:
    """Wait until nobody else changes rights; held until the transaction ends."""
    await tx.execute(TAKE_TURN, {"turn": _TURN})


ALL: LiteralString = "SELECT id, name, roles, created_at, revoked_at FROM operator ORDER BY created_at, id"


async def everybody(tx: Tx) -> list[Operator]:
    """Return every operator there ever was, oldest first."""
    return [_operator(row) for row in await (await tx.execute(ALL)).fetchall()]


BY_KEY: LiteralString = """
    SELECT id, name, roles, created_at, revoked_at, key_hash FROM operator WHERE key_hash = %(key_hash)s
"""


async def by_key(tx: Tx, key_hash: bytes) -> tuple[Operator, bytes] | None:
    """Return whose key has this hash, and the hash as kept."""
    row = await (await tx.execute(BY_KEY, {"key_hash": key_hash})).fetchone()
    return (_operator(row), bytes(row["key_hash"])) if row else None


ADD: LiteralString = """
    INSERT INTO operator (id, name, folded, roles, key_hash, created_at)
    VALUES (%(id)s, %(name)s, %(folded)s, %(roles)s, %(key_hash)s, %(created_at)s)
"""


async def add(tx: Tx, operator: Operator, *, key_hash: bytes) -> None:
    await tx.execute(
        ADD,
        {
            "id": operator.id,
            "name": operator.name,
            "folded": fold(operator.name),
            "roles": sorted(operator.roles),
            "key_hash": key_hash,
            "created_at": operator.created_at,
        },
    )


SET_ROLES: LiteralString = "UPDATE operator SET roles = %(roles)s WHERE id = %(id)s"


async def set_roles(tx: Tx, operator_id: UUID, roles: frozenset[Role]) -> None:
    await tx.execute(SET_ROLES, {"id": operator_id, "roles": sorted(roles)})


SET_KEY: LiteralString = "UPDATE operator SET key_hash = %(key_hash)s WHERE id = %(id)s"


async def set_key(tx: Tx, operator_id: UUID, *, key_hash: bytes) -> None:
    await tx.execute(SET_KEY, {"id": operator_id, "key_hash": key_hash})


REVOKE: LiteralString = "UPDATE operator SET revoked_at = %(at)s WHERE id = %(id)s"


async def revoke(tx: Tx, operator_id: UUID, *, at: datetime) -> None:
    await tx.execute(REVOKE, {"id": operator_id, "at": at})


KEEP_CHANGE: LiteralString = """
    INSERT INTO operator_change (id, act, operator_id, name, roles, asked_by, asked_at)
    VALUES (%(id)s, %(act)s, %(operator_id)s, %(name)s, %(roles)s, %(asked_by)s, %(asked_at)s)
"""


async def keep_change(tx: Tx, change: Change) -> None:
    await tx.execute(
        KEEP_CHANGE,
        {
            "id": change.id,
            "act": change.act.value,
            "operator_id": change.operator_id,
            "name": change.name,
            "roles": None if change.roles is None else sorted(change.roles),
            "asked_by": change.asked_by,
            "asked_at": change.asked_at,
        },
    )


CHANGE: LiteralString = """
    SELECT id, act, asked_at, asked_by, operator_id, name, roles, confirmed_by, confirmed_at
    FROM operator_change WHERE id = %(id)s
"""


async def change(tx: Tx, change_id: UUID) -> Change | None:
    row = await (await tx.execute(CHANGE, {"id": change_id})).fetchone()
    return _change(row) if row else None


WAITING: LiteralString = """
    SELECT id, act, asked_at, asked_by, operator_id, name, roles, confirmed_by, confirmed_at
    FROM operator_change WHERE confirmed_at IS NULL AND asked_at > %(asked_after)s ORDER BY asked_at, id
"""


async def waiting(tx: Tx, *, asked_after: datetime) -> list[Change]:
    """Return the changes that nobody has confirmed yet, oldest first."""
    found = await tx.execute(WAITING, {"asked_after": asked_after})
    return [_change(row) for row in await found.fetchall()]


CONFIRM: LiteralString = """
    UPDATE operator_change SET confirmed_by = %(by)s, confirmed_at = %(at)s WHERE id = %(id)s
"""


async def confirm(tx: Tx, change_id: UUID, *, by: UUID, at: datetime) -> None:
    await tx.execute(CONFIRM, {"id": change_id, "by": by, "at": at})


RECORD: LiteralString = """
    INSERT INTO audit (at, operator_id, act, subject, detail)
    VALUES (%(at)s, %(operator_id)s, %(act)s, %(subject)s, %(detail)s)
"""


async def record(tx: Tx, entry: Entry) -> None:
    """Add a line to the trail; the database gives it its number, whatever `entry.id` says."""
    await tx.execute(
        RECORD,
        {
            "at": entry.at,
            "operator_id": entry.operator_id,
            "act": entry.act,
            "subject": entry.subject,
            "detail": Jsonb(dict(entry.detail)),
        },
    )


TRAIL: LiteralString = """
    SELECT id, at, operator_id, act, subject, detail FROM audit
    WHERE (%(before)s::bigint IS NULL OR id < %(before)s::bigint) ORDER BY id DESC LIMIT %(limit)s
"""


async def trail(tx: Tx, *, before: int | None, limit: int) -> list[Entry]:
    """Return at most `limit` lines older than number `before`, newest first."""
    found = await tx.execute(TRAIL, {"before": before, "limit": limit})
    return [Entry(**row) for row in await found.fetchall()]


def _operator(row: Mapping[str, Any]) -> Operator:
    roles = frozenset(Role(role) for role in row["roles"])
    return Operator(row["id"], row["name"], roles, row["created_at"], row["revoked_at"])


def _change(row: Mapping[str, Any]) -> Change:
    roles = None if row["roles"] is None else frozenset(Role(role) for role in row["roles"])
    return Change(**{**row, "act": Act(row["act"]), "roles": roles})
