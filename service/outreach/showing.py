"""What senders, information officers, editors and the public see in JSON of reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from service.kit.errors import Refused
from service.outreach import rules
from service.outreach.counting import Figure, Shown
from service.outreach.model import Form, Gain, HandedIn, Kept, Learnt, Past, Release, Spot, record_of

Percent = Annotated[int, Field(ge=0, le=100)]


class GainOut(BaseModel):
    """What a class has learnt, for its teacher: right answers of all that were asked for, and of a hundred."""

    lesson: str
    revision: str
    form: Form
    asked: int
    right_before: int
    right_after: int
    percent_before: Percent
    percent_after: Percent
    gain: Annotated[int, Field(description="how many more answers are right after the lesson than before it")]

    @classmethod
    def of(cls, one: Gain) -> "GainOut":
        return cls(
            lesson=one.lesson,
            revision=one.revision,
            form=one.form,
            asked=one.asked,
            right_before=one.right_before,
            right_after=one.right_after,
            percent_before=rules.percent(one.right_before, one.asked),
            percent_after=rules.percent(one.right_after, one.asked),
            gain=one.right_after - one.right_before,
        )


class HandedInOut(BaseModel):
    """A report is on record, once; `repeated` where it was before."""

    id: UUID
    revision: int
    repeated: bool
    gains: list[GainOut]

    @classmethod
    def of(cls, one: HandedIn) -> "HandedInOut":
        gains = [GainOut.of(each) for each in one.kept.report.gains]
        return cls(id=one.kept.id, revision=one.kept.revision, repeated=one.repeated, gains=gains)


class FaultOut(BaseModel):
    where: str
    detail: str
    remedy: str


class RefusedOut(BaseModel):
    """Why one report of a queue was not taken; `type` is as in a problem of the API."""

    type: str
    detail: str
    where: str | None
    remedy: str | None
    errors: list[FaultOut]


class OutcomeOut(BaseModel):
    """What became of one report of a queue: what is kept or repeated may leave the queue."""

    outcome: Literal["kept", "repeated", "refused"]
    report: HandedInOut | None = None
    problem: RefusedOut | None = None

    @classmethod
    def of(cls, one: HandedIn | Refused) -> "OutcomeOut":
        if isinstance(one, HandedIn):
            return cls(outcome="repeated" if one.repeated else "kept", report=HandedInOut.of(one))
        errors = [FaultOut(where=each.where, detail=each.detail, remedy=each.remedy) for each in one.faults]
        told = RefusedOut(
            type=f"/problems/{one.name}", detail=one.detail, where=one.where, remedy=one.remedy, errors=errors
        )
        return cls(outcome="refused", problem=told)


class OutcomesOut(BaseModel):
    """One outcome for each report, in the order in which they were sent."""

    outcomes: list[OutcomeOut]


class PointOut(BaseModel):
    """The middle of the unit that the place code names; nobody measured where the sessions were held."""

    longitude: float
    latitude: float
    derived: Literal[True] = True


class ReportOut(BaseModel):
    """A report as it stands on record."""

    id: UUID
    number: int
    revision: int
    withdrawn: bool
    operator_id: UUID
    received_at: datetime
    changed_at: datetime
    report: dict[str, Any]
    region: str | None
    centroid: PointOut | None

    @classmethod
    def of(cls, one: Kept) -> "ReportOut":
        return cls(
            id=one.id,
            number=one.number,
            revision=one.revision,
            withdrawn=one.withdrawn,
            operator_id=one.operator_id,
            received_at=one.received_at,
            changed_at=one.changed_at,
            report=record_of(one.report),
            region=one.spot.region or None,
            centroid=_point(one.spot),
        )


def _point(spot: Spot) -> PointOut | None:
    if spot.longitude is None or spot.latitude is None:
        return None
    return PointOut(longitude=spot.longitude, latitude=spot.latitude)


class ReportsOut(BaseModel):
    """A page of reports in the order in which they came; `next` is null on the last one."""

    reports: list[ReportOut]
    next: int | None

    @classmethod
    def of(cls, found: Sequence[Kept], limit: int) -> "ReportsOut":
        page = found[:limit]
        last = page[-1].number if len(found) > limit else None
        return cls(reports=[ReportOut.of(one) for one in page], next=last)


class PastOut(BaseModel):
    """A report as one act left it."""

    revision: int
    at: datetime
    operator_id: UUID
    why: str
    withdrawn: bool
    report: dict[str, Any]

    @classmethod
    def of(cls, one: Past) -> "PastOut":
        return cls(
            revision=one.revision,
            at=one.at,
            operator_id=one.operator_id,
            why=one.why,
            withdrawn=one.withdrawn,
            report=record_of(one.report),
        )


class HistoryOut(BaseModel):
    revisions: list[PastOut]


class LearntOut(BaseModel):
    """What all classes together answered, of a hundred answers."""

    lesson: str
    revision: str
    form: Form
    classes: int
    percent_before: Percent
    percent_after: Percent

    @classmethod
    def of(cls, one: Learnt) -> "LearntOut":
        before, after = (rules.percent(right, one.asked) for right in (one.right_before, one.right_after))
        return cls(
            lesson=one.lesson,
            revision=one.revision,
            form=one.form,
            classes=one.classes,
            percent_before=before,
            percent_after=after,
        )


class GainsOut(BaseModel):
    """Gains of each form of each revision of a lesson that enough classes answered."""

    gains: list[LearntOut]

    @classmethod
    def of(cls, found: Sequence[Learnt]) -> "GainsOut":
        return cls(gains=[LearntOut.of(one) for one in found])


class FigureOut(BaseModel):
    """How many people, of one value of one dimension: rounded to 10, `<20`, or null where it is not shown."""

    dimension: str
    value: str
    shown: Shown
    people: int | str | None


class FiguresOut(BaseModel):
    """Risk education that was given. People are counted at each report; `delivery` tells apart how they were reached.

    All other dimensions are of people reached face to face. Figures stand for a quarter, and a count changes only once
    it has moved by 20 people or more. What is not listed was not counted, or is small.
    """

    since: Annotated[date, Field(description="the day since which these figures are shown")]
    held_before: Annotated[date, Field(description="sessions held before this day count")]
    figures: list[FigureOut]

    @classmethod
    def of(cls, release: Release, figures: Sequence[Figure]) -> "FiguresOut":
        told = [
            FigureOut(dimension=one.cell.dimension, value=one.cell.value, shown=one.shown, people=one.people)
            for one in figures
        ]
        return cls(since=release.cut, held_before=release.held_before, figures=told)
