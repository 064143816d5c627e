"""All of guidance in one language, filled in for a deployment; what is not translated is left out, never lent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.guidance import words
from service.guidance.loading import revision_of
from service.guidance.media import OwnPicture
from service.guidance.model import PREFIX, Audience, Channel, Contacts, Guidance, KeyMessage, Line, Recall, Text, Topic
from service.guidance.recalls import recall_of, revision
from service.i18n.catalogues import Catalogues
from service.i18n.loading import SOURCE
from service.i18n.model import Direction, Hole, Message, Metres, MissingTranslation, State, UnfilledHole

CAVEAT_ID = "alert.standing_caveat"
AUTHORITY_ID = "alert.authority"
CALL_ID = "guidance.contacts.whom-to-call"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment fills in: whom to call, who is responsible, how far away, in which countries it works."""

    number: str
    authority: str
    distance_m: int
    countries: tuple[str, ...]
    address: str = ""
    """Under which phones reach this service, for square codes in print; none if unset."""
    age_groups: tuple[str, ...] = ("5-12", "13-17", "18+")
    """By which people are counted in reports on lessons."""


@dataclass(frozen=True, slots=True)
class SaidVariant:
    """A message as it is told to children of one age."""

    audience: Audience
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """A key message in one language, with what of its supporting messages exists there."""

    of: KeyMessage
    revision: str
    state: State
    text: str
    supporting: Mapping[str, str]
    myth: str | None
    variants: tuple[SaidVariant, ...]


@dataclass(frozen=True, slots=True)
class SaidTopic:
    """A topic in one language; `revision` is that of a sheet with all of its messages."""

    of: Topic
    revision: str
    title: str
    messages: tuple[SaidMessage, ...]


@dataclass(frozen=True, slots=True)
class SaidCore:
    """A text of the core set for reading; `kind` as in core.yaml, `picture` that of a key message."""

    id: str
    kind: str
    text: str
    revision: str
    picture: str | None


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A number and who answers it: the service in this language, or the name that a deployment gave it."""

    number: str
    service: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SaidContacts:
    """Whom to call in a country; `remark` is said where no hotline was confirmed."""

    of: Contacts
    emergency: tuple[SaidLine, ...]
    hotline: SaidLine | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Edition:
    """Guidance in one language. `complete` says that nothing of ours is missing; `notices` must be shown."""

    language: str
    direction: Direction
    state: State
    complete: bool
    notices: Mapping[str, str]
    caveat: str | None
    number: str
    call: str | None
    contacts: tuple[SaidContacts, ...]
    core: tuple[SaidCore, ...]
    topics: tuple[SaidTopic, ...]
    pictures: Mapping[str, str]
    recalls: tuple[Recall, ...]
    own: tuple[OwnPicture, ...] = ()


class Speaker:
    """Says texts in exactly one language, holes filled; None for what it cannot say, which it remembers."""

    def __init__(self, catalogues: Catalogues, tag: str, deployment: Deployment) -> None:
        self._catalogues = catalogues
        self._reviewed = catalogues.catalogue(tag).reviewed
        self._english = dict(catalogues.catalogue(SOURCE).texts.keys())
        self.tag = tag
        self.number, self.address, self.age_groups = deployment.number, deployment.address, deployment.age_groups
        self.missing = 0
        self.revisions: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.draft = False
        authority = deployment.authority or self.by_id(AUTHORITY_ID) or ""
        self._holes: dict[str, Hole] = {
            "number": deployment.number,
            "distance": Metres(deployment.distance_m),
            **({"authority": authority} if authority else {}),
        }

    def say(self, text: Text | Message, **more: Hole) -> str | None:
        """Return a text in this language; None where it has no usable translation."""
        message = text.message() if isinstance(text, Text) else text
        try:
            said = self._catalogues.render(message, self.tag, **self._filled(more))
        except (MissingTranslation, UnfilledHole):
            self.missing += 1
            return None
        self.draft = self.draft or self.state_of([message.id]) is State.DRAFT
        return said

    def by_id(self, message_id: str) -> str | None:
        """Return a text of the program that is known by its id alone."""
        english = self._english.get(message_id)
        return None if english is None else self.say(Text(message_id, english))

    def state_of(self, ids: Iterable[str]) -> State:
        """Say how far texts may be trusted: reviewed when each of them is."""
        if self.tag == SOURCE:
            return State.SOURCE
        return State.REVIEWED if all(one in self._reviewed for one in ids) else State.DRAFT

    def _filled(self, more: Mapping[str, Hole]) -> dict[str, Hole]:
        return {**getattr(self, "_holes", {}), **more}


def offered(catalogues: Catalogues) -> tuple[str, ...]:
    """Return the languages that guidance is given in: those in which one can say that it is a draft, or not whole."""
    return catalogues.having(words.NEEDED)


def edition(guidance: Guidance, catalogues: Catalogues, tag: str, deployment: Deployment) -> Edition:
    """Put everything that this language has into one edition. KeyError for a language that there is none of."""
    speaker = Speaker(catalogues, tag, deployment)
    told = (_topic(topic, guidance, speaker) for topic in guidance.topics.values())
    topics = tuple(topic for topic in told if topic is not None)
    core = tuple(_core(guidance, speaker))
    pictures = {name: said for name, one in guidance.pictures.items() if (said := speaker.say(one.alternative))}
    complete = not speaker.missing and not speaker.withdrawn
    contacts = tuple(_contacts(one, speaker) for one in _chosen(guidance, deployment.countries))
    caveat, call = speaker.by_id(CAVEAT_ID), next((one.text for one in core if one.id == CALL_ID), None)
    state = State.SOURCE if tag == SOURCE else State.DRAFT if speaker.draft else State.REVIEWED
    shown = [words.DRAFT] * (state is State.DRAFT) + [words.REST] * (not complete)
    return Edition(
        language=tag,
        direction=catalogues.catalogue(tag).language.direction,
        state=state,
        complete=complete,
        notices={one.id.removeprefix("notice."): catalogues.render(one, tag) for one in shown},
        caveat=caveat,
        number=deployment.number,
        call=call,
        contacts=contacts,
        core=core,
        topics=topics,
        pictures=pictures,
        recalls=tuple(one for one in guidance.recalls if not one.languages or tag in one.languages),
        own=tuple(one for one in guidance.own if tag in one.alternatives),
    )


def _topic(topic: Topic, guidance: Guidance, speaker: Speaker) -> SaidTopic | None:
    """Say what there is of a topic; None without its title, or without any message."""
    title = speaker.say(topic.title)
    messages = tuple(said for one in topic.messages.values() if (said := said_message(one, guidance, speaker)))
    if title is None or not messages:
        return None
    content = (
        f"{topic.revision}+overlay.{guidance.overlay.revision}"
        if topic.origin and guidance.overlay
        else str(topic.revision)
    )
    named = revision(content, [title, *(message.revision for message in messages)])
    if recall_of(guidance.recalls, topic.id, speaker.tag, named):
        speaker.withdrawn |= {one.text.id for one in topic.messages.values()}
        return None
    return SaidTopic(topic, named, title, messages)


def said_message(message: KeyMessage, guidance: Guidance, speaker: Speaker) -> SaidMessage | None:
    """Say a message; None without its own text, or where what it says was withdrawn."""
    text = speaker.say(message.text)
    supporting = {slot: said for slot, one in message.supporting.items() if (said := speaker.say(one))}
    myth = speaker.say(message.myth.text) if message.myth else None
    told = [(one.audience, speaker.say(one.text), speaker.say(one.why)) for one in message.variants]
    variants = tuple(SaidVariant(age, short, why) for age, short, why in told if short and why)
    if text is None:
        return None
    all_words = [text, *supporting.values(), myth or "", *(part for one in variants for part in (one.text, one.why))]
    named = revision(revision_of(message, guidance.overlay), all_words)
    speaker.revisions[message.text.id] = named
    if recall_of(guidance.recalls, message.id, speaker.tag, named):
        speaker.withdrawn.add(message.text.id)
        return None
    state = speaker.state_of(one.id for one, _ in message.texts())
    return SaidMessage(message, named, state, text, supporting, myth, variants)


def _core(guidance: Guidance, speaker: Speaker) -> Iterable[SaidCore]:
    """Say the texts of the core set that are for reading, but what was withdrawn; those of a warning are not."""
    texts = {text.id: text for text in guidance.texts()}
    pictures = {message.text.id: message.picture for message in guidance.messages()}
    for entry in guidance.core:
        if Channel.SCREEN not in entry.channels or entry.kind in {"alert", "correction", "sms"}:
            continue
        if entry.id in speaker.withdrawn:
            continue
        text = texts.get(entry.id)
        said = speaker.say(text) if text else speaker.by_id(entry.id)
        if said is None:
            continue
        named = speaker.revisions.get(entry.id) or revision(str(guidance.core_revision), [said])
        if recall_of(guidance.recalls, entry.id.removeprefix(PREFIX), speaker.tag, named):
            speaker.withdrawn.add(entry.id)
        else:
            yield SaidCore(entry.id, entry.kind, said, named, pictures.get(entry.id))


def every_contact(
    guidance: Guidance, catalogues: Catalogues, tag: str, deployment: Deployment
) -> tuple[SaidContacts, ...]:
    """Return the numbers of every country that there are numbers of, the deployment's own countries first."""
    speaker = Speaker(catalogues, tag, deployment)
    own = _chosen(guidance, deployment.countries)
    rest = [one for one in guidance.contacts.values() if one not in own]
    return tuple(_contacts(one, speaker) for one in (*own, *rest))


def _chosen(guidance: Guidance, countries: tuple[str, ...]) -> list[Contacts]:
    """Return the numbers of a deployment's countries and their parts, in its own order."""
    return [
        one
        for country in countries
        for code, one in guidance.contacts.items()
        if code == country or code.startswith(f"{country}-")
    ]


def _contacts(contacts: Contacts, speaker: Speaker) -> SaidContacts:
    hotline = contacts.hotline
    return SaidContacts(
        of=contacts,
        emergency=tuple(_line(one, speaker) for one in contacts.emergency),
        hotline=None if hotline is None else _hotline(hotline, speaker),
        remark=None if hotline else speaker.say(words.NO_HOTLINE),
    )


def _hotline(line: Line, speaker: Speaker) -> SaidLine:
    said = _line(line, speaker)
    return SaidLine(line.number, service=speaker.say(words.HOTLINE), name=said.name)


def _line(line: Line, speaker: Speaker) -> SaidLine:
    known = words.SERVICES.get(line.service)
    if known is None:
        return SaidLine(line.number, name=line.service)
    return SaidLine(line.number, service=speaker.say(known))
