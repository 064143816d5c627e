"""What a report on sessions held says; never a name, and no text of somebody's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

OLDEST = timedelta(days=730)
"""Sessions longer ago belong into the authority's archive, not into a queue that somebody forgot."""

CODE = r"^[A-Za-z0-9._:-]{1,40}$"
LESSON = r"^[a-z0-9][a-z0-9.-]{0,79}$"
REVISION = r"^[A-Za-z0-9.+-]{1,60}$"
ORGANISATION = r"^\w[\w .&'-]{0,39}$"
"""A short name in any script; no line, no address, no sentence fits in."""

HAND_IN = ("/v1/lessons/reports", "/v1/lessons/reports/batch")
"""Where reports are handed in, from other pages too."""

MOST = 99_999
MOST_SESSIONS = 1_000
MOST_LESSONS = 40
MOST_GAINS = 80
MOST_AT_ONCE = 25


class Delivery(StrEnum):
    """How people were reached, as the field's records tell it apart."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    TRAINING = "training"


class PlaceType(StrEnum):
    SCHOOL = "school"
    COMMUNITY = "community"
    CAMP = "camp"
    HOME = "home"
    WORKPLACE = "workplace"
    HEALTH = "health"
    OUTDOORS = "outdoors"
    ONLINE = "online"
    OTHER = "other"


class Method(StrEnum):
    LESSON = "lesson"
    GROUP = "group"
    TEACHER_TRAINING = "teacher-training"
    PARENTS_EVENING = "parents-evening"
    HOME_VISIT = "home-visit"
    MEDIA = "media"
    ONLINE = "online"
    OTHER = "other"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Form(StrEnum):
    """Which of the two sets of questions a class answered."""

    A = "a"
    B = "b"


class Why(StrEnum):
    """Why a report is changed or withdrawn: words to choose from, so that nobody writes about a person."""

    TYPED_WRONG = "typed-wrong"
    WRONG_PLACE = "wrong-place"
    WRONG_DAY = "wrong-day"
    COUNTED_TWICE = "counted-twice"
    NOT_HELD = "not-held"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson, by id and the revision that was taught."""

    lesson: str
    revision: str


@dataclass(frozen=True, slots=True)
class Gain:
    """What a class answered before and after: `asked` is pupils times questions, the others how many were right."""

    lesson: str
    revision: str
    form: Form
    asked: int
    right_before: int
    right_after: int


@dataclass(frozen=True, slots=True)
class Report:
    """Sessions that were held on a day at a place; `counts` are people by sex and age group."""

    sessions: int
    held_on: date
    place_type: PlaceType
    place: str | None
    delivery: Delivery
    method: Method
    organisation: str
    counts: Mapping[Sex, Mapping[str, int]]
    first_timers: int
    with_disabilities: int | None = None
    lessons: tuple[Taught, ...] = ()
    gains: tuple[Gain, ...] = ()

    @property
    def people(self) -> int:
        return sum(sum(ages.values()) for ages in self.counts.values())


@dataclass(frozen=True, slots=True)
class Spot:
    """What a place code stood for when it was handed in. The point is the unit's, never where anybody was."""

    place_id: UUID | None = None
    region: str = ""
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it stands on record; `number` is its place in the order in which reports came."""

    id: UUID
    number: int
    digest: bytes = field(repr=False)
    revision: int
    withdrawn: bool
    report: Report
    spot: Spot
    operator_id: UUID
    received_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of a report; `repeated` where it was on record already."""

    kept: Kept
    repeated: bool


@dataclass(frozen=True, slots=True)
class Past:
    """A report as one act left it."""

    revision: int
    at: datetime
    operator_id: UUID
    why: str
    withdrawn: bool
    report: Report


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports to return: held on these days, at a place or in a region by its code; `after` is a number."""

    first: date | None = None
    last: date | None = None
    place: str | None = None
    after: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Learnt:
    """What all classes together answered to one form of a lesson's questions."""

    lesson: str
    revision: str
    form: Form
    classes: int
    asked: int
    right_before: int
    right_after: int


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One value of one dimension of the public's figures."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class Sum:
    """How many people in how many reports."""

    people: int = 0
    reports: int = 0


@dataclass(frozen=True, slots=True)
class Release:
    """What stands behind the figures that are shown from `cut` on, of sessions held before a day."""

    cut: date
    held_before: date
    counted: Mapping[Cell, Sum]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a deployment sets: the age groups, how late the public's figures are, how long a sender may correct."""

    groups: tuple[str, ...]
    months_late: int
    days_to_correct: int


def record_of(report: Report) -> dict[str, Any]:
    """Return a report as it is kept, JSON-ready; the same words as in the API."""
    return {
        "sessions": report.sessions,
        "date": report.held_on.isoformat(),
        "place_type": report.place_type.value,
        "place": report.place,
        "delivery": report.delivery.value,
        "method": report.method.value,
        "organisation": report.organisation,
        "counts": {sex.value: dict(ages) for sex, ages in report.counts.items()},
        "first_timers": report.first_timers,
        "with_disabilities": report.with_disabilities,
        "lessons": [{"lesson": one.lesson, "revision": one.revision} for one in report.lessons],
        "gains": [
            {
                "lesson": one.lesson,
                "revision": one.revision,
                "form": one.form.value,
                "asked": one.asked,
                "right_before": one.right_before,
                "right_after": one.right_after,
            }
            for one in report.gains
        ],
    }


def report_of(record: Mapping[str, Any]) -> Report:
    """Read what `record_of` wrote."""
    return Report(
        sessions=record["sessions"],
        held_on=date.fromisoformat(record["date"]),
        place_type=PlaceType(record["place_type"]),
        place=record["place"],
        delivery=Delivery(record["delivery"]),
        method=Method(record["method"]),
        organisation=record["organisation"],
        counts={Sex(sex): dict(ages) for sex, ages in record["counts"].items()},
        first_timers=record["first_timers"],
        with_disabilities=record["with_disabilities"],
        lessons=tuple(Taught(**one) for one in record["lessons"]),
        gains=tuple(Gain(**(one | {"form": Form(one["form"])})) for one in record["gains"]),
    )
