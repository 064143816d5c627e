"""Where another language is shown than was asked for, it is said so, in both."""

import pytest

from service.i18n import noting
from service.i18n.catalogues import Catalogues


def said(catalogues: Catalogues, wishes: tuple[str, ...], shown: str) -> list[tuple[str, str]]:
    return [(one.language, one.texts[0]) for one in noting.notes(catalogues, wishes, shown)]


@pytest.mark.parametrize(
    ("wishes", "shown", "why"),
    [
        ((), "en", "nobody asked"),
        (("uk",), "uk", "the wish is met"),
        (("uk-UA",), "uk", "as above, from a territory"),
        (("arz",), "ar", "a member of the macro-language reads its common form"),
        (("bs-Cyrl",), "bs", "its readers know both scripts"),
        (("und", "x-klingon", ""), "en", "no language was named"),
    ],
)
def test_nothing_is_said_where_the_wish_is_met(
    catalogues: Catalogues, wishes: tuple[str, ...], shown: str, why: str
) -> None:
    assert said(catalogues, wishes, shown) == [], why


def test_it_is_said_in_the_language_shown_and_in_the_one_asked_for(catalogues: Catalogues) -> None:
    (first, english), (second, ukrainian) = said(catalogues, ("uk", "en"), "en")
    assert (first, second) == ("en", "uk")
    assert "(Ukrainian)" in english
    assert "(English)" in english
    assert "(українська)" in ukrainian
    assert "(англійська)" in ukrainian


def test_a_language_that_has_no_words_for_it_is_named_in_the_one_shown(catalogues: Catalogues) -> None:
    ((tag, note),) = said(catalogues, ("ckb", "en"), "en")
    assert tag == "en"
    assert "(Central Kurdish)" in note
    ((_, note),) = said(catalogues, ("ksw",), "en")
    assert "(ksw)" in note, "CLDR has no name for it: its code says more than nothing"


def test_a_note_in_arabic_is_written_right_to_left_and_isolates_names_of_other_directions(
    catalogues: Catalogues,
) -> None:
    notes = noting.notes(catalogues, ("ar",), "en")
    assert [one.direction for one in notes] == ["ltr", "rtl"]
    (other,) = noting.notes(catalogues, ("apc", "ar"), "uk")[:1]
    assert other.language == "uk"
    (arabic,) = (one for one in noting.notes(catalogues, ("ckb",), "ar"))
    assert arabic.language == "ar"


def test_each_note_is_in_one_language_only(catalogues: Catalogues) -> None:
    for asked in ("uk", "ru", "es", "ar", "km", "fr", "sw"):
        for shown in ("en", "uk", "ar"):
            languages = [one.language for one in noting.notes(catalogues, (asked,), shown)]
            assert len(languages) == len(set(languages)) <= 2
            assert set(languages) <= {asked, shown}
