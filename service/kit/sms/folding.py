"""Writes a name with the letters of the GSM alphabet, as its readers do on a phone without theirs; none is lost."""

# ruff: noqa: RUF001 - letters that look like others are what this file is about

import unicodedata

from service.kit.sms.alphabet import LETTERS

USUAL = {
    "đ": "dj", "Đ": "Dj", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ħ": "h", "Ħ": "H",
    "œ": "oe", "Œ": "OE", "ŋ": "ng", "Ŋ": "Ng", "ə": "e", "Ə": "E", "ŧ": "t", "Ŧ": "T", "ƒ": "f", "ĸ": "k", "ẞ": "SS",
    "ŉ": "'n", "ĳ": "ij", "Ĳ": "IJ", "ŀ": "l", "Ŀ": "L", "ſ": "s", "ǆ": "dz", "ǅ": "Dz", "Ǆ": "DZ", "ǉ": "lj",
    "ǈ": "Lj", "Ǉ": "LJ", "ǌ": "nj", "ǋ": "Nj", "Ǌ": "NJ", "ɓ": "b", "Ɓ": "B", "ɗ": "d", "Ɗ": "D", "ƙ": "k", "Ƙ": "K",
    "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "ʻ": "'", "′": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "–": "-", "—": "-", "…": "...",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "ª": "a", "º": "o",
}  # fmt: skip
"""What no decomposition gives: the letter's usual spelling (đ is dj in Bosnian and its neighbours), plain quotes."""


def fold(name: str) -> str:
    """Return a name in letters that GSM-7 has: ñ, é and ü stay, á is a, ć is c, đ is dj; typographic quotes are plain.

    A letter without a usual spelling here, such as one of another alphabet, stays as it is: what it costs is for the
    caller to count.
    """
    composed = unicodedata.normalize("NFC", name)
    return "".join(_fold(letter, before=composed[at - 1] if at else "") for at, letter in enumerate(composed))


def _fold(letter: str, *, before: str) -> str:
    if letter in LETTERS:
        return letter
    if unicodedata.combining(letter):
        return "" if fold(before) != before or before in LETTERS else letter  # its letter stays, or was spelt already
    signs = (sign for sign in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(sign))
    plain = USUAL.get(letter) or "".join(USUAL.get(sign, sign) for sign in signs)
    return plain if plain and LETTERS.issuperset(plain) else letter
