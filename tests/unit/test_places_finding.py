"""Looking places up by name, on an invented island."""

import pytest

from service.places.model import Category, Found, Reason
from tests.island import coded, island


def find(query: str) -> Found:
    return island().find(query, exercise=True)


def only(query: str) -> str | None:
    place = find(query).only
    return None if place is None else place.codes[0][1]


@pytest.mark.parametrize("query", ["XA1112", "xa-1112", "XА1112", "XA١١١٢"])
def test_a_code_names_one_place(query: str) -> None:
    assert only(query) == "XA1112"
    assert find(query).groups[0].reason is Reason.CODE


def test_a_code_of_another_scheme_names_the_place_too() -> None:
    assert only("XA-02") == "XA2"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("Чайкине", Reason.NAME),
        ("чайкине", Reason.NAME),
        ("Chaikyne", Reason.NAME),
        ("Чaйкинe", Reason.NAME),
        ("м. Чайкине", Reason.NAME),
        ("місто Чайкине", Reason.NAME),
        ("Чайкинэ", Reason.SPELLING),
        ("Čajkyne", Reason.SPELLING),
        ("Чайикне", Reason.SIMILAR),
        ("Чакине", Reason.SIMILAR),
    ],
)
def test_a_name_is_found_however_it_is_spelt(query: str, reason: Reason) -> None:
    first = find(query).groups[0]
    assert first.places[0].codes[0][1] == "XA1112"
    assert first.reason is reason


@pytest.mark.parametrize(
    "query", ["Камянка", "Кам'янка", "Кам`янка", "Кам\u2032янка", "Kaм\u02bcянкa", "КАМ\u2019ЯНКА"]
)
def test_an_apostrophe_of_any_kind_finds_the_name(query: str) -> None:
    assert len(find(query).groups[0].places) == 5


@pytest.mark.parametrize("query", ["Стаханове", "Комунарське", "комунарске"])
def test_an_old_name_finds_the_place(query: str) -> None:
    assert find(query).groups[0].places[0].codes[0][1] == "XA1212"


def test_an_old_name_is_said_to_be_another_name() -> None:
    assert find("Стаханове").groups[0].reason is Reason.OTHER_NAME
    assert find("Вогник").groups[0].reason is Reason.OTHER_NAME


def test_a_repeated_name_is_a_list_in_the_order_of_districts() -> None:
    gazetteer = island()
    places = find("Кам’янка").groups[0].places
    lines = [", ".join(one.name.text for one in gazetteer.above(place)) for place in places]
    assert lines == [
        "Орлина, Вершинський, Гориста",
        "Мисова, Бережанський, Приморська",
        "Піщана, Бережанський, Приморська",
        "Чайкинська, Бережанський, Приморська",
        "Човнярська, Затоцький, Приморська",
    ]
    assert find("Кам’янка").only is None


def test_the_same_question_has_the_same_answer() -> None:
    assert find("Камянка Бережанський") == find("Камянка Бережанський")


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("Кам’янка Затоцький", ["XA1211"]),
        ("Кам’янка, Затоцький район", ["XA1211"]),
        ("Затоцький район, Кам’янка", ["XA1211"]),
        ("Затоцький Кам’янка", ["XA1211"]),
        ("с. Камянка Затоцького району", ["XA1211"]),
        ("Kamianka Zatotskyi", ["XA1211"]),
        ("Кам’янка (Гориста)", ["XA2111"]),
        ("Кам’янка Мисова громада", ["XA1121"]),
        ("Камянак Затоцький", ["XA1211"]),
        ("Кам’янка Зотоцький", ["XA1211"]),
        ("Кам’янка Бережанський", ["XA1121", "XA1131", "XA1111"]),
    ],
)
def test_a_second_name_narrows_the_first(query: str, codes: list[str]) -> None:
    answer = find(query)
    assert [place.codes[0][1] for place in answer.groups[0].places] == codes
    assert answer.narrowed


def test_a_name_of_two_words_is_not_taken_apart() -> None:
    assert only("Мис Надії") == "XA1122"
    assert only("Щасливе-озеро") == "XA1123"
    assert not find("Мис Надії").narrowed


def test_a_place_whose_name_is_a_word_for_places_is_found() -> None:
    assert only("Селище") == "XA1132"
    assert only("село Селище") == "XA1132"


def test_the_sort_of_unit_decides_between_names_that_sound_alike() -> None:
    district = find("Вершинський район").groups[0].places[0]
    assert district.category is Category.DISTRICT


@pytest.mark.parametrize(
    "query", ["", " ", "?!", "...", "'", "\u200f", "с.", "Ааааааааа", "\U0001f4a3", "x" * 500, "а " * 300]
)
def test_what_names_nothing_finds_nothing_and_breaks_nothing(query: str) -> None:
    assert find(query).only is None


def test_r27_exercise_places_are_never_among_real_ones() -> None:
    assert island().find("Чайкине").groups == ()
    assert all(place.exercise for group in find("Чайкине").groups for place in group.places)


def test_a_country_can_be_named() -> None:
    gazetteer = island()
    assert gazetteer.find("Чайкине", exercise=True, country="XA").only == coded(gazetteer, "XA1112")
    assert gazetteer.find("Чайкине", exercise=True, country="XB").groups == ()
