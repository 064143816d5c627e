"""What operators send and see in JSON of imports, of what waits, and of what incidents were."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.incidents.model import Doubt
from service.incidents.records import Decision, Kept, Revision, Waiting
from service.incidents.schemas import STORABLE, Authority

MOST_ROWS = 200  # each may hold 64 KB of the source's own
_LAST_ROW = 2**63 - 1
_LAST_REVISION = 2**31 - 1


class ImportOut(BaseModel):
    """What was stated of an import, what it did by number of rows, and how many of its rows still wait."""

    id: UUID
    authority: str
    dated: date
    exercise: bool
    at: datetime
    operator_id: UUID
    counts: dict[str, int]
    source_map: dict[str, Any] | None
    waits: int

    @classmethod
    def of(cls, one: Kept) -> "ImportOut":
        return cls(**asdict(one))


class WaitingIn(BaseModel):
    """Which rows of the quarantine to return; `after` is the last id of the page before."""

    model_config = ConfigDict(extra="forbid")

    exercise: Annotated[bool | None, Field(description="unset, both real ones and exercises")] = None
    authority: Authority | None = None
    reason: Doubt | None = None
    import_id: UUID | None = None
    decided: Annotated[bool, Field(description="those that were closed too")] = False
    after: Annotated[int, Field(ge=0, le=_LAST_ROW)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 100


class WaitingOut(BaseModel):
    """A row that was not taken, with what is wrong and how to mend it; `decision` is null while it waits."""

    id: int
    import_id: UUID
    authority: str
    exercise: bool
    dated: date
    at: datetime
    row: int
    external_id: str | None
    reason: str
    detail: str
    remedy: str
    record: dict[str, Any]
    decision: Decision | None
    decided_by: UUID | None
    decided_at: datetime | None
    decided_why: str

    @classmethod
    def of(cls, one: Waiting) -> "WaitingOut":
        return cls(row=one.row_no, **{name: getattr(one, name) for name in cls.model_fields.keys() - {"row"}})


class QuarantineOut(BaseModel):
    """A page of rows that wait; `next` is null on the last one."""

    waiting: list[WaitingOut]
    next: int | None

    @classmethod
    def of(cls, found: Sequence[Waiting], limit: int) -> "QuarantineOut":
        page = found[:limit]
        return cls(waiting=[WaitingOut.of(one) for one in page], next=page[-1].id if len(found) > limit else None)


class DismissIn(BaseModel):
    """Why a row needs not be taken."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "a line of sums, no event"}]})

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=STORABLE)]

    @field_validator("reason")
    @classmethod
    def _says_something(cls, reason: str) -> str:
        if not reason.strip():
            raise ValueError("it says nothing")
        return reason.strip()


class PastIn(BaseModel):
    """Which revisions to return; `after` is the last one of the page before."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=_LAST_REVISION)] = 0
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


class RevisionOut(BaseModel):
    """An incident as one act left it, with all that was on record of it then."""

    revision: int
    at: datetime
    operator: str | None
    why: str
    record: dict[str, Any]

    @classmethod
    def of(cls, one: Revision) -> "RevisionOut":
        return cls(revision=one.number, at=one.at, operator=one.operator, why=one.why, record=dict(one.record))


class HistoryOut(BaseModel):
    """A page of what an incident was, the oldest revision first; `next` is null on the last one."""

    revisions: list[RevisionOut]
    next: int | None

    @classmethod
    def of(cls, found: Sequence[Revision], limit: int) -> "HistoryOut":
        page = found[:limit]
        last = page[-1].number if len(found) > limit else None
        return cls(revisions=[RevisionOut.of(one) for one in page], next=last)
