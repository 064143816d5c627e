"""How long a text of ours is as an SMS, and how long it may be; counted as it is split."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.kit.errors import Kind, Refused
from service.kit.sms.splitting import HEADER, Encoding, split

MOST_SEGMENTS = {Encoding.GSM_7: 2, Encoding.UCS_2: 3}
"""The most that a text of ours may need: 306 septets, or 201 units."""

LONGEST_NAME = 25
"""With a name of a place up to so many letters, the first part of a warning also holds "do not go there"."""


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
            f"segments, {most * self.encoding.room(HEADER)} in {most} are allowed: {text!r}"
        )


def measure(text: str) -> Sms:
    """Count a text's units and segments; what phones show as one letter is never cut between two segments."""
    found = split(text)
    return Sms(found.encoding, found.units, found.segments)


def first_part(text: str) -> str:
    """Return what the first 67 units of UTF-16 say: all that some phones show of a long text."""
    return text.encode("utf-16-le")[: Encoding.UCS_2.room(HEADER) * 2].decode("utf-16-le", "ignore")


def fitting(render: Callable[[str], str], names: Sequence[str]) -> str:
    """Return the text with the first of the names that fits: a place's own, then that of each unit above it.

    A name is never cut. One of more than 25 letters gives way to a shorter one above it, but if all are as long, the
    text still goes out with the first that its segments hold. Refused `text-too-long` if none fits, or none is given.
    """
    ordered = sorted(names, key=lambda name: len(name) > LONGEST_NAME)
    texts = [render(name) for name in ordered]
    found = next((text for text in texts if measure(text).fits), None)
    if found is None:
        raise Refused(
            Kind.INVALID,
            "text-too-long",
            measure(texts[-1]).excess(texts[-1]) if texts else "the text has no name of a place",
            remedy="give the place, or a unit above it, a shorter name; or say the text in fewer words",
        )
    return found
