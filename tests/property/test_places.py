"""Look-up by name, for names and spellings that nobody thought of."""

import random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.places import folding
from service.places.gazetteer import Gazetteer
from service.places.model import Category, Name, Place, Reason
from tests.island import island
from tests.misspelling import letters_of, look_alike, one_edit

TEXTS = st.text(max_size=40) | st.text("абвгґеєиіїйьцщжшхзь'’ʼ -aceiopxyhkmtsjz", max_size=30)
NAMES = st.text("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’- ", min_size=1, max_size=25).filter(folding.sound)


def places_of(names: list[str]) -> Gazetteer:
    places = [
        Place(UUID(int=number), "UA", False, 4, Category.VILLAGE, (("test", f"T{number}"),), (Name(name, "uk"),))
        for number, name in enumerate(names, start=1)
    ]
    return Gazetteer.of(1, places)


@given(TEXTS)
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert folding.plain(folding.plain(text)) == folding.plain(text)
    assert folding.sound(folding.sound(text)) == folding.sound(text)
    assert folding.code(folding.code(text)) == folding.code(text)


@given(st.text("abcxyzABCXYZ0123456789", max_size=20))
def test_a_code_in_plain_letters_is_folded_as_the_same_code_with_a_space(text: str) -> None:
    assert folding.code(text) == folding.code(f" {text}")


@given(TEXTS)
def test_letter_case_and_apostrophes_never_matter(text: str) -> None:
    bare = "".join(sign for sign in text if sign not in folding.SPELLINGS["apostrophes"])
    assert folding.plain(bare) == folding.plain(text)
    assert folding.plain(text.casefold()) == folding.plain(text)


@given(st.lists(NAMES, min_size=1, max_size=8, unique_by=folding.plain), st.data())
def test_any_exact_name_finds_its_place_first(names: list[str], data: st.DataObject) -> None:
    gazetteer = places_of(names)
    name = data.draw(st.sampled_from(names))
    groups = gazetteer.find(name).groups
    assert groups[0].places[0].name.text == name
    assert groups[0].reason is Reason.NAME


@given(st.sampled_from([p for p in island().places(exercise=True) if len(p.name.text) >= 9]), st.integers())
def test_one_edit_of_a_long_name_leaves_it_among_the_first_three(place: Place, seed: int) -> None:
    names = [one.name.text for one in island().places(exercise=True)]
    query = one_edit(place.name.text, letters_of(names), random.Random(seed))  # noqa: S311 - a choice that can be repeated
    groups = island().find(query, exercise=True).groups[:3]
    assert any(one.name.text == place.name.text for group in groups for one in group.places), query


@given(st.sampled_from(island().places(exercise=True)), st.integers())
def test_look_alike_letters_change_no_answer(place: Place, seed: int) -> None:
    query = look_alike(place.name.text, random.Random(seed))  # noqa: S311 - a choice that can be repeated
    groups = island().find(query, exercise=True).groups
    assert place in groups[0].places, query


@given(st.text(max_size=200))
def test_no_query_breaks_the_look_up(query: str) -> None:
    assert len(island().find(query, exercise=True).groups) <= 10
