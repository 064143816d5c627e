"""What spellings of one name have in common: two keys, one close to the letter, one close to the sound."""

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

# Data, as the letters of two alphabets that look alike are not to be told apart in code.
SPELLINGS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("spellings.toml").read_text(encoding="utf-8"))

_NO_APOSTROPHE = str.maketrans("", "", SPELLINGS["apostrophes"])
_APART = re.compile(rf"[\s{re.escape(SPELLINGS['apart'])}]+")
# Signs that nobody sees: joiners, marks of direction, controls.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\u00ad\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]"
)
_TO_CYRILLIC: dict[str, str] = SPELLINGS["alike"]
_TO_LATIN = {cyrillic: latin for latin, cyrillic in _TO_CYRILLIC.items() if latin.isalpha()}
_U_CYRILLIC = next(cyrillic for latin, cyrillic in _TO_CYRILLIC.items() if latin == "y")
_SOUNDS = {letter: sound for sound, letters in SPELLINGS["sounds"].items() for letter in letters}
_ORDER = str.maketrans({letter: f"{before}\uffff" for letter, before in SPELLINGS["order"].items()})
_WAYS: dict[str, str] = SPELLINGS["ways"]
_DOUBLED = re.compile(r"(.)\1+")
_WORD = re.compile(r"\w+")
# Marks that may be left out: accents, vowel signs of Arabic and Hebrew. Other scripts' marks are letters.
_OPTIONAL = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640]")
_TRIES = 6


def plain(text: str) -> str:
    """Fold letter case, width, apostrophes, hyphens, spaces, look-alikes and digits; accents stay.

    Folding what is folded changes nothing.
    """
    folded = text
    for _ in range(_TRIES):
        before, folded = folded, _once(folded)
        if before == folded:
            break
    return folded


def _once(text: str) -> str:
    cased = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.translate(_NO_APOSTROPHE)).casefold())
    visible = _UNSEEN.sub("", cased.translate(_NO_APOSTROPHE))
    spaced = _APART.sub(" ", _ascii_digits(visible)).strip()
    return _WORD.sub(lambda word: _of_one_script(word[0]), spaced)


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _of_one_script(word: str) -> str:
    """Write a word in the script that its other letters are of, if all that is foreign in it looks like that script."""
    if word.isascii():
        return word
    scripts = {_script(sign) for sign in word}
    if "cyrillic" not in scripts or len(scripts) == 1:
        return word
    cyrillic = "".join(_TO_CYRILLIC.get(sign, sign) for sign in word)
    if all(_script(sign) == "cyrillic" for sign in cyrillic):
        return cyrillic
    latin = "".join(_TO_LATIN.get(sign, sign) for sign in word)
    return latin if all(_script(sign) != "cyrillic" for sign in latin) else word


def _script(sign: str) -> str:
    if "\u0400" <= sign <= "\u052f":
        return "cyrillic"
    return "latin" if sign.isalpha() and sign < "\u0250" else "other"


def in_cyrillic(word: str) -> str | None:
    """Return a word whose Latin letters all look Cyrillic as it would be in Cyrillic; None for any other."""
    twin = "".join(_TO_CYRILLIC.get(sign, sign) for sign in word)
    return twin if twin != word and all(_script(sign) == "cyrillic" for sign in twin) else None


def sound(text: str) -> str:
    """Fold to what most spellings and transliterations of a name share, without spaces, in Latin letters if it can be.

    Russian and Ukrainian letters for one sound meet, so do systems of transliteration, accents and doubled letters.
    Folding what is folded changes nothing.
    """
    return heard(plain(text))


def heard(plain_text: str) -> str:
    """Fold what `plain` has folded to its sound."""
    folded = plain_text
    for _ in range(_TRIES):
        before, folded = folded, _heard(folded)
        if before == folded:
            break
    return folded


def _heard(text: str) -> str:
    letters = "".join(_SOUNDS.get(sign, sign) for sign in text if not sign.isspace())
    bare = _OPTIONAL.sub("", unicodedata.normalize("NFKD", letters))
    folded = _DOUBLED.sub(r"\1", "".join(_SOUNDS.get(sign, sign) for sign in bare))
    for written, heard in _WAYS.items():
        folded = folded.replace(written, heard)
    return _DOUBLED.sub(r"\1", folded)


def ordered(plain_text: str) -> str:
    """Return a key that puts folded names in the order of the alphabet where code points do not."""
    return plain_text.translate(_ORDER)


def code(text: str) -> str:
    """Fold a code: digits of any script, capitals, look-alike letters as Latin; spaces and hyphens do not count."""
    if text.isascii() and text.isalnum():
        return text.upper()  # as nearly every code of a register is; the rest would not change it
    signs = plain(text.casefold().replace(_U_CYRILLIC, "u")).replace(" ", "")  # "UA" typed in Cyrillic
    return "".join(_TO_LATIN.get(sign, sign) for sign in signs).upper()
