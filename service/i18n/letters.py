"""Finds letters that do not belong: of another script or language, look-alikes, invisible ones."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

import langcodes

WORD = re.compile("[^\\W\\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}][^\\W\\d_]+)*")
NAMED = re.compile(r"\{[a-z][a-z0-9_]*\}|https?://\S+")

SCRIPTS: Mapping[str, str] = {
    "Latn": "LATIN",
    "Cyrl": "CYRILLIC",
    "Arab": "ARABIC",
    "Khmr": "KHMER",
    "Mymr": "MYANMAR",
    "Grek": "GREEK",
}
"""What the names of a script's letters begin with in Unicode, by its ISO 15924 code."""

SHARED = frozenset({"MODIFIER", "FEMININE", "MASCULINE"})
"""Apostrophes that are letters, and the ordinals of Spanish and Portuguese, which belong to no script."""

LOOK_ALIKE: Mapping[str, frozenset[str]] = {
    "CYRILLIC": frozenset("aceiopxyABCEHIKMOPTXΑΒΕΗΙΚΜΟΡΤΧοраес"),  # noqa: RUF001 - Greek and Latin ones, on purpose
    "LATIN": frozenset("асеорхуіАВСЕНІКМОРТХοΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),  # noqa: RUF001 - Cyrillic and Greek ones, on purpose
    "GREEK": frozenset(),
}
"""Letters of other scripts that look like some of a script's own."""

STRANGE: Mapping[str, tuple[str, str]] = {
    "uk": ("ыэъёЫЭЪЁ", "a Russian letter"),
    "ru": ("іїєґўІЇЄҐЎ", "a Ukrainian letter"),
    "ar": ("\u06a9\u06cc\u06be\u06c1\u06c0\u06d5\u067e\u0686\u0698\u06af", "a Persian or Urdu letter"),
    "fa": ("\u0643\u064a\u0649\u06be\u06c1\u06d5", "an Arabic or Urdu letter that looks like a Persian one"),
    "ps": ("\u0643\u0649\u06be\u06c1\u06d5", "an Arabic or Urdu letter that looks like a Pashto one"),
}
"""Letters that a language does not have but that a neighbour's keyboard writes; Pashto has both forms of yeh."""

PRESENTATION = re.compile("[\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefe\uff01-\uff5e]")
"""Shapes of Arabic letters, and wide Latin ones, as documents for print hold them; search and phones fail at them."""

INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffd]")
BREAKS = "\u200b"
"""Where a line may break in a script without blanks between words."""
UNBROKEN = frozenset({"km", "my"})
LONGEST_ABBREVIATION = 5


def faults(text: str, english: str, tag: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the letters of a translation, and how to mend it."""
    bare = NAMED.sub(" ", text)
    language = tag.partition("-")[0]
    for hidden in INVISIBLE.findall(bare):
        if not (hidden == BREAKS and language in UNBROKEN):
            yield f"has an invisible U+{ord(hidden):04X}", "remove it"
    if match := PRESENTATION.search(bare):
        yield f"has U+{ord(match[0]):04X}, which is a shape for print", "type the word, do not copy it from a document"
    letters, whose = STRANGE.get(language, ("", ""))
    for letter in dict.fromkeys(letter for letter in bare if letter in letters and script_of(tag) in name_of(letter)):
        reason = f"has U+{ord(letter):04X} {letter!r}, {whose}, in {_around(bare, letter)!r}"
        yield reason, "type the word on the keyboard of this language"
    given = frozenset(WORD.findall(NAMED.sub(" ", english)))
    for word in dict.fromkeys(WORD.findall(bare)):
        yield from _word(word, script_of(tag), given)


@cache
def name_of(letter: str) -> str:
    """Return the first word of a letter's name, which is its script."""
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def script_of(tag: str) -> str:
    """Return the script in which a language is written, as the names of its letters begin."""
    code = langcodes.Language.get(tag).maximize().script or ""
    return SCRIPTS.get(code, code.upper())


def is_abbreviation(word: str) -> bool:
    """Say whether a word is one such as SMS, which stays as it is in every language."""
    return word.isascii() and word.isupper() and 1 < len(word) <= LONGEST_ABBREVIATION


def _word(word: str, own: str, given: frozenset[str]) -> Iterator[tuple[str, str]]:
    scripts = {name_of(letter) for letter in word if letter.isalpha()} - SHARED
    if len(scripts) > 1:
        yield f"mixes letters of two scripts in {word!r}", "type the word again in one keyboard layout"
    elif scripts and scripts != {own}:
        script = scripts.pop().capitalize()
        alike = set(word) <= LOOK_ALIKE.get(own, frozenset())
        if is_abbreviation(word) and (word in given or not alike):
            return
        if alike:
            reason = f"has {word!r} in {script} letters that only look like {own.capitalize()} ones"
            yield reason, "type the word again in one keyboard layout"
        else:
            yield f"has {word!r}, which is in {script} letters", "translate it, or write it as readers here do"


def _around(text: str, letter: str) -> str:
    return next(word for word in text.split() if letter in word)
