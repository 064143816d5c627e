"""What can be done about operators; every other feature records its acts here."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from service.kit.crypto import digest, new_secret, same
from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.ids import new_id
from service.operators import rules, store
from service.operators.model import CHANGE_LIFE, Act, Change, Done, Entry, Operator, Reason, Role, Waiting
from service.operators.refusals import refusal

KEY_PREFIX = "sf_"


async def authenticate(tx: Tx, key: str) -> Operator:
    """Return whose API key this is; raises Refused (401) for an unknown or revoked one, without saying which."""
    wanted = digest(key)
    found = await store.by_key(tx, wanted)
    if found is None or not same(found[1], wanted) or not found[0].active:
        raise refusal(Reason.KEY_UNKNOWN)
    return found[0]


def demand(operator: Operator, *roles: Role) -> Operator:
    """Return the operator if one of the roles is held; raises Refused (403) that names them."""
    if operator.roles.isdisjoint(roles):
        raise refusal(Reason.ROLE_MISSING, where=" or ".join(roles))
    return operator


async def anybody(tx: Tx) -> bool:
    """Say whether there is any operator yet; until then the first needs no key."""
    return bool(await store.everybody(tx))


async def everybody(tx: Tx) -> list[Operator]:
    """Return every operator there ever was, the revoked too, oldest first."""
    return await store.everybody(tx)


async def waiting(tx: Tx, *, now: datetime) -> list[Change]:
    """Return the changes that wait for a second admin, oldest first."""
    return await store.waiting(tx, asked_after=now - CHANGE_LIFE)


async def add(tx: Tx, by: Operator | None, name: str, roles: Collection[Role], *, now: datetime) -> Done | Waiting:
    """Add an operator; `by` may be missing only for the first."""
    asked_by = by.id if by else None
    change = Change(new_id(now=now), Act.ADD, now, asked_by, name=rules.trim(name), roles=frozenset(roles))
    return await _ask(tx, by, change)


async def change_roles(
    tx: Tx, by: Operator, operator_id: UUID, roles: Collection[Role], *, now: datetime
) -> Done | Waiting:
    """Give an operator these roles and no others."""
    change = Change(new_id(now=now), Act.ROLES, now, by.id, operator_id=operator_id, roles=frozenset(roles))
    return await _ask(tx, by, change)


async def new_key(tx: Tx, by: Operator, operator_id: UUID, *, now: datetime) -> Done | Waiting:
    """Replace an operator's key; the old one ends with the commit."""
    return await _ask(tx, by, Change(new_id(now=now), Act.NEW_KEY, now, by.id, operator_id=operator_id))


async def revoke(tx: Tx, by: Operator, operator_id: UUID, *, now: datetime) -> Done | Waiting:
    """End an operator's rights for good; what they did stays in the trail."""
    return await _ask(tx, by, Change(new_id(now=now), Act.REVOKE, now, by.id, operator_id=operator_id))


async def confirm(tx: Tx, by: Operator, change_id: UUID, *, now: datetime) -> Done:
    """Put a waiting change in force as its second person; a new key goes to who confirms, this once."""
    await store.take_turn(tx)
    change = await store.change(tx, change_id)
    if change is None:
        raise refusal(Reason.CHANGE_UNKNOWN)
    if reason := rules.why_not_confirm(await store.everybody(tx), change, by=by, now=now):
        raise refusal(reason)
    await store.confirm(tx, change_id, by=by.id, at=now)
    return await _apply(tx, by, change, now=now)


async def record(  # noqa: PLR0913 - who did what to which thing, with what, when
    tx: Tx, operator: Operator | None, act: str, subject: str, detail: Mapping[str, Any], *, now: datetime
) -> None:
    """Add an act to the audit trail, in the act's own transaction; no operator means the service itself.

    `detail` is JSON without anything about a resident: ids, counts and reasons only.
    """
    await store.record(tx, Entry(0, now, operator.id if operator else None, act, subject, detail))


async def trail(tx: Tx, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """Return lines of the audit trail older than number `before`, newest first."""
    return await store.trail(tx, before=before, limit=limit)


async def _ask(tx: Tx, by: Operator | None, change: Change) -> Done | Waiting:
    await store.take_turn(tx)
    staff = await store.everybody(tx)
    waits = await waiting(tx, now=change.asked_at)
    if reason := rules.why_not_ask(staff, change, waiting=waits):
        raise refusal(reason)
    if not rules.must_wait(staff):
        return await _apply(tx, by, change, now=change.asked_at)
    await store.keep_change(tx, change)
    await record(tx, by, f"operators.{change.act}.asked", _subject(change), _detail(change), now=change.asked_at)
    return Waiting(change)


async def _apply(tx: Tx, by: Operator | None, change: Change, *, now: datetime) -> Done:
    operator_id = change.operator_id or change.id
    key: str | None = None
    match change.act:
        case Act.ADD:
            key = KEY_PREFIX + new_secret()
            added = Operator(operator_id, change.name or "", change.roles or frozenset(), now)
            await store.add(tx, added, key_hash=digest(key))
        case Act.ROLES:
            await store.set_roles(tx, operator_id, change.roles or frozenset())
        case Act.NEW_KEY:
            key = KEY_PREFIX + new_secret()
            await store.set_key(tx, operator_id, key_hash=digest(key))
        case Act.REVOKE:
            await store.revoke(tx, operator_id, at=now)
        case _:
            assert_never(change.act)
    await record(tx, by, f"operators.{change.act}", f"operator:{operator_id}", _detail(change), now=now)
    operator = rules.find(await store.everybody(tx), operator_id)
    if operator is None:
        raise LookupError(f"operator {operator_id} is gone although nothing deletes operators")
    return Done(operator, Hidden(key) if key else None)


def _subject(change: Change) -> str:
    return f"operator:{change.operator_id or change.id}"


def _detail(change: Change) -> dict[str, Any]:
    asked = {"change": str(change.id), "asked_by": str(change.asked_by) if change.asked_by else None}
    return asked if change.roles is None else {**asked, "roles": sorted(change.roles)}
