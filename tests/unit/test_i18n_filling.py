"""How holes are filled: dates, distances and numbers as the language writes them, names kept from upsetting it."""
# ruff: noqa: RUF001 - names are written in their own alphabets here

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from service.i18n.filling import FSI, LRI, PDI, fill, holes, isolate, write
from service.i18n.model import Hole, Metres, ShortDay, UnfilledHole

NOON = datetime(2026, 11, 14, 12, 5, tzinfo=UTC)
KYIV = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("tag", "value", "written"),
    [
        ("en", NOON, "14 November 2026, 12:05 UTC"),
        ("uk", NOON.astimezone(KYIV), "14 листопада 2026 року, 14:05"),
        ("my", NOON, "2026 ခုနှစ် နိုဝင်ဘာ 14 ရက် 12:05 UTC"),
        ("ru", NOON.astimezone(KYIV), "14 ноября 2026 года, 14:05"),
        ("es", date(2026, 11, 14), "14 de noviembre de 2026"),
        ("ar", date(2026, 11, 14), "14 نوفمبر 2026"),
        ("en", ShortDay(date(2026, 9, 3)), "03.09.2026"),
        ("ar", ShortDay(date(2026, 9, 3)), "03.09.2026"),
        ("en", Metres(500), "500 metres"),
        ("uk", Metres(2), "2 метри"),
        ("uk", Metres(5), "5 метрів"),
        ("ru", Metres(21), "21 метр"),
        ("ar", Metres(3), "3 أمتار"),
        ("es", Metres(1500), "1,5 kilómetros"),
        ("uk", Metres(5000), "5 кілометрів"),
        ("en", 12345, "12,345"),
        ("es", 12345, "12.345"),
        ("uk", "101", "101"),
    ],
)
def test_a_value_is_written_as_its_language_does(tag: str, value: Hole, written: str) -> None:
    assert write(value, tag) == written


def test_a_phone_number_in_arabic_stays_ascii_and_reads_from_left_to_right() -> None:
    filled = fill("اتصلوا بالرقم {number}.", {"number": "+380 44 123-45-67"}, tag="ar", direction="rtl")
    assert filled == f"اتصلوا بالرقم {LRI}+380 44 123-45-67{PDI}."


def test_a_foreign_name_is_isolated_only_where_its_direction_clashes() -> None:
    assert isolate("Харків", "rtl") == f"{FSI}Харків{PDI}"
    assert isolate("حلب", "ltr") == f"{FSI}حلب{PDI}"
    assert isolate("חיפה 3", "ltr") == f"{FSI}חיפה 3{PDI}"
    assert isolate("Харків (Слобідський район), 3", "ltr") == "Харків (Слобідський район), 3"
    assert isolate("حلب", "rtl") == "حلب"
    assert isolate("شارع 5", "rtl") == f"{FSI}شارع 5{PDI}"
    assert isolate("112", "ltr") == "112"


def test_a_name_cannot_bring_its_own_controls_or_lines() -> None:
    assert write("Нова\u202e \u2066Петрівка\u2069\n\tдва\x00", "uk") == "Нова Петрівка два"


def test_a_joiner_that_shapes_a_word_stays() -> None:
    assert write("می\u200cخواهم", "fa-AF") == "می\u200cخواهم"


def test_what_fills_a_hole_is_never_read_as_a_hole() -> None:
    assert fill("{place}: {number}", {"place": "{number}", "number": "1"}, tag="en", direction="ltr") == "{number}: 1"


def test_a_value_that_no_hole_wants_is_passed_over_and_a_missing_one_is_an_error() -> None:
    assert fill("{place}", {"place": "A", "number": "1"}, tag="en", direction="ltr") == "A"
    with pytest.raises(UnfilledHole, match="place"):
        fill("{place}", {"number": "1"}, tag="en", direction="ltr")


def test_holes_are_plain_names_only() -> None:
    assert holes("{place} {a_1} {A} {place.x} {0} {} {x!r}") == {"place", "a_1"}
