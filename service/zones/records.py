"""What release records and proposals are, and why an act on a zone is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from service.kit.geo import Area
from service.zones.model import HazardClass, Method, Particulars, Publication, ReleaseKind, State, Zone

METHOD = {
    ReleaseKind.CANCELLED: Method.NON_TECHNICAL_SURVEY,
    ReleaseKind.REDUCED: Method.TECHNICAL_SURVEY,
    ReleaseKind.CLEARED: Method.CLEARANCE,
}
"""Each kind of release has exactly one method (R3)."""

DEEPEST_CM = 2_000
MOST_ZONES = 200
LONGEST_TEXT = 2_000
LONGEST_NAME = 200


class Reason(StrEnum):
    """Why an act on zones is refused; each is the stable name of a problem."""

    ZONE_UNKNOWN = "zone-unknown"
    ZONE_ENDED = "zone-ended"
    ZONE_NOT_ENDED_SO = "zone-not-annulled"
    ZONE_TAKEN = "zone-id-taken"
    ZONE_UNTOUCHED = "zone-untouched"
    ZONE_SURVEYED_LATER = "zone-surveyed-later"
    ZONES_DIFFER = "zones-differ"
    ZONES_TOO_FEW = "zones-too-few"
    WORLDS_MIXED = "exercise-mixed"
    NOTHING_CHANGES = "nothing-changes"
    NEEDS_PROPOSAL = "needs-proposal"
    WOULD_NARROW = "would-narrow"
    RELEASED_ALREADY = "ground-released-already"
    RELEASED_GROUND = "ground-released"
    GROUND_MISSING = "ground-missing"
    DATE_IN_FUTURE = "date-in-future"
    DATE_TOO_OLD = "date-too-old"
    DEPTH_MISSING = "depth-missing"
    DEPTH_ODD = "depth-without-clearance"
    OUTLINE_UNFIT = "outline-unfit"
    OUTLINE_MENDED = "outline-not-exact"
    NO_OUTLINE = "no-public-outline"
    AUTHORITY_UNFIT = "authority-unfit"
    ID_UNFIT = "external-id-unfit"
    ACCURACY_UNFIT = "accuracy-unfit"
    RELEASE_UNKNOWN = "release-unknown"
    RELEASE_KNOWN = "release-known-already"
    RELEASE_REVOKED = "release-revoked-already"
    PROPOSAL_UNKNOWN = "proposal-unknown"
    PROPOSAL_DECIDED = "proposal-decided-already"
    PROPOSAL_OUTDATED = "proposal-outdated"
    SAME_PERSON = "same-person"
    ASKER_GONE = "asker-gone"
    COVERAGE_UNKNOWN = "coverage-unknown"
    COVERAGE_ENDED = "coverage-ended-already"
    COVERAGE_TOO_THIN = "coverage-too-thin"


class Act(StrEnum):
    """What needs a second person (R2, R17)."""

    RELEASE = "release"
    ANNUL = "annul"
    DOWNGRADE = "downgrade"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Releasing:
    """A release record that is proposed. `outline` None: the zones as a whole, whatever of them remains."""

    kind: ReleaseKind
    authority: str
    dated: date
    outline: Area | None
    depth_cm: int | None = None
    devices_found: int | None = None
    remarks: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Annulling:
    """A record was plainly wrong; `evidence` says what shows it."""

    evidence: str


@dataclass(frozen=True, slots=True)
class Downgrading:
    """A confirmed area becomes a suspected one."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """The public is to see more, or less, of a zone."""

    publication: Publication


Terms: TypeAlias = Releasing | Annulling | Downgrading | Publishing


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody proposes to do with zones, and why."""

    zone_ids: Sequence[UUID]
    terms: Terms
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for a second person, or was decided. `revisions`: those of the zones when it was asked for."""

    id: UUID
    act: Act
    zone_ids: tuple[UUID, ...]
    revisions: tuple[int, ...]
    terms: Terms
    why: str
    asked_by: UUID
    asked_at: datetime
    approved: bool | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    decided_why: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a record takes from one zone: official ground, and the part of its own outline that may be shown with it."""

    zone_id: UUID
    ground: Area
    shown: Area | None
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A land-release record (R2, R3)."""

    id: UUID
    proposal_id: UUID
    kind: ReleaseKind
    authority: str
    external_id: str
    dated: date
    depth_cm: int | None
    devices_found: int | None
    remarks: str
    outline: Area
    exercise: bool
    at: datetime
    revoked_at: datetime | None = None
    revoked_by: UUID | None = None
    revoked_why: str | None = None
    taken: tuple[Taken, ...] = ()

    @property
    def method(self) -> Method:
        return METHOD[self.kind]

    def stands_at(self, zone_id: UUID) -> bool:
        """Tell whether the record covers ground of a zone now."""
        standing = {one.zone_id for one in self.taken if one.superseded_at is None}
        return self.revoked_at is None and zone_id in standing


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act makes of one zone. `remains_m2` is the official ground that stays dangerous."""

    zone: Zone
    remains_m2: float
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Along:
    """What is kept along with zones: which (second) came of which (first) by what act, whose records changed."""

    act: str = ""
    pairs: tuple[tuple[UUID, UUID], ...] = ()
    recorded: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of a zone: when, by whom, why, and the names of what it changed."""

    number: int
    at: datetime
    operator: str | None
    why: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Descent:
    """One zone came of another by a split or a merge."""

    parent_id: UUID
    child_id: UUID
    act: str
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """All that is on record of a zone's life; `names` says who the operators are."""

    zone: Zone
    revisions: tuple[Revision, ...]
    releases: tuple[Release, ...]
    proposals: tuple[Proposal, ...]
    lineage: tuple[Descent, ...]
    names: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which zones operators want to see; None lets all through."""

    state: State | None = None
    hazard_class: HazardClass | None = None
    authority: str | None = None
    stale: bool | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """An outline that a person gave: the area, and the geometry as given where it had to be mended."""

    area: Area
    given: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the zones that a split makes."""

    external_id: str
    outline: Drawn
    name: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A zone that a person adds by hand."""

    authority: str
    external_id: str
    exercise: bool
    hazard_class: HazardClass
    outline: Drawn
    data_as_of: date
    accuracy_m: float
    publication: Publication
    name: str = ""
    source: str = ""
    particulars: Particulars = field(default_factory=Particulars)


@dataclass(frozen=True, slots=True)
class Covered:
    """A coverage area that a person adds or replaces: the same authority and id name the same area."""

    authority: str
    external_id: str
    exercise: bool
    surveyed: bool
    data_as_of: date
    outline: Area
    name: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person corrects of a zone; None leaves it as it is, and so does a particular that is not named."""

    name: str | None = None
    source: str | None = None
    accuracy_m: float | None = None
    particulars: Mapping[str, Any] = field(default_factory=dict)
