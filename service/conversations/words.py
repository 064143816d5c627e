"""The words that people write to us, in every language: data beside this file, one `keywords/<language>.toml` each."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.conversations.model import CODES, Meaning
from service.i18n.model import Finding
from service.places import folding

FOLDER = Path(__file__).with_name("keywords")
KEYS = (
    Meaning.STOP, Meaning.MENU, Meaning.WHAT_TO_DO, Meaning.CALL, Meaning.PLACE, Meaning.LANGUAGE, Meaning.REAL,
    Meaning.BACK,
)  # fmt: skip  # the order of a table
FOUND, NEVER = "found", "never"
_SHORT = 2
LONGEST = 2_000
"""No more of a text is read: somebody who writes more has said what it is about by then."""

_ALIKE = str.maketrans(
    {
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER YEH WITH TAIL}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER E}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
        "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC LETTER HEH GOAL}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC TATWEEL}": None,
        "\N{LATIN SMALL LETTER D WITH STROKE}": "d",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
        "\N{LATIN SMALL LETTER L WITH STROKE}": "l",
    }
)
"""Letters that keyboards and habits put for one another, after their marks are gone."""

_MARKED = ("LATIN", "CYRILLIC", "ARABIC", "GREEK", "HEBREW", "COMBINING")
_SCRIPT = re.compile("(?<!EXTENDED)[ -]")
_KEYCAP = frozenset("\ufe0e\ufe0f\u20e3")


def fold(text: str) -> str:
    """Return words parted by single blanks: no case, accents, vowel marks, punctuation or digits of another script.

    Folding what is folded changes nothing.
    """
    plain = folding.plain("".join(" " if sign in "\"'*" else sign for sign in text[:LONGEST]))
    signs = unicodedata.normalize("NFKD", plain).translate(_ALIKE)
    kept = "".join(_kept(sign) for sign in signs)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _kept(sign: str) -> str:
    """Drop marks that may be left out; put a blank for what is neither letter, mark nor digit."""
    category = unicodedata.category(sign)
    if sign in _KEYCAP or category == "Cf":
        return ""
    if category[0] == "M":
        return "" if unicodedata.name(sign, "COMBINING").startswith(_MARKED) else sign
    return sign if category[0] in "LN" else " "


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All languages' words together, folded.

    `keywords` names for each whole text what it means and in which languages; `found` is for each language what finds a
    word of a find; `never` are its words for mine, bomb and weapon.
    """

    keywords: Mapping[str, tuple[Meaning, tuple[str, ...]]]
    found: Mapping[str, re.Pattern[str]]

    def keyword(self, folded: str) -> tuple[Meaning, tuple[str, ...]] | None:
        """Return what a whole text means, and in which languages."""
        return self.keywords.get(folded)

    def finders(self, folded: str) -> tuple[str, ...]:
        """Return the languages of which a word in this text may speak of a find."""
        return tuple(tag for tag, pattern in self.found.items() if pattern.search(folded))


@cache
def lists() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return every language's lists as they are written."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def _read(path: Path) -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(words) for key, words in tomllib.loads(path.read_text("utf-8")).items()}


@cache
def vocabulary() -> Vocabulary:
    """Return the words of all languages, ready for use."""
    keywords: dict[str, tuple[Meaning, tuple[str, ...]]] = {}
    for tag, written in lists().items():
        for meaning in KEYS:
            for word in written[meaning]:
                _, tags = keywords.get(fold(word), (meaning, ()))
                keywords[fold(word)] = (meaning, tuple(dict.fromkeys((*tags, tag))))
    return Vocabulary(keywords, {tag: _finder(written[FOUND]) for tag, written in lists().items()})


def _finder(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of the words: `word` whole, `word*` where it begins one, `*word*` anywhere."""
    return re.compile("|".join(_pattern(word) for word in words))


def _pattern(word: str) -> str:
    bare = re.escape(fold(word))
    before = "" if word.startswith("*") else "(?:^|(?<= ))"
    after = "" if word.endswith("*") else "(?= |$)"
    return f"{before}{bare}{after}"


def check(found: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None) -> list[Finding]:
    """Return what is wrong with the lists: a missing one, a collision of two languages, a word for a mine in a keyword.

    A keyword may mean the same in several languages; it is wrong where it means two things.
    """
    written = lists() if found is None else found
    findings: list[Finding] = []
    for tag, words in written.items():
        findings += _incomplete(tag, words)
    whole = {tag: words for tag, words in written.items() if not _incomplete(tag, words)}
    return [*findings, *_collisions(whole), *_dangerous(whole)]


def _incomplete(tag: str, words: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    wanted = {*KEYS, FOUND, NEVER}
    empty = sorted(wanted - {key for key, listed in words.items() if listed}) + sorted(words.keys() - wanted)
    return [Finding(_file(tag), key, "is missing, empty or unknown", "see keywords/en.toml") for key in empty]


def _collisions(written: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Iterator[Finding]:
    first: dict[str, tuple[Meaning, str]] = {}
    for tag, meaning, word in _keywords(written):
        folded = fold(word)
        before, other = first.setdefault(folded, (meaning, tag))
        if not folded or folded.replace(" ", "").isdecimal():
            yield Finding(_file(tag), word, "is no word", "write it in letters")
        elif before is not meaning:
            reason = f"means {meaning} here and {before} in {other}, once case and marks are folded"
            yield Finding(_file(tag), word, reason, "choose another word in one of them")


def _dangerous(written: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Iterator[Finding]:
    """Find keywords that somebody may write who found something: he must get another answer."""
    words = [(tag, fold(word)) for tag, listed in written.items() for word in listed[NEVER]]
    finders = {tag: _finder(listed[FOUND]) for tag, listed in written.items()}
    remedy = "choose another word: who writes it may have found something"
    for tag, _, word in _keywords(written):
        folded = fold(word)
        for other, danger in words:
            if danger in (folded if len(danger) > _SHORT else folded.split()):
                reason = f"contains {danger!r}, a word for mine, bomb or weapon in {other}"
                yield Finding(_file(tag), word, reason, remedy)
        for other in (one for one, finder in finders.items() if finder.search(folded)):
            yield Finding(_file(tag), word, f"is a word of a find in {other}", remedy)
    for tag, danger in words:
        known = finders[tag].search(danger) or any(danger in fold(word) for word in written[tag][FOUND])
        if not known:
            yield Finding(_file(tag), danger, "is a danger that `found` does not know", "add it to `found`")


def _keywords(written: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Iterator[tuple[str, Meaning, str]]:
    for tag, listed in written.items():
        for meaning in KEYS:
            yield from ((tag, meaning, word) for word in listed[meaning])


def _file(tag: str) -> str:
    return str(FOLDER / f"{tag}.toml")


def scripts(text: str) -> frozenset[str]:
    """Return the scripts of a text's letters and digits, as their names begin: CYRILLIC or KHMER; none for 0 to 9."""
    signs = (sign for sign in text[:LONGEST] if sign.isalpha() or (sign.isdecimal() and not sign.isascii()))
    return frozenset(_SCRIPT.split(unicodedata.name(sign, ""))[0].removeprefix("EXTENDED ") for sign in signs)


def code(folded: str) -> Meaning | None:
    """Return what a code means; only the two digits count, whatever stands around them."""
    return CODES.get(folded)
