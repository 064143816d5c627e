"""The JSON of operators: rights, keys and the audit trail."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.operators.model import LONGEST_NAME, Change, Done, Entry, Operator, Role, Waiting

Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class RolesIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"roles": ["author"]}]})

    roles: Roles


class OperatorIn(RolesIn):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Ana", "roles": ["author"]}]})

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class OperatorOut(BaseModel):
    id: UUID
    name: str
    roles: list[Role]
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, one: Operator) -> "OperatorOut":
        return cls(
            id=one.id, name=one.name, roles=sorted(one.roles), created_at=one.created_at, revoked_at=one.revoked_at
        )


class ChangeOut(BaseModel):
    """A change that waits for a second admin."""

    id: UUID
    act: str
    name: str | None
    operator_id: UUID | None
    roles: list[Role] | None
    asked_by: UUID | None
    asked_at: datetime

    @classmethod
    def of(cls, one: Change) -> "ChangeOut":
        return cls(
            id=one.id,
            act=one.act.value,
            name=one.name,
            operator_id=one.operator_id,
            roles=None if one.roles is None else sorted(one.roles),
            asked_by=one.asked_by,
            asked_at=one.asked_at,
        )


class Outcome(BaseModel):
    """Either the change is in force (`operator`, and a new `key` shown this once), or it waits (`waiting`)."""

    operator: OperatorOut | None = None
    key: Annotated[str | None, Field(description="shown this once; only its hash is kept")] = None
    waiting: ChangeOut | None = None

    @classmethod
    def of(cls, done: Done | Waiting) -> "Outcome":
        if isinstance(done, Waiting):
            return cls(waiting=ChangeOut.of(done.change))
        return cls(operator=OperatorOut.of(done.operator), key=done.key.reveal() if done.key else None)


class StaffOut(BaseModel):
    operators: list[OperatorOut]
    waiting: list[ChangeOut]


class EntryOut(BaseModel):
    id: int
    at: datetime
    operator_id: UUID | None
    act: str
    subject: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, one: Entry) -> "EntryOut":
        return cls(
            id=one.id,
            at=one.at,
            operator_id=one.operator_id,
            act=one.act,
            subject=one.subject,
            detail=dict(one.detail),
        )
