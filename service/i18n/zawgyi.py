"""Tells Burmese coded for the font Zawgyi from Unicode: the same code points, which mean other letters there."""

# Unicode stores a syllable as it is spoken: consonant, medials in the order U+103B to U+103E, then vowels, with E
# (U+1031) behind its consonant although it is drawn before it (the Unicode Standard, chapter 16, "Myanmar"; Unicode
# Technical Note 11). Zawgyi stores what is drawn, from left to right, and uses U+1039, U+103A and U+103B for other
# signs. Each rule below is something that no Burmese syllable of Unicode can hold. Letters of Shan, Mon and Karen lie
# where Zawgyi has its stacked forms; none of those languages is one of ours.

import re

_CONSONANTS = "\u1000-\u1021\u1025\u1027\u1029\u103f"
_MEDIALS = "\u103b-\u103e"
_VOWELS = "\u102b-\u102e\u1032\u1036"  # not U and UU, which stand behind ASAT in the written word for "I"

RULES: tuple[re.Pattern[str], ...] = (
    # The vowel E stands before its consonant: at the beginning, or behind what is neither consonant nor medial.
    re.compile(f"(?<![{_CONSONANTS}{_MEDIALS}\u1040\u104e])\u1031"),
    # Zawgyi's medial RA stands before its consonant; in Unicode U+103B follows one.
    re.compile(f"(?<![{_CONSONANTS}\u103a])\u103b"),
    # U+1039 is Zawgyi's ASAT; in Unicode it only stacks one consonant under another.
    re.compile("\u1039(?![\u1000-\u1021])"),
    # U+103A is Zawgyi's medial YA, which a vowel may follow; in Unicode it is ASAT, which ends a syllable.
    re.compile(f"[\u1000-\u1021]\u103a[{_VOWELS}]"),
    # Unicode has the medials in the order of their codes.
    re.compile("\u103e[\u103b-\u103d]|\u103d[\u103b\u103c]|\u103c\u103b"),
    # Zawgyi's stacked and other forms; Burmese in Unicode has nothing there.
    re.compile("[\u105a\u1060-\u1097]"),
)


def found_in(text: str) -> str:
    """Return the first place that Unicode cannot have, with a few letters around it; empty if there is none."""
    places = [match.start() for rule in RULES if (match := rule.search(text))]
    if not places:
        return ""
    return text[max(0, min(places) - 4) : min(places) + 6]
