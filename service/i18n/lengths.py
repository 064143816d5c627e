"""How long a text of ours is as an SMS, and how long it may be; counted as it is split."""

from dataclasses import dataclass

from service.kit.sms.splitting import HEADER, Encoding, split

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
            f"segments, {most * self.encoding.room(HEADER)} in {most} are allowed: {text!r}"
        )


def measure(text: str) -> Sms:
    """Count a text's units and segments; what phones show as one letter is never cut between two segments."""
    found = split(text)
    return Sms(found.encoding, found.units, found.segments)


def first_part(text: str) -> str:
    """Return what the first 67 units of UTF-16 say: all that some phones show of a long text."""
    return text.encode("utf-16-le")[: Encoding.UCS_2.room(HEADER) * 2].decode("utf-16-le", "ignore")
