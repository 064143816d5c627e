"""The words that people write to us: known in twelve languages, never a danger's, never two things at once."""

import json
from pathlib import Path

import pytest

from service.config import HERE
from service.conversations import rules, texts, words
from service.conversations.model import CODES, Meaning
from service.i18n import po
from service.i18n.loading import tags_in
from tests.each import try_each

LANGUAGES = {"en", "uk", "ru", "es", "fr", "ar", "pt", "bs", "fa-AF", "ps", "km", "my"}
LOCALES = HERE.parent / "locales"
DIGITS = {"ascii": "0123456789", "wide": "０１２３４５６７８９", "arabic": "٠١٢٣٤٥٦٧٨٩", "persian": "۰۱۲۳۴۵۶۷۸۹",
          "devanagari": "०१२३४५६७८९", "khmer": "០១២៣៤៥៦៧៨៩", "burmese": "၀၁၂၃၄၅၆၇၈၉"}  # fmt: skip  # a table


def changed(**change: tuple[str, ...]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The lists, with some of Bosnian otherwise."""
    whole = {tag: dict(listed) for tag, listed in words.lists().items()}
    whole["bs"] |= {key: (*whole["bs"].get(key, ()), *added) for key, added in change.items()}
    return whole


def test_the_twelve_languages_have_their_words_and_nothing_is_wrong_with_them() -> None:
    assert set(words.lists()) == LANGUAGES
    assert words.check() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"menu": ("Стоп",)}, "means stop here and menu in bs"),
        ({"place": ("eliminar",)}, "contains 'mina'"),
        ({"call": ("bombero",)}, "contains 'bomb'"),
        ({"back": ("видим",)}, "is a word of a find in ru"),
        ({"menu": ("11",)}, "is no word"),
        ({"never": ("torpedo",)}, "is a danger that `found` does not know"),
        ({"odd": ("x",)}, "is missing, empty or unknown"),
    ],
)
def test_a_word_that_may_not_be_a_keyword_is_found(change: dict[str, tuple[str, ...]], reason: str) -> None:
    assert any(reason in finding.reason for finding in words.check(changed(**change)))


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_every_keyword_is_understood_in_any_case(tag: str) -> None:
    def check(meaning: Meaning, word: str) -> None:
        for written in (word, word.upper(), f" {word.capitalize()}! "):
            understood = rules.understand(written)
            assert understood.meaning is meaning
            assert tag in understood.languages

    listed = words.lists()[tag]
    try_each(check, ((meaning, word) for meaning in words.KEYS for word in listed[meaning]))


def test_a_keyword_counts_only_as_the_whole_text() -> None:
    assert rules.understand("stop sending me to the village").meaning is not Meaning.STOP
    assert rules.understand("меню сьогодні смачне").meaning is Meaning.OTHER


@pytest.mark.parametrize("script", DIGITS)
def test_codes_are_understood_in_digits_of_any_script(script: str) -> None:
    def check(code: str) -> None:
        written = "".join(DIGITS[script][int(digit)] for digit in code)
        assert rules.understand(written).meaning is CODES[code]
        assert rules.understand(f" {written}. ").meaning is CODES[code]

    try_each(check, ((code,) for code in CODES))
    assert rules.understand(DIGITS[script][7]).number == 7


def test_a_word_for_a_minefield_is_known_in_every_language_that_the_list_has(shared: Path) -> None:
    terms = json.loads((shared / "terms" / "minefield_term_translations.json").read_text("utf-8"))
    for tag in LANGUAGES & terms.keys():
        term = terms[tag]["minefield"]
        if term:
            assert rules.understand(term).meaning is Meaning.FOUND, (tag, term)


@pytest.fixture(scope="module")
def shipped() -> list[tuple[str, str, str]]:
    """Every text of an SMS: its language, its id and what it says."""
    return [
        (tag, entry.id, entry.text)
        for tag in tags_in(LOCALES)
        for domain in (po.DOMAIN, po.GUIDANCE)
        for entry in po.read(po.path_of(LOCALES, tag, domain), notes=False)
        if entry.text and (entry.id.startswith("talk.") or ".sms." in entry.id)
    ]


def test_every_text_of_an_sms_is_shipped_in_the_four_languages_of_the_conversations(
    shipped: list[tuple[str, str, str]],
) -> None:
    for tag in ("uk", "en", "ar", "km"):
        assert {one for lang, one, _ in shipped if lang == tag} >= set(texts.EVERYTHING)


def test_no_text_of_ours_invites_a_word_that_operators_take_for_an_end(shipped: list[tuple[str, str, str]]) -> None:
    asking = {"en": ("reply ", "text stop", "send stop"), "uk": ("надішліть стоп",), "ru": ("отправьте стоп",)}
    for tag, _, text in shipped:
        folded = words.fold(text)
        assert not any(phrase in folded for phrase in asking.get(tag, ()))
        assert not set(folded.split()) & {"stopall", "unsubscribe", "quit", "arret", "alto", "parar"}


def test_no_text_of_ours_asks_for_a_report_by_text(shipped: list[tuple[str, str, str]]) -> None:
    for tag, one, text in shipped:
        if tag == "en" and one.startswith("talk."):
            sentences = words.fold(text.replace(".", " | ").replace(":", " | "))
            assert "report" not in sentences
            assert "photo" not in sentences
            assert "where you are" not in sentences


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Де тут село Їжакове", ("uk",)), ("где дом", ("ru", "uk")), ("рыба", ("ru",)), ("¿qué?", ("es",)),
        ("não", ("pt",)), ("Šta", ("bs",)), ("ça", ("fr",)), ("ڼ", ("ps",)), ("گفت", ("fa-AF",)), ("كتاب", ("ar",)),
        ("ភាសាខ្មែរ", ("km",)), ("မြန်မာ", ("my",)), ("hello there", ()), ("١", ("ar",)), ("۱", ("fa-AF",)),
        ("២", ("km",)),
    ],
)  # fmt: skip  # a table
def test_the_letters_tell_the_language_where_they_can(text: str, tags: tuple[str, ...]) -> None:
    assert set(rules.written_in(text)) == set(tags)


@pytest.mark.parametrize(("text", "rest"), [
    ("33 Бахмут", "Бахмут"), ("33, Bakhmut, Donetsk", "Bakhmut, Donetsk"), ("٣٣ بغداد", "بغداد"),
    ("33Бахмут", "Бахмут"), ("333", ""), ("33", ""), ("133 Бахмут", ""),
])  # fmt: skip  # a table
def test_the_name_behind_the_code_for_a_place_is_read(text: str, rest: str) -> None:
    assert rules.understand(text).rest.reveal() == rest
