"""What can be said, in which languages, and how far each may be trusted."""

from dataclasses import dataclass
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
    """A whole sentence or more with named holes (`{place}`), in English; translators see the note and the id."""

    id: str
    english: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the project speaks: BCP 47 tag, direction of its writing, state of its texts."""

    tag: str
    direction: Direction
    state: State


@dataclass(frozen=True, slots=True)
class Rendered:
    """Texts that belong together, all in one language, holes filled; `draft` when no reviewer stands behind them."""

    language: str
    direction: Direction
    texts: tuple[str, ...]
    draft: bool
