"""Names in the letters of GSM-7: as people spell them on a phone that lacks theirs, and with every letter."""

# ruff: noqa: RUF001 - letters are written in their own alphabets here

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.sms import fold, foreign

LATIN = [
    letter
    for letter in map(chr, [*range(0x80), *range(0xC0, 0x180), *range(0x1E00, 0x1E9A), *range(0x1EA0, 0x1EFA)])
    if letter.isalpha()
]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Bogotá", "Bogota"),
        ("Ñuñoa", "Ñuñoa"),
        ("São João", "Sao Joao"),
        ("Orašje, Đurđevik, Ćurčići", "Orasje, Djurdjevik, Curcici"),
        ("Évreux-l'Abbaye", "Évreux-l'Abbaye"),
        ("Bourg’œuvre", "Bourg'oeuvre"),
        ("Garçon — «Çà»", 'Garcon - "Çà"'),
        ("Żółć", "Zolc"),
        ("Nước Việt", "Nuoc Viet"),
        ("Bogota\u0301", "Bogota"),
        ("q\u0303uito", "quito"),
        ("đ\u0301", "dj"),
        ("", ""),
    ],
)
def test_a_name_is_spelt_as_is_usual(name: str, plain: str) -> None:
    assert fold(name) == plain
    assert not foreign(plain)


@pytest.mark.parametrize("name", ["Лиман", "Ізюм", "الموصل", "ភ្នំពេញ"])
def test_a_name_of_another_alphabet_stays_whole(name: str) -> None:
    assert fold(name) == unicodedata.normalize("NFC", name)


@given(st.text(st.sampled_from(LATIN), max_size=40))
def test_no_letter_is_lost(name: str) -> None:
    plain = fold(name)
    assert not foreign(plain)
    assert len(plain) >= len(unicodedata.normalize("NFC", name))
    assert fold(plain) == plain
    assert all(fold(letter).isalpha() or fold(letter).startswith("'") for letter in name)
