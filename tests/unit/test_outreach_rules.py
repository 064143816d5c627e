"""What is taken of a report on sessions held, and what is refused, with everything that is wrong."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from service.config import Settings
from service.guidance.editions import Deployment
from service.kit.errors import Refused
from service.lessons import words_screen
from service.outreach import rules
from service.outreach.model import (
    Delivery,
    Form,
    Gain,
    Kept,
    Method,
    PlaceType,
    Report,
    Sex,
    Spot,
    Taught,
    Terms,
    record_of,
    report_of,
)

TODAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TERMS = Terms(("5-12", "13-17", "18+"), months_late=3, days_to_correct=14)
REPORT = Report(
    sessions=2,
    held_on=date(2026, 10, 30),
    place_type=PlaceType.SCHOOL,
    place="XA1111",
    delivery=Delivery.DIRECT,
    method=Method.LESSON,
    organisation="ДСНС",
    counts={Sex.FEMALE: {"5-12": 12}, Sex.MALE: {"5-12": 9, "13-17": 2}},
    first_timers=20,
    with_disabilities=1,
    lessons=(Taught("emergency.stop", "1-abc"),),
    gains=(Gain("emergency.stop", "1-abc", Form.A, 92, 40, 71),),
)


def faults_of(**changes: object) -> list[str]:
    with pytest.raises(Refused) as caught:
        rules.check(replace(REPORT, **changes), TERMS, today=TODAY)  # type: ignore[arg-type]  # any field
    assert all(fault.remedy for fault in caught.value.faults)
    return [fault.where for fault in caught.value.faults]


def test_a_report_that_is_fit_is_kept_word_for_word() -> None:
    assert rules.check(REPORT, TERMS, today=TODAY) is REPORT
    assert report_of(record_of(REPORT)) == REPORT


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"held_on": TODAY + timedelta(1)}, "date"),
        ({"held_on": TODAY - timedelta(731)}, "date"),
        ({"place": None}, "place"),
        ({"counts": {Sex.FEMALE: {"6-10": 3, "5-12": 30}}}, "counts.female"),
        ({"first_timers": 24}, "first_timers"),
        ({"with_disabilities": 24}, "with_disabilities"),
        ({"gains": (Gain("a", "1", Form.A, 10, 11, 3),)}, "gains.0.right_before"),
        ({"gains": (Gain("a", "1", Form.A, 10, 1, 13),)}, "gains.0.right_after"),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(changes: dict[str, object], where: str) -> None:
    assert faults_of(**changes) == [where]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = faults_of(held_on=TODAY + timedelta(9), place=None, counts={}, first_timers=0, with_disabilities=None)
    assert found == ["date", "place", "counts"]


def test_a_session_of_today_is_no_planned_one() -> None:
    rules.check(replace(REPORT, held_on=TODAY), TERMS, today=TODAY)


def test_a_lesson_online_has_no_place() -> None:
    rules.check(replace(REPORT, place=None, place_type=PlaceType.ONLINE), TERMS, today=TODAY)


def kept(**changes: object) -> Kept:
    made = Kept(
        uuid4(), 1, rules.digest(REPORT), 1, withdrawn=False, report=REPORT, spot=Spot(), operator_id=uuid4(),
        received_at=NOW, changed_at=NOW,
    )  # fmt: skip  # a row as the database has it
    return replace(made, **changes)  # type: ignore[arg-type]  # any field


def test_a_repeat_is_the_same_report_of_the_same_sender_and_nothing_else() -> None:
    one = kept()
    assert rules.demand_repeat(one, rules.digest(REPORT), one.operator_id) is one
    for sent, sender in (
        (rules.digest(replace(REPORT, sessions=3)), one.operator_id),
        (rules.digest(REPORT), uuid4()),
    ):
        with pytest.raises(Refused, match="Another report"):
            rules.demand_repeat(one, sent, sender)


def test_a_sender_may_correct_for_some_days_and_an_officer_for_ever() -> None:
    one, late = kept(), NOW + timedelta(days=14, seconds=1)
    rules.demand_changeable(one, TERMS, is_officer=False, now=NOW + timedelta(days=14))
    rules.demand_changeable(one, TERMS, is_officer=True, now=late)
    with pytest.raises(Refused, match="14 days"):
        rules.demand_changeable(one, TERMS, is_officer=False, now=late)
    with pytest.raises(Refused, match="withdrawn"):
        rules.demand_changeable(kept(withdrawn=True), TERMS, is_officer=True, now=NOW)


def test_whatever_the_offline_page_offers_is_taken() -> None:
    assert set(words_screen.PLACE_TYPES) <= set(PlaceType)
    assert set(words_screen.DELIVERIES) == set(Delivery)
    assert set(words_screen.METHODS) <= set(Method)
    assert set(words_screen.SEXES) <= set(Sex)
    assert Settings().outreach_age_groups == Deployment("", "", 0, ()).age_groups


@pytest.mark.parametrize("text", ["0-4,5-12,13-17,18+", "5-17, 18+", "18+"])
def test_age_groups_are_a_deployments_own(text: str) -> None:
    assert Settings(outreach_age_groups=text).outreach_age_groups[-1] == "18+"


@pytest.mark.parametrize("text", ["", "5-12,12-17", "13-17,5-12", "children", "5-12,18+,19-20", "12-5", "5-12;13+"])
def test_age_groups_that_meet_or_are_none_are_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="needs age groups in order"):
        Settings(outreach_age_groups=text)
