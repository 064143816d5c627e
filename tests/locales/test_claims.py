"""The claim that there is no danger is found in every language; its denial and mere words are not taken for it."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

import tomllib
from pathlib import Path

import pytest

from service.config import HERE
from service.i18n import forbidden
from service.i18n.checking import claims_in, read_exemptions
from service.i18n.loading import tags_in
from service.i18n.po import Translation
from service.kit.errors import Refused

CASES = tomllib.loads((Path(__file__).parent / "claims.toml").read_text("utf-8"))
LEAST_CLAIMS, LEAST_DENIALS = 12, 6


@pytest.mark.parametrize("tag", CASES)
def test_r5_a_claim_that_there_is_no_danger_is_found(tag: str) -> None:
    assert [text for text in CASES[tag]["claims"] if not forbidden.find(text, tag)] == []


@pytest.mark.parametrize("tag", CASES)
def test_r5_the_denial_of_such_a_claim_passes(tag: str) -> None:
    assert [text for text in CASES[tag]["denials"] if forbidden.find(text, tag)] == []


@pytest.mark.parametrize("tag", tags_in(HERE.parent / "locales"))
def test_every_shipped_language_has_its_list_and_enough_cases(tag: str) -> None:
    assert len(set(CASES[tag]["claims"])) >= LEAST_CLAIMS
    assert len(set(CASES[tag]["denials"])) >= LEAST_DENIALS


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "This is not a drill."),
        ("en", "All clear."),
        ("en", "The warning was cancelled."),
        ("en", "Please ignore the earlier message."),
        ("uk", "Це не навчання!"),
        ("uk", "Відбій тривоги."),
        ("ru", "Это не учения!"),
        ("ru", "Предупреждение отменено."),
        ("es", "Esto no es un simulacro."),
        ("es", "Aviso cancelado."),
        ("ar", "هذا ليس تمرينًا."),
        ("ar", "إنذار كاذب."),
        ("fr", "Ceci n'est pas un exercice."),
        ("fr", "L'alerte est annulée."),
        ("pt", "Isto não é um exercício."),
        ("pt", "Falso alarme."),
        ("bs", "Ovo nije vježba."),
        ("bs", "Upozorenje je otkazano."),
        ("km", "នេះមិនមែនជាការហ្វឹកហាត់ទេ។"),
        ("km", "ការព្រមានត្រូវបានលុបចោល។"),
        ("my", "ဒါ လေ့ကျင့်မှု မဟုတ်ပါ။"),
        ("my", "သတိပေးချက်ကို ပယ်ဖျက်လိုက်သည်။"),
        ("fa-AF", "این تمرین نیست."),
        ("fa-AF", "هشدار لغو شد."),
        ("ps", "دا تمرین نه دی."),
        ("ps", "خبرداری لغوه شو."),
    ],
)
def test_r18_r19_some_words_never_stand_in_a_residents_text(tag: str, text: str) -> None:
    assert forbidden.find(text, tag)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "Mine danger near Safe Harbour"),
        ("uk", "Мінна небезпека: Безпечне"),
        ("uk", "Мінна небезпека: Вільне"),
        ("ru", "Минная опасность: Чистое"),
        ("es", "Peligro de minas cerca de Puerto Seguro"),
        ("ar", "خطر ألغام قرب الأمان"),
        ("fr", "Danger de mines près de Sûreville"),
        ("pt", "Perigo de minas perto de Porto Seguro"),
        ("bs", "Opasnost od mina: Čista Luka"),
        ("km", "គ្រោះថ្នាក់មីននៅក្បែរ ភូមិសុវត្ថិភាព"),
        ("my", "ဘေးကင်းရွာ အနီး မိုင်းအန္တရာယ်"),
        ("fa-AF", "خطر ماین نزدیک امن‌آباد"),
        ("ps", "د ماین خطر: امن‌آباد"),
    ],
)
def test_a_place_may_be_called_by_the_word(tag: str, text: str) -> None:
    assert not forbidden.find(text, tag)


def test_a_denial_reaches_no_further_than_its_clause() -> None:
    assert forbidden.find("This does not mean much, the road is safe", "en")
    assert forbidden.find("Це нічого не означає: дорога безпечна", "uk")
    assert forbidden.find("Nobody can say more. The road is safe", "en")


def test_a_claim_hides_behind_neither_case_accents_marks_nor_isolates() -> None:
    assert forbidden.find("THE ROAD IS \u2068SAFE\u2069", "en")
    assert forbidden.find("Aqui NO HAY PELIGRO", "es")
    assert forbidden.find("не\u0301бе\u0301зпеки нема\u0301є", "uk")
    assert forbidden.find("لا يُوجَدُ خَطَرٌ", "ar")
    assert forbidden.find("Сапёры закончили", "ru")
    assert forbidden.find("саперы закончили", "ru")


def test_a_language_whose_claims_nobody_has_written_down_is_refused() -> None:
    with pytest.raises(Refused, match="nobody has written down"):
        forbidden.find("Ohne Gefahr", "de")


def test_an_exemption_holds_for_exactly_these_words(monkeypatch: pytest.MonkeyPatch) -> None:
    caveat = Translation("a.b", "Even without danger signs, {place} may be mined.", "Never without danger: {place}.")
    text = '[[exempt]]\nid = "a.b"\nlanguage = "en"\nsha256 = "{}"\nreason = "read by two people"\n'
    exact = read_exemptions(text.format("95" * 32))
    assert exact == {("a.b", "en", "95" * 32)}
    monkeypatch.setattr("service.i18n.checking.digest", lambda *_: "95" * 32)
    monkeypatch.setattr("service.i18n.checking._exemptions", lambda: exact)
    assert not claims_in("Never without danger: Ost.", caveat, "en")
    assert not claims_in("Never without danger: Safe Harbour.", caveat, "en")
    assert claims_in("Never without danger: here it is safe.", caveat, "en"), "a hole brings its own claim"
    monkeypatch.setattr("service.i18n.checking.digest", lambda *_: "00" * 32)
    assert claims_in("Never without danger: Ost.", caveat, "en"), "other words, no exemption"


def test_an_exemption_without_a_reason_is_refused() -> None:
    with pytest.raises(KeyError):
        read_exemptions('[[exempt]]\nid = "a"\nlanguage = "en"\nsha256 = "0"\n')
