"""What is on record of imports: how far they have come, what waits because of them, what was decided of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.imports.reasons import Doubt
from service.kit.geo import Area
from service.zones.model import ReleaseKind


class State(StrEnum):
    """Where an import is; only the last three stay."""

    WAITING = "waiting"
    RUNNING = "running"
    PLANNED = "planned"
    APPLIED = "applied"
    FAILED = "failed"


class Stage(StrEnum):
    """What a running import does at the moment."""

    FETCHING = "fetching"
    READING = "reading"
    KEEPING = "keeping"


@dataclass(frozen=True, slots=True)
class Step:
    """How far an import has come: how many rows while it is fetched and kept, how much of the file while it is read."""

    stage: Stage
    rows: int = 0
    rows_total: int | None = None
    bytes: int = 0
    bytes_total: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An import as it is kept: what was stated, how far it has come, what it did or why it failed.

    `trouble` of one that has not ended is why its last try failed.
    """

    id: UUID
    authority: str
    feed: str
    dated: date
    exercise: bool
    dry_run: bool
    state: State
    stage: Stage | None
    rows_done: int
    rows_total: int | None
    bytes_done: int
    bytes_total: int | None
    stated: Mapping[str, Any]
    mapping: str | None
    origin: str
    cursor: Mapping[str, Any] | None
    counts: Mapping[str, int]
    remarks: Sequence[Mapping[str, Any]]
    trouble: Mapping[str, Any] | None
    at: datetime
    finished_at: datetime | None
    operator_id: UUID


class Decision(StrEnum):
    """What a second person makes of what waits. `moot`: a newer file no longer says it."""

    KEPT = "kept"
    RELEASED = "released"
    RECLASSIFIED = "reclassified"
    ANNULLED = "annulled"
    DISMISSED = "dismissed"
    MOOT = "moot"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of the quarantine as it is kept; `imported_by` may not decide it."""

    id: int
    import_id: UUID
    row: int
    external_id: str | None
    reason: Doubt
    detail: str
    remedy: str
    record: Mapping[str, Any]
    zone_id: UUID | None
    authority: str
    exercise: bool
    dated: date
    imported_by: UUID
    imported_at: datetime
    source_digest: bytes | None = None
    outline: Area | None = None
    decision: Decision | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    decided_why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about entries of the quarantine, with everything that a release record needs."""

    decision: Decision
    why: str
    release: ReleaseKind | None = None
    dated: date | None = None
    depth_cm: int | None = None
