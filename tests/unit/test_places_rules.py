"""What loading a source does: joins, marks, never deletes."""

from dataclasses import replace
from datetime import date

import pytest
from shapely import box

from service.kit.errors import Refused
from service.places import rules
from service.places.model import Category, Effect, NameKind
from service.places.sources import columns, opening
from tests.island import LOADED, MAP, OUTLINES, REGISTER, STATED, Record


def lines() -> list[str]:
    return REGISTER.decode().splitlines()


def a_register(*, without: str = "", instead: str = "") -> bytes:
    """The island's register without the line of a code, or with another line in its place."""
    kept = [instead if without and line.startswith(f"{without},") else line for line in lines()]
    return "\n".join(line for line in kept if line).encode()


@pytest.fixture
def record() -> Record:
    record = Record()
    record.load(REGISTER, MAP)
    return record


def test_loading_the_same_again_changes_nothing(record: Record) -> None:
    plan = record.load(REGISTER, MAP)
    assert plan.counts == {Effect.NEW: 0, Effect.CHANGED: 0, Effect.UNCHANGED: 30, Effect.MISSING: 0}
    assert (plan.statements, plan.new_places, plan.missing) == ((), (), ())


def test_r6_a_place_that_vanishes_from_its_register_is_marked_and_stays(record: Record) -> None:
    plan = record.load(a_register(without="XA1112"), MAP)
    assert plan.counts[Effect.MISSING] == 1
    assert plan.missing == ("xa-register:XA1112",)
    assert plan.counts[Effect.UNCHANGED] == 29


def test_a_place_that_comes_back_is_the_same_place(record: Record) -> None:
    key = next(key for key in record.said if key[1] == "xa-register:XA1112")
    record.said[key] = replace(record.said[key], missing_since=LOADED)
    assert next(place for place in record.places() if place.name.text == "Чайкине").missing
    plan = record.load(REGISTER, MAP)
    assert plan.counts[Effect.CHANGED] == 1
    assert plan.statements[0].place_id == key_place(record, "Чайкине")
    assert not plan.new_places


def key_place(record: Record, name: str) -> object:
    return next(place.id for place in record.places() if place.name.text == name)


def test_a_part_of_a_source_marks_nothing_missing(record: Record) -> None:
    plan = record.load(a_register(without="XA1112"), MAP, stated=replace(STATED, partial=True))
    assert plan.missing == ()


def test_a_row_that_cannot_be_used_is_named_and_not_missing(record: Record) -> None:
    content = a_register(without="XA1112", instead="XA1112,XA111,хутір,Чайкине,Chaikyne,,,,,")
    reading = opening.read({"register.csv": content}, "XA", MAP)
    fault = reading.faults[0]
    assert (fault.where, "хутір" in fault.detail, "[categories]" in fault.remedy) == (
        "register.csv, line 17",
        True,
        True,
    )
    assert record.load(content, MAP).missing == ()


def test_a_new_name_changes_the_place_and_keeps_its_id(record: Record) -> None:
    before = key_place(record, "Чайкине")
    plan = record.load(a_register(without="XA1112", instead="XA1112,XA111,місто,Нове,Nove,,Чайкине,,,"), MAP)
    assert plan.counts[Effect.CHANGED] == 1
    assert key_place(record, "Нове") == before


def test_older_data_of_a_source_is_refused(record: Record) -> None:
    with pytest.raises(Refused, match="newer data"):
        record.load(REGISTER, MAP, stated=replace(STATED, dated=date(2026, 9, 30)))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"dated": None}, "places-date-missing"),
        ({"dated": date(2027, 1, 1)}, "places-date-missing"),
        ({"source": " "}, "places-source-missing"),
        ({"source": "x" * 300}, "places-source-missing"),
        ({"country": "UA"}, "places-world-mixed"),
        ({"exercise": False}, "places-world-mixed"),
    ],
)
def test_an_unfit_statement_is_refused_by_name(changed: dict[str, object], name: str) -> None:
    with pytest.raises(Refused) as refused:
        Record().load(REGISTER, MAP, stated=replace(STATED, **changed))  # type: ignore[arg-type]  # one field at a time
    assert refused.value.name == name
    assert refused.value.remedy


def test_r27_an_invented_place_on_real_ground_is_left_out() -> None:
    reading = opening.read({"register.csv": REGISTER}, "XA", MAP)
    judged = rules.at_sea(reading, [box(-24.6, -36.3, -24.4, -36.1)])
    assert [fault.where for fault in judged.faults] == ["register.csv, line 4"]
    assert len(judged.units) == len(reading.units) - 1


def test_outlines_join_the_regions_that_they_lie_over(record: Record) -> None:
    plan = record.load(OUTLINES)
    outlined = {place.name.text: place.codes[-1][1] for place in record.places() if place.outline is not None}
    assert outlined == {"Приморська": "XA-P", "Гориста": "XA-G"}
    assert [note.detail for note in plan.notes] == [
        "XA-P was joined with Приморська by where it lies.",
        "XA-G was joined with Гориста by where it lies.",
    ]


def test_what_does_not_join_is_reported_and_makes_no_place(record: Record) -> None:
    before = len(record.places())
    plan = record.load(OUTLINES)
    assert [fault.detail for fault in plan.unjoined] == ["No place on record has the code XA-Z."]
    assert plan.unjoined[0].where == "f, row 4"
    assert len(record.places()) == before


def test_a_code_of_one_scheme_is_never_taken_for_anothers(record: Record) -> None:
    """ISO 3166-2 and the codifier number Ukraine's regions differently: UA-09 is not UA09."""
    twisted = OUTLINES.replace(b'"XA-P"', b'"XA-02"')
    record.load(twisted)
    outlined = {place.name.text for place in record.places() if ("iso-3166-2", "XA-02") in place.codes}
    assert outlined == {"Приморська"}


def test_a_second_source_adds_by_code_and_its_other_name_is_kept(record: Record) -> None:
    said = columns.parse(
        b'scheme = "pcode"\ncode = "p"\nsource = "Other"\nlicence = "CC0 1.0"\nlevel = 1\n'
        b'longitude = "x"\nlatitude = "y"\n'
        b'category = "region"\n[names]\nuk = "n"\nru = "r"\n',
        "other.toml",
    )
    table = "p,n,r,x,y\nXA-02,Гірська,Горная,-24.1,-36.1\n".encode()
    plan = record.load(table, said)
    place = next(place for place in record.places() if ("pcode", "XA-02") in place.codes)
    assert place.name.text == "Гориста"
    assert [(name.text, name.kind) for name in place.names if name.language != "en"] == [
        ("Гориста", NameKind.OFFICIAL),
        ("Горная", NameKind.OFFICIAL),
        ("Гірська", NameKind.ALIAS),
    ]
    assert place.centre is not None
    assert "Гірська" in plan.notes[0].detail


def test_a_code_that_names_another_level_does_not_join(record: Record) -> None:
    said = columns.parse(
        b'scheme = "pcode"\ncode = "p"\nsource = "Other"\nlicence = "CC0 1.0"\nlevel = 3\n', "other.toml"
    )
    plan = record.load(b"p\nXA-02\nXA-09\n", said)
    assert len(plan.unjoined) == 1
    assert "level 3" in plan.unjoined[0].detail
    assert plan.counts[Effect.NEW] == 1, "a city with special status stands for every level"


def test_a_parent_of_no_higher_level_is_no_parent() -> None:
    record = Record()
    rows = ["code,parent,kind,name,name_en,also,before,lon,lat,pcode"]
    rows += ["XA1,XA2,край,Перша,First,,,,,", "XA2,XA1,край,Друга,Second,,,,,"]
    record.load("\n".join(rows).encode(), MAP)
    assert [place.parent for place in record.places()] == [None, None]
    assert all(place.category is Category.REGION for place in record.places())
    assert record.gazetteer().find("Перша", exercise=True).only is not None
