"""What is kept of imports and of incidents' pasts, as operators look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Decision(StrEnum):
    """How a row stopped waiting: somebody dismissed it, or a later import took its incident."""

    DISMISSED = "dismissed"
    MOOT = "moot"


@dataclass(frozen=True, slots=True)
class Kept:
    """One import: what was stated of it, what it did, how many of its rows still wait."""

    id: UUID
    authority: str
    dated: date
    exercise: bool
    counts: Mapping[str, int]
    source_map: Mapping[str, Any] | None
    at: datetime
    operator_id: UUID
    waits: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that was not taken, of which import, and what became of it; `decision` is None while it waits."""

    id: int
    import_id: UUID
    authority: str
    exercise: bool
    dated: date
    at: datetime
    row_no: int
    external_id: str | None
    reason: str
    detail: str
    remedy: str
    record: Mapping[str, Any]
    decision: Decision | None
    decided_by: UUID | None
    decided_at: datetime | None
    decided_why: str


@dataclass(frozen=True, slots=True)
class Revision:
    """An incident as one act left it: which, when, by whom, why, and the whole record."""

    number: int
    at: datetime
    operator: str | None
    why: str
    record: Mapping[str, Any]
