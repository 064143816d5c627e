"""Machines are not answered, people are: even in haste, even again and again."""

import pytest

from service.conversations.callers import Callers
from service.conversations.loops import Loop, Purpose, Traces, heard_windows, judge, said_windows
from service.kit.hidden import Hidden

OURS = "Nobody has been told by this text. Go back the way you came, then call 101 or 112."


def echoed(text: str) -> int:
    return len(set(said_windows(OURS)) & set(heard_windows(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Automatic reply: I am away",
        "АВТОВІДПОВІДЬ: мене немає",
        "Пишет вам\n  АВТООТВЕТЧИК:  автоответ",
        "رد تلقائي: لست هنا",
    ],
)
def test_an_answering_machine_is_known_by_what_it_says(text: str) -> None:
    assert judge(text, Traces(), Purpose.OTHER) is Loop.AUTO_REPLY


@pytest.mark.parametrize("text", [OURS, f"RE: {OURS}", OURS.upper(), f"you wrote: '{OURS[10:60]}'"])
def test_our_own_words_that_come_back_are_an_echo(text: str) -> None:
    for purpose in Purpose:
        assert judge(text, Traces(echoed=echoed(text)), purpose) is Loop.ECHO


@pytest.mark.parametrize("text", ["Kharkiv", "call 101 or 112?", "who has been told", "11"])
def test_a_person_who_uses_a_few_of_our_words_is_no_echo(text: str) -> None:
    assert judge(text, Traces(echoed=echoed(text)), Purpose.OTHER) is None


def test_the_same_text_again_and_again_is_a_machines() -> None:
    said = "Your request was received"
    assert [judge(said, Traces(alike=times), Purpose.OTHER) for times in (4, 5)] == [None, Loop.ALIKE]
    assert judge("11", Traces(alike=10), Purpose.OTHER) is None, "a code is short, and asked for often"


def test_who_answers_sooner_than_anybody_reads_is_a_machine_after_the_third_time() -> None:
    assert [judge("hello", Traces(soon=times), Purpose.OTHER) for times in (2, 3)] == [None, Loop.SOON]


def test_r22_who_found_something_is_answered_in_haste_and_again() -> None:
    assert judge("auto-reply? no! a mine!", Traces(alike=10, soon=9, urgent=20), Purpose.URGENT) is None
    assert judge("mine", Traces(alike=11), Purpose.URGENT) is Loop.ALIKE
    assert judge("mine 42", Traces(alike=1, urgent=21), Purpose.URGENT) is Loop.ENDLESS


@pytest.mark.parametrize(
    "given", ["+380671234567", "380671234567", "00380671234567", "0671234567", "+380 67 123-45-67"]
)
def test_a_number_is_known_in_every_form_that_operators_write(given: str) -> None:
    found = Callers(("UA",), ()).person(Hidden(given))
    assert found is not None
    assert found.reveal() == "+380671234567"


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        ("Kyivstar", "a name"),
        ("MINES-911", "a name"),
        ("5433", "a short code"),
        ("112", "an emergency number"),
        ("+380900123456", "premium"),
        ("+380800123456", "free of charge: a service"),
        ("+33612345678", "foreign"),
        ("+380501112233", "our own"),
        ("380501112233", "our own"),
        ("", "nobody"),
    ],
)
def test_services_and_strangers_are_never_answered(sender: str, why: str) -> None:
    assert Callers(("UA",), ("+380501112233", "4455")).person(Hidden(sender)) is None, why
