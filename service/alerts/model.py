"""What an alert is, and which states it passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.delivery.model import Bulletin, Message, Severity, Text
from service.kit.geo import Area as Ground

PLAN_JOB = "alerts:plan"
SPREAD_JOB = "alerts:spread"
LEAST_REACH_M = 500
MOST_REACH_M = 50_000
LONGEST_NAME = 80
USUAL_REACH_M = 5_000
LONGEST_ESCALATION = 1_440
MOST_UNITS = 50
MOST_UNITS_NAMED = 3
MOST_CELLS_TOLD = 40
AUDIENCE_RESOLUTION = 7
LOOK_UP_RESOLUTIONS = (4, 5, 6, 7)
UNVERIFIED_RESOLUTION = 5
FEWEST_CELLS_COUNTED = 3  # R26: no count of people for fewer


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"  # a later message of its lineage took its place


class Act(StrEnum):
    """What is done to an alert: by operators, and from `plan` on by the worker."""

    CREATE = "create"
    CHANGE = "change"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    UPDATE = "update"
    CORRECT = "correct"
    CONFIRM = "confirm"
    END = "end"
    REPLACE = "replace"
    RENEW = "renew"
    PLAN = "plan"
    FINISH = "finish"
    REMIND = "remind"


class Reason(StrEnum):
    """Why an act on an alert is refused; each is the stable name of a problem."""

    ALERT_UNKNOWN = "alert-unknown"
    NOT_NOW = "not-in-this-state"
    SAME_PERSON = "same-person"
    EXERCISE_MISMATCH = "exercise-mismatch"
    CONTENT_CHANGED = "content-changed"
    NO_LANGUAGE = "no-language-to-send"
    TEMPLATE_UNKNOWN = "template-unknown"
    NO_SUCH_MISTAKE = "exercise-cannot-have-been-one"
    CELL_UNFIT = "cell-unfit"
    STALE = "not-the-latest-message"
    DRAFT_OPEN = "draft-open"
    EXERCISE_FIXED = "exercise-fixed"
    NO_RELEASE = "no-release-record"
    STILL_DANGEROUS = "zone-still-dangerous"
    NOTHING_TO_RENEW = "nothing-to-renew"
    AREA_UNFIT = "area-unfit"
    AREA_ELSEWHERE = "area-elsewhere"
    NOT_ONE_AREA = "not-one-area"
    UNIT_UNKNOWN = "unit-unknown"
    UNIT_WITHOUT_GROUND = "unit-without-ground"
    PLACE_UNNAMED = "place-unnamed"


class Phase(StrEnum):
    """What a phone should make of an entry; none of them says that the danger is over.

    Withdrawn: the text is the correction. Ended: the text tells of the release record.
    """

    LIVE = "live"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    OUT_OF_DATE = "out_of_date"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author decides; `exercise` never changes afterwards (R18).

    An alert is about one thing: a zone, a drawn outline, or units of `places`. Authors name units by id or code; those
    of a kept draft are ids. An empty `place` means the names that the register has for its units.
    `repeat` is the reason for which it is said again to those who were warned of the same thing before (R21).
    After `escalate` without a receipt it goes on by text; None: never.
    """

    zone_id: UUID | None
    template: str
    severity: Severity
    exercise: bool
    reach_m: int
    place: str
    place_names: Mapping[str, str]
    repeat: str = ""
    drawn: Ground | None = None
    units: tuple[str, ...] = ()
    escalate: timedelta | None = None

    def __post_init__(self) -> None:
        if (self.zone_id is not None) + (self.drawn is not None) + bool(self.units) != 1:
            raise ValueError("an alert is about one zone, one drawn outline, or units")


@dataclass(frozen=True, slots=True)
class Alert:
    """`content` is the hash of what was submitted; `snapshot` and `cells` are what was approved, for ever.

    `code` is the short number of its lineage, by which residents ask whether a text is real.
    """

    id: UUID
    lineage: UUID
    revision: int
    message: Message
    follows: UUID | None
    state: State
    draft: Draft
    author_id: UUID
    submitter_id: UUID | None
    approver_id: UUID | None
    created_at: datetime
    content: bytes | None
    approved_at: datetime | None
    expires_at: datetime | None
    snapshot: Sequence[Mapping[str, Any]] | None
    cells: tuple[int, ...] = ()
    release_id: UUID | None = None
    code: int = 0

    def bulletin(self) -> Bulletin:
        """Return what phones are told; only an approved alert can be told."""
        if self.approved_at is None or self.expires_at is None:
            raise ValueError("only an approved alert can be told to phones")
        return Bulletin(
            alert_id=self.id,
            lineage=self.lineage,
            revision=self.revision,
            message=self.message,
            severity=self.draft.severity,
            exercise=self.draft.exercise,
            zone_id=self.draft.zone_id,
            reach_m=self.draft.reach_m,
            issued_at=self.approved_at,
            expires_at=self.expires_at,
            cells=self.cells,
        )


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    act: str
    operator: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Area:
    """Whom an alert is for.

    `rings` has the cells of resolution 7 with their ring (0 touches the ground that it is about) and, as negative
    numbers of places, whoever subscribed to a unit. `covers` are cells to look it up by, `told` the few that phones are
    told, `outline` is all of it.
    """

    rings: Mapping[int, int]
    covers: frozenset[int]
    told: tuple[int, ...]
    outline: Ground

    @property
    def cells(self) -> int:
        """Return of how many cells it is made; R26 looks at that."""
        return sum(cell > 0 for cell in self.rings)

    @property
    def places(self) -> int:
        """Return the subscribers of how many units are meant."""
        return len(self.rings) - self.cells

    @property
    def last_ring(self) -> int:
        return max(self.rings.values())


@dataclass(frozen=True, slots=True)
class Content:
    """What would go out if the alert were approved now."""

    area: Area
    texts: tuple[Text, ...]
    drafts: frozenset[str]
    hash: bytes


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """What anybody may pull: the same that was pushed. `replaces` is the revision whose place it took."""

    bulletin: Bulletin
    phase: Phase
    texts: tuple[Text, ...]
    drafts: frozenset[str]
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction would say of which message; the hash of `content` names exactly this when it is confirmed."""

    of: Alert
    template: str
    content: Content
