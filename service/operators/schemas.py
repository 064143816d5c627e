"""Operators, waiting changes and the audit trail as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.operators.model import LONGEST_NAME, Act, Change, Done, Entry, Operator, Role, Waiting

_FROZEN = ConfigDict(frozen=True, extra="forbid")

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, examples=["Olena K."])]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role), examples=[["author"]])]


class OperatorIn(BaseModel):
    model_config = _FROZEN

    name: Name
    roles: Roles


class RolesIn(BaseModel):
    model_config = _FROZEN

    roles: Roles


class OperatorOut(BaseModel):
    id: UUID
    name: Name
    roles: list[Role] = Field(examples=[["author"]])
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, one: Operator) -> "OperatorOut":
        return cls(
            id=one.id, name=one.name, roles=sorted(one.roles), created_at=one.created_at, revoked_at=one.revoked_at
        )


class ChangeOut(BaseModel):
    id: UUID
    act: Act
    operator_id: UUID | None = Field(description="missing when somebody is to be added")
    name: str | None
    roles: list[Role] | None
    asked_by: UUID | None
    asked_at: datetime

    @classmethod
    def of(cls, one: Change) -> "ChangeOut":
        return cls(
            id=one.id,
            act=one.act,
            operator_id=one.operator_id,
            name=one.name,
            roles=None if one.roles is None else sorted(one.roles),
            asked_by=one.asked_by,
            asked_at=one.asked_at,
        )


class StaffOut(BaseModel):
    operators: list[OperatorOut]
    waiting: list[ChangeOut] = Field(description="changes that a second admin has yet to confirm")


class DoneOut(BaseModel):
    state: Literal["done"] = "done"
    operator: OperatorOut
    key: str | None = Field(description="the new API key, shown this once", examples=["sf_…"])


class WaitingOut(BaseModel):
    state: Literal["waiting"] = "waiting"
    change: ChangeOut


class EntryOut(BaseModel):
    id: int
    at: datetime
    operator_id: UUID | None = Field(description="missing when the service itself acted")
    act: str = Field(examples=["operators.add"])
    subject: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, one: Entry) -> "EntryOut":
        return cls(
            id=one.id, at=one.at, operator_id=one.operator_id, act=one.act, subject=one.subject, detail=dict(one.detail)
        )


class TrailOut(BaseModel):
    entries: list[EntryOut]
    next: int | None = Field(description="ask again with `before` set to this; missing at the end")


def done(result: Done) -> DoneOut:
    return DoneOut(operator=OperatorOut.of(result.operator), key=result.key.reveal() if result.key else None)


def outcome(result: Done | Waiting) -> DoneOut | WaitingOut:
    return done(result) if isinstance(result, Done) else WaitingOut(change=ChangeOut.of(result.change))
