"""Bosnian in Cyrillic letters, by rule from Latin ones, and back; names, numbers and codes stay."""

import re
import unicodedata

LATIN = "bs"
CYRILLIC = "bs-Cyrl"
"""The one language that is written by rule: whoever reviewed its Latin letters has read every word."""

_DOUBLE = {"dž": "џ", "lj": "љ", "nj": "њ"}
_LETTERS = _DOUBLE | dict(zip("abcčćdđefghijklmnoprsštuvzž", "абцчћдђефгхијклмнопрсштувзж", strict=True))
"""The alphabet, as it is taught."""

_BACK = {cyrillic: latin for latin, cyrillic in _LETTERS.items()}

APART = re.compile(
    r"\b(?:nad|od|pod|pred)(?=ž(?:al|anr|ar|et|iv|nj|up|ut|vak))"
    r"|in(?=j(?:ekc|ekt|ur))|kon(?=j(?:ekt|unk|ug))|van(?=jezi)|\btan(?=jug)"
)
"""Ends where two letters are two sounds, since a prefix or a stem ends between them: nad-živjeti, in-jekcija."""

KEPT = frozenset(
    {"GPS", "QR", "PIN", "USB", "SIM", "PDF", "URL", "UN", "UXO", "IMAS", "CC", "BY", "HTML", "EPUB"}
    | {"Viber", "Telegram", "Facebook", "Google", "Android", "Surefoot"}
)
"""Codes and names that stand in Latin letters in a Cyrillic text too."""

_TOKEN = re.compile(r"\{[^{}]*\}|\S+://\S+|\S+@\S+|\w+(?:\.\w+)+|\w+")  # a hole, addresses, a word
_OURS = re.compile(r"[a-pr-vzčćđšž]+")


def to_cyrillic(text: str) -> str:
    """Write a Bosnian text in Cyrillic letters; holes, numbers, addresses, codes and foreign words stay as they are."""
    return _TOKEN.sub(lambda match: _word(match[0]), unicodedata.normalize("NFC", text))


def to_latin(text: str) -> str:
    """Write the Cyrillic letters of Bosnian in Latin ones; all else stays as it is."""
    return "".join(_latin(letter) for letter in unicodedata.normalize("NFC", text))


def _latin(letter: str) -> str:
    found = _BACK.get(letter.lower(), letter)
    return found.capitalize() if letter.isupper() and letter not in found else found


def _word(word: str) -> str:
    small = word.lower()
    if word in KEPT or len(small) != len(word) or not _OURS.fullmatch(small):
        return word
    apart = {match.end() - 1 for match in APART.finditer(small)}
    written: list[str] = []
    place = 0
    while place < len(word):
        size = 2 if small[place : place + 2] in _LETTERS and place not in apart else 1
        letter = _LETTERS[small[place : place + size]]
        written.append(letter.upper() if word[place].isupper() else letter)
        place += size
    return "".join(written)
