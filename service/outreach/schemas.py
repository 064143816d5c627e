"""The JSON of reports on sessions held."""

import json
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.kit.errors import Fault, Kind, Refused
from service.outreach.model import (
    CODE,
    LESSON,
    MOST,
    MOST_AT_ONCE,
    MOST_GAINS,
    MOST_LESSONS,
    MOST_SESSIONS,
    ORGANISATION,
    REVISION,
    Delivery,
    Form,
    Gain,
    Method,
    PlaceType,
    Report,
    Sex,
    Taught,
    Wanted,
    Why,
)

Lesson = Annotated[str, Field(pattern=LESSON, description="such as `emergency.1`")]
Revision = Annotated[str, Field(pattern=REVISION, description="as printed on the lesson")]
Count = Annotated[int, Field(ge=0, le=MOST, strict=True)]
Group = Annotated[str, Field(pattern=r"^[0-9]{1,3}(-[0-9]{1,3}|\+)$")]
Ages = Annotated[dict[Group, Count], Field(max_length=12)]
_LAST = 2**63 - 1
_EXAMPLE: dict[str, Any] = {
    "sessions": 1,
    "date": "2026-10-05",
    "place_type": "school",
    "place": "UA63120270010096107",
    "delivery": "direct",
    "method": "lesson",
    "organisation": "School network",
    "counts": {"female": {"5-12": 12}, "male": {"5-12": 11, "13-17": 2}},
    "first_timers": 20,
    "gains": [
        {"lesson": "8-11.1", "revision": "2-1a2b3c4d", "form": "a", "asked": 100, "right_before": 41, "right_after": 83}
    ],
}


class TaughtIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lesson: Lesson
    revision: Revision

    def taught(self) -> Taught:
        return Taught(self.lesson, self.revision)


class GainIn(BaseModel):
    """What a class answered before and after: numbers of answers, no pupil's."""

    model_config = ConfigDict(extra="forbid")

    lesson: Lesson
    revision: Revision
    form: Form
    asked: Annotated[int, Field(ge=1, le=MOST, strict=True, description="pupils times questions")]
    right_before: Count
    right_after: Count

    def gain(self) -> Gain:
        return Gain(self.lesson, self.revision, self.form, self.asked, self.right_before, self.right_after)


class ReportIn(BaseModel):
    """Sessions that were held on one day at one place. There is no field for a name or for a text."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    sessions: Annotated[int, Field(ge=1, le=MOST_SESSIONS, strict=True)]
    date: Annotated[date, Field(description="the day on which they were held, never one to come")]
    place_type: PlaceType
    place: Annotated[str | None, Field(pattern=CODE, description="a code of GET /v1/places; may lack only online")] = (
        None
    )
    delivery: Delivery
    method: Method
    organisation: Annotated[str, Field(pattern=ORGANISATION, description="its short name, never a person's")]
    counts: Annotated[dict[Sex, Ages], Field(description="people by sex and age group")]
    first_timers: Annotated[Count, Field(description="who took part for the first time")]
    with_disabilities: Count | None = None
    lessons: Annotated[
        list[TaughtIn], Field(max_length=MOST_LESSONS, description="what was taught; those of `gains` if absent")
    ] = []
    gains: Annotated[list[GainIn], Field(max_length=MOST_GAINS)] = []

    def report(self) -> Report:
        told = [one.taught() for one in self.lessons] or [Taught(one.lesson, one.revision) for one in self.gains]
        return Report(
            sessions=self.sessions,
            held_on=self.date,
            place_type=self.place_type,
            place=self.place,
            delivery=self.delivery,
            method=self.method,
            organisation=self.organisation,
            counts={sex: dict(ages) for sex, ages in self.counts.items()},
            first_timers=self.first_timers,
            with_disabilities=self.with_disabilities,
            lessons=tuple(dict.fromkeys(told)),
            gains=tuple(one.gain() for one in self.gains),
        )


class QueuedIn(BaseModel):
    """One of several reports, under the id that its sender made for it."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    report: ReportIn


# What is no report gets an outcome of its own: it must not keep the others in the queue.
Queued = Annotated[QueuedIn | Any, Field(union_mode="left_to_right", description="a QueuedIn")]


class BatchIn(BaseModel):
    """Reports that waited in a queue; each is judged for itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"reports": [{"id": "3f0c9ae0-7d0a-4c4e-9b5e-52a6b7f1c111", "report": _EXAMPLE}]}]
        },
    )

    reports: Annotated[list[Queued], Field(min_length=1, max_length=MOST_AT_ONCE)]

    def read(self) -> list[tuple[UUID, Report] | Refused]:
        return [(one.id, one.report.report()) if isinstance(one, QueuedIn) else _refused(one) for one in self.reports]


def _refused(given: Any) -> Refused:
    """Say what is wrong with what is no report; what was sent is never repeated."""
    faults: list[Fault] = []
    try:
        QueuedIn.model_validate_json(json.dumps(given))
    except ValidationError as error:
        faults = [
            Fault(".".join(str(part) for part in one["loc"]), one["msg"], "See /openapi.json.")
            for one in error.errors(include_input=False, include_url=False)
        ]
    detail = "This report does not have the form that is taken here."
    return Refused(Kind.INVALID, "malformed-request", detail, faults=faults)


class CorrectIn(BaseModel):
    """What a report should have said, and why it is changed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "typed-wrong", "report": _EXAMPLE}]}
    )

    why: Why
    report: ReportIn


class WithdrawIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "counted-twice"}]})

    why: Why


class ReportsIn(BaseModel):
    """Which reports to return; `after` is the last number of the page before."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[date | None, Field(description="held on this day or later")] = None
    last: Annotated[date | None, Field(description="held on this day or earlier")] = None
    place: Annotated[str | None, Field(pattern=CODE, description="code as reported, or that of a region")] = None
    after: Annotated[int, Field(ge=0, le=_LAST)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100

    def wanted(self) -> Wanted:
        """Ask for one more than the page holds, to know whether another follows."""
        return Wanted(self.first, self.last, self.place, self.after, self.limit + 1)
