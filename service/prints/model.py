"""What prints are: formats, what stands on one, what is read aloud, what a deployment adds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.guidance import model
from service.guidance.media import OwnPicture
from service.guidance.model import Audience
from service.i18n.model import Direction

CORE = model.CORE


class Format(StrEnum):
    """What a topic is made into."""

    POSTER = "poster"
    POSTER_5_7 = "poster-5-7"
    POSTER_8_11 = "poster-8-11"
    LEAFLET = "leaflet"
    CARD = "card"
    SCRIPT = "script"
    RECOGNITION = "recognition"


PUBLIC = tuple(form for form in Format if form is not Format.RECOGNITION)
"""What anybody is given; a sheet for readers of 13 and over is made by whoever hands it out."""


CHILDREN: Mapping[Format, Audience] = {
    Format.POSTER_5_7: Audience.CHILDREN_5_7,
    Format.POSTER_8_11: Audience.CHILDREN_8_11,
}
SUFFIX: Mapping[Format, str] = {Format.CARD: "png", Format.SCRIPT: "json"}


def suffix(form: Format) -> str:
    """Return how a file of this format is named at its end."""
    return SUFFIX.get(form, "pdf")


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a sheet: its text, the reason where there is room, the name of its picture."""

    text: str
    why: str | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number to call, ASCII, and who answers it."""

    number: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on one print, all of it in one language; `notices` say that it is a draft."""

    topic: str
    language: str
    direction: Direction
    revision: str
    day: date
    title: str
    items: tuple[Item, ...]
    pictures: Mapping[str, str]
    notices: tuple[str, ...]
    caveat: str
    call: str | None
    numbers: tuple[Numbered, ...]
    stamp: str
    link: str | None
    link_label: str | None
    own: tuple[OwnPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text to be read aloud, how long that takes, and the hash that a recording is bound to."""

    id: str
    text: str
    seconds: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of one text in one language; not `current` when the words are other ones by now."""

    name: str
    message: str
    language: str
    seconds: float
    current: bool


@dataclass(frozen=True, slots=True)
class Print:
    """A file that is ready: its name, kind and bytes."""

    name: str
    media_type: str
    content: bytes
