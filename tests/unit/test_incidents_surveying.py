"""What a row of a source says of an incident: taken, mended, or waiting, and never dropped in silence."""

from datetime import date
from typing import Any

import pytest

from service.incidents import columns
from service.incidents.model import (
    Declared,
    Doubt,
    Field,
    IncidentKind,
    Note,
    Precision,
    Reason,
    SourceMap,
    Survey,
    Unit,
    When,
)
from service.incidents.surveying import survey_all
from service.incidents.words import NOTES, QUARANTINE
from service.intake.model import Record, Unread

DECLARED = Declared("Mine Action Centre", date(2020, 1, 31))
AROUND = [(-74.0 + n / 100, 4.0) for n in range(6)]


def a_row(row: int = 1, point: tuple[float, float] | None = None, **properties: Any) -> Record:
    said = {"id": f"E-{row}", "date": "2019-05-04", "district": "Uribe", "region": "Meta", "kind": "accident"}
    geometry = None if point is None else {"type": "Point", "coordinates": list(point)}
    return Record(row, {"type": "Feature", "properties": said | properties, "geometry": geometry})


def surveyed(*rows: Record, declared: Declared = DECLARED) -> tuple[list[Survey], list[Doubt], dict[Note, int]]:
    surveys, waiting, findings = survey_all(rows, declared)
    return surveys, [one.reason for one in waiting], {Note(one.note): one.times for one in findings}


def test_a_row_is_taken_as_its_source_gives_it() -> None:
    row = a_row(adm2_pcode="CO50370", killed="1", sex="F", age_group="5-12", device="APM", note="kept")
    [survey], waiting, noticed = surveyed(row)
    assert (waiting, noticed) == ([], {})
    assert survey.kind is IncidentKind.ACCIDENT
    assert survey.when == When(date(2019, 5, 4), Precision.DAY)
    assert survey.place.district == Unit("district", "CO50370", "Uribe")
    assert survey.place.region == Unit("region", "", "Meta")
    assert (survey.victims.killed, survey.victims.injured, survey.victims.sex) == (1, None, "F")
    assert survey.attributes["note"] == "kept"


def test_a_map_says_which_column_means_what() -> None:
    source_map = SourceMap({Field.KIND: "TIPO_EVENTO", Field.DISTRICT: "Mpio"}, {Field.KIND: {"4": "find"}})
    declared = Declared("A", date(2020, 1, 31), source_map=source_map)
    [survey], _, _ = surveyed(a_row(TIPO_EVENTO=4.0, Mpio="Granada"), declared=declared)
    assert survey.kind is IncidentKind.FIND
    assert survey.place.district == Unit("Mpio", "", "Granada")


def test_a_code_that_nobody_explained_is_unknown_and_told_once_for_all_rows() -> None:
    surveys, _, noticed = surveyed(*(a_row(n, kind="8") for n in range(1, 4)))
    assert {one.kind for one in surveys} == {IncidentKind.UNKNOWN}
    assert noticed == {Note.KIND_UNKNOWN: 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-05-04", When(date(2019, 5, 4), Precision.DAY)),
        ("2019-05-04T12:00:00Z", When(date(2019, 5, 4), Precision.DAY)),
        ("2019-05", When(date(2019, 5, 1), Precision.MONTH)),
        ("2019", When(date(2019, 1, 1), Precision.YEAR)),
        ("04.05.2019", When(date(2019, 5, 4), Precision.DAY)),
        ("25/05/2019", When(date(2019, 5, 25), Precision.DAY)),
        ("05/25/2019", When(date(2019, 5, 25), Precision.DAY)),
        ("05/05/2019", When(date(2019, 5, 5), Precision.DAY)),
    ],
)
def test_a_date_keeps_the_precision_that_it_has(text: str, expected: When) -> None:
    assert columns.when(text) == (expected, False)


def test_of_a_date_whose_day_could_be_its_month_only_the_year_is_believed() -> None:
    [survey], _, noticed = surveyed(a_row(date="04/05/2019"))
    assert survey.when == When(date(2019, 1, 1), Precision.YEAR)
    assert noticed == {Note.DATE_SHORTENED: 1}


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"date": None}, Reason.NO_DATE),
        ({"date": "2019-02-30"}, Reason.BAD_DATE),
        ({"date": "soon"}, Reason.BAD_DATE),
        ({"date": "0019-02-03"}, Reason.BAD_DATE),
        ({"date": "99999"}, Reason.BAD_DATE),
        ({"date": "2020-02-01"}, Reason.AFTER_FILE),
        ({"date": "2019-05-04", "year": "2018"}, Reason.DATES_DIFFER),
        ({"district": " "}, Reason.NOWHERE),
        ({"fictional": True}, Reason.FICTIONAL),
    ],
)
def test_a_row_that_cannot_be_taken_waits_with_reason_and_remedy(properties: dict[str, Any], reason: Reason) -> None:
    surveys, waiting, _ = surveyed(a_row(**properties))
    assert (surveys, waiting) == ([], [reason])


def test_a_row_that_could_not_be_read_waits() -> None:
    surveys, waiting, _ = surveyed(Record(1, {"why": "it is no Feature"}, Unread.UNREADABLE))
    assert (surveys, waiting) == ([], [Unread.UNREADABLE])


@pytest.mark.parametrize(
    ("point", "note"),
    [
        ((0.0, 0.0), Note.ZERO_POINT),
        ((74.0, 4.0), Note.WRONG_HEMISPHERE),
        ((4.0, -74.0), Note.AXES_SWAPPED),
        ((-74.0, 400.0), Note.POINT_OUT_OF_RANGE),
        ((float("nan"), 4.0), Note.POINT_OUT_OF_RANGE),
    ],
)
def test_a_point_that_cannot_be_right_is_left_out_and_the_incident_taken(
    point: tuple[float, float], note: Note
) -> None:
    rows = [a_row(n, at) for n, at in enumerate(AROUND, start=1)]
    surveys, waiting, noticed = surveyed(*rows, a_row(9, point))
    assert (len(surveys), waiting, noticed) == (7, [], {note: 1})
    assert surveys[-1].place.point is None
    assert all(one.place.point for one in surveys[:-1])


def test_a_point_far_from_the_others_is_kept_and_told() -> None:
    rows = [a_row(n, at) for n, at in enumerate(AROUND, start=1)]
    surveys, _, noticed = surveyed(*rows, a_row(9, (-50.0, 30.0)))
    assert surveys[-1].place.point == (-50.0, 30.0)
    assert noticed == {Note.FAR_AWAY: 1}


def test_a_row_with_the_same_id_is_taken_once_and_one_that_says_otherwise_waits() -> None:
    surveys, waiting, noticed = surveyed(
        a_row(1), a_row(2, id=" e-1 ", district="URIBE ", region="Métá"), a_row(3, id="\uff25-1", date="2018")
    )
    assert [one.external_id for one in surveys] == ["E-1"]
    assert waiting == [Reason.ID_TWICE]
    assert noticed == {Note.SAME_ROW: 1}


def test_rows_without_ids_that_say_the_same_are_both_taken_and_told() -> None:
    surveys, waiting, noticed = surveyed(a_row(1, id=None), a_row(2, id=None))
    assert len({one.key for one in surveys}) == 2
    assert (waiting, noticed) == ([], {Note.NO_ID: 2, Note.LOOKS_TWICE: 1})


def test_garbled_names_are_mended_and_told() -> None:
    garbled = "MONTAÑITA".encode().decode("cp1252")
    [survey], _, noticed = surveyed(a_row(district=garbled, AÑO="2019"))
    assert survey.place.district.name == "MONTAÑITA"
    assert noticed == {Note.TEXT_MENDED: 1}


def test_one_district_has_one_key_whatever_its_case_and_accents() -> None:
    keys = {columns.unit_key(Unit(name=name)) for name in ("CÓRDOBA", "Cordoba ", "cordoba")}
    assert keys == {"cordoba"}
    assert columns.folded("Район й") != columns.folded("Раион и")
    assert columns.unit_key(Unit(code="CO1", name="a")) == columns.unit_key(Unit(code="co1", name="b"))


def test_every_reason_and_note_has_words() -> None:
    assert QUARANTINE.keys() >= set(Reason)
    assert NOTES.keys() == set(Note)
