"""Texts of guidance as SMS: in exactly one language, in plain letters where somebody wrote them, never stale."""

from datetime import date
from pathlib import Path

import pytest

from service.i18n import po
from service.i18n.catalogues import Catalogues
from service.i18n.model import Dated, Hole, Message, MissingTranslation, RenderedSms
from service.kit.errors import Refused
from service.kit.sms import Encoding, split
from tests.locales.folder import write_all
from tests.unit.test_i18n_catalogues import review_line

NEAR = "guidance.sms.near"
ENGLISH = "Mines near {place}. {date}"
SPANISH = "Minas cerca de {place}, ¿aquí? {date}"
PLAIN = "Minas cerca de {place}. {date}"
HOLES: dict[str, Hole] = {"place": "Bogotá", "date": Dated(date(2026, 9, 23), 17)}
NONE: frozenset[str] = frozenset()


def entry(text: str, *, english: str = ENGLISH, fuzzy: bool = False) -> po.Translation:
    return po.Translation(NEAR, english, text, fuzzy)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """English, Ukrainian and Arabic without guidance, and Spanish with a plain variant of its one SMS."""
    write_all(tmp_path)
    po.write(po.path_of(tmp_path, "es"), "es", ())
    put(tmp_path, "en", po.GUIDANCE, entry(ENGLISH))
    put(tmp_path, "es", po.GUIDANCE, entry(SPANISH))
    put(tmp_path, "es", po.PLAIN, entry(PLAIN))
    return tmp_path


def put(folder: Path, tag: str, domain: str, *entries: po.Translation) -> None:
    po.write(po.path_of(folder, tag, domain), tag, entries)


def load(folder: Path, *, confirmed: frozenset[str] = NONE, plain: bool = True) -> Catalogues:
    return Catalogues.load(folder, confirmed=confirmed, plain=plain)


def review(folder: Path, *texts: str) -> None:
    lines = [review_line_of(text) for text in texts]
    po.path_of(folder, "es").with_name("review.jsonl").write_text("".join(lines), "utf-8")


def review_line_of(text: str) -> str:
    return review_line(Message(NEAR, ENGLISH), text)


def test_an_sms_has_a_date_with_the_alerts_number(folder: Path) -> None:
    said = load(folder).render_sms(NEAR, "en", **HOLES)
    assert said == RenderedSms("Mines near Bogota. 23.09.2026/17", draft=False, plain=False)


def test_the_plain_variant_goes_out_with_names_in_its_letters(folder: Path) -> None:
    said = load(folder).render_sms(NEAR, "es", **HOLES)
    assert said == RenderedSms("Minas cerca de Bogota. 23.09.2026/17", draft=True, plain=True)
    assert split(said.text).encoding is Encoding.GSM_7


def test_the_plain_variant_may_be_switched_off(folder: Path) -> None:
    said = load(folder, plain=False).render_sms(NEAR, "es", **HOLES)
    assert said == RenderedSms("Minas cerca de Bogotá, ¿aquí? 23.09.2026/17", draft=True, plain=False)
    assert load(folder, plain=False).render_sms(NEAR, "en", **HOLES).text == "Mines near Bogotá. 23.09.2026/17"


def test_a_name_of_another_alphabet_stays_as_it_is(folder: Path) -> None:
    assert "Лиман" in load(folder).render_sms(NEAR, "es", **(HOLES | {"place": "Лиман"})).text


def test_a_language_without_guidance_is_never_silently_english(folder: Path) -> None:
    with pytest.raises(MissingTranslation):
        load(folder).render_sms(NEAR, "uk", **HOLES)
    with pytest.raises(MissingTranslation):
        load(folder).render_sms("guidance.sms.strange", "en", **HOLES)
    assert load(folder, confirmed=frozenset({"uk", "es"})).sms_sendable([NEAR]) == ("en", "es")


def test_a_plain_variant_that_is_stale_fuzzy_empty_or_not_plain_is_not_used(folder: Path) -> None:
    for bad in (
        entry(PLAIN, english="Old: {place} {date}"),
        entry(PLAIN, fuzzy=True),
        entry(""),
        entry("Aquí {place} {date}"),
    ):
        put(folder, "es", po.PLAIN, bad)
        assert not load(folder).render_sms(NEAR, "es", **HOLES).plain


def test_each_variant_is_reviewed_by_itself_and_a_draft_never_stands_in_for_reviewed_words(folder: Path) -> None:
    assert load(folder).sms_sendable([NEAR]) == ("en",)
    review(folder, SPANISH)
    said = load(folder).render_sms(NEAR, "es", **HOLES)
    assert (said.plain, said.draft) == (False, False)
    review(folder, SPANISH, PLAIN)
    said = load(folder).render_sms(NEAR, "es", **HOLES)
    assert (said.plain, said.draft) == (True, False)
    assert load(folder).sms_sendable([NEAR]) == ("en", "es")
    review(folder, PLAIN)
    assert load(folder).sms_sendable([NEAR]) == ("en", "es")
    assert load(folder, plain=False).sms_sendable([NEAR]) == ("en",)


def test_a_deployment_that_stands_for_its_drafts_sends_the_plain_variant(folder: Path) -> None:
    review(folder, SPANISH)
    said = load(folder, confirmed=frozenset({"es"})).render_sms(NEAR, "es", **HOLES)
    assert (said.plain, said.draft) == (True, True)
    assert load(folder, confirmed=frozenset({"es"})).sms_sendable([NEAR]) == ("en", "es")


def test_guidance_does_not_count_for_how_far_a_language_is(folder: Path) -> None:
    assert load(folder).catalogue("uk").completeness == 1


@pytest.mark.parametrize("domain", [po.GUIDANCE, po.PLAIN])
def test_what_would_harm_a_reader_at_once_is_refused_at_the_start(folder: Path, domain: str) -> None:
    put(folder, "es", domain, entry("Minas cerca de {plaza}."))
    with pytest.raises(Refused, match="holes") as refused:
        load(folder)
    assert f"{domain}.po" in refused.value.faults[0].where
