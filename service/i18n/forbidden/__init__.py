"""Finds the claim that there is no danger, in every language; the word alone is no claim, and a denial is none."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from service.i18n.cyrillic import CYRILLIC, to_latin
from service.kit.errors import Kind, Refused

HERE = Path(__file__).parent
SENTENCE = re.compile(
    "[.!?;\n\N{ARABIC QUESTION MARK}\N{ARABIC SEMICOLON}\N{ARABIC FULL STOP}\N{KHMER SIGN KHAN}"
    "\N{MYANMAR SIGN SECTION}]+"
)
CLAUSE = re.compile(
    "[,:\N{ARABIC COMMA}\N{KHMER SIGN CAMNUC PII KUUH}\N{MYANMAR SIGN LITTLE SECTION}\N{EM DASH}\N{EN DASH}]"
    "(?! (?:that|which|що|что|чи|ли) )"
)
"""A denial reaches no further than its clause; Ukrainian and Russian put a comma before their "that" and "whether"."""

BEFORE, AFTER = 60, 40
"""How far (in letters, within the clause) a denial may stand before or after the claim that it denies."""

SAME = str.maketrans(
    {
        "\N{CYRILLIC SMALL LETTER IO}": "\N{CYRILLIC SMALL LETTER IE}",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{MODIFIER LETTER APOSTROPHE}": "'",
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC LETTER AE}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
        "\N{ARABIC LETTER KAF WITH RING}": "\N{ARABIC LETTER GAF}",
        "\N{ARABIC TATWEEL}": None,
    }
)
"""Letters that people write for one another."""

STRESS = "\N{COMBINING ACUTE ACCENT}"


class _Visible(dict[int, str | None]):
    """What `str.translate` makes of a character, worked out once: any blank is one, the invisible nothing."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        hidden = unicodedata.category(letter) in {"Cf", "Cc"}
        self[code] = " " if letter.isspace() else None if hidden else letter
        return self[code]


VISIBLE = _Visible()


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One language's claims that there is no danger, the denials that undo them, and what may never be said at all."""

    claims: tuple[re.Pattern[str], ...]
    denials: re.Pattern[str]
    denials_after: re.Pattern[str]
    never: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Words found in a text that must not be said; `pattern` tells which rule found them."""

    words: str
    pattern: str


def find(text: str, tag: str) -> tuple[Claim, ...]:
    """Return every forbidden claim in a text that is whole, that is, with its holes filled.

    Names in isolates are read like other words, since a claim may hide in a hole. Refused if nobody has written down
    this language's claims yet.
    """
    rules = load(tag)
    if tag == CYRILLIC:
        text = to_latin(text)  # one list for both scripts
    sentences = [sentence for sentence in SENTENCE.split(plain(text)) if sentence.strip()]
    found = [claim for sentence in sentences for claim in _in_sentence(sentence, rules)]
    return tuple(dict.fromkeys(found))


@cache
def load(tag: str) -> Forbidden:
    """Read a language's list, `<language>.toml` beside this file."""
    path = HERE / f"{tag.partition('-')[0]}.toml"
    if not path.is_file():
        raise Refused(
            Kind.INVALID,
            "no-forbidden-list",
            f"nobody has written down the forbidden claims of {tag!r}",
            where=str(path),
            remedy="write the list with its 12 claims and 6 denials as tests; until then the language is not spoken",
        )
    lists: dict[str, list[str]] = tomllib.loads(path.read_text("utf-8"))
    made = _unbroken if lists.get("unbroken") else partial(_pattern, prefixes="|".join(lists.get("prefixes", [])))
    return Forbidden(
        claims=tuple(made(claim) for claim in lists["claims"]),
        denials=made("|".join(lists["denials"])),
        denials_after=made("|".join(lists["denials_after"])),
        never=tuple(made(words) for words in lists["never"]),
    )


def plain(text: str) -> str:
    """Return a text as it is searched: small letters, no accents, marks, isolates or doubled spaces."""
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    whole = unicodedata.normalize("NFC", _without_accents(letters)).translate(SAME)
    return re.sub(r" +", " ", whole.translate(VISIBLE))


def _without_accents(letters: str) -> str:
    marks = {letter for letter in set(letters) if unicodedata.category(letter) == "Mn"}
    if not marks:
        return letters
    kept: list[str] = []
    for letter in letters:
        if not (letter in marks and _is_mere_accent(letter, kept)):
            kept.append(letter)
    return "".join(kept)


def _is_mere_accent(mark: str, before: list[str]) -> bool:
    """Tell accents from what makes another Cyrillic letter (й, ї), and from the vowels of Khmer and Burmese."""
    if unicodedata.name(mark).startswith(("KHMER", "MYANMAR")):
        return False
    return mark == STRESS or not before or not unicodedata.name(before[-1], "").startswith("CYRILLIC")


def _pattern(pattern: str, prefixes: str) -> re.Pattern[str]:
    """Bound a pattern by whole words, which may carry a prefix that is written on to them (Arabic "and", "by")."""
    return re.compile(rf"(?<!\w)(?:{prefixes})?(?:{plain(pattern)})(?!\w)")


def _unbroken(pattern: str) -> re.Pattern[str]:
    """Take a pattern as it is, for a language that is written without blanks between words."""
    return re.compile(plain(pattern))


def _in_sentence(sentence: str, rules: Forbidden) -> list[Claim]:
    found = [Claim(match[0], pattern.pattern) for pattern in rules.never for match in pattern.finditer(sentence)]
    for pattern in rules.claims:
        found += [
            Claim(match[0], pattern.pattern)
            for match in pattern.finditer(sentence)
            if not _is_denied(sentence, match, rules)
        ]
    return found


def _is_denied(sentence: str, match: re.Match[str], rules: Forbidden) -> bool:
    before = CLAUSE.split(sentence[max(0, match.start() - BEFORE) : match.start()])[-1]
    after = sentence[match.end() : match.end() + AFTER]
    return bool(rules.denials.search(before) or rules.denials_after.match(after.lstrip(" ,)\"'»")))
