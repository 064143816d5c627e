"""Fonts that travel inside packages: few bytes, every letter, alike each time, and Arabic still joins."""

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from service.kit import fonts
from service.kit.errors import Refused

TEXTS = {
    "en": "Stop, go back, tell.",
    "uk": "Зупинися. Не чіпай. Повернися й розкажи.",  # noqa: RUF001 - Ukrainian
    "ar": "قف. لا تلمس. ارجع 123 (SMS).",
    "km": "ឈប់។ កុំប៉ះ។",
    "my": "ရပ်ပါ။ မထိပါနှင့်။",
}


@pytest.mark.parametrize("tag", TEXTS)
def test_a_font_has_every_letter_of_a_text_and_is_small(tag: str) -> None:
    made = fonts.woff2(tag, TEXTS[tag])
    held = set[str]()
    for one in made:
        with TTFont(BytesIO(one.content)) as font:
            assert font.flavor == "woff2"
            assert "fvar" not in font
            held |= set(map(chr, font.getBestCmap()))
    assert set(TEXTS[tag]) - {" "} <= held
    assert {one.weight for one in made} == {400, 700}
    assert sum(len(one.content) for one in made) < 60_000


@pytest.mark.parametrize(("tag", "feature"), [("ar", "init"), ("km", "pref"), ("my", "blwf")])
def test_what_joins_and_stacks_letters_is_kept(tag: str, feature: str) -> None:
    with TTFont(BytesIO(fonts.woff2(tag, TEXTS[tag])[0].content)) as font:
        assert feature in {one.FeatureTag for one in font["GSUB"].table.FeatureList.FeatureRecord}


def test_the_same_text_makes_the_same_bytes() -> None:
    first = fonts.woff2("uk", TEXTS["uk"])
    fonts._cut.cache_clear()
    assert fonts.woff2("uk", TEXTS["uk"]) == first


def test_a_letter_that_no_font_has_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"U\+4E2D") as refused:
        fonts.woff2("en", "中")
    assert refused.value.name == "letters-without-font"
