"""Who may change rights and keys (R17), decided without looking anything up."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from service.operators.model import CHANGE_LIFE, LONGEST_NAME, Act, Change, Operator, Reason, Role

_PAIR = 2


def trim(name: str) -> str:
    """Return the name in Unicode's composed form, with single spaces between its words."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def fold(name: str) -> str:
    """Return what two names have in common when people would take one for the other."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def must_wait(staff: Sequence[Operator]) -> bool:
    """R17: one person acts alone only while fewer than two operators exist."""
    return sum(one.active for one in staff) >= _PAIR


def after(staff: Sequence[Operator], change: Change) -> tuple[Operator, ...]:
    """Return the operators as the change would leave them."""
    match change.act:
        case Act.ADD:
            added = Operator(change.id, change.name or "", change.roles or frozenset(), change.asked_at)
            return (*staff, added)
        case Act.ROLES:
            return _replaced(staff, change, roles=change.roles)
        case Act.NEW_KEY:
            return tuple(staff)
        case Act.REVOKE:
            return _replaced(staff, change, revoked_at=change.asked_at)
        case _:
            assert_never(change.act)


def why_not(staff: Sequence[Operator], change: Change) -> Reason | None:
    """Return why the change cannot be, whoever asks; `staff` is everybody there ever was."""
    if change.act is Act.ADD:
        return _unfit(staff, change) or _too_few_admins(staff, change)
    found = find(staff, change.operator_id)
    if found is None:
        return Reason.OPERATOR_UNKNOWN
    if not found.active:
        return Reason.OPERATOR_REVOKED
    if change.roles == frozenset():
        return Reason.NO_ROLE
    if change.roles == found.roles:
        return Reason.NOTHING_CHANGES
    return _too_few_admins(staff, change)


def why_not_ask(staff: Sequence[Operator], change: Change, *, waiting: Sequence[Change]) -> Reason | None:
    """Return why the change cannot be asked for; only while nobody exists is no admin needed."""
    if staff and change.asked_by is None:
        return Reason.KEY_MISSING
    if staff and not _is_admin(staff, change.asked_by):
        return Reason.ROLE_MISSING
    if any(_alike(change, one) for one in waiting if not _expired(one, now=change.asked_at)):
        return Reason.CHANGE_WAITS
    return why_not(staff, change)


def why_not_confirm(staff: Sequence[Operator], change: Change, *, by: Operator, now: datetime) -> Reason | None:
    """Return why this operator cannot put the change in force now; all is judged as it stands now."""
    if change.confirmed_at is not None:
        return Reason.CHANGE_DONE
    if _expired(change, now=now):
        return Reason.CHANGE_EXPIRED
    if by.id == change.asked_by:
        return Reason.SAME_PERSON
    if not _is_admin(staff, by.id):
        return Reason.ROLE_MISSING
    if not _is_admin(staff, change.asked_by):
        return Reason.ASKER_GONE
    return why_not(staff, change)


def find(staff: Sequence[Operator], operator_id: UUID | None) -> Operator | None:
    return next((one for one in staff if one.id == operator_id), None)


def _unfit(staff: Sequence[Operator], change: Change) -> Reason | None:
    name = change.name or ""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        return Reason.NAME_UNFIT
    if fold(name) in {fold(one.name) for one in staff}:
        return Reason.NAME_TAKEN
    return None if change.roles else Reason.NO_ROLE


def _too_few_admins(staff: Sequence[Operator], change: Change) -> Reason | None:
    """Two operators need two admins: with one alone no later change could ever find its second person."""
    active = [one for one in after(staff, change) if one.active]
    admins = sum(Role.ADMIN in one.roles for one in active)
    if admins >= min(_PAIR, max(1, len(active))):
        return None
    if not staff:
        return Reason.FIRST_NEEDS_ADMIN
    return Reason.TOO_FEW_ADMINS if admins else Reason.LAST_ADMIN


def _is_admin(staff: Sequence[Operator], operator_id: UUID | None) -> bool:
    found = find(staff, operator_id)
    return found is not None and found.active and Role.ADMIN in found.roles


def _alike(one: Change, other: Change) -> bool:
    if one.act is not other.act:
        return False
    if one.act is Act.ADD:
        return fold(one.name or "") == fold(other.name or "")
    return one.operator_id == other.operator_id


def _expired(change: Change, *, now: datetime) -> bool:
    return now >= change.asked_at + CHANGE_LIFE


def _replaced(
    staff: Sequence[Operator],
    change: Change,
    *,
    roles: frozenset[Role] | None = None,
    revoked_at: datetime | None = None,
) -> tuple[Operator, ...]:
    return tuple(
        replace(one, roles=roles or one.roles, revoked_at=revoked_at or one.revoked_at)
        if one.id == change.operator_id
        else one
        for one in staff
    )
