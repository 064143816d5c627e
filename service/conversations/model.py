"""What somebody wrote to us, what it asks for, and what is answered. None of it is ever written to disk."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.kit.hidden import Hidden


@dataclass(frozen=True, slots=True)
class Heard:
    """One whole text. `sender` is E.164."""

    provider: str
    sender: Hidden[str]
    text: Hidden[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """One text back; `template` is the id of its message, all that is kept of it."""

    text: Hidden[str]
    template: str
    language: str


class Meaning(StrEnum):
    """What a text asks for. STOP and FOUND come before everything else, in this order."""

    STOP = "stop"
    FOUND = "found"
    MENU = "menu"
    WHAT_TO_DO = "what_to_do"
    CALL = "call"
    PLACE = "place"
    LANGUAGE = "language"
    REAL = "real"
    BACK = "back"
    NUMBER = "number"
    PROOF = "proof"
    OTHER = "other"


CODES = {
    "11": Meaning.WHAT_TO_DO,
    "22": Meaning.CALL,
    "33": Meaning.PLACE,
    "44": Meaning.LANGUAGE,
    "55": Meaning.REAL,
    "00": Meaning.STOP,
}
"""Two digits, so that none is taken for the number of a list's line (1-9), and no keyboard for a script is needed."""


NOTHING: Hidden[str] = Hidden("")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text means, the languages that use its words or its script, the likeliest first; never printed.

    `rest` is what stands behind the code for a place; `number` the line of a list that was chosen.
    """

    meaning: Meaning
    languages: tuple[str, ...] = ()
    rest: Hidden[str] = NOTHING
    number: int = 0


class Asked(StrEnum):
    """What our last text to a number left open, so that a short answer can be understood."""

    NOTHING = "nothing"
    PLACE = "place"
    WHICH = "which"
    WARNINGS = "warnings"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a conversation for a quarter of an hour.

    `options` are the lines of a list: ids of places or tags of languages. `language` is what was chosen by 44,
    `spoken` what the words of the last text told of their language.
    """

    asked: Asked = Asked.NOTHING
    options: tuple[str, ...] = ()
    language: str = ""
    spoken: tuple[str, ...] = ()
