"""What a source said of its areas, and what an import makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.imports.reasons import Doubt, Note
from service.intake.model import Remark
from service.kit.geo import Area
from service.zones.model import (
    DEFAULT_ACCURACY_M,
    HazardClass,
    Particulars,
    Publication,
    ReleaseKind,
    Zone,
)

IMPORT_JOB = "imports:run"
HISTORIC = "historic, unproven"
"""The mark of a closure that its source states without method, date or outline: nothing is taken off the list by it."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What an operator states about a whole import. `hazard_class` is for rows that name none.

    `feed` names the list of the authority that the file is; `complete` says that it holds the whole of it, so that
    what it does not hold is missing. `buffer_m` turns points into areas (R9): unset, they wait.
    """

    authority: str
    dated: date
    exercise: bool = False
    accuracy_m: float = DEFAULT_ACCURACY_M
    hazard_class: HazardClass | None = None
    publication: Publication = Publication.OUTLINE
    id_property: str | None = None
    feed: str = ""
    complete: bool = False
    buffer_m: float | None = None


class Kind(StrEnum):
    """What an import makes of a zone."""

    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    RECLASSIFIED = "reclassified"
    SHRUNK = "shrunk"
    SPLIT = "split"
    MISSING = "missing"
    UNCHANGED = "unchanged"
    IN_DOUBT = "in-doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know about a row that was taken."""

    row: int
    external_id: str
    note: Note
    detail: str


@dataclass(frozen=True, slots=True)
class Closure:
    """What a row says of the end of its area: a claim, which waits for a second person as the terms of a record."""

    word: str
    kind: ReleaseKind | None = None
    dated: date | None = None
    depth_cm: int | None = None
    authority: str = ""

    @property
    def proven(self) -> bool:
        """Whether it states what a release record needs: how, when, and how deep where it was cleared."""
        deep = self.kind is not ReleaseKind.CLEARED or self.depth_cm is not None
        return self.kind is not None and self.dated is not None and deep


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row, or a part of what it says, that waits for a person; the record is kept, cut where it is huge.

    `zone_id` is the zone that the row would change, `digest` and `outline` are the row's; `row` is 0 for a zone that
    the file does not hold.
    """

    row: int
    external_id: str | None
    reason: Doubt
    detail: str
    remedy: str
    record: Mapping[str, Any]
    zone_id: UUID | None = None
    digest: bytes | None = None
    outline: Area | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a row says, mended and judged fit. `said` is None where the row only claims that an area is closed.

    `digest` tells the row as it was sent; `meaning` tells what it says beside its outline. `wide` is the outline that
    the public would see of it as a new zone; `outline` is the official one as it is stored.
    """

    row: int
    external_id: str
    key: str
    said: HazardClass | None
    closure: Closure | None
    particulars: Particulars
    name: str
    source: str
    official: Area
    wide: Area | None
    accuracy_m: float
    attributes: Mapping[str, Any]
    given: Mapping[str, Any] | None
    record: Mapping[str, Any]
    digest: bytes
    meaning: bytes
    outline: bytes = b""

    @property
    def hazard_class(self) -> HazardClass:
        """A claim without a release record ends nothing (R2): the area stays suspected at least."""
        return self.said or HazardClass.SUSPECTED

    @property
    def claim(self) -> str:
        if self.closure is None:
            return ""
        return self.closure.word if self.closure.proven else f"{self.closure.word} ({HISTORIC})"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was last taken of a source's row into a zone: the row's digest, its outline where the zone's is another.

    While something that the row says waits for a second person, `kind` and `waits` are what was planned of it.
    """

    digest: bytes
    outline: Area | None = None
    kind: Kind | None = None
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A row that came before as it came now: the zone that it was taken into, what of it still waits."""

    zone_id: UUID
    kind: Kind | None = None
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: what becomes of one row, or of one zone that the file does not hold (row 0).

    `waits` counts what a second person has to decide. `newer`: of an unchanged zone the data is of a later day now.
    `outline` is the row's, or that of the zone that is missing, as it is stored.
    """

    row: int
    kind: Kind
    external_id: str | None
    zone_id: UUID | None
    detail: str = ""
    waits: int = 0
    newer: bool = False
    outline: bytes | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one row: a line of the plan, a zone to keep or none, doubts that wait, things noticed.

    `taken` is what is remembered of the row, None where it was not taken.
    """

    line: Line
    zone: Zone | None = None
    doubts: tuple[Quarantined, ...] = ()
    findings: tuple[Finding, ...] = ()
    taken: Remembered | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does or would do, row by row."""

    lines: tuple[Line, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    findings: tuple[Finding, ...] = ()

    def of(self, kind: Kind) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kind is kind)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `dry_run` would do."""

    import_id: UUID
    declared: Declared
    plan: Plan
    dry_run: bool
    rows: int = 0
    remarks: Sequence[Remark] = ()
