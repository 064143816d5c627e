"""Fonts that travel inside a package: only the letters that it shows, regular and bold, as WOFF2."""

# Only glyphs and axes are dropped: what joins, stacks and reorders letters (Arabic, Khmer, Burmese) stays as it is.
# Nothing depends on the day or the machine, so that the same text gives the same bytes.

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from service.kit import typesetting
from service.kit.errors import Kind, Refused

REGULAR, BOLD = 400, 700
_FILES = {
    "Noto Sans": "NotoSans[wdth,wght].ttf",
    "Noto Sans Arabic": "NotoSansArabic[wdth,wght].ttf",
    "Noto Sans Khmer": "NotoSansKhmer[wdth,wght].ttf",
    "Noto Sans Myanmar": "NotoSansMyanmar[wdth,wght].ttf",
}
_SEPARATORS = ("C", "Z")
"""General categories that need no glyph: controls, marks of direction, spaces."""


@dataclass(frozen=True, slots=True)
class Font:
    """One file of a font: its family and weight as CSS names them, and its bytes."""

    family: str
    weight: int
    content: bytes


def woff2(tag: str, text: str) -> tuple[Font, ...]:
    """Return the fonts that show a text in a language, its own script first, each regular and bold.

    Refused `letters-without-font` names letters that none of them has.
    """
    wanted = frozenset(text) | frozenset(unicodedata.normalize("NFC", text))
    letters = frozenset(one for one in wanted if not unicodedata.category(one).startswith(_SEPARATORS))
    fonts: list[Font] = []
    missing = letters
    for family in typesetting.language(tag)["fonts"]:
        having = _letters(family)
        if letters & having:
            fonts += _cut(family, "".join(sorted(wanted & having)))
        missing -= having
    if missing:
        detail = f"No font has {' '.join(f'U+{ord(one):04X}' for one in sorted(missing)[:10])}."
        remedy = "Write the text in the letters of its language."
        raise Refused(Kind.CONFLICT, "letters-without-font", detail, where=tag, remedy=remedy)
    return tuple(fonts)


@lru_cache(maxsize=32)
def _cut(family: str, letters: str) -> tuple[Font, ...]:
    few = _subset(_path(family), letters)
    return tuple(Font(family, weight, _instance(few, weight)) for weight in (REGULAR, BOLD))


def _subset(path: Path, letters: str) -> bytes:
    """Return the font with some letters, all its weights still in it; features that shape a script are kept."""
    options = subset.Options(name_IDs=[1, 2, 13, 14], hinting=False, glyph_names=False)  # 13, 14: its licence
    with TTFont(path, lazy=True, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text=letters)
        cutter.subset(font)
        out = BytesIO()
        font.save(out)
    return out.getvalue()


def _instance(few: bytes, weight: int) -> bytes:
    with TTFont(BytesIO(few), recalcTimestamp=False) as font:
        instancer.instantiateVariableFont(font, {"wdth": 100, "wght": weight}, inplace=True)
        font.flavor = "woff2"
        out = BytesIO()
        font.save(out)
    return out.getvalue()


@cache
def _letters(family: str) -> frozenset[str]:
    with TTFont(_path(family), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def _path(family: str) -> Path:
    return next(path for folder in typesetting.folders() if (path := folder / _FILES[family]).exists())
