"""What a dangerous area is, what a source said of it, and what can be answered about a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.kit.geo import Area

INDEX_RESOLUTION = 8
GENERALISED_RESOLUTION = 7
DEFAULT_ACCURACY_M = 100.0
"""The upper end of the survey error that is common on maps (R7); used where neither source nor operator states one."""

MOST_ACCURACY_M = 5_000.0


class HazardClass(StrEnum):
    """GICHD's two classes; the public is never told which (R25)."""

    SUSPECTED = "sha"
    CONFIRMED = "cha"


class Hazard(StrEnum):
    """GICHD's categories of devices; for operators only (R25)."""

    ANTI_PERSONNEL_MINE = "anti-personnel-mine"
    ANTI_VEHICLE_MINE = "anti-vehicle-mine"
    CLUSTER_MUNITION_REMNANT = "cluster-munition-remnant"
    OTHER_ORDNANCE = "other-unexploded-or-abandoned-ordnance"
    IMPROVISED_DEVICE = "improvised-device"
    UNKNOWN = "unknown"


class Publication(StrEnum):
    """What the public may see of the outline (R8)."""

    OUTLINE = "outline"
    GENERALISED = "generalised"
    WITHHELD = "withheld"


class Reason(StrEnum):
    """Why a row was not taken, or not wholly: it waits in quarantine for a person."""

    UNREADABLE = "row-unreadable"
    KEYS_TWICE = "keys-twice"
    WRONG_CRS = "wrong-coordinate-system"
    NO_ID = "id-missing"
    ID_TWICE = "id-twice"
    NO_CLASS = "class-missing"
    CLASS_UNKNOWN = "class-unknown"
    FICTIONAL = "fictional-in-live"
    NO_GEOMETRY = "geometry-missing"
    GEOMETRY_BROKEN = "geometry-broken"
    EVENT = "event-not-area"
    LINE = "line-not-area"
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
class Record:
    """One row of a source, read but not judged; `unread` says why it could not be read."""

    row: int
    feature: Mapping[str, Any]
    unread: Reason | None = None


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
    reason: Reason
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


@dataclass(frozen=True, slots=True)
class Zone:
    """An area as it is on record. `official` is for operators; `public` is None exactly if it is withheld."""

    id: UUID
    authority: str
    external_id: str
    key: str
    exercise: bool
    hazard_class: HazardClass
    claim: str
    hazards: frozenset[Hazard]
    name: str
    source: str
    data_as_of: date
    accuracy_m: float
    publication: Publication
    official: Area
    public: Area | None
    attributes: Mapping[str, Any]
    given: Mapping[str, Any] | None
    content_hash: bytes
    revision: int
    stale: bool
    created_at: datetime
    changed_at: datetime


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


@dataclass(frozen=True, slots=True)
class PublicZone:
    """All that the public may know of a zone (R25)."""

    id: UUID
    revision: int
    exercise: bool
    authority: str
    data_as_of: date
    accuracy_m: float
    stale: bool
    outline: Area


@dataclass(frozen=True, slots=True)
class Page:
    """Some public zones, and after which of them the next page starts; None on the last one."""

    zones: tuple[PublicZone, ...]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class WarnableZone:
    """What a warning about a zone stands on."""

    id: UUID
    revision: int
    exercise: bool
    authority: str
    data_as_of: date
    name: str
    public: Area
