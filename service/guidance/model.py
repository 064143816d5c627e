"""What guidance is made of: topics, key messages and their reasons, the core set, numbers to call, pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from service.guidance.media import OwnPicture
from service.i18n import model as i18n  # not its Message by name: this file declares none
from service.kit.documents import Document

PREFIX = "guidance."
"""What the ids of guidance begin with in the catalogues, so that none can be one of the program's own messages."""


CORE = "core"
"""Instead of a topic: the drills and signs of the core set, which every language has."""


class Audience(StrEnum):
    """Who reads a text; `adults` takes in parents and teachers, `everybody` takes in all."""

    CHILDREN_5_7 = "children-5-7"
    CHILDREN_8_11 = "children-8-11"
    YOUTH_12_14 = "youth-12-14"
    YOUTH_15_18 = "youth-15-18"
    ADULTS = "adults"
    PARENTS = "parents"
    TEACHERS = "teachers"
    EVERYBODY = "everybody"


CHILDREN = frozenset({Audience.CHILDREN_5_7, Audience.CHILDREN_8_11})
GROWN_UPS = frozenset({Audience.ADULTS, Audience.PARENTS, Audience.TEACHERS})


class Situation(StrEnum):
    """Where the reader stands when a message is for them."""

    OBJECT_AHEAD = "object-ahead"
    SIGN_AHEAD = "sign-ahead"
    PERHAPS_INSIDE = "perhaps-inside"
    IN_A_VEHICLE = "in-a-vehicle"
    SOMEBODY_HURT = "somebody-hurt"
    CALLING_FOR_HELP = "calling-for-help"
    ON_THE_WAY = "on-the-way"
    AMONG_FRIENDS = "among-friends"
    GROUND_HAS_CHANGED = "ground-has-changed"
    WORKING_THE_LAND = "working-the-land"
    COMING_HOME = "coming-home"
    NEED = "need"
    AT_WORK = "at-work"
    READING_THE_MAP = "reading-the-map"
    RUMOURS = "rumours"
    TEACHING = "teaching"
    LIVING_TOGETHER = "living-together"


class Channel(StrEnum):
    """Where a message of the core set goes."""

    PUSH_TITLE = "push-title"
    PUSH_BODY = "push-body"
    CAP_HEADLINE = "cap-headline"
    SMS = "sms"
    SCREEN = "screen"
    MAP = "map"


MOST: Mapping[Channel, int] = {
    Channel.PUSH_TITLE: 60,
    Channel.PUSH_BODY: 650,
    Channel.CAP_HEADLINE: 140,
    Channel.SMS: 306,
    Channel.SCREEN: 650,
    Channel.MAP: 120,
}
"""The most that a channel carries: characters, and for SMS the septets of two segments."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text that people read, in English; `id` is its id in the catalogues, `where` its file and line."""

    id: str
    english: str
    note: str = ""
    limit: int = 0
    sms: bool = field(default=False, kw_only=True)
    where: str = field(default="", compare=False)

    def message(self) -> i18n.Message:
        """Return the text as the catalogues know it."""
        return i18n.Message(self.id, self.english, self.note, self.limit, self.sms)


@dataclass(frozen=True, slots=True)
class Myth:
    """Something that people say and that is wrong: the text gives the fact first and quotes `says` once."""

    says: str
    text: Text


@dataclass(frozen=True, slots=True)
class Variant:
    """The same message written for children of one age, with a reason of its own."""

    audience: Audience
    text: Text
    why: Text


@dataclass(frozen=True, slots=True)
class KeyMessage:
    """One thing to do, and at least two supporting messages; the one named `why` gives the reason."""

    id: str
    revision: int
    rules: tuple[str, ...]
    audience: frozenset[Audience]
    situation: Situation
    text: Text
    supporting: Mapping[str, Text]
    myth: Myth | None = None
    variants: tuple[Variant, ...] = ()
    picture: str | None = None
    origin: str = ""

    def texts(self) -> Iterator[tuple[Text, frozenset[Audience]]]:
        """Return every text of the message with its readers."""
        own = [self.text, *self.supporting.values(), *([self.myth.text] if self.myth else [])]
        yield from ((text, self.audience) for text in own)
        for variant in self.variants:
            yield from ((text, frozenset({variant.audience})) for text in (variant.text, variant.why))


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject, such as what to do when something suspicious is seen; `revised` is the day of its revision."""

    id: str
    revision: int
    title: Text
    messages: Mapping[str, KeyMessage]
    origin: str = ""
    revised: date | None = None


@dataclass(frozen=True, slots=True)
class CoreEntry:
    """One of the messages that every language needs: named by id, and written here if nobody else declares it.

    The texts of an SMS that do not belong to the core set have the same form, and are always written here.
    """

    id: str
    kind: str
    channels: Mapping[Channel, int]
    text: Text | None = None
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A number to dial, ASCII digits, and who answers."""

    service: str
    number: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom to call in a country, or in a part of it (ISO 3166-2).

    `hotline` is the mine action authority's, None where nobody has confirmed one.
    """

    country: str
    emergency: tuple[Line, ...]
    hotline: Line | None
    checked: date
    source: str
    note: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of ours with its words; `mirrored` where a right-to-left reader needs it the other way round."""

    name: str
    alternative: Text
    shows: str
    mirrored: bool
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Overlay:
    """A deployment's own texts: who stands behind them, and their own revision (R16)."""

    name: str
    revision: int


class RecallReason(StrEnum):
    """Why a text was withdrawn, in words that exist in every language."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class Recall:
    """A text that was withdrawn: nobody may rely on it any more, on a phone or on paper.

    `text` is the id of a key message or of a topic. A revision without a hash (`3`) is all texts of that revision, in
    every language; one with it (`3-1a2b3c4d`) is exactly one text. No `languages` means all.
    """

    text: str
    revisions: tuple[str, ...]
    since: date
    reason: RecallReason
    languages: tuple[str, ...] = ()
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """What the index says of one language's bundle: `sha256` and `size` of its bytes before any compression.

    A delta to `version` exists from every version that is not older than `deltas_from`. With a `course` it is a bundle
    of lessons.
    """

    language: str
    version: int
    size: int
    sha256: str
    deltas_from: int
    course: str = ""

    @property
    def owner(self) -> str:
        """Return whose documents are the bundle and its deltas: a language's, or those of a course in one."""
        return owner_of(self.course, self.language)


def owner_of(course: str, language: str) -> str:
    """Return how a bundle is called: by its language, one of lessons by its course too."""
    return f"{course}/{language}" if course else language


@dataclass(frozen=True, slots=True)
class Kept:
    """A document with its owner, a bundle's or `pictures`; only a delta has a `since`."""

    owner: str
    since: int | None
    until: int
    document: Document


@dataclass(frozen=True, slots=True)
class Guidance:
    """All of it, the deployment's own texts laid over ours."""

    topics: Mapping[str, Topic]
    core: tuple[CoreEntry, ...]
    contacts: Mapping[str, Contacts]
    pictures: Mapping[str, Picture]
    overlay: Overlay | None = None
    sms: tuple[CoreEntry, ...] = ()
    recalls: tuple[Recall, ...] = ()
    core_revision: int = 1
    own: tuple[OwnPicture, ...] = ()

    def messages(self) -> Iterator[KeyMessage]:
        """Return every key message, topic by topic."""
        for topic in self.topics.values():
            yield from topic.messages.values()

    def texts(self) -> Iterator[Text]:
        """Return everything that is translated."""
        for topic in self.topics.values():
            yield topic.title
            for message in topic.messages.values():
                yield from (text for text, _ in message.texts())
        yield from (entry.text for entry in (*self.core, *self.sms) if entry.text)
        yield from (picture.alternative for picture in self.pictures.values())
