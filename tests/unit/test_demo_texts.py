"""The judge of the demo's texts finds every fault, and its people with numbers are as the truth says they are."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

import service.demo
from service.demo.expected import Outline, read_features
from service.demo.expected_texts import Due, Read, Verdict, Wish, judge, language_of
from service.demo.phone import Phone, Warned
from service.demo.population import Network, settle
from service.demo.readers import Reader, invented_numbers, part
from service.demo.spots import Neighbourhood, Place
from service.demo.villages import found
from service.residents.numbers import e164
from tests.unit.test_demo_phone import ALERT, KEY, ZONE, an_owner

ENGLISH = (
    "EXERCISE: a mine warning near Halcyon Bank is being practised. The mine line, 26.11.2026/1. If you see anything "
    "suspicious, stop. Once away, call 112."
)
RUSSIAN = "УЧЕНИЯ: мины, Хальсион-Банк. Служба, 26.11.2026/1. Странное? Стоп: не подходить, потом тел.112"
OUTLINE = next(
    one["geometry"]
    for one in read_features(Path(service.demo.__file__).parent / "zones.geojsonl")
    if one["properties"]["name"] == "Halcyon Bank"
)
THERE = Neighbourhood(Outline.of(OUTLINE), 5003, (Place(84.4, -40.9),))
INSIDE, FAR = Place(-22.40, -38.20), Place(-20.0, -38.2)


def a_read(number: int, due: Due = Due.MUST, *warnings: str, language: str = "en") -> Read:
    return Read(number, due, language, warnings, {})


def faults(verdict: Verdict) -> dict[str, tuple[int, ...]]:
    names = ("missed", "extra", "repeated", "cut", "wrong_language", "unanswered")
    return {name: found for name in names if (found := getattr(verdict, name))}


def test_everybody_who_got_what_is_due_is_no_fault() -> None:
    verdict = judge([a_read(1, Due.MUST, ENGLISH), a_read(2, Due.NOT), a_read(3, Due.MAY), a_read(4, Due.MAY, ENGLISH)])
    assert verdict.exact
    assert (verdict.people, verdict.meant, verdict.texted, verdict.allowed) == (4, 1, 2, 1)


@pytest.mark.parametrize(
    ("read", "fault"),
    [
        (a_read(2), "missed"),
        (a_read(2, Due.NOT, ENGLISH), "extra"),
        (a_read(2, Due.MUST, ENGLISH, ENGLISH), "repeated"),
        (replace(a_read(2, Due.MUST, ENGLISH), surplus=1), "repeated"),
        (a_read(2, Due.MUST, ENGLISH[:60]), "cut"),
        (replace(a_read(2, Due.NOT), asked=(Wish.FIND,)), "unanswered"),
        (replace(a_read(2, Due.NOT), asked=(Wish.FIND,), answers={Wish.FIND: "Llame al 112."}), "unanswered"),
        (
            replace(a_read(2, Due.NOT), asked=(Wish.REAL,), answers={Wish.REAL: "In force: 26.11.2026/1, call 112."}),
            "unanswered",
        ),
    ],
)  # fmt: skip  # a fault a line
def test_every_fault_of_a_text_is_named(read: Read, fault: str) -> None:
    verdict = judge([a_read(1, Due.MUST, ENGLISH), a_read(3, Due.MUST, ENGLISH), read])
    assert faults(verdict) == {fault: (2,)}
    assert not verdict.exact


def test_a_text_in_a_language_not_theirs_is_a_fault_even_where_all_of_that_language_got_it() -> None:
    assert faults(judge([a_read(1, Due.MUST, RUSSIAN, language="uk")])) == {"cut": (1,), "wrong_language": (1,)}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (RUSSIAN, "ru"),
        ("НАВЧАННЯ: міни, Гальсіон-Банк. Підозріле? Стоп, не підходьте, не чіпайте.", "uk"),
        ("SIMULACRO de aviso de minas cerca de Halcyon Bank. Vuelva despacio por donde vino, llame al 112.", "es"),
        ("تمرين ألغام: Halcyon Bank. قد توجد ألغام فعلا", "ar"),
    ],
)
def test_the_judge_knows_the_languages_of_the_demo(text: str, language: str) -> None:
    assert language_of(text) == language


def test_numbers_are_those_of_stories_which_nobody_has() -> None:
    numbers = list(islice(invented_numbers(), 5_000))
    assert len(set(numbers)) == 5_000
    assert all(number[5:10] == "55501" and len(number) == 12 for number in numbers)
    assert {e164(number, ["US"]).reveal() for number in numbers[:400]} == set(numbers[:400]), "each may be texted"


def test_some_have_no_data_and_some_a_number_beside_their_app() -> None:
    villages = found(THERE, seed=1)
    assert {one.meant for one in villages} == {True, False}
    owners = settle(THERE, phones=400, seed=1)
    with_app, readers = part(owners, villages)
    without_data = {one.owner.number for one in readers if one.village}
    assert {one.number for one in with_app} | without_data == {one.number for one in owners}
    assert not without_data & {one.number for one in with_app}
    assert {one.wish for one in readers} == {None, *Wish}
    dues = [one.due(THERE, None, began=0, patience_s=9) for one in readers]
    assert set(dues) == set(Due)


def a_reader(**more: object) -> Reader:
    owner = an_owner(**{"number": 7, "places": (INSIDE,)} | more)
    return Reader(owner, "+12025550100", None, None, proves_by_text=False)


def due(reader: Reader, shown_at: float | None = None) -> Due:
    phone = Phone(reader.owner, "7", KEY.public_key())
    if shown_at is not None:
        phone.show(Warned(ALERT, 1, ZONE, 5000.0, "uk", 42, pushed=True), at=shown_at)
    return reader.due(THERE, phone, began=100.0, patience_s=7.0)


def test_an_app_that_showed_the_warning_in_time_needs_no_text_and_a_late_one_may_get_it() -> None:
    assert due(a_reader(), 103.0) is Due.NOT
    assert due(a_reader(), 108.0) is Due.MAY
    assert due(a_reader(network=Network.OFF)) is Due.MUST
    assert due(a_reader(loses_push=True), 115.0) is Due.MUST
    assert due(a_reader(places=(FAR,))) is Due.NOT


def test_who_is_no_tester_or_said_stop_must_get_nothing() -> None:
    off = a_reader(network=Network.OFF)
    assert due(a_reader(network=Network.OFF, tester=False)) is Due.NOT
    off.wish = Wish.STOP
    assert due(off) is Due.NOT


def test_codes_and_answers_are_no_warnings_and_all_else_is_counted() -> None:
    reader = a_reader()
    reader.heard = [(1.0, "Code: 123456"), (2.0, "stray"), (101.0, ENGLISH), (102.0, "answer")]
    reader.explained = {0, 3}
    read = reader.read(Due.MUST, began=100.0)
    assert (read.warnings, read.surplus) == ([ENGLISH], 1)
