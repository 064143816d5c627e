"""What stands on a print, out of an edition of guidance: whole in one language, or refused; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from service.guidance import words as said
from service.guidance.drills import drills
from service.guidance.editions import Edition, SaidMessage, SaidTopic
from service.guidance.media import RECOGNISE, SIGNS, OwnPicture, Sort
from service.guidance.model import Audience, Guidance, Topic
from service.guidance.rules import ADULTS_ONLY
from service.i18n.catalogues import Catalogues
from service.i18n.model import Message, State
from service.kit.errors import Kind, Refused
from service.prints import words
from service.prints.model import CHILDREN, CORE, Format, Item, Numbered, Sheet

STAYING = frozenset({"inside", "hurt", CORE})
"""Whoever reads these may have to stand still: nothing there says to move away first."""
LEAST = 2
"""Fewer messages for an age make no poster of their own."""
WHY = "why"


@dataclass(frozen=True, slots=True)
class Source:
    """What prints are made from: content, words, one language's edition of both, and the address that phones know."""

    guidance: Guidance
    catalogues: Catalogues
    edition: Edition
    url: str = ""
    own: tuple[OwnPicture, ...] = ()


def formats_of(source: Source, topic: str) -> tuple[Format, ...]:
    """Return what a topic can be made into in this language; nothing where it is not whole."""
    if topic != CORE and _whole(source, topic) is None:
        return ()
    return tuple(form for form in Format if _fits(source, topic, form))


def sheet(source: Source, topic: str, form: Format) -> Sheet:
    """Return what stands on a print of a topic. Refused for one that is not whole in this language, or unfit."""
    title, items, revision, day = _core(source) if topic == CORE else _topic(source, topic, form)
    edition = source.edition
    tag = edition.language
    return Sheet(
        topic=topic,
        language=tag,
        direction=edition.direction,
        revision=revision,
        day=day,
        title=title,
        items=items,
        pictures=edition.pictures,
        notices=_notices(source, topic),
        caveat=source.catalogues.render(words.CAVEAT, tag),
        call=None if form in CHILDREN or topic in STAYING else edition.call,
        numbers=() if form in CHILDREN else tuple(numbers(edition)),
        stamp=source.catalogues.render(words.STAMP, tag, revision=revision, date=day),
        link=recall_link(source.url, topic, revision, tag) if source.url else None,
        link_label=source.catalogues.render(said.PAGE_TITLE, tag) if source.url else None,
        own=own_pictures(source, topic, form),
    )


def own_pictures(source: Source, topic: str, form: Format) -> tuple[OwnPicture, ...]:
    """Return the deployment's pictures that belong on a print; one without words in the language is left out."""
    sort = Sort.RECOGNITION if form is Format.RECOGNITION else Sort.SIGN
    if sort is Sort.SIGN and topic not in SIGNS:
        return ()
    return tuple(one for one in source.own if one.sort is sort and source.edition.language in one.alternatives)


def recall_link(url: str, topic: str, revision: str, language: str) -> str:
    """Return the address of the page that says whether a sheet still holds."""
    return f"{url}/v1/guidance/recall?{urlencode({'text': topic, 'revision': revision, 'language': language})}"


def numbers(edition: Edition) -> Iterable[Numbered]:
    """Return whom to call, the authority first where its number was confirmed; the deployment's own at least."""
    seen: set[str] = set()
    for contacts in edition.contacts:
        lines = [contacts.hotline] if contacts.hotline else []
        for line in (*lines, *contacts.emergency):
            label = line.service or line.name
            if label and line.number not in seen:
                seen.add(line.number)
                yield Numbered(line.number, label)
    if edition.number not in seen:
        yield Numbered(edition.number, "")


def _fits(source: Source, topic: str, form: Format) -> bool:
    if form is Format.RECOGNITION:
        return topic == RECOGNISE and bool(own_pictures(source, topic, form))
    if topic == CORE:
        return form not in CHILDREN
    if topic == ADULTS_ONLY:
        return form in {Format.LEAFLET, Format.SCRIPT}
    found = _whole(source, topic)
    return form not in CHILDREN or (found is not None and len(_told(found, CHILDREN[form])) >= LEAST)


def _topic(source: Source, topic: str, form: Format) -> tuple[str, tuple[Item, ...], str, date]:
    known = source.guidance.topics.get(topic)
    if known is None:
        remedy = f"Ask for one of {', '.join((CORE, *source.guidance.topics))}."
        raise Refused(Kind.NOT_FOUND, "topic-unknown", "There is no such topic.", where="topic", remedy=remedy)
    found = _whole(source, topic)
    if found is None:
        raise _not_whole(source, topic)
    if not _fits(source, topic, form):
        raise _unfit(source, topic, form)
    if form in CHILDREN:
        items = _told(found, CHILDREN[form])
    else:
        items = tuple(Item(one.text, one.supporting.get(WHY), one.of.picture) for one in found.messages)
    return found.title, items, found.revision, _day(known)


def _told(topic: SaidTopic, age: Audience) -> tuple[Item, ...]:
    """Return what a topic tells children of one age: the wording for them, and what is written for them alone."""
    items: list[Item] = []
    for message in topic.messages:
        told = next((one for one in message.variants if one.audience is age), None)
        if told:
            items.append(Item(told.text, told.why, message.of.picture))
        elif age in message.of.audience:
            items.append(Item(message.text, message.supporting.get(WHY), message.of.picture))
    return tuple(items)


def _whole(source: Source, topic: str) -> SaidTopic | None:
    """Return a topic that this language has every text of; a message that was withdrawn is left out all the same."""
    known = source.guidance.topics.get(topic)
    found = next((one for one in source.edition.topics if one.of.id == topic), None)
    if known is None or found is None:
        return None
    texts = [known.title, *(text for message in known.messages.values() for text, _ in message.texts())]
    needed = [*(text.message() for text in texts), *words.NEEDED]
    return found if source.edition.language in source.catalogues.having(needed) else None


def _core(source: Source) -> tuple[str, tuple[Item, ...], str, date]:
    """Return the drills and signs, which a language has before it has anything else."""
    found = drills(source.guidance, source.catalogues, source.edition)
    if found is None or source.edition.language not in source.catalogues.having(words.NEEDED):
        raise _not_whole(source, CORE)
    days = [topic.revised for topic in source.guidance.topics.values() if topic.revised]
    if not days:
        raise _undated("the topics")
    items = tuple(Item(text, None, message.picture) for message, text in found.messages)
    return found.title, items, found.revision, max(days)


def _notices(source: Source, topic: str) -> tuple[str, ...]:
    """Return what must be said first: nothing for the source, or where a reviewer has read all that is shown."""
    if source.edition.state is State.SOURCE or _is_reviewed(source, topic):
        return ()
    return (source.catalogues.render(said.DRAFT, source.edition.language),)


def _is_reviewed(source: Source, topic: str) -> bool:
    reviewed = source.catalogues.catalogue(source.edition.language).reviewed
    around: list[Message] = [*words.NEEDED]
    found = next((one for one in source.edition.topics if one.of.id == topic), None)
    messages: tuple[SaidMessage, ...] = found.messages if found else ()
    return (
        bool(messages)
        and found is not None
        and found.of.title.id in reviewed
        and (all(one.state is State.REVIEWED for one in messages) and all(one.id in reviewed for one in around))
    )


def _day(topic: Topic) -> date:
    if topic.revised is None:
        raise _undated(topic.id)
    return topic.revised


def _undated(what: str) -> Refused:
    detail = f"No day is known on which {what} was revised, and no sheet goes out without one."
    return Refused(Kind.CONFLICT, "topic-undated", detail, remedy="Add `revised: 2026-11-26` to the topic's file.")


def _not_whole(source: Source, topic: str) -> Refused:
    tag = source.edition.language
    detail = f"The topic {topic} is not whole in {tag!r}: a sheet with gaps could lose a warning."
    others = [one for one in source.guidance.topics if _whole(source, one)]
    remedy = f"Ask for {', '.join((*others, CORE))}, or for another language."
    return Refused(Kind.NOT_FOUND, "print-not-whole", detail, where="topic", remedy=remedy)


def _unfit(source: Source, topic: str, form: Format) -> Refused:
    fit = ", ".join(formats_of(source, topic))
    detail = f"The topic {topic} is not made into the format {form}."
    if topic == ADULTS_ONLY:
        detail = f"The topic {topic} is for adults only: nothing of it hangs where children read."
    return Refused(Kind.NOT_FOUND, "print-unfit", detail, where="format", remedy=f"Ask for one of {fit}.")


def pictures_used(items: Iterable[Item], alternatives: Mapping[str, str]) -> dict[str, str]:
    """Return the pictures of a sheet with their words, in order, each once.

    Where a language has no words for a picture yet, the message that it illustrates says what it shows.
    """
    found: dict[str, str] = {}
    for item in items:
        if item.picture:
            found.setdefault(item.picture, alternatives.get(item.picture, item.text))
    return found
