"""How long a text is as an SMS: septets of the GSM 7-bit alphabet (3GPP TS 23.038), or units of UTF-16."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

SINGLE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[~]|€\f")
JOINERS = frozenset("\u200c\u200d")
BEYOND_ONE_UNIT = 0xFFFF


class Encoding(StrEnum):
    """How a text travels: one letter that GSM-7 lacks puts all of it into UCS-2."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
PART = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}
"""The units of a text that travels alone, and of a part of several, which has a header."""

MOST_SEGMENTS = {Encoding.GSM_7: 2, Encoding.UCS_2: 3}
"""The most that a text of ours may need: 306 septets, or 201 units."""


@dataclass(frozen=True, slots=True)
class Sms:
    """A text measured as an SMS."""

    encoding: Encoding
    units: int
    segments: int

    @property
    def fits(self) -> bool:
        return self.segments <= MOST_SEGMENTS[self.encoding]

    def excess(self, text: str) -> str:
        """Say how long a text is that does not fit, and what would."""
        most = MOST_SEGMENTS[self.encoding]
        return (
            f"as an SMS with the longest names needs {self.units} units of {self.encoding} in {self.segments} "
            f"segments, {most * PART[self.encoding]} in {most} are allowed: {text!r}"
        )


def measure(text: str) -> Sms:
    """Count a text's units and segments; what phones show as one letter is never cut between two segments."""
    encoding = Encoding.GSM_7 if set(text) <= SINGLE | DOUBLE else Encoding.UCS_2
    weights = [_units(letter, encoding) for letter in _letters(text)]
    if sum(weights) <= ALONE[encoding]:
        return Sms(encoding, sum(weights), 1)
    segments, used = 1, 0
    for weight in weights:
        used += weight
        if used > PART[encoding]:
            segments, used = segments + 1, weight
    return Sms(encoding, sum(weights), segments)


def first_part(text: str) -> str:
    """Return what the first 67 letters say: all that some phones show of a long text."""
    return text[: PART[Encoding.UCS_2]]


def _letters(text: str) -> Iterator[str]:
    """Split a text into letters, each with the marks that stand on it."""
    start = 0
    for at, sign in enumerate(text):
        if at > start and not (unicodedata.category(sign).startswith("M") or sign in JOINERS):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _units(letter: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return sum(2 if sign in DOUBLE else 1 for sign in letter)
    return sum(2 if ord(sign) > BEYOND_ONE_UNIT else 1 for sign in letter)
