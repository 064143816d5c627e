"""Texts to be read aloud: how long each takes by loudspeaker or radio, and what a recording is bound to; pure."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from service.guidance.model import Guidance, Text
from service.i18n import po
from service.i18n.catalogues import Catalogues
from service.i18n.checking import SMS_SAMPLES, sample
from service.i18n.cyrillic import CYRILLIC, LATIN
from service.i18n.filling import HOLE, fill
from service.i18n.loading import SOURCE, direction_of
from service.i18n.model import Finding, Message
from service.prints.model import Spoken

MOST_SECONDS = 30.0
WORDS_A_MINUTE: Mapping[str, int] = {
    "en": 140, "es": 145, "fr": 145, "pt": 140, "uk": 115, "ru": 115, "bs": 115, "ar": 110, "fa": 120, "ps": 125,
}  # fmt: skip
"""Calm reading that is understood from a moving loudspeaker: about a fifth slower than news on the radio."""
LETTERS_A_MINUTE: Mapping[str, int] = {"km": 760, "my": 760}
"""The same where no spaces stand between words, in letters with their signs."""
_DEFAULT_WORDS = 110
_DIGITS = re.compile(r"\d")
_DIGITS_A_WORD = 2

SPOKEN_AS: Mapping[str, str] = {
    "alert.hazard_near": "guidance.sms.hazard-near",
    "alert.accident_near": "guidance.sms.accident-near",
    "alert.newly_reported": "guidance.sms.newly-reported",
    "alert.wrong_place": "guidance.sms.wrong-place",
    "alert.wrong_time": "guidance.sms.wrong-time",
    "alert.mistake": "guidance.sms.sent-by-mistake",
    "alert.was_exercise": "guidance.sms.was-an-exercise",
    "check.advice": "guidance.sms.what-to-do",
}
"""Messages of the core set that are read with the eyes; aloud goes the short form that says the same."""
EXERCISE = "guidance.sms.exercise"


def seconds(text: str, tag: str) -> float:
    """Return how long a text takes to read aloud; every two digits take as long as a word."""
    name = tag.partition("-")[0]
    digits = len(_DIGITS.findall(text)) / _DIGITS_A_WORD
    if name in LETTERS_A_MINUTE:
        letters = sum(1 for letter in text if not letter.isspace())
        return round(60 * letters / LETTERS_A_MINUTE[name], 1)
    return round(60 * (len(text.split()) + digits) / WORDS_A_MINUTE.get(name, _DEFAULT_WORDS), 1)


def sha256(text: str) -> str:
    """Return the hash that binds a recording to its words."""
    return hashlib.sha256(text.encode()).hexdigest()


def spoken(message: Message, catalogues: Catalogues, tag: str) -> Spoken | None:
    """Return a text as it is read aloud: holes stay, since the speaker fills them; None without a translation."""
    text = message.english if tag == SOURCE else catalogues.catalogue(tag).texts.get((message.id, message.english))
    if text is None:
        return None
    values = {name: SMS_SAMPLES.get(name, sample(name)) for name in HOLE.findall(text)}
    longest = fill(text, values, tag=tag, direction=direction_of(tag))
    return Spoken(message.id, text, seconds(longest, tag), sha256(text))


def core_script(guidance: Guidance, catalogues: Catalogues, tag: str) -> tuple[Spoken, ...]:
    """Return every text of the core set that is read aloud in this language, each once."""
    return tuple(one for message in _core_messages(guidance, catalogues) if (one := spoken(message, catalogues, tag)))


def topic_script(guidance: Guidance, catalogues: Catalogues, topic: str, tag: str) -> tuple[Spoken, ...]:
    """Return a topic's key messages as they are read aloud."""
    texts = (message.text.message() for message in guidance.topics[topic].messages.values())
    return tuple(one for text in texts if (one := spoken(text, catalogues, tag)))


def check(guidance: Guidance, catalogues: Catalogues, folders: Sequence[Path]) -> list[Finding]:
    """Return the texts that take too long to be read aloud, in every language, with the line where each stands.

    `folders` hold the catalogues, a deployment's own before ours.
    """
    english = {text.id: text.where for text in guidance.texts()}
    return [
        Finding(
            (tag == SOURCE and english.get(one.id)) or _where(folders, tag, one.id),
            one.id,
            f"takes {one.seconds} s to read aloud in {tag!r}, {MOST_SECONDS:.0f} are the most",
            "say it in fewer words",
        )
        for tag in (language.tag for language in catalogues.languages())
        for one in dict.fromkeys(too_long(_everything(guidance, catalogues, tag)))
    ]


def _where(folders: Sequence[Path], tag: str, key: str) -> str:
    """Return file and line of an entry; Bosnian in Cyrillic letters is written by rule from the Latin ones."""
    for name in dict.fromkeys((tag, LATIN if tag == CYRILLIC else tag)):
        for path in (po.path_of(folder, name, domain) for folder in folders for domain in (po.DOMAIN, po.GUIDANCE)):
            if line := po.line_of(path, key):
                return f"{path}:{line}"
    return tag


def too_long(script: Iterable[Spoken]) -> Iterator[Spoken]:
    """Return what takes longer than a listener attends."""
    return (one for one in script if one.seconds > MOST_SECONDS)


def _everything(guidance: Guidance, catalogues: Catalogues, tag: str) -> Iterator[Spoken]:
    yield from core_script(guidance, catalogues, tag)
    for topic in guidance.topics:
        yield from topic_script(guidance, catalogues, topic, tag)


def _core_messages(guidance: Guidance, catalogues: Catalogues) -> Iterator[Message]:
    texts = {text.id: text.message() for text in guidance.texts()}
    program = dict(catalogues.catalogue(SOURCE).texts.keys())
    for key in dict.fromkeys(spoken_as(entry.id) for entry in guidance.core):
        if key in texts:
            yield texts[key]
        elif key in program:
            yield Text(key, program[key]).message()


def spoken_as(key: str) -> str:
    """Return the id of the text that is read aloud for a message of the core set."""
    name, _, last = key.rpartition(".")
    if last.startswith("exercise_"):
        return EXERCISE
    return SPOKEN_AS.get(name, key)
