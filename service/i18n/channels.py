"""Measures what every released language must have for each channel that it goes to, with the longest names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from service.i18n import mandatory
from service.i18n.checking import sample
from service.i18n.filling import fill, holes
from service.i18n.loading import direction_of
from service.i18n.model import Finding, Message
from service.i18n.po import Translation

SMS = "sms"
TOLD = frozenset({"push-body", SMS})
"""Channels by which a whole warning goes out."""

WARNS = frozenset({"place", "date"})
"""A text with these holes is a warning, or one that follows it; others of the same kinds are parts or plain answers."""

WARNINGS = frozenset({"alert", "correction", SMS})
TOPIC, FIXED = 2048, 512
"""Bytes that a push to topics may have, and what it needs beside the words (a test measures it)."""

ENDS = (("title", "body"), ("exercise_title", "exercise_body"))


@dataclass(frozen=True, slots=True)
class Demand:
    """One message that every released language must have: its kind, and the most that it may need on each channel."""

    id: str
    kind: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)


def source_faults(messages: Sequence[Message], demands: Sequence[Demand], *, file: str) -> Iterator[Finding]:
    """Yield what the English of a warning lacks (R13, R10a), and each demand that no message meets."""
    declared = {message.id: message for message in messages}
    for demand in demands:
        message = declared.get(demand.id)
        if message is None:
            yield Finding(file, demand.id, "is of the core set, and nobody declares it", "correct the id in core.yaml")
        elif demand.kind in WARNINGS and demand.limits.keys() & TOLD and holes(message.english) >= WARNS:
            yield from (Finding(file, demand.id, *fault) for fault in mandatory.lacking(message.english))


def faults(entries: Sequence[Translation], demands: Sequence[Demand], *, tag: str, file: str) -> Iterator[Finding]:
    """Yield each text that does not fit its channels: characters of each, bytes of title and body as a push."""
    filled = {one.id: _filled(one.text, tag) for one in entries if one.text and not one.fuzzy}
    for demand in demands:
        for channel, most in demand.limits.items() if demand.id in filled else ():
            length = len(filled[demand.id])
            if channel != SMS and length > most:
                reason = f"has {length} characters with the longest names, {channel} takes {most}"
                yield Finding(file, demand.id, reason, "say it in fewer words")
    for title, body in _pairs(filled):
        need = FIXED + 2 * len(filled[title].encode()) + len(filled[body].encode())
        if need > TOPIC:
            reason = f"needs {need} bytes with its title and the longest names, a push to topics takes {TOPIC}"
            remedy = f"shorten it by {need - TOPIC} bytes, or the title by half as many; a letter may take two or more"
            yield Finding(file, body, reason, remedy)


def _filled(text: str, tag: str) -> str:
    return fill(text, {name: sample(name) for name in holes(text)}, tag=tag, direction=direction_of(tag))


def _pairs(ids: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return titles with their bodies; a message without a title of its own has none to be measured with."""
    for title in ids:
        stem, _, end = title.rpartition(".")
        for name, other in ENDS:
            if end == name and f"{stem}.{other}" in ids:
                yield title, f"{stem}.{other}"
