"""What spellings of one name have in common: two keys, one close to the letter, one close to the sound."""

import re
import unicodedata

# Every sign that stands for an apostrophe on some keyboard, in some font or in somebody's habit.
APOSTROPHES = "'’ʼ`´′‘‛＇ʹ\"“”„*^"
_NO_APOSTROPHE = str.maketrans("", "", APOSTROPHES)
# Signs that nobody sees: joiners, marks of direction, controls.
_UNSEEN = re.compile("[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\u00ad\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]")
_APART = re.compile(r"[\s\-‐‑‒–—―_/.]+")

# Letters of two alphabets that look alike, as capitals or as small letters (a keyboard's case may have changed since).
_LATIN = "abceghikmoptxyj"
_CYRILLIC = "авсеgнікмортхуј"
_TO_CYRILLIC = {
    latin: cyrillic for latin, cyrillic in zip(_LATIN, _CYRILLIC, strict=True) if latin != cyrillic
} | {"ï": "ї", "ë": "ё", "0": "о", "3": "з"}  # fmt: skip  # the pairs that are no single ASCII letter
_TO_LATIN = {cyrillic: latin for latin, cyrillic in _TO_CYRILLIC.items() if latin.isalpha()}

_SOUNDS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "e", "ё": "e", "э": "e", "ж": "z",
    "з": "z", "и": "i", "і": "i", "ї": "i", "ы": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f", "х": "g", "ц": "c", "ч": "c", "ш": "s",
    "щ": "sc", "ю": "iu", "я": "ia", "ь": "", "ъ": "", "ђ": "d", "ј": "i", "љ": "li", "њ": "ni", "ћ": "c", "џ": "dz",
    "ѕ": "z", "ѓ": "g", "ќ": "k",
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "ß": "s", "æ": "e", "œ": "e", "þ": "t",
    "w": "v", "y": "i", "j": "i", "q": "k",
}  # fmt: skip  # an alphabet reads better in few lines
# Ways to write one sound in Latin letters: Ukraine's national system of 2010, BGN/PCGN, scholarly, English, Polish.
_WAYS = (
    ("shch", "sc"), ("sch", "sc"), ("kh", "g"), ("gh", "g"), ("zh", "z"), ("sh", "s"), ("ch", "c"), ("ts", "c"),
    ("tz", "c"), ("cz", "c"), ("sz", "s"), ("rz", "z"), ("h", "g"), ("x", "g"), ("ie", "e"),
)  # fmt: skip  # as above
_DOUBLED = re.compile(r"(.)\1+")
_WORD = re.compile(r"\w+")
# Marks that a writer may leave out: accents, and the vowel signs of Arabic and Hebrew. Other scripts' marks are letters.
_OPTIONAL = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640]")
_TRIES = 6


def plain(text: str) -> str:
    """Fold letter case, width, apostrophes, hyphens, spaces, look-alike letters and digits; accents stay.

    Folding what is folded changes nothing.
    """
    folded = text
    for _ in range(_TRIES):
        before, folded = folded, _once(folded)
        if before == folded:
            break
    return folded


def _once(text: str) -> str:
    cased = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
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
    for written, heard in _WAYS:
        folded = folded.replace(written, heard)
    return _DOUBLED.sub(r"\1", folded)


def code(text: str) -> str:
    """Fold a code: digits of any script, capitals, look-alike letters as Latin; spaces and hyphens do not count."""
    signs = plain(text).replace(" ", "").replace("у", "u")  # who writes UA in Cyrillic writes УА
    return "".join(_TO_LATIN.get(sign, sign) for sign in signs).upper()
