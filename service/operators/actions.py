"""What can be done about operators: ask for a change, confirm one, know somebody by a key, keep the audit trail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.kit.crypto import digest, new_secret
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.ids import new_id
from service.operators import rules, store
from service.operators.model import CHANGE_LIFE, Act, Change, Done, Entry, Operator, Reason, Role, Waiting
from service.operators.words import refusal

KEY_PREFIX = "sf_"


async def add(tx: Tx, asker: Operator | None, name: str, roles: frozenset[Role], *, now: datetime) -> Done | Waiting:
    """Add an operator: at once while fewer than two exist, else once a second admin confirms (R17).

    `asker` may be missing only while nobody exists.
    """
    return await _ask(tx, asker, Change(new_id(now=now), Act.ADD, now, _id(asker), name=rules.trim(name), roles=roles))


async def change_roles(tx: Tx, asker: Operator, name: str, roles: frozenset[Role], *, now: datetime) -> Done | Waiting:
    """Give an operator exactly these roles."""
    who = await _named(tx, name)
    return await _ask(tx, asker, Change(new_id(now=now), Act.ROLES, now, asker.id, operator_id=who, roles=roles))


async def new_key(tx: Tx, asker: Operator, name: str, *, now: datetime) -> Done | Waiting:
    """Give an operator a new key; the old one ends with it."""
    who = await _named(tx, name)
    return await _ask(tx, asker, Change(new_id(now=now), Act.NEW_KEY, now, asker.id, operator_id=who))


async def revoke(tx: Tx, asker: Operator, name: str, *, now: datetime) -> Done | Waiting:
    """End an operator's access for good."""
    who = await _named(tx, name)
    return await _ask(tx, asker, Change(new_id(now=now), Act.REVOKE, now, asker.id, operator_id=who))


async def _ask(tx: Tx, asker: Operator | None, change: Change) -> Done | Waiting:
    await store.lock(tx)
    staff = await store.everybody(tx)
    reason = rules.why_not_ask(staff, change, waiting=await store.waiting(tx))
    if reason is not None:
        raise refusal(reason)
    waits = rules.must_wait(staff)
    detail = _detail(change) | {"waits": waits}
    await record(tx, asker, f"operators.{change.act.value}", _subject(change), detail, now=change.asked_at)
    if not waits:
        return await _apply(tx, staff, change, now=change.asked_at)
    await store.insert_change(tx, change)
    return Waiting(change)


async def confirm(tx: Tx, confirmer: Operator, change_id: UUID, *, now: datetime) -> Done:
    """Put a change in force as the second admin; all is judged anew as it stands now."""
    await store.lock(tx)
    change = await store.get_change(tx, change_id)
    if change is None:
        raise refusal(Reason.CHANGE_UNKNOWN)
    staff = await store.everybody(tx)
    reason = rules.why_not_confirm(staff, change, by=confirmer, now=now)
    if reason is not None:
        raise refusal(reason)
    await store.confirm_change(tx, change_id, by=confirmer.id, now=now)
    await record(tx, confirmer, "operators.confirm", _subject(change), _detail(change), now=now)
    return await _apply(tx, staff, change, now=now)


async def _apply(tx: Tx, staff: list[Operator], change: Change, *, now: datetime) -> Done:
    key = Hidden(KEY_PREFIX + new_secret()) if change.act in {Act.ADD, Act.NEW_KEY} else None
    key_hash = digest(key.reveal()) if key else None
    made = rules.after(staff, replace(change, asked_at=now))
    operator = made[-1] if change.act is Act.ADD else rules.find(made, change.operator_id)
    if operator is None:
        raise refusal(Reason.OPERATOR_UNKNOWN)
    if change.act is Act.ADD and key_hash is not None:
        await store.insert(tx, operator, folded=rules.fold(operator.name), key_hash=key_hash)
    else:
        await store.update(tx, operator, key_hash=key_hash)
    return Done(operator, key)


async def authenticate(tx: Tx, key: Hidden[str] | None) -> Operator:
    """Return who holds this key; Refused for none, an unknown or a revoked one, all alike."""
    if key is None or not key.reveal():
        raise refusal(Reason.KEY_MISSING)
    found = await store.by_key(tx, digest(key.reveal()))
    if found is None:
        raise refusal(Reason.KEY_UNKNOWN)
    return found


def demand(operator: Operator, roles: tuple[Role, ...]) -> Operator:
    """Return the operator if one of the roles is held."""
    if operator.roles.isdisjoint(roles):
        wanted = " or ".join(role.value for role in roles)
        detail = f"This needs the role {wanted}."
        raise Refused(Kind.FORBIDDEN, Reason.ROLE_MISSING, detail, remedy="Ask an admin for the role.")
    return operator


async def everybody(tx: Tx) -> list[Operator]:
    """Return every operator there ever was, the oldest first."""
    return await store.everybody(tx)


async def waiting(tx: Tx, *, now: datetime) -> list[Change]:
    """Return the changes that wait for a second admin."""
    return [one for one in await store.waiting(tx) if now < one.asked_at + CHANGE_LIFE]


async def record(  # noqa: PLR0913 - one line of the audit trail: who did what to what, why and when
    tx: Tx, operator: Operator | None, act: str, subject: str, detail: Mapping[str, Any], *, now: datetime
) -> None:
    """Write one line of the audit trail with the act it tells of, in one commit; nothing about any resident."""
    values = {"at": now, "operator_id": _id(operator), "act": act, "subject": subject, "detail": dict(detail)}
    await store.add_entry(tx, values)


async def trail(tx: Tx, *, before: int | None, limit: int) -> list[Entry]:
    """Return the audit trail, the newest first."""
    return await store.entries(tx, before=before, limit=limit)


async def _named(tx: Tx, name: str) -> UUID:
    found = [one for one in await store.everybody(tx) if rules.fold(one.name) == rules.fold(name)]
    if not found:
        raise refusal(Reason.OPERATOR_UNKNOWN)
    return found[0].id


def _id(operator: Operator | None) -> UUID | None:
    return None if operator is None else operator.id


def _subject(change: Change) -> str:
    return str(change.operator_id or change.id)


def _detail(change: Change) -> dict[str, Any]:
    # No name: the trail can never be changed, a person's name may have to be.
    return {"change": str(change.id), "roles": sorted(change.roles or ())}
