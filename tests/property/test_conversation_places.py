"""Which place is meant, over the whole Ukrainian register: answered, or asked for by a list that leads on."""

from pathlib import Path

import pytest

from service.conversations import lookup, rules, texts
from service.conversations.model import Asked, Meaning
from service.conversations.saying import Voice, fits
from service.kit.house import House
from service.places.following import PlaceIndex
from service.places.gazetteer import Gazetteer
from service.places.model import Category
from tests.bench.places import ukraine
from tests.property.test_conversations import HOUSE


@pytest.fixture(scope="module")
def register(shared: Path) -> Gazetteer:
    return ukraine(shared / "places")


@pytest.fixture
def house(register: Gazetteer) -> House:
    index = PlaceIndex()
    index._gazetteer = register
    made = House(HOUSE.pool, HOUSE.clock, HOUSE.keyring, {**HOUSE._parts, PlaceIndex: index})
    assert made.get(PlaceIndex).gazetteer is register
    return made


def told(house: House, words: str, *, tag: str = "uk") -> lookup.Told | str:
    """The list that is given for a name, or the name of the one place that is answered about."""
    voice = Voice.of(house, (tag,))
    places = lookup.meant(house, words, similar=True)
    exact = bool(lookup.meant(house, words, similar=False))
    left = lookup.narrowed(house, voice, places, words) if exact else places
    if len(left) == 1 and exact:
        return f"{left[0].name.text} {left[0].category}"
    return lookup.which(house.get(PlaceIndex).gazetteer, voice, left, exact=exact)


def test_hardly_any_place_in_ukraine_is_taken_for_a_find_or_a_keyword(register: Gazetteer) -> None:
    names = {name.text for place in register.places() for name in place.names}
    taken = {name for name in names if rules.understand(name).meaning is not Meaning.OTHER}
    assert len(names) > 15_000
    assert taken <= {"Город", "Деревня"}


@pytest.mark.parametrize(
    ("words", "one"),
    [
        ("Бахмут", f"Бахмут {Category.CITY}"),
        ("словянск", f"Слов’янськ {Category.CITY}"),
        ("Kherson", f"Херсон {Category.CITY}"),
        ("Харкив", f"Харків {Category.CITY}"),
        ("Донецька область", f"Донецька {Category.REGION}"),
        ("Новоселівка, Бахмутський", f"Новоселівка {Category.VILLAGE}"),
    ],
)
def test_a_name_that_only_one_place_can_have_is_answered_at_once(house: House, words: str, one: str) -> None:
    assert told(house, words) == one


def test_a_name_that_repeats_is_a_list_by_district(house: House) -> None:
    found = told(house, "Миколаїв")
    assert isinstance(found, lookup.Told)
    assert "1 Львівський район, 2 Стрийський район" in found.reply.text.reveal()
    assert found.state.asked is Asked.WHICH
    assert len(found.state.options) == 6


def test_the_name_that_repeats_120_times_asks_for_the_district(house: House) -> None:
    found = told(house, "Іванівка")
    assert isinstance(found, lookup.Told)
    assert found.reply.template == texts.MANY.id


def test_a_misspelt_name_is_never_answered_without_asking(house: House) -> None:
    found = told(house, "Мелитапол")
    assert isinstance(found, lookup.Told)
    assert found.reply.template == texts.ALIKE.id
    assert "Мелітополь" in found.reply.text.reveal()


@pytest.mark.parametrize("tag", ["uk", "en"])
def test_every_name_leads_to_an_answer_or_to_a_text_that_fits(house: House, register: Gazetteer, tag: str) -> None:
    names = sorted({place.name.text for place in register.places()})[::25]
    lists = [found for name in names if not isinstance(found := told(house, name, tag=tag), str)]
    assert lists
    assert all(fits(one.reply) for one in lists)
    asked = [one for one in lists if one.reply.template == texts.MANY.id]
    assert len(asked) < len(names) / 40
