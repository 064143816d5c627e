"""What a deployment says: never silently another language, never a draft unless somebody stands for it."""

import json
from pathlib import Path

import pytest

from service.i18n import review
from service.i18n.catalogues import Catalogues
from service.i18n.model import Language, Message, MissingTranslation, State
from service.kit.errors import Refused
from tests.locales.folder import CALL, STOP, UKRAINIAN, write, write_all

NONE: frozenset[str] = frozenset()


def load(folder: Path, *, confirmed: frozenset[str] = NONE, default: str = "en") -> Catalogues:
    return Catalogues.load(folder, confirmed=confirmed, default=default)


def review_line(message: Message, text: str, **other: str) -> str:
    line = {
        "id": message.id,
        "sha256": review.digest(message.english, text),
        "translator": "A",
        "reviewer": "B",
        "date": "2026-01-02",
    }
    return json.dumps(line | other) + "\n"


def test_languages_are_listed_source_first_with_direction_and_state(tmp_path: Path) -> None:
    assert load(write_all(tmp_path)).languages() == (
        Language("en", "ltr", State.SOURCE),
        Language("ar", "rtl", State.DRAFT),
        Language("uk", "ltr", State.DRAFT),
    )


def test_a_message_is_rendered_in_exactly_the_language_named(tmp_path: Path) -> None:
    catalogues = load(write_all(tmp_path))
    assert catalogues.render(CALL, "uk", number="101", place="Лиман") == "Телефонуйте 101, Лиман."
    assert catalogues.render(CALL, "en", number="101", place="Лиман") == "Call 101 from Лиман."


def test_what_is_not_translated_raises_and_is_never_silently_english(tmp_path: Path) -> None:
    catalogues = load(write_all(tmp_path))
    with pytest.raises(MissingTranslation, match=r"a\.go"):
        catalogues.render(Message("a.go", "Go."), "uk")


def test_reversing_the_source_serves_the_old_text_nowhere(tmp_path: Path) -> None:
    catalogues = load(write_all(tmp_path))
    reversed_stop = Message(STOP.id, "Do not stop.")
    with pytest.raises(MissingTranslation):
        catalogues.render(reversed_stop, "uk")
    assert catalogues.having([reversed_stop]) == ("en",)
    assert catalogues.sendable([reversed_stop]) == ("en",)


def test_a_fuzzy_entry_is_not_used(tmp_path: Path) -> None:
    write_all(tmp_path)
    write(tmp_path, "uk", UKRAINIAN, fuzzy=frozenset({STOP}))
    with pytest.raises(MissingTranslation):
        load(tmp_path).render(STOP, "uk")


def test_title_and_body_fall_back_together(tmp_path: Path) -> None:
    write_all(tmp_path)
    write(tmp_path, "uk", {STOP: "Зупиніться."})
    rendered = load(tmp_path).render_together((STOP, CALL), "uk", number="101", place="Лиман")
    assert rendered.language == "en"
    assert rendered.direction == "ltr"
    assert rendered.texts == ("Stop.", "Call 101 from Лиман.")
    assert not rendered.draft


def test_a_rendering_says_its_direction_and_that_it_is_a_draft(tmp_path: Path) -> None:
    rendered = load(write_all(tmp_path)).render_together((STOP,), "ar-SY")
    assert (rendered.language, rendered.direction, rendered.draft) == ("ar", "rtl", True)


def test_a_draft_is_sent_only_where_the_deployment_names_the_language(tmp_path: Path) -> None:
    write_all(tmp_path)
    assert load(tmp_path).sendable((STOP, CALL)) == ("en",)
    confirmed = load(tmp_path, confirmed=frozenset({"uk"}))
    assert confirmed.sendable((STOP, CALL)) == ("en", "uk")
    assert confirmed.may_send("uk")
    assert confirmed.may_send("en")
    assert not confirmed.may_send("ar")
    assert not confirmed.may_send("xx")
    assert confirmed.languages()[2].state is State.DRAFT, "a confirmation is no review"


def test_a_review_counts_for_exactly_the_words_that_were_read(tmp_path: Path) -> None:
    write_all(tmp_path)
    beside = review.path_beside(tmp_path, "uk")
    beside.write_text(review_line(STOP, "Зупиніться.") + review_line(CALL, "старі слова"), "utf-8")
    catalogues = load(tmp_path)
    assert catalogues.sendable([STOP]) == ("en", "uk")
    assert catalogues.sendable([STOP, CALL]) == ("en",)
    assert not catalogues.render_together([STOP], "uk").draft
    assert not catalogues.may_send("uk"), "the language is a draft until all of it is reviewed"
    beside.write_text(beside.read_text("utf-8") + review_line(CALL, UKRAINIAN[CALL]), "utf-8")
    assert load(tmp_path).may_send("uk")
    assert load(tmp_path).languages()[2].state is State.REVIEWED


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 1"),
        ('{"id": "a.stop"}', "sha256"),
        (review_line(STOP, "x", reviewer="A"), "their own"),
        (review_line(STOP, "x", reviewer=" a "), "their own"),
        (review_line(STOP, "x", reviewer=""), "reviewer"),
        (review_line(STOP, "x", date="yesterday"), "date"),
        (review_line(STOP, "x", mood="good"), "mood"),
    ],
)
def test_a_review_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    review.path_beside(write_all(tmp_path), "uk").write_text(line, "utf-8")
    with pytest.raises(Refused, match=reason):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Телефонуйте {number}.", "holes"),
        ("Телефонуйте {number}, {place} {door}.", "holes"),
        ("Телефонуйте {number}, {place.__class__} {place}.", "brace"),
        ("Телефонуйте {{number}}, {number} {place}.", "brace"),
        ("Телефонуйте {number},\n{place}.", "control"),
        ("Телефонуйте {number}, {place}\u2069.", "bidi"),
        ("Телефонуйте {number}, \u2068{place}.", "bidi"),
        ("Телефонуйте {number}, \u202e{place}.", "bidi"),
        (" Телефонуйте {number}, {place}.", "blank"),
    ],
)
def test_a_catalogue_that_would_harm_a_reader_is_not_loaded(tmp_path: Path, text: str, reason: str) -> None:
    write_all(tmp_path)
    write(tmp_path, "uk", {**UKRAINIAN, CALL: text})
    with pytest.raises(Refused, match=reason) as refused:
        load(tmp_path)
    assert "surefoot.po a.call" in refused.value.faults[0].where
    assert refused.value.faults[0].remedy


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    write_all(tmp_path)
    write(tmp_path, "uk", {STOP: "{x}"})
    write(tmp_path, "ar", {STOP: "{y}"})
    with pytest.raises(Refused) as refused:
        load(tmp_path)
    assert {Path(fault.where.split(" ")[0]).parts[-3] for fault in refused.value.faults} == {"ar", "uk"}


@pytest.mark.parametrize("name", ["klingon", "uk_UA", "UK", "xx", "xxx"])
def test_a_folder_that_names_no_language_is_refused(tmp_path: Path, name: str) -> None:
    write_all(tmp_path)
    write(tmp_path, "es", {STOP: "Alto."}).parents[1].rename(tmp_path / name)
    with pytest.raises(Refused, match=name):
        load(tmp_path)


def test_a_folder_without_catalogues_is_refused_with_the_settings_name(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        load(tmp_path)
    assert "SUREFOOT_LOCALES" in (refused.value.remedy or "")


def test_settings_may_name_only_languages_that_there_are(tmp_path: Path) -> None:
    write_all(tmp_path)
    with pytest.raises(Refused, match="'fr'"):
        load(tmp_path, confirmed=frozenset({"fr"}))
    with pytest.raises(Refused, match="'de'"):
        load(tmp_path, default="de")
    with pytest.raises(Refused, match="never allowed"):
        Catalogues.load(tmp_path, confirmed=NONE, near=["hr:bs"])


def test_the_deployments_default_answers_what_nobody_speaks(tmp_path: Path) -> None:
    write_all(tmp_path)
    assert load(tmp_path, default="uk").choose(["pl"]).tag == "uk"
    assert load(tmp_path, default="uk").choose(["pl"], available=["ar", "en"]).tag == "en"
    assert load(tmp_path).choose([], available=[]).tag == "en"


def test_a_claim_in_a_hole_is_refused_and_a_name_with_the_word_is_not(tmp_path: Path) -> None:
    catalogues = load(write_all(tmp_path))
    catalogues.refuse_claims([CALL], "uk", number="101", place="Безпечне")
    with pytest.raises(Refused) as refused:
        catalogues.refuse_claims([CALL], "uk", number="101", place="Лиман, тут безпечно")
    assert refused.value.name == "forbidden-claim"
