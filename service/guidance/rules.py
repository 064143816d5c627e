"""The measures of guidance, counted: each finding says file, entry, reason and remedy."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from service.guidance import wording
from service.guidance.model import (
    CHILDREN,
    GROWN_UPS,
    MOST,
    Channel,
    CoreEntry,
    Guidance,
    KeyMessage,
    Text,
    Topic,
    Variant,
)
from service.i18n.checking import as_sms, sample
from service.i18n.filling import fill, holes
from service.i18n.lengths import measure
from service.i18n.model import Finding, Message
from service.kit.sms import Encoding

TOPICS = (
    "recognise", "clues", "ways", "found", "inside", "hurt", "signs", "water", "fields", "buildings", "ordnance",
    "drones", "deactivation", "scrap", "work", "map", "survivors",
)  # fmt: skip
COUNTRIES = (
    "UA", "BA", "CO", "AF", "KH", "MM", "SY", "IQ", "YE", "LB", "AO", "MZ", "SD", "SS", "ET", "LK", "LA", "VN",
)  # fmt: skip
ADULTS_ONLY = "deactivation"
A_TOPIC, IN_ALL, FOR_CHILDREN, CORE = 5, 90, 25, 60
KEY, SUPPORTING, ALTERNATIVE = (60, 255), (150, 600), (30, 300)
REASONS = 2
SHARED = 0.6
HOLES = frozenset({"number", "authority", "distance"})
CORE_HOLES = HOLES | {"place", "date", "authority_short", "depth", "code"}

FORBIDDING = re.compile(r"(?:do not|don't|never|no|not)\b", re.IGNORECASE)
ORDERS = frozenset(
    """
    agree approach arrange ask avoid believe brief bring build buy call change check choose come count cover do
    draw drive expect fetch find fish follow freeze gather get give go graze hang help hide hold keep lead learn
    leave let lie listen look make mark meet move note open pass plan play point practise prepare press put read
    refuse remember report ride run save say see send set shout show signal sit speak stand start stay step stop
    take talk teach tell thank treat try turn use wait walk warn wash watch write
    """.split()  # noqa: SIM905 - a hundred quoted words are no easier to read
)
"""Verbs that a sentence begins with when it asks for something."""


def check(guidance: Guidance) -> list[Finding]:
    """Return everything that falls short of the measures; an empty list is what may be shipped."""
    return [
        *_whole(guidance),
        *(found for topic in guidance.topics.values() for found in _topic(topic, guidance)),
        *_repeated(guidance),
        *_contacts(guidance),
        *_pictures(guidance),
        *_core(guidance),
    ]


def check_references(guidance: Guidance, declared: Mapping[str, Message]) -> list[Finding]:
    """Return core entries that name no message of the code or whose message is too long for a channel."""
    known = {text.id: text.message() for text in guidance.texts()}
    findings: list[Finding] = []
    for entry in guidance.core:
        message = known.get(entry.id) or declared.get(entry.id)
        if message is None:
            findings.append(Finding(entry.where, entry.id, "names a message that nobody declares", "correct the id"))
        else:
            findings += _too_long(entry, message.english)
    return findings


def filled(english: str) -> str:
    """Fill the holes of an English text with the longest usual names."""
    return fill(english, {name: sample(name) for name in holes(english)}, tag="en", direction="ltr")


def written_for_children(guidance: Guidance) -> int:
    """Count the messages that were written for readers under twelve."""
    variants = sum(1 for message in guidance.messages() for one in message.variants if one.audience in CHILDREN)
    return variants + sum(1 for message in guidance.messages() if message.audience & CHILDREN)


def _whole(guidance: Guidance) -> Iterator[Finding]:
    for missing in [name for name in TOPICS if name not in guidance.topics]:
        yield Finding(f"{missing}.yaml", missing, "is a topic without a file", "write it")
    count = sum(1 for _ in guidance.messages())
    if count < IN_ALL:
        yield Finding("content", "", f"has {count} key messages, {IN_ALL} are the least", "write what is missing")
    children = written_for_children(guidance)
    if children < FOR_CHILDREN:
        reason = f"has {children} messages written for children, {FOR_CHILDREN} are the least"
        yield Finding("content", "", reason, "write them anew for children, do not shorten")


def _topic(topic: Topic, guidance: Guidance) -> Iterator[Finding]:
    where = topic.title.where
    if topic.id in TOPICS and len(topic.messages) < A_TOPIC:
        reason = f"has {len(topic.messages)} key messages, {A_TOPIC} are the least"
        yield Finding(where, topic.id, reason, "write what is missing")
    yield from _faults(topic.title, wording.forbidden_in(topic.title.english))
    for message in topic.messages.values():
        yield from _key_message(message)
        yield from _myth(topic, message)
        if topic.id == ADULTS_ONLY:
            yield from _for_adults(message)
        if message.picture and message.picture not in guidance.pictures:
            reason = f"names the picture {message.picture!r}, which there is not"
            yield Finding(message.text.where, message.id, reason, f"choose one of {', '.join(guidance.pictures)}")


def _key_message(message: KeyMessage) -> Iterator[Finding]:
    yield from _length(message.text, KEY)
    yield from _one_action(message)
    if "why" not in message.supporting:
        yield Finding(message.text.where, message.id, "gives no reason", "add the supporting message `why`")
    if len(message.supporting) < REASONS:
        reason = f"has {len(message.supporting)} supporting messages, {REASONS} are the least"
        yield Finding(message.text.where, message.id, reason, "add one under `supporting`")
    for text in message.supporting.values():
        yield from _length(text, SUPPORTING)
    for variant in message.variants:
        yield from _variant(variant)
    for text, readers in message.texts():
        yield from _faults(text, wording.forbidden_in(text.english))
        yield from _faults(text, wording.unfit_for(readers, text))
        for hole in sorted(holes(text.english) - HOLES):
            yield Finding(text.where, text.id, f"has the hole {{{hole}}}", f"use only {', '.join(sorted(HOLES))}")


def _for_adults(message: KeyMessage) -> Iterator[Finding]:
    """Hold back from the young, and without dates, what is said of devices that switch themselves off."""
    if message.variants or not message.audience <= GROWN_UPS:
        yield Finding(message.text.where, message.id, "is not for adults only", "write adults, parents or teachers")
    for text, _ in message.texts():
        for match in wording.DATED.finditer(text.english):
            yield Finding(text.where, text.id, f"gives a time or a share: {match[0]!r}", "leave it out")


def _variant(variant: Variant) -> Iterator[Finding]:
    yield from _length(variant.text, KEY)
    yield from _length(variant.why, SUPPORTING)


def _one_action(message: KeyMessage) -> Iterator[Finding]:
    """Find what asks for more than one thing or begins with what not to do; children's rules have three steps."""
    parts = wording.sentences(message.text.english)
    if FORBIDDING.match(parts[0]):
        yield Finding(message.text.where, message.id, "begins with what not to do", "say first what to do")
    asked = [word for part in parts if not FORBIDDING.match(part) and (word := _first_word(part)) in ORDERS]
    if len(asked) > 1 and not message.audience & CHILDREN:
        reason = f"asks for more than one thing: {', '.join(asked)}"
        yield Finding(message.text.where, message.id, reason, "make two messages of it")


def _first_word(sentence: str) -> str:
    return re.sub(r"\W", "", sentence.split(maxsplit=1)[0]).lower()


def _myth(topic: Topic, message: KeyMessage) -> Iterator[Finding]:
    if message.myth is None:
        return
    says, text = message.myth.says.casefold(), message.myth.text
    yield from _length(text, SUPPORTING)
    if text.english.casefold().count(says) != 1:
        yield Finding(text.where, text.id, "does not quote its myth exactly once", "quote it once, in full")
    if says in wording.sentences(text.english)[0].casefold():
        yield Finding(text.where, text.id, "begins with the myth", "begin with the fact")
    if says in topic.title.english.casefold() or says in message.text.english.casefold():
        yield Finding(text.where, text.id, "has its myth in a title", "keep the myth inside the text")


def _length(text: Text, span: tuple[int, int]) -> Iterator[Finding]:
    length, (least, most) = len(filled(text.english)), span
    if not least <= length <= most:
        reason = f"has {length} characters, {least} to {most} are allowed"
        yield Finding(text.where, text.id, reason, "say less" if length > most else "say more")


def _faults(text: Text, faults: Iterable[wording.Fault]) -> Iterator[Finding]:
    return (Finding(text.where, text.id, fault.reason, fault.remedy) for fault in faults)


def _repeated(guidance: Guidance) -> Iterator[Finding]:
    """Find two texts that share more than 60 % of the word trigrams of the shorter one."""
    texts = [text for message in guidance.messages() for text, _ in message.texts()]
    trigrams = [_trigrams(text.english) for text in texts]
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, (text, own) in enumerate(zip(texts, trigrams, strict=True)):
        shared = Counter(other for trigram in own for other in holders[trigram])
        for other, count in shared.items():
            if count > SHARED * min(len(own), len(trigrams[other])):
                reason = f"says nearly the same as {texts[other].id}"
                yield Finding(text.where, text.id, reason, "say something of its own, or leave it out")
        for trigram in own:
            holders[trigram].append(number)


def _trigrams(english: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[\w{}']+", english.casefold())
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _contacts(guidance: Guidance) -> Iterator[Finding]:
    for missing in [code for code in COUNTRIES if code not in guidance.contacts]:
        yield Finding("contacts.yaml", missing, "has no contacts", "add its emergency numbers with date and source")


def _pictures(guidance: Guidance) -> Iterator[Finding]:
    for picture in guidance.pictures.values():
        yield from _length(picture.alternative, ALTERNATIVE)
        yield from _faults(picture.alternative, wording.forbidden_in(picture.alternative.english))


def _core(guidance: Guidance) -> Iterator[Finding]:
    if len(guidance.core) != CORE:
        yield Finding("core.yaml", "", f"has {len(guidance.core)} messages, not {CORE}", "keep the core set as it is")
    for entry in (*guidance.core, *guidance.sms):
        for channel, most in entry.channels.items():
            if most > MOST[channel]:
                reason = f"allows {most} in {channel}, which carries {MOST[channel]}"
                yield Finding(entry.where, entry.id, reason, "write at most that")
        if entry.text:
            yield from _faults(entry.text, wording.forbidden_in(entry.text.english))
            yield from _too_long(entry, entry.text.english)
            for hole in sorted(holes(entry.text.english) - CORE_HOLES):
                yield Finding(entry.where, entry.id, f"has the hole {{{hole}}}", "use only those of alerts")


def _too_long(entry: CoreEntry, english: str) -> Iterator[Finding]:
    for channel, most in entry.channels.items():
        if channel is Channel.SMS:
            yield from _too_long_for_sms(entry, english, most)
        elif (length := len(filled(english))) > most:
            reason = f"needs {length} in {channel}, {most} are allowed"
            yield Finding(entry.where, entry.id, reason, "say it in fewer words")


def _too_long_for_sms(entry: CoreEntry, english: str, most: int) -> Iterator[Finding]:
    """Measure the English as phones get it: in GSM-7, so that it costs two segments at most."""
    text = as_sms(english, tag="en", direction="ltr")
    sms = measure(text)
    if sms.encoding is not Encoding.GSM_7:
        yield Finding(entry.where, entry.id, "has letters that GSM-7 lacks", "write plain quotes and hyphens")
    elif not sms.fits:
        yield Finding(entry.where, entry.id, sms.excess(text), "say it in fewer words")
    elif sms.units > most:
        reason = f"needs {sms.units} in {Channel.SMS}, {most} are allowed"
        yield Finding(entry.where, entry.id, reason, "say it in fewer words")
