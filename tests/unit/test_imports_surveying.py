"""Rows are judged one by one: taken with what was noticed, or named with the reason why they wait."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from service.imports.model import Finding, Kind, Quarantined, Survey
from service.imports.reasons import Doubt, Note, Reason
from service.imports.words import NOTES, QUARANTINE
from service.intake.model import Unread
from service.zones.model import HazardClass
from tests.build import a_feature, a_file, a_square, declared
from tests.planned import planned, surveyed

BOW_TIE = {"type": "Polygon", "coordinates": [[[17, 45], [17.02, 45.02], [17.02, 45], [17, 45.02], [17, 45]]]}


def _judged(*features: Mapping[str, Any], **stated: Any) -> tuple[list[Survey], list[Quarantined], list[Finding]]:
    found = surveyed(a_file(*features), declared(**stated))
    return found.surveys, found.quarantined, found.findings


def _reason(feature: Mapping[str, Any], **stated: Any) -> Doubt:
    surveys, (waits,), _ = _judged(feature, **stated)
    assert not surveys
    assert waits.detail
    assert waits.remedy
    assert "{" not in waits.detail
    return waits.reason


def _notes(feature: Mapping[str, Any], **stated: Any) -> set[Note]:
    surveys, waiting, findings = _judged(feature, **stated)
    assert not waiting
    assert len(surveys) == 1
    assert not any("{" in finding.detail for finding in findings)
    return {finding.note for finding in findings}


def test_a_plain_row_is_taken_without_remark() -> None:
    assert _notes(a_feature()) == set()


def test_every_reason_and_note_has_its_words() -> None:
    assert set(QUARANTINE) == {*Reason, *Unread}
    assert set(NOTES) == set(Note)


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (a_feature(None), Reason.NO_ID),
        (a_feature(**{"class": None}), Reason.NO_CLASS),
        (a_feature(**{"class": "green"}), Reason.CLASS_UNKNOWN),
        ({**a_feature(), "geometry": None}, Unread.NO_GEOMETRY),
        (a_feature(geometry={"type": "Polygon", "coordinates": []}), Unread.NO_GEOMETRY),
        (a_feature(geometry={"type": "Polygon", "coordinates": [[]]}), Unread.NO_GEOMETRY),
        (a_feature(geometry={"type": "Point", "coordinates": [17, 45]}), Unread.EVENT),
        (a_feature(geometry={"type": "LineString", "coordinates": [[17, 45], [17.1, 45]]}), Unread.LINE),
        (a_feature(geometry={"type": "Polygon", "coordinates": [[[17, 45]] * 4]}), Reason.ONLY_A_POINT),
        (a_feature(geometry={"type": "Polygon", "coordinates": [[[0, 0], [181, 0], [0, 1]]]}), Reason.OUT_OF_RANGE),
        (a_feature(geometry={"type": "Polygon", "coordinates": [[[0, 0], [1e999, 0], [0, 1]]]}), Reason.NOT_FINITE),
        (
            a_feature(geometry={"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 0], [0, 1]]]}),
            Reason.NOT_FINITE,
        ),
        (a_feature(geometry={"type": "Polygon", "coordinates": [[[0, 86], [1, 86], [0, 87]]]}), Reason.POLAR),
        (a_feature(geometry=a_square(size=3)), Reason.ABSURD_SIZE),
        (a_feature(geometry={"type": "Blob"}), Unread.GEOMETRY_BROKEN),
    ],
)
def test_what_cannot_be_taken_waits_with_its_reason(feature: Mapping[str, Any], reason: Doubt) -> None:
    assert _reason(feature) is reason


def test_r9_a_point_is_never_widened_unasked() -> None:
    assert _reason(a_feature(geometry={"type": "MultiPoint", "coordinates": [[17, 45]]})) is Unread.EVENT


def test_r27_a_fictional_area_comes_in_as_an_exercise_only() -> None:
    assert _reason(a_feature(fictional=True)) is Reason.FICTIONAL
    assert _notes(a_feature(fictional=True), exercise=True) == set()


def test_an_id_that_stood_before_waits_also_when_only_a_space_case_or_form_differs() -> None:
    rows = [a_feature(name) for name in ("Z-\u00e9", "z-e\u0301 ", "Z-2")]
    plan = planned(a_file(*rows), declared())
    assert plan.kinds == [Kind.NEW, Kind.IN_DOUBT, Kind.NEW]
    assert [(one.row, one.reason) for one in plan.quarantined] == [(2, Reason.ID_TWICE)]


def test_a_row_that_could_not_be_taken_does_not_block_its_id() -> None:
    plan = planned(a_file({**a_feature("Z-1"), "geometry": None}, a_feature("Z-1")), declared())
    assert plan.kinds == [Kind.IN_DOUBT, Kind.NEW]


def test_r6_no_row_is_dropped_in_silence() -> None:
    features = [a_feature("A"), a_feature(None), {**a_feature("B"), "geometry": None}, a_feature("C", geometry=BOW_TIE)]
    surveys, waiting, _ = _judged(*features)
    assert len(surveys) + len(waiting) == len(features)


@pytest.mark.parametrize("word", ["Cleared", "Closed", "handed over"])
def test_r1_r2_a_claimed_closure_comes_in_as_a_suspected_area(word: str) -> None:
    (survey,), waiting, (finding,) = _judged(a_feature(**{"class": None}, status=word))
    assert not waiting
    assert survey.hazard_class is HazardClass.SUSPECTED
    assert survey.claim == f"{word} (historic, unproven)"
    assert finding.note is Note.NO_RELEASE_RECORD


def test_the_operator_may_state_the_class_of_rows_without_one() -> None:
    (survey,), _, _ = _judged(a_feature(**{"class": None}), hazard_class=HazardClass.CONFIRMED)
    assert survey.said is HazardClass.CONFIRMED


def test_a_stated_class_does_not_excuse_an_unknown_word() -> None:
    assert _reason(a_feature(**{"class": "green"}), hazard_class=HazardClass.CONFIRMED) is Reason.CLASS_UNKNOWN


@pytest.mark.parametrize(
    ("feature", "notes"),
    [
        (a_feature(geometry=BOW_TIE), {Note.UNTANGLED}),
        (a_feature(**{"class": "Open"}), {Note.CLASS_ASSUMED}),
        (a_feature(status="CHA"), {Note.CLASSES_DIFFER}),
        (a_feature(hazards="gadget"), {Note.HAZARD_UNKNOWN}),
        (a_feature(geometry=a_square(size=0.1)), {Note.LONG_STEP}),
        (a_feature(more="x" * 20_000), {Note.TEXT_CUT}),
        (a_feature(more="a\x00b"), {Note.TEXT_MENDED}),
        (
            a_feature(geometry={"type": "GeometryCollection", "geometries": [a_square(), {"type": "Point"}]}),
            {Note.POINTS_LEFT_OUT},
        ),
    ],
)
def test_what_was_noticed_is_said(feature: Mapping[str, Any], notes: set[Note]) -> None:
    assert _notes(feature) == notes


def test_a_mended_outline_keeps_what_was_given() -> None:
    (survey,), _, _ = _judged(a_feature(geometry=BOW_TIE))
    assert survey.given == json.loads(json.dumps(BOW_TIE))
    (clean,), _, _ = _judged(a_feature())
    assert clean.given is None


def test_source_attributes_are_kept_untouched() -> None:
    (survey,), _, _ = _judged(a_feature(note=" Ґ  ", n=[1, {"a": None}]))
    assert survey.attributes == {"zone_id": "Z-1", "class": "SHA", "note": " Ґ  ", "n": [1, {"a": None}]}


def test_the_record_of_a_huge_row_is_cut() -> None:
    huge = {"type": "Polygon", "coordinates": [[[17, 45]] * 20_000]}
    _, (waits,), _ = _judged(a_feature(geometry=huge))
    assert len(json.dumps(waits.record)) < 70_000


def test_an_id_of_another_property_can_be_named() -> None:
    (survey,), _, _ = _judged(a_feature(None, OBJECTID=44), id_property="objectid")
    assert survey.external_id == "44"
