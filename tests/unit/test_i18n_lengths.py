"""How long an SMS is: counted per encoding, and never cut through what is one letter to a reader."""

import pytest

from service.i18n.checking import SMS_SAMPLES, as_sms
from service.i18n.lengths import Sms, first_part, fitting, measure
from service.kit.errors import Refused
from service.kit.sms import Encoding

GSM, UCS = Encoding.GSM_7, Encoding.UCS_2


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", GSM, 0, 1),
        ("Stop.", GSM, 5, 1),
        ("é", GSM, 1, 1),
        ("{€}", GSM, 6, 1),
        ("ж", UCS, 1, 1),
        ("á", UCS, 1, 1),
        ("“", UCS, 1, 1),
        ("a" * 160, GSM, 160, 1),
        ("a" * 161, GSM, 161, 2),
        ("a" * 306, GSM, 306, 2),
        ("a" * 307, GSM, 307, 3),
        ("ж" * 70, UCS, 70, 1),
        ("ж" * 71, UCS, 71, 2),
        ("ж" * 201, UCS, 201, 3),
        ("ж" * 202, UCS, 202, 4),
        ("😀", UCS, 2, 1),
    ],
)
def test_a_text_is_counted_as_the_alphabet_that_it_needs(
    text: str, encoding: Encoding, units: int, segments: int
) -> None:
    assert measure(text) == Sms(encoding, units, segments)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 152 + "€" + "a" * 152,  # an escape pair that would straddle the first two segments
        "ж" * 66 + "😀" + "ж" * 133,  # a surrogate pair
        "ж" * 66 + "и\u0306" + "ж" * 133,  # a letter and the mark on it
    ],
)
def test_what_is_one_letter_moves_whole_into_the_next_segment(text: str) -> None:
    sms = measure(text)
    assert sms.units in {306, 201}
    assert not sms.fits


def test_a_text_fits_into_two_segments_of_gsm_7_or_three_of_ucs_2() -> None:
    assert [measure(text).fits for text in ("a" * 306, "a" * 307, "ж" * 201, "ж" * 202)] == [True, False, True, False]


def test_what_is_too_long_is_said_with_text_units_segments_and_limit() -> None:
    told = measure("ж" * 202).excess("жж")
    assert told == (
        "as an SMS with the longest names needs 202 units of UCS-2 in 4 segments, 201 in 3 are allowed: 'жж'"
    )


def test_an_sms_is_measured_with_the_longest_names_that_a_deployment_may_have() -> None:
    filled = {name: as_sms(f"{{{name}}}", tag="en", direction="ltr") for name in SMS_SAMPLES}
    assert {name: len(text) for name, text in filled.items()} == {
        "place": 25,
        "authority_short": 12,
        "date": 15,
        "number": 13,
        "code": 6,
    }


def test_what_isolates_a_name_in_arabic_is_counted_too() -> None:
    assert len(as_sms("{number}", tag="ar", direction="rtl")) == 15
    assert len(as_sms("{place}", tag="ar", direction="rtl")) == 27
    assert len(as_sms("{date}", tag="ar", direction="rtl")) == 15  # figures with stops and strokes are one number


def test_the_first_part_is_what_a_phone_may_show_alone() -> None:
    assert first_part("ж" * 100) == "ж" * 67


def test_the_first_part_is_counted_in_units_and_ends_with_a_whole_letter() -> None:
    assert first_part("ж" * 65 + "😀" + "ж") == "ж" * 65 + "😀"
    assert first_part("ж" * 66 + "😀") == "ж" * 66


VILLAGE, COMMUNITY, DISTRICT = "Нова Петрівка на Дібрівці-Заріччі", "Дібрівська сільська громада", "Ізюмський район"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["Лиман", COMMUNITY, DISTRICT], "Лиман"),
        ([VILLAGE, COMMUNITY, DISTRICT], DISTRICT),
        ([VILLAGE, COMMUNITY], VILLAGE),  # none is short, but the text has room for it
    ],
)
def test_a_name_that_does_not_fit_gives_way_to_that_of_the_unit_above(names: list[str], chosen: str) -> None:
    assert fitting(lambda name: f"Міни: {name}.", names) == f"Міни: {chosen}."


def test_a_name_is_never_cut_and_where_none_fits_nothing_goes_out() -> None:
    room = "ж" * 180
    assert fitting(lambda name: f"{room} {name}", [VILLAGE, COMMUNITY, DISTRICT]) == f"{room} {DISTRICT}"
    with pytest.raises(Refused, match="201 in 3 are allowed: ") as refused:
        fitting(lambda name: f"{room} {name}", [VILLAGE, COMMUNITY])
    assert refused.value.name == "text-too-long"
    assert COMMUNITY in refused.value.detail
    with pytest.raises(Refused, match="no name"):
        fitting(lambda name: name, [])
