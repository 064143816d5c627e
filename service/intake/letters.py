"""Guesses in which encoding a text was written, by the alphabets that sources write in."""

# ruff: noqa: RUF001 - the letters and marks of many scripts are what this file is about

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

_LATIN = {
    "bs hr sr sl": "čćđšž",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "hu ro": "áéíóöőúüűăâîșțşţ",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "es pt": "áâãàçéêíñóôõúü¿¡ºª",
    "de": "äöüß",
    "tr az": "çğıöşüâîûəi̇",
    "lt lv et": "āčēģīķļņšūžąęėįųõäöü",
}
_CYRILLIC = {
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя’",
    "sr mk": "абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "uk ru": "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя’",
}
_OTHERS = {
    "ar fa": "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأإئؤپچژگکی،؛؟ًٌٍَُِّْ",
    "he": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ",
}
_ALPHABETS = [frozenset(letters) for family in (_LATIN, _CYRILLIC, _OTHERS) for letters in family.values()]
_PLAIN_SIGNS = frozenset("«»„“”‘’–—…°№§·•\u00a0™©®²³½±×€ʼ´′″¿¡ºª")
# In the order in which equally likely ones are preferred.
CANDIDATES = (
    "cp1251", "cp1252", "cp1250", "cp1256", "cp1254", "cp1253", "cp1255", "cp1257", "cp866", "koi8_u", "koi8_r",
    "iso8859_5", "iso8859_2", "mac_cyrillic", "cp852", "cp850", "cp1125",
)  # fmt: skip  # one a line would hide the order
_SAMPLE = 200_000
_RUNS = re.compile(r"[^\W\d_\x00-\x7f]{3,}")
_ENOUGH = 0.6
_BETTER = 0.25


def guessed(sample: bytes) -> str:
    """Return the likeliest encoding's name: UTF-8 where it fits, else the one that makes most words of a language."""
    odd = _odd_lines(sample)
    if _fits_utf8(odd):
        return "utf-8"
    return max(CANDIDATES, key=lambda name: (likeness(odd.decode(name, "replace")), -CANDIDATES.index(name)))


def decoded(raw: bytes, encoding: str) -> tuple[str, bool]:
    """Return the text and whether it was all there to read."""
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace"), False


def likeness(text: str) -> float:
    """Return how much the letters beyond ASCII look like one language's words, at most 1."""
    signs = [sign for sign in text if sign > "\x7f"]
    if not signs:
        return 1.0
    kept = [sign for sign in signs if sign not in _PLAIN_SIGNS]
    # Signs alone show nothing; they count for little beside letters.
    spoken = max((sum(sign.lower() in alphabet for sign in kept) for alphabet in _ALPHABETS), default=0)
    points = (spoken + 0.2 * (len(signs) - len(kept))) / len(signs)
    return points - 0.5 * _oddities(text) / len(signs)


def suspected(text: str) -> str | None:
    """Return what a garbled text was meant to be, None for one that looks sound."""
    if text.isascii():
        return None
    here = likeness(text)
    for wrongly in ("cp1252", "cp1251", "latin-1", "cp1250"):
        meant = _again(text, wrongly, "utf-8")
        if meant is not None and not meant.isascii() and len(meant) < len(text):
            return meant
    if here >= _ENOUGH:
        return None
    trials = (
        _again(text, wrongly, rightly)
        for wrongly in ("cp1252", "latin-1")
        for rightly in ("cp1251", "cp1250", "cp1256")
    )
    likely = max((each for each in trials if each is not None), key=likeness, default=None)
    return likely if likely is not None and likeness(likely) > max(_ENOUGH, here + _BETTER) else None


def _again(text: str, wrongly: str, rightly: str) -> str | None:
    try:
        return text.encode(wrongly).decode(rightly)
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None


def _oddities(text: str) -> int:
    """Count what no language writes: scripts mixed in a word, capitals amid it, controls, unmapped signs."""
    # In Latin letters three beyond ASCII never stand together.
    count = sum(len(run) - 2 for run in _RUNS.findall(text) if _script(run[0]) == "LATIN")
    for before, sign in zip(" " + text, text, strict=False):
        if sign <= "\x7f" and before <= "\x7f":
            continue
        if unicodedata.category(sign) in {"Cc", "Co", "Cn"} or sign == "\ufffd":
            count += 2
        elif before.isalpha() and sign.isalpha():
            count += _script(before) != _script(sign) or (before.islower() and sign.isupper())
    return count


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _odd_lines(sample: bytes) -> bytes:
    """Return the lines that hold more than ASCII, as far as they are needed."""
    lines: Iterable[bytes] = (line for line in sample.split(b"\n") if not line.isascii())
    return b"\n".join(lines)[:_SAMPLE]


def _fits_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # The sample may have been cut within a letter.
        return error.start >= len(sample) - 3 and error.reason == "unexpected end of data"
    return True
