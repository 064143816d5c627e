"""The plural forms of our languages, written down; no message of ours counts, but a deployment's texts may."""

# gettext's formulas take whole numbers only. CLDR's categories also know fractions and, in es, fr and pt, a form for
# whole millions ("un millón de ..."). Where the two differ, this is what holds in our catalogues, and why:
#   es, fr, pt   gettext's two forms. CLDR's `many` (1,000,000) needs a preposition that the sentence can hold itself,
#                and nothing that a warning counts comes in millions.
#   pt           0 takes the plural, as gettext and Portugal have it; CLDR's `pt` follows Brazil, where 0 takes `one`.
#   uk, ru, bs   gettext's three forms. CLDR adds `other` for fractions in uk and ru; in bs its third form is `other`.
#                A count of ours is a whole number: fractions are distances, which Babel writes with their unit.
#   ar           gettext and CLDR agree for whole numbers: six forms, of which the last also serves 100, 101 and 102.
#   fa           0 and 1 take the first form, as CLDR and GNU gettext have it; Babel knows one form only.
#   my, km       one form, as CLDR and GNU gettext have it; Babel gives my two.
#   bs-Cyrl      is written from bs, so that it has the same forms.

import gettext
import re
from collections.abc import Mapping
from dataclasses import dataclass

_SLAVIC = "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"
_ARABIC = "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5"
HEADER = re.compile(r"nplurals\s*=\s*(\d)\s*;\s*plural\s*=\s*([n0-9 ()?:<>=!&|%]{1,200});?")
SAMPLES = (0, 1, 2, 3, 5, 10, 11, 12, 14, 21, 22, 100, 101, 102, 111, 1_000_000)
"""Numbers at which two formulas for one language would differ, if they do."""


@dataclass(frozen=True, slots=True)
class Forms:
    """How a language counts: gettext's formula for whole numbers, and CLDR's name of each form."""

    formula: str
    names: tuple[str, ...]

    @property
    def header(self) -> str:
        """Return the value of a catalogue's `Plural-Forms`."""
        return f"nplurals={len(self.names)}; plural=({self.formula});"

    def of(self, count: int) -> str:
        """Return the name of the form that a whole number takes."""
        return self.names[gettext.c2py(self.formula)(count)]


FORMS: Mapping[str, Forms] = {
    "en": Forms("n != 1", ("one", "other")),
    "uk": Forms(_SLAVIC, ("one", "few", "many")),
    "ru": Forms(_SLAVIC, ("one", "few", "many")),
    "es": Forms("n != 1", ("one", "other")),
    "fr": Forms("n > 1", ("one", "other")),
    "ar": Forms(_ARABIC, ("zero", "one", "two", "few", "many", "other")),
    "pt": Forms("n != 1", ("one", "other")),
    "bs": Forms(_SLAVIC, ("one", "few", "other")),
    "fa": Forms("n > 1", ("one", "other")),
    "ps": Forms("n != 1", ("one", "other")),
    "km": Forms("0", ("other",)),
    "my": Forms("0", ("other",)),
}


def forms(tag: str) -> Forms | None:
    """Return how a language counts, whatever its script and territory; None if it is not written down."""
    return FORMS.get(tag.partition("-")[0])


def fault(header: str, tag: str) -> str:
    """Say how a catalogue's header differs from the table; empty if both count alike, or the table has no such row."""
    ours = forms(tag)
    if ours is None:
        return ""
    match = HEADER.fullmatch(header.strip())
    if match is None:
        return f"has plural forms that cannot be read: {header[:80]!r}"
    if int(match[1]) != len(ours.names):
        return f"has {match[1]} plural forms, the language has {len(ours.names)} here"
    try:
        theirs = gettext.c2py(match[2])
        wrong = [count for count in SAMPLES if theirs(count) != ours.names.index(ours.of(count))]
    except (ValueError, IndexError, ZeroDivisionError, RecursionError):
        return f"has plural forms that cannot be read: {header[:80]!r}"
    return f"gives {wrong[0]} another plural form than the table" if wrong else ""
