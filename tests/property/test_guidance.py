"""For any wish and any part of guidance: no worse language than the default, one language, a note where one is due."""

import json
from functools import cache
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.config import Settings
from service.guidance import editions, loading
from service.guidance.bundles import Asked
from service.guidance.model import Audience, Situation
from service.guidance.shelf import Shelf
from service.i18n import rules
from service.i18n.catalogues import Catalogues
from service.i18n.loading import load_all
from service.kit.encodings import Encoding
from service.kit.house import House
from service.kit.representations import Book
from tests.conftest import LOCALES
from tests.property.test_i18n import TAGS, rank
from tests.unit.test_guidance_bundles import strangers

SHIPPED, OURS = load_all(LOCALES), loading.load()
TOPICS = st.sampled_from((None, *OURS.topics))
ASKED = st.builds(Asked, TOPICS, st.sampled_from((None, *Audience)), st.sampled_from((None, *Situation)))
WISHES = st.lists(TAGS, max_size=4)
DEFAULTS = st.sampled_from(("en", "uk", "ar", "km"))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def house(default: str) -> House:
    made = House(cast("Any", None), cast("Any", None), cast("Any", None))
    catalogues = Catalogues.opened(SHIPPED, confirmed=frozenset(), default=default)
    for part in (Settings(guidance_countries=("UA",)), OURS, catalogues, Shelf()):
        made.put(part)
    return made


def told(book: Book) -> Any:
    return json.loads(book.leaves[Encoding.IDENTITY].body)


@FEW
@given(WISHES, DEFAULTS)
def test_guidance_is_never_in_a_language_that_meets_the_wishes_worse_than_the_default(
    wanted: list[str], default: str
) -> None:
    chosen = house(default).get(Shelf).chosen(house(default), None, ", ".join(wanted))
    offered = editions.offered(house(default).get(Catalogues))
    assert chosen.language in offered
    assert rank(chosen.language, wanted) == min(rank(tag, wanted) for tag in offered)


@FEW
@given(WISHES, DEFAULTS)
def test_a_note_stands_there_exactly_where_the_first_wish_is_not_met(wanted: list[str], default: str) -> None:
    chosen = house(default).get(Shelf).chosen(house(default), None, ", ".join(wanted))
    first = next((tag for tag in map(rules.known, wanted) if tag), None)
    met = first is None or rules.distance(first, chosen.language) is not None
    assert bool(chosen.notes) == (not met)
    languages = [one.language for one in chosen.notes]
    assert languages[:1] == ([] if met else [chosen.language])
    assert all(first and rules.distance(first, tag) is not None for tag in languages[1:])
    assert len(languages) <= 2


@FEW
@given(TAGS, DEFAULTS, ASKED)
def test_an_answer_is_in_one_language_and_never_empty(wish: str, default: str, asked: Asked) -> None:
    shelf, here = house(default).get(Shelf), house(default)
    chosen = shelf.chosen(here, wish, "")
    found = told(shelf.guidance(here, chosen, asked))
    assert found["language"] == chosen.language
    assert strangers(found, here.get(Catalogues)) == []
    assert found["topics"] or found["core"]
    assert found["complete"] or found["notices"]["rest"]
    assert found["caveat"]
    assert found["contacts"]["number"]


@FEW
@given(TAGS, DEFAULTS, st.sampled_from((None, "UA", "KH", "IQ-AR")))
def test_contacts_are_in_one_language_too(wish: str, default: str, country: str | None) -> None:
    shelf, here = house(default).get(Shelf), house(default)
    chosen = shelf.chosen(here, wish, "")
    found = told(shelf.contacts(here, chosen, country))
    assert (found["language"], [one["language"] for one in found["notes"]]) == (
        chosen.language,
        [one.language for one in chosen.notes],
    )
    texts = set(here.get(Catalogues).catalogue(chosen.language).texts.values())
    for one in found["countries"]:
        assert {line["service"] for line in one["emergency"] if "service" in line} <= texts
        assert one["remark"] is None or one["remark"] in texts
