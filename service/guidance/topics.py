"""Reads one topic's file: key messages with their reasons, myths and the wording for children."""

import re
from datetime import date

from service.guidance.model import CORE, PREFIX, Audience, KeyMessage, Myth, Situation, Text, Topic, Variant
from service.guidance.yaml import BadYaml, Fields, Node, Pairs

WORD = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
RULE = re.compile(r"R(?:[1-9]|1[0-9]|2[0-9])[abc]?")
KEY_LIMIT, TEXT_LIMIT, TITLE_LIMIT = 400, 900, 90
"""The most characters in any language: half as many again as the English may have."""

AUTHORITY_NOTE = (
    "The authority's name is filled in unchanged (nominative): build the sentence so that it fits, "
    "or put the name in brackets behind words such as “those responsible”."
)

AUDIENCES = f"write one of {', '.join(Audience)}"
SITUATIONS = f"write one of {', '.join(Situation)}"
A_DAY = "write the day of the revision as 2026-11-26"
A_WORD = "write small letters, digits and single hyphens"


def read_topic(file: Pairs, *, origin: str) -> Topic:
    """Return the topic of one file; BadYaml names the line of what is wrong."""
    fields = Fields(file, what="the topic")
    slug = fields.one("topic", word, remedy=A_WORD)
    if slug == CORE:
        raise BadYaml(file.where, f"the topic {CORE} is the sheet of the core set", "give the topic another name")
    revision = fields.number("revision")
    revised = fields.one("revised", date.fromisoformat, remedy=A_DAY) if fields.has("revised") else None
    note = fields.text("note", "")
    title = Text(
        f"{PREFIX}{slug}.title", fields.text("title"), f"Title of a topic. {note}".strip(), TITLE_LIMIT, file.where
    )
    where = fields.where
    messages = {
        key: _message(f"{slug}.{key}", node, note=note, origin=origin)
        for key, node in fields.mapping("messages").items()
    }
    fields.done()
    if not messages:
        raise BadYaml(where, f"the topic {slug} has no messages", "add `messages:`")
    for key, message in messages.items():
        _named(key, message.text.where)
    return Topic(slug, revision, title, messages, origin, revised)


def word(text: str) -> str:
    """Return a kebab-case word; ValueError for anything else."""
    if not WORD.fullmatch(text) or len(text) > 60:  # noqa: PLR2004 - longer ids are of no use to anybody
        raise ValueError(text)
    return text


def name_note(english: str) -> str:
    """Tell translators that the authority's name cannot be inflected, if a text holds it."""
    return AUTHORITY_NOTE if "{authority" in english else ""


def _message(key: str, node: Node, *, note: str, origin: str) -> KeyMessage:
    fields = Fields(node, what=key)
    revision = fields.number("revision")
    rules = fields.many("rules", _rule, remedy="write rules such as R10a")
    audience = frozenset(fields.many("audience", Audience, remedy=AUDIENCES))
    situation = fields.one("situation", Situation, remedy=SITUATIONS)
    picture = fields.one("picture", word, remedy=A_WORD) if fields.has("picture") else None
    notes = _notes(fields.text("note", ""), note, readers=audience, rules=rules, picture=picture)
    text = _text(fields, "text", key, notes, limit=KEY_LIMIT)
    message = KeyMessage(
        id=key,
        revision=revision,
        rules=rules,
        audience=audience,
        situation=situation,
        text=text,
        supporting=_supporting(fields, key, notes),
        myth=_myth(fields, key, notes),
        variants=_variants(fields, key, note, rules),
        picture=picture,
        origin=origin,
    )
    fields.done()
    return message


def _supporting(fields: Fields, key: str, notes: str) -> dict[str, Text]:
    inner = Fields(fields.node("supporting"), what=f"supporting of {key}")
    slots = inner.keys()
    for slot in slots:
        _named(slot, inner.where)
    return {slot: _text(inner, slot, f"{key}.{slot}", notes, limit=TEXT_LIMIT) for slot in slots}


def _myth(fields: Fields, key: str, notes: str) -> Myth | None:
    if not fields.has("myth"):
        return None
    inner = Fields(fields.node("myth"), what=f"myth of {key}")
    says = inner.text("says")
    told = f'{notes} The fact stands first; the myth ("{says}") stands once, in quotes, and is plainly wrong.'
    text = _text(inner, "text", f"{key}.myth", told, limit=TEXT_LIMIT)
    inner.done()
    return Myth(says, text)


def _variants(fields: Fields, key: str, note: str, rules: tuple[str, ...]) -> tuple[Variant, ...]:
    return tuple(_variant(age, node, key, note, rules) for age, node in fields.mapping("children").items())


def _variant(age: str, node: Node, key: str, note: str, rules: tuple[str, ...]) -> Variant:
    inner = Fields(node, what=f"{age} of {key}")
    if age not in {Audience.CHILDREN_5_7, Audience.CHILDREN_8_11, Audience.YOUTH_12_14}:
        remedy = "write children-5-7, children-8-11 or youth-12-14"
        raise BadYaml(node.where, f"{key} has wording for {age[:40]!r}, which is no age of children", remedy)
    audience = Audience(age)
    notes = _notes(inner.text("note", ""), note, readers=frozenset({audience}), rules=rules, picture=None)
    told = f"{notes} Written for children: short sentences, words that they use themselves."
    text = _text(inner, "text", f"{key}.{age}", told, limit=KEY_LIMIT)
    why = _text(inner, "why", f"{key}.{age}.why", told, limit=TEXT_LIMIT)
    inner.done()
    return Variant(audience, text, why)


def _text(fields: Fields, key: str, slug: str, note: str, *, limit: int) -> Text:
    found = fields.scalar(key)
    told = f"{note} {name_note(found.text)}".strip()
    return Text(f"{PREFIX}{slug}", " ".join(found.text.split()), told, limit, found.where)


def _notes(own: str, shared: str, *, readers: frozenset[Audience], rules: tuple[str, ...], picture: str | None) -> str:
    """Say to translators what they need: who reads it, under which rules, beside which picture."""
    read_by = f"Read by {', '.join(sorted(readers))}; {', '.join(rules)}."
    beside = f"Beside the picture {picture}." if picture else ""
    return " ".join(part for part in (own, shared, read_by, beside) if part)


def _named(key: str, where: str) -> None:
    if not WORD.fullmatch(key):
        raise BadYaml(where, f"{key[:40]!r} is no id", A_WORD)


def _rule(text: str) -> str:
    if not RULE.fullmatch(text):
        raise ValueError(text)
    return text
