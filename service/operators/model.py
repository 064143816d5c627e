"""Who works here, what each may do, and what changes of that wait for a second person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.kit.hidden import Hidden

CHANGE_LIFE = timedelta(days=7)
LONGEST_NAME = 80


class Role(StrEnum):
    """None includes another: an admin who shall write warnings holds `author` too."""

    AUTHOR = "author"
    APPROVER = "approver"
    EDITOR = "editor"
    ADMIN = "admin"
    EDUCATOR = "educator"
    INFORMATION_OFFICER = "information-officer"


STAFF = (Role.AUTHOR, Role.APPROVER, Role.EDITOR, Role.ADMIN)
"""Who sees the records of zones, incidents and warnings. An educator only hands in reports on lessons, an information
officer keeps those: often people of another house, who have no business with the rest."""


class Act(StrEnum):
    """What can be done to an operator's rights and keys."""

    ADD = "add"
    ROLES = "roles"
    NEW_KEY = "new-key"
    REVOKE = "revoke"


class Reason(StrEnum):
    """Why an act is refused; each is the stable name of a problem."""

    KEY_MISSING = "key-missing"
    KEY_UNKNOWN = "key-unknown"
    ROLE_MISSING = "role-missing"
    NAME_UNFIT = "operator-name-unfit"
    NAME_TAKEN = "operator-name-taken"
    NO_ROLE = "operator-without-role"
    FIRST_NEEDS_ADMIN = "first-operator-needs-admin"
    TOO_FEW_ADMINS = "too-few-admins"
    LAST_ADMIN = "last-admin"
    OPERATOR_UNKNOWN = "operator-unknown"
    OPERATOR_REVOKED = "operator-revoked"
    NOTHING_CHANGES = "nothing-changes"
    CHANGE_UNKNOWN = "change-unknown"
    CHANGE_WAITS = "change-waits-already"
    CHANGE_DONE = "change-confirmed-already"
    CHANGE_EXPIRED = "change-expired"
    SAME_PERSON = "same-person"
    ASKER_GONE = "asker-gone"


@dataclass(frozen=True, slots=True)
class Operator:
    id: UUID
    name: str
    roles: frozenset[Role]
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.revoked_at is None


@dataclass(frozen=True, slots=True)
class Change:
    """One act asked for. `operator_id` is missing only when adding; `name` and `roles` are there as the act needs."""

    id: UUID
    act: Act
    asked_at: datetime
    asked_by: UUID | None
    operator_id: UUID | None = None
    name: str | None = None
    roles: frozenset[Role] | None = None
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The change is in force; `key` is the new API key if there is one, shown this once."""

    operator: Operator
    key: Hidden[str] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The change waits for a second admin."""

    change: Change


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail; `detail` holds nothing about any resident."""

    id: int
    at: datetime
    operator_id: UUID | None
    act: str
    subject: str
    detail: Mapping[str, Any]
