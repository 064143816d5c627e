"""What a dangerous area is, how it ends, and what the public may know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from service.kit.geo import Area

PACK_RESOLUTION = 4
PACK_MARGIN_M = 5_000.0
"""A pack holds every public zone within this distance of its cell, so that a phone near a border needs one pack."""

PACKS_JOB = "publication:due"
GENERALISED_RESOLUTION = 7
DEFAULT_ACCURACY_M = 100.0
"""The upper end of the survey error that is common on maps (R7); used where neither source nor operator states one."""

MOST_ACCURACY_M = 5_000.0

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees; east is never less than west and passes 180 over the antimeridian."""


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


class Lying(StrEnum):
    """How the danger lies; for operators only (R25): "on the surface" invites walkers."""

    BURIED = "buried"
    SURFACE = "surface"
    SCATTERED = "scattered"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class Marking(StrEnum):
    """How the area is marked on the ground; unmarked is not harmless (R12)."""

    FENCED = "fenced"
    SIGNED = "signed"
    NONE = "none"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """Who says that there is danger."""

    LAYING_RECORD = "laying-record"
    SURVEY = "survey"
    ACCIDENT = "accident"
    RESIDENT = "resident-report"
    MEDIA = "media"
    UNKNOWN = "unknown"


class Publication(StrEnum):
    """What the public may see of the outline (R8)."""

    OUTLINE = "outline"
    GENERALISED = "generalised"
    WITHHELD = "withheld"


class State(StrEnum):
    """Where a zone is in its life; only `active` is warned of. The other three are the ends that R2 allows."""

    ACTIVE = "active"
    RELEASED = "released"
    REPLACED = "replaced"
    ANNULLED = "annulled"


class Departure(StrEnum):
    """Why a zone is no longer on the phones (R2)."""

    RELEASED = "released"
    REPLACED = "replaced"
    UNPUBLISHED = "unpublished"
    ANNULLED = "annulled"


class ReleaseKind(StrEnum):
    """Three different things, never shown as one another (R3); each has one method."""

    CANCELLED = "cancelled"
    REDUCED = "reduced"
    CLEARED = "cleared"


class Method(StrEnum):
    NON_TECHNICAL_SURVEY = "non-technical-survey"
    TECHNICAL_SURVEY = "technical-survey"
    CLEARANCE = "clearance"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: direct (seen) or indirect, from whom, where in the source's words, when."""

    basis: Basis
    direct: bool | None = None
    place: str = ""
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the GICHD minimum data say of an area beside its outline; for operators only (R25).

    `deactivating`: the devices are said to switch themselves off, `deactivates_by` when. A claim, never an effect (R1).
    `benchmark` is longitude and latitude of the reference point on the ground.
    """

    hazards: frozenset[Hazard] = frozenset({Hazard.UNKNOWN})
    lying: Lying = Lying.UNKNOWN
    evidence: tuple[Evidence, ...] = ()
    deactivating: bool | None = None
    deactivates_by: date | None = None
    marking: Marking = Marking.UNKNOWN
    reported_on: date | None = None
    surveyed_on: date | None = None
    benchmark: tuple[float, float] | None = None
    beneficiaries: int | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """An area as it is on record.

    `official` is for operators, and so is `released`: the part of it that release records in force cover. `public` is
    None exactly if the zone is withheld or no longer active. `whole` is what would be public without release records,
    None where that is what is public. `feed` names the list of its authority that it came with.
    """

    id: UUID
    authority: str
    external_id: str
    key: str
    exercise: bool
    hazard_class: HazardClass
    claim: str
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
    particulars: Particulars = field(default_factory=Particulars)
    feed: str = ""
    state: State = State.ACTIVE
    released: Area | None = None
    whole: Area | None = None
    public_revision: int = 1
    departure: Departure | None = None
    departed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The least that an import has to know of a zone before it reads a row of it."""

    id: UUID
    key: str
    feed: str
    state: State
    data_as_of: date
    stale: bool


@dataclass(frozen=True, slots=True)
class PublicRelease:
    """What the public may know of a release record; `outline` only where the zone's own outline is public."""

    id: UUID
    kind: ReleaseKind
    authority: str
    dated: date
    depth_cm: int | None
    outline: Area | None


@dataclass(frozen=True, slots=True)
class PublicZone:
    """All that the public may know of a zone (R25). `revision` counts only what the public can see.

    `version` is that of the whole public record at which the public last saw this zone change.
    """

    id: UUID
    revision: int
    exercise: bool
    authority: str
    data_as_of: date
    accuracy_m: float
    stale: bool
    outline: Area
    releases: tuple[PublicRelease, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Departed:
    """A zone that phones may still hold, and why it is no longer in the packs (R2)."""

    id: UUID
    exercise: bool
    reason: Departure
    at: datetime
    replaced_by: tuple[UUID, ...]
    releases: tuple[PublicRelease, ...]


@dataclass(frozen=True, slots=True)
class CoverageArea:
    """Where an authority keeps the record. `surveyed`: it says that it has looked everywhere there; never told so.

    `public` is the outline rounded inward, as it is a claim; it is made when the area is kept, None if nothing is left.
    """

    id: UUID
    authority: str
    external_id: str
    key: str
    exercise: bool
    name: str
    surveyed: bool
    data_as_of: date
    outline: Area
    revision: int
    ended_at: datetime | None
    changed_at: datetime
    public: Area | None = None


class Listing(StrEnum):
    """How much of the danger in a coverage area is on the public record, at most (R5)."""

    LISTED = "listed"
    PARTLY_LISTED = "partly_listed"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class PublicCoverage:
    """What the public may know of a coverage area."""

    id: UUID
    authority: str
    exercise: bool
    listing: Listing
    data_as_of: date
    outline: Area


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
