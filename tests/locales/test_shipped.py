"""The catalogues that the project ships: whole, fit to be read, and nobody's review invented."""

import re
import shutil
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from service.alerts import later_texts, texts
from service.config import HERE
from service.guidance import loading
from service.i18n import forbidden, po, review, upkeep
from service.i18n.catalogues import Catalogues
from service.i18n.checking import sample
from service.i18n.cyrillic import CYRILLIC
from service.i18n.extract import find
from service.i18n.filling import holes
from service.i18n.loading import tags_in
from service.i18n.model import Hole, Message, State
from tests.each import try_each

LOCALES = HERE.parent / "locales"
TAGS = sorted({*tags_in(LOCALES), CYRILLIC})
ALERTS = list(later_texts.EVERY.values())
ENDS = [later_texts.EVERY[name] for name in (*later_texts.END_OF.values(), later_texts.IN_PARTS)]
EXERCISE = {
    "en": "EXERCISE",
    "ar": "تمرين",
    "bs": "VJEŽBA",
    "bs-Cyrl": "ВЈЕЖБА",
    "es": "SIMULACRO",
    "fa-AF": "تمرین",
    "fr": "EXERCICE",
    "km": "ហ្វឹកហាត់",
    "my": "လေ့ကျင့်မှု",
    "ps": "تمرین",
    "pt": "EXERCÍCIO",
    "ru": "УЧЕНИЯ",
    "uk": "НАВЧАННЯ",
}
SCRIPTS = {
    "ar": "ARABIC",
    "bs-Cyrl": "CYRILLIC",
    "fa-AF": "ARABIC",
    "km": "KHMER",
    "my": "MYANMAR",
    "ps": "ARABIC",
    "ru": "CYRILLIC",
    "uk": "CYRILLIC",
}
HOLES: dict[str, Hole] = {
    "authority": "Authority",
    "place": "Nova Petrivka",
    "date": datetime(2026, 9, 23, 22, 45, tzinfo=UTC),
    "earlier": datetime(2026, 9, 21, 10, 15, tzinfo=UTC),
    "surveyor": "Survey Office",
    "day": date(2026, 8, 7),
    "depth": 20,
    "number": "112",
}
TITLE, PUSH = 60, 2048


@pytest.fixture(scope="module")
def messages() -> tuple[Message, ...]:
    return find(HERE)


@pytest.fixture(scope="module")
def shipped() -> Catalogues:
    """The catalogues as they are, no language confirmed."""
    return Catalogues.load(LOCALES, confirmed=frozenset())


def samples(message: Message) -> dict[str, Hole]:
    return {name: sample(name) for name in holes(message.english)}


def test_the_check_finds_nothing_wrong_with_code_or_catalogues() -> None:
    assert upkeep.check(HERE, LOCALES, demands=loading.demands()) == []


def test_the_five_languages_of_the_beginning_are_there(shipped: Catalogues) -> None:
    assert {"en", "uk", "ru", "es", "ar"} <= set(TAGS) == {language.tag for language in shipped.languages()}


def test_every_message_of_the_code_is_in_the_source_catalogue(messages: tuple[Message, ...]) -> None:
    entries = po.read(po.path_of(LOCALES, "en"))
    assert {(message.id, message.english) for message in messages} == {(one.id, one.text) for one in entries}


@pytest.mark.parametrize("tag", TAGS)
def test_every_message_renders_in_every_language_without_a_hole_left(
    messages: tuple[Message, ...], shipped: Catalogues, tag: str
) -> None:
    def check(message: Message) -> None:
        rendered = shipped.render(message, tag, **samples(message))
        assert rendered.strip()
        assert not re.search(r"[{}]", rendered)
        assert not forbidden.find(rendered, tag)

    try_each(check, ((message,) for message in messages))


@pytest.mark.parametrize("tag", TAGS)
def test_every_translation_is_written_in_its_own_script(
    messages: tuple[Message, ...], shipped: Catalogues, tag: str
) -> None:
    def check(message: Message) -> None:
        script = SCRIPTS.get(tag, "LATIN")
        bare = re.sub(r"\{\w+\}|\b(?:IMAS|CC BY|USB)\b", "", shipped.catalogue(tag).texts[message.id, message.english])
        assert {unicodedata.name(letter).split(" ")[0] for letter in bare if letter.isalpha()} == {script}

    try_each(check, ((message,) for message in messages))


def translated(tag: str) -> set[tuple[str, str]]:
    """Return the id and the English of every text that the language has, of the program and of the guidance."""
    paths = [po.path_of(LOCALES, tag, domain) for domain in (po.DOMAIN, po.GUIDANCE)]
    return {(one.id, one.english) for path in paths for one in po.read(path) if one.text and not one.fuzzy}


@pytest.mark.parametrize("tag", ["ar", "es", "fr", "pt", "ru", "uk"])
def test_guidance_is_whole_in_the_languages_that_have_more_than_the_core_set(tag: str) -> None:
    assert {(message.id, message.english) for message in find(HERE, po.GUIDANCE)} <= translated(tag)


@pytest.mark.parametrize("tag", tags_in(LOCALES))
def test_the_core_set_is_there_in_every_language(tag: str) -> None:
    assert {entry.id for entry in loading.load().core} <= {key for key, _ in translated(tag)}


def test_a_language_that_is_only_begun_is_offered_for_nothing_that_it_lacks(tmp_path: Path) -> None:
    for tag in ("en", "km"):
        shutil.copytree(LOCALES / tag, tmp_path / tag)
    (tmp_path / "km" / po.BEGUN).touch()
    path = po.path_of(tmp_path, "km")
    po.write(path, "km", [replace(one, text="") if one.id.startswith("alert.") else one for one in po.read(path)])
    catalogues = Catalogues.load(tmp_path, confirmed=frozenset({"km"}))
    for template in ALERTS:
        for exercise in (False, True):
            messages = template.texts(exercise=exercise)
            assert "km" not in catalogues.sendable(messages)
            assert catalogues.render_together(messages, "km", **HOLES).language != "km"


@pytest.mark.parametrize("tag", TAGS)
def test_everything_but_english_is_a_draft_and_no_reviewer_is_invented(shipped: Catalogues, tag: str) -> None:
    assert review.read(review.path_beside(LOCALES, tag)) == ()
    state = next(language.state for language in shipped.languages() if language.tag == tag)
    assert state is (State.SOURCE if tag == "en" else State.DRAFT)
    assert shipped.may_send(tag) is (tag == "en")


@pytest.mark.parametrize("tag", TAGS)
def test_r13_an_alert_names_source_place_time_and_whom_to_call(shipped: Catalogues, tag: str) -> None:
    def check(template: texts.Template) -> None:
        for exercise in (False, True):
            title, body = shipped.render_together(template.texts(exercise=exercise), tag, **HOLES).texts
            assert len(title) <= TITLE
            assert len(f"{title}{body}".encode()) < PUSH
            assert all(word in body for word in ("Authority", "Nova Petrivka", "2026", "22:45 UTC", "112"))

    try_each(check, ((template,) for template in ALERTS))


@pytest.mark.parametrize("tag", TAGS)
def test_r18_an_exercise_says_so_from_its_first_word_and_a_real_alert_never_does(shipped: Catalogues, tag: str) -> None:
    def check(template: texts.Template) -> None:
        word = EXERCISE[tag]
        exercise = shipped.render_together(template.texts(exercise=True), tag, **HOLES).texts
        actual = shipped.render_together(template.texts(exercise=False), tag, **HOLES).texts
        assert all(text.startswith(word) for text in exercise)
        assert not any(text.startswith(word) for text in actual)

    try_each(check, ((template,) for template in ALERTS))


def test_r23_no_text_names_a_party_or_a_nation(messages: tuple[Message, ...]) -> None:
    named = re.compile(r"enem|army|militar|russia|ukrain|soldier|occup")
    assert [message for message in messages if named.search(message.english.casefold())] == []


def test_r22_an_alert_says_nothing_about_who_reads_it() -> None:
    for template in ALERTS:
        for message in (*template.texts(exercise=False), *template.texts(exercise=True)):
            assert not re.search(
                r"subscri|regist|tester|enrol|your (?:home|place|area)|http", message.english.casefold()
            )


@pytest.mark.parametrize("tag", TAGS)
def test_r3_each_way_in_which_an_area_leaves_the_list_has_a_text_of_its_own(shipped: Catalogues, tag: str) -> None:
    for exercise in (False, True):
        said = [shipped.render_together(one.texts(exercise=exercise), tag, **HOLES).texts for one in ENDS]
        assert len({title for title, _ in said}) == len({body for _, body in said}) == len(ENDS)
        assert all("Survey Office" in body and "2026" in body for _, body in said)
        assert ["20" in body.replace("2026", "") for _, body in said] == [False, False, True, False]


CANCELLED = {
    "en": "cancel",
    "ar": "لغاء",
    "bs": "otkazan",
    "bs-Cyrl": "отказан",
    "es": "cancel",
    "fa-AF": "لغو",
    "fr": "annul",
    "km": "លុបចោល",
    "my": "ပယ်ဖျက်",
    "ps": "لغو",
    "pt": "cancel",
    "ru": "отмен",
    "uk": "скасов",
}


@pytest.mark.parametrize("tag", TAGS)
def test_r19_no_text_says_cancelled(shipped: Catalogues, tag: str) -> None:
    def check(template: texts.Template) -> None:
        for exercise in (False, True):
            said = shipped.render_together(template.texts(exercise=exercise), tag, **HOLES).texts
            assert not any(CANCELLED[tag] in text.casefold() for text in said)

    try_each(check, ((template,) for template in ALERTS))


def test_forbidden_11_an_end_keeps_the_caveat() -> None:
    for template in ENDS:
        assert "does not mean that there is no danger" in template.body.english
        assert "other dangerous areas may exist" in template.body.english
        assert "Real dangerous areas may exist" in template.exercise_body.english


def test_every_correction_names_what_was_wrong_and_keeps_the_caveat() -> None:
    named = {"place": "place was wrong", "time": "time was wrong", "mistake": "by mistake", "exercise": "exercise"}
    for wrong, template in texts.CORRECTIONS.items():
        assert named[wrong] in template.body.english
        assert "does not mean" in template.body.english
        assert "Other dangerous areas may exist" in template.body.english
