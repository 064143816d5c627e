"""What a source said of its areas, and what an import makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from service.intake.model import Unread
from service.kit.geo import Area
from service.zones.model import DEFAULT_ACCURACY_M, Hazard, HazardClass, Publication, Zone


class Reason(StrEnum):
    """Why a row was not taken, or not wholly: it waits in quarantine for a person."""

    NO_ID = "id-missing"
    ID_TWICE = "id-twice"
    NO_CLASS = "class-missing"
    CLASS_UNKNOWN = "class-unknown"
    FICTIONAL = "fictional-in-live"
    NOT_FINITE = "coordinate-not-finite"
    OUT_OF_RANGE = "coordinate-out-of-range"
    POLAR = "too-near-a-pole"
    ONLY_A_POINT = "outline-only-a-point"
    TOO_MANY_CORNERS = "too-many-corners"
    TOO_TANGLED = "outline-too-tangled"
    ABSURD_SIZE = "size-absurd"
    NO_OUTLINE = "no-public-outline"
    SHRINKS = "would-shrink"
    DOWNGRADED = "would-reclassify-downward"
    OUTDATED = "older-than-known"


Doubt: TypeAlias = Reason | Unread


class Note(StrEnum):
    """What was noticed about a row that was taken."""

    RING_CLOSED = "ring-closed"
    UNTANGLED = "self-crossing-untangled"
    WIDENED = "part-without-width-widened"
    HOLE_FILLED = "unclear-hole-filled"
    PARTS_MERGED = "overlapping-parts-merged"
    HEIGHTS_DROPPED = "heights-dropped"
    CUT_AT_180 = "cut-at-the-antimeridian"
    POINTS_LEFT_OUT = "points-and-lines-left-out"
    LONG_STEP = "long-step"
    NO_RELEASE_RECORD = "no-release-record"
    CLASS_ASSUMED = "class-assumed"
    CLASSES_DIFFER = "classes-differ"
    HAZARD_UNKNOWN = "hazard-unknown"
    TEXT_CUT = "text-cut"
    TEXT_MENDED = "text-mended"
    PUBLICATION_KEPT = "publication-kept"


@dataclass(frozen=True, slots=True)
class Declared:
    """What an operator states about a whole import. `hazard_class` is for rows that name none."""

    authority: str
    dated: date
    exercise: bool = False
    accuracy_m: float = DEFAULT_ACCURACY_M
    hazard_class: HazardClass | None = None
    publication: Publication = Publication.OUTLINE
    id_property: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know about a row that was taken."""

    row: int
    external_id: str
    note: Note
    detail: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row, or a part of what it says, that waits for a person; the record is kept, cut where it is huge."""

    row: int
    external_id: str | None
    reason: Doubt
    detail: str
    remedy: str
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a row says, mended and judged fit. `said` is None where the row only claims that an area is closed."""

    row: int
    external_id: str
    key: str
    said: HazardClass | None
    claim: str
    hazards: frozenset[Hazard]
    name: str
    source: str
    official: Area
    accuracy_m: float
    attributes: Mapping[str, Any]
    given: Mapping[str, Any] | None
    record: Mapping[str, Any]

    @property
    def hazard_class(self) -> HazardClass:
        """A claim without a release record ends nothing (R2): the area stays suspected at least."""
        return self.said or HazardClass.SUSPECTED


class Kind(StrEnum):
    """What an import does to a zone; `confirmed`: nothing new but the date."""

    NEW = "new"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    row: int
    kind: Kind
    zone: Zone


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, decided before anything is written."""

    changes: tuple[Change, ...]
    quarantined: tuple[Quarantined, ...]
    findings: tuple[Finding, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind is kind)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `dry_run` would do."""

    import_id: UUID | None
    declared: Declared
    plan: Plan
    dry_run: bool
