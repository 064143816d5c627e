"""In which encoding a text was written is guessed by the alphabets of those who write it."""

# ruff: noqa: RUF001 - the letters and marks of many scripts are what these tests are about

import pytest

from service.intake import letters

TEXTS = {
    "uk": "Мінне поле «Ґ-1»\nПідозрювана небезпечна ділянка, с. Їжаківка",
    "ru": "Минное поле №3\nОпасно, деревня Ёлкино",
    "sr": "Минско поље\nОпасно подручје Љубиње",
    "bs": "Minsko polje Žeravica\nČelić, Šekovići, Đulići",
    "fr": "Camp miné évacué à côté",
    "es": "Área peligrosa sospechosa, Cañón",
    "ar": "حقل ألغام قرية",
    "tr": "Mayınlı bölge Şırnak Ağrı",
    "one word": "Поле",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *[("uk", name) for name in ("utf-8", "cp1251", "koi8_u", "cp1125", "iso8859_5", "mac_cyrillic")],
        *[("ru", name) for name in ("utf-8", "cp1251", "koi8_r", "cp866", "iso8859_5")],
        *[("sr", name) for name in ("utf-8", "cp1251")],
        *[("bs", name) for name in ("utf-8", "cp1250", "iso8859_2")],
        *[("fr", name) for name in ("utf-8", "cp1252", "cp850")],
        *[("es", name) for name in ("cp1252", "cp850")],
        ("ar", "cp1256"),
        ("tr", "cp1254"),
        ("one word", "cp1251"),
        ("one word", "cp866"),
    ],
)
def test_texts_come_out_right_whatever_encodes_them(language: str, encoding: str) -> None:
    text = TEXTS[language]
    raw = text.encode(encoding, "replace")
    assert raw.decode(letters.guessed(raw)).replace("?", "") == raw.decode(encoding).replace("?", "")


@pytest.mark.parametrize(
    ("text", "wrongly", "rightly"),
    [
        (TEXTS["uk"], "cp1252", "utf-8"),
        ("Поле", "cp1251", "utf-8"),
        (TEXTS["ru"], "latin-1", "cp1251"),
        ("Minsko polje Čelić", "cp1252", "utf-8"),
        ("حقل ألغام", "latin-1", "cp1256"),
    ],
)
def test_garbled_texts_are_suspected_with_what_was_meant(text: str, wrongly: str, rightly: str) -> None:
    try:
        garbled = text.encode(rightly).decode(wrongly)
    except UnicodeDecodeError:
        garbled = text.encode(rightly).decode("latin-1")
    assert letters.suspected(garbled) is not None


@pytest.mark.parametrize("text", [*TEXTS.values(), "plain", "", "ເຂດອັນຕະລາຍ", "Łódź", "🌍", "naïve café", "№ 5 §"])
def test_sound_texts_are_not_suspected(text: str) -> None:
    assert letters.suspected(text) is None
