"""Reads the lists beside the topics: the core set, texts of an SMS, whom to call, what was withdrawn, pictures."""

import re
from collections.abc import Callable
from datetime import date

from service.guidance.model import (
    PREFIX,
    Channel,
    Contacts,
    CoreEntry,
    Line,
    Overlay,
    Picture,
    Recall,
    RecallReason,
    Text,
)
from service.guidance.topics import A_WORD, WORD, name_note, word
from service.guidance.yaml import BadYaml, Fields, Items, Node, Pairs, Scalar
from service.i18n.rules import known

ID = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+")
COUNTRY = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
REVISION = re.compile(r"[1-9][0-9]{0,5}(?:\+overlay\.[1-9][0-9]{0,5})?(?:-[0-9a-f]{8})?")
NUMBER = re.compile(r"\+?[0-9]{2,15}")
KINDS = ("alert", "correction", "caveat", "drill", "children", "contacts", "signs", "advice", "sms")
SHOWS = ("right-act", "sign")
"""What a picture may show: never an object, never the wrong act."""


def read_core(file: Pairs) -> tuple[CoreEntry, ...]:
    """Return the core set in its own order."""
    return _entries(file, what="the core set", note="Core set.")


def read_revision(file: Pairs) -> int:
    """Return the revision of a list."""
    return Fields(file, what="the list").number("revision")


def read_sms(file: Pairs) -> tuple[CoreEntry, ...]:
    """Return the texts of an SMS that stand beside the core set, in their own order."""
    return _entries(file, what="the texts of an SMS", note="")


def read_contacts(file: Pairs) -> dict[str, Contacts]:
    """Return whom to call, by country."""
    fields = Fields(file, what="the contacts")
    fields.number("revision")
    found = {key: _contacts(key, node) for key, node in fields.mapping("countries").items()}
    fields.done()
    return found


def read_recalls(file: Pairs) -> tuple[Recall, ...]:
    """Return the texts that were withdrawn, in the order of the file."""
    fields = Fields(file, what="the recalls")
    fields.number("revision")
    found = tuple(_recall(key, node) for key, node in fields.mapping("recalls").items())
    fields.done()
    return found


def read_pictures(file: Pairs) -> dict[str, Picture]:
    """Return the pictures by name."""
    fields = Fields(file, what="the pictures")
    fields.number("revision")
    found = {key: _picture(key, node) for key, node in fields.mapping("pictures").items()}
    fields.done()
    return found


def read_overlay(file: Pairs) -> Overlay:
    """Return whose texts an overlay holds, and their revision."""
    fields = Fields(file, what="the overlay")
    overlay = Overlay(fields.text("name"), fields.number("revision"))
    fields.done()
    return overlay


def _entries(file: Pairs, *, what: str, note: str) -> tuple[CoreEntry, ...]:
    fields = Fields(file, what=what)
    fields.number("revision")
    entries = tuple(_entry(key, node, note) for key, node in fields.mapping("messages").items())
    fields.done()
    return entries


def _entry(key: str, node: Node, note: str) -> CoreEntry:
    fields = Fields(node, what=key)
    if not ID.fullmatch(key):
        raise BadYaml(node.where, f"{key[:60]!r} is no id of a message", "write an id such as alert.hazard_near.title")
    kind = fields.one("kind", _one_of(KINDS), remedy=f"write one of {', '.join(KINDS)}")
    channels = {_channel(name, each): _most(name, each) for name, each in fields.mapping("channels").items()}
    if not channels:
        raise BadYaml(node.where, f"{key} goes to no channel", "add `channels:` with the most that each may carry")
    text = _own_text(key, fields, note, sms=Channel.SMS in channels) if fields.has("text") else None
    fields.done()
    return CoreEntry(key, kind, channels, text, node.where)


def _own_text(key: str, fields: Fields, note: str, *, sms: bool) -> Text:
    found = fields.scalar("text")
    note = " ".join(part for part in (note, fields.text("note", ""), name_note(found.text)) if part)
    if not key.startswith(PREFIX):
        raise BadYaml(found.where, f"{key} has a text here, but is declared elsewhere", f"begin its id with {PREFIX}")
    return Text(key, " ".join(found.text.split()), note, 0, found.where, sms=sms)


def _channel(name: str, node: Node) -> Channel:
    try:
        return Channel(name)
    except ValueError as fault:
        raise BadYaml(node.where, f"{name[:40]!r} is no channel", f"write one of {', '.join(Channel)}") from fault


def _most(name: str, node: Node) -> int:
    return Fields(Pairs({name: node}, node.where), what="channels").number(name)


def _contacts(key: str, node: Node) -> Contacts:
    fields = Fields(node, what=key)
    if not COUNTRY.fullmatch(key):
        raise BadYaml(node.where, f"{key[:20]!r} is no country", "write its letters (UA, or IQ-AR for a part), quoted")
    found = Contacts(
        country=key,
        emergency=_lines(fields.node("emergency")),
        hotline=_hotline(fields),
        checked=fields.one("checked", date.fromisoformat, remedy="write the day of the check as 2026-11-25"),
        source=fields.text("source"),
        note=fields.text("note", ""),
        where=node.where,
    )
    fields.done()
    if found.hotline is None and not found.note:
        raise BadYaml(node.where, f"{key} has no hotline and does not say why", "add a note")
    return found


def _lines(node: Node) -> tuple[Line, ...]:
    if not isinstance(node, Items) or not node.values:
        raise BadYaml(node.where, "the emergency numbers are no list", "write one item for each number")
    return tuple(_line(each) for each in node.values)


def _line(node: Node) -> Line:
    fields = Fields(node, what="the number")
    line = Line(fields.text("service"), fields.one("number", _number, remedy="write ASCII digits without spaces"))
    fields.done()
    return line


def _hotline(fields: Fields) -> Line | None:
    node = fields.node("hotline")
    return None if isinstance(node, Scalar) and node.plain and node.text == "null" else _line(node)


def _recall(key: str, node: Node) -> Recall:
    fields = Fields(node, what=key)
    reasons = f"write one of {', '.join(RecallReason)}"
    found = Recall(
        text=fields.one("text", _text_id, remedy="write the id of a message or topic, such as found.stop"),
        revisions=fields.many("revisions", _revision, remedy='write ["3"], or ["3-1a2b3c4d"] for one text'),
        languages=fields.many("languages", _tag, remedy="write tags such as [uk, fa-AF]")
        if fields.has("languages")
        else (),
        since=fields.one("since", date.fromisoformat, remedy="write the day as 2026-11-25"),
        reason=fields.one("reason", RecallReason, remedy=reasons),
        where=node.where,
    )
    fields.done()
    return found


def _text_id(text: str) -> str:
    topic, dot, message = text.partition(".")
    if dot:
        word(message)
    return word(topic) + text[len(topic) :]


def _revision(text: str) -> str:
    if not REVISION.fullmatch(text):
        raise ValueError(text)
    return text


def _tag(text: str) -> str:
    if known(text) != text:
        raise ValueError(text)
    return text


def _picture(key: str, node: Node) -> Picture:
    fields = Fields(node, what=key)
    if not WORD.fullmatch(key):
        raise BadYaml(node.where, f"{key[:40]!r} is no name of a picture", A_WORD)
    note = f"Says to those who cannot see the picture {key} what it shows."
    alternative = Text(f"{PREFIX}picture.{key}", fields.text("alternative"), note, 400, node.where)
    picture = Picture(
        name=key,
        alternative=alternative,
        shows=fields.one("shows", _one_of(SHOWS), remedy=f"write one of {', '.join(SHOWS)}"),
        mirrored=fields.one("mirrored", {"yes": True, "no": False}.__getitem__, remedy="write yes or no"),
        slot=fields.one("slot", word, remedy=A_WORD) if fields.has("slot") else None,
    )
    fields.done()
    return picture


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    return text
