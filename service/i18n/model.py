"""What can be said, in which languages, and how far each may be trusted."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["ltr", "rtl"]


class State(StrEnum):
    """How far a language's texts may be trusted: `draft` until a reviewer has read every one of them as it stands."""

    SOURCE = "source"
    DRAFT = "draft"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Message:
    """A whole sentence or more with named holes (`{place}`), in English; translators see the id, note and limit.

    `limit` is the most characters that the text may have in any language once its holes are filled; 0 for none.
    `sms` says that the text goes out as an SMS, so that it must fit into few segments in every language.
    """

    id: str
    english: str
    note: str = ""
    limit: int = 0
    sms: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the project speaks: BCP 47 tag, direction of its writing, state of its texts."""

    tag: str
    direction: Direction
    state: State


@dataclass(frozen=True, slots=True)
class Asked:
    """The language chosen for an answer, and what a reader had asked for, the best first."""

    language: Language
    wishes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Texts that belong together, all in one language, holes filled; `draft` when no reviewer stands behind them."""

    language: str
    direction: Direction
    texts: tuple[str, ...]
    draft: bool


@dataclass(frozen=True, slots=True)
class RenderedSms:
    """A text as it goes out as an SMS; `plain` when it is the variant in GSM-7, `draft` when nobody reviewed it."""

    text: str
    draft: bool
    plain: bool


@dataclass(frozen=True, slots=True)
class Metres:
    """A distance, written in whole metres or in kilometres as the language does."""

    value: int


@dataclass(frozen=True, slots=True)
class ShortDay:
    """A day in ten signs, day first, alike in every language: for an SMS, where a month's name costs too much."""

    value: date


@dataclass(frozen=True, slots=True)
class Dated:
    """A day and, behind it, the short number of an alert, by which its texts are known: 23.09.2026/17."""

    day: date
    number: int


Hole: TypeAlias = str | int | date | ShortDay | Dated | Metres
"""What may fill a hole: a name or an ASCII phone number, a count, a day or a moment (with its zone), a distance."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a catalogue: which file and entry, what is wrong, how to mend it."""

    file: str
    entry: str
    reason: str
    remedy: str


class MissingTranslation(Exception):  # noqa: N818 - it is the translation that is missing, not the program at fault
    """No usable text in this language: the entry is absent, empty, fuzzy or made for another English sentence."""

    def __init__(self, message_id: str, tag: str) -> None:
        super().__init__(f"no usable translation of {message_id!r} in {tag!r}")
        self.message_id = message_id
        self.tag = tag


class UnfilledHole(Exception):  # noqa: N818 - as above
    """A text was asked for without a value for one of its holes."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"nothing was given for {{{name}}} in {text!r}")
        self.name = name
