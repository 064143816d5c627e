"""Decides which reports are fit, whose repeat is one, and who may change what was handed in; pure."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from service.kit.errors import Fault, Kind, Refused
from service.outreach.model import OLDEST, Gain, Kept, PlaceType, Report, Terms, record_of


def digest(report: Report) -> bytes:
    """Return what two sendings of one report share."""
    return sha256(json.dumps(record_of(report), sort_keys=True).encode()).digest()


def check(report: Report, terms: Terms, *, today: date) -> Report:
    """Return a report that may be kept. Refused with everything that is wrong, and how to mend it."""
    faults = [*_of_day(report, today), *_of_place(report), *_of_people(report, terms), *_of_gains(report.gains)]
    if faults:
        first = faults[0]
        raise Refused(Kind.INVALID, "report-unfit", first.detail, where=first.where, remedy=first.remedy, faults=faults)
    return report


def _of_day(report: Report, today: date) -> Iterable[Fault]:
    if report.held_on > today:
        detail = "The date is in the future. Only sessions that were held are reported, never planned ones."
        yield Fault("date", detail, "Send it after the session.")
    if report.held_on < today - OLDEST:
        detail = f"The date is more than {OLDEST.days} days ago."
        yield Fault(
            "date", detail, "Look whether the year is right; older sessions belong into the authority's archive."
        )


def _of_place(report: Report) -> Iterable[Fault]:
    if report.place is None and report.place_type is not PlaceType.ONLINE:
        remedy = "Give the code of the village, community or district: GET /v1/places?q=NAME finds it."
        yield Fault("place", "The code of the place is missing.", remedy)


def _of_people(report: Report, terms: Terms) -> Iterable[Fault]:
    known = ", ".join(terms.groups)
    for sex, ages in report.counts.items():
        for group in ages.keys() - set(terms.groups):
            yield Fault(f"counts.{sex}", f"{group!r} is no age group here.", f"Count by these: {known}.")
    if not report.people:
        yield Fault("counts", "Nobody is counted.", "Say how many people took part, by sex and age group.")
    for name, count in (("first_timers", report.first_timers), ("with_disabilities", report.with_disabilities)):
        if (count or 0) > report.people:
            yield Fault(name, f"{count} are more than the {report.people} who took part.", "Count these people again.")


def _of_gains(gains: Iterable[Gain]) -> Iterable[Fault]:
    for number, one in enumerate(gains):
        for name, count in (("right_before", one.right_before), ("right_after", one.right_after)):
            if count > one.asked:
                detail = f"{count} right answers are more than the {one.asked} that were asked for."
                yield Fault(f"gains.{number}.{name}", detail, "`asked` is the number of pupils times questions.")


def demand_repeat(kept: Kept, sent: bytes, operator_id: UUID) -> Kept:
    """Return what is on record if it is what was sent again. Refused where something else came under its id."""
    if kept.operator_id != operator_id or kept.digest != sent:
        detail = "Another report was handed in under this Idempotency-Key."
        remedy = (
            "Make a new key for a new report; what was handed in is changed under /v1/lessons/reports/{id}/correct."
        )
        raise Refused(Kind.CONFLICT, "report-differs", detail, where="Idempotency-Key", remedy=remedy)
    return kept


def may_see(kept: Kept, operator_id: UUID, *, is_officer: bool) -> bool:
    """Exact records are for the authority's information officers, and for whoever handed one in."""
    return is_officer or kept.operator_id == operator_id


def demand_changeable(kept: Kept, terms: Terms, *, is_officer: bool, now: datetime) -> Kept:
    """Return a report that may be changed. Refused once it is withdrawn, or when its sender comes too late."""
    if kept.withdrawn:
        remedy = "If the sessions were held after all, hand in a new report."
        raise Refused(Kind.CONFLICT, "report-withdrawn", "This report was withdrawn.", remedy=remedy)
    if not is_officer and now > kept.received_at + timedelta(days=terms.days_to_correct):
        detail = f"Whoever handed in a report may change it for {terms.days_to_correct} days; these are over."
        raise Refused(Kind.FORBIDDEN, "report-settled", detail, remedy="Ask the authority's information officer.")
    return kept


def percent(right: int, asked: int) -> int:
    """Return how many of a hundred answers were right, in whole numbers."""
    return round(100 * right / asked)
