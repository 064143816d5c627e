"""Writes an edition as JSON: whole for phones, line by line for small deltas, or the part that was asked for."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.guidance.drawings import Drawing, own_drawing
from service.guidance.editions import Edition, SaidContacts, SaidCore, SaidLine, SaidMessage, SaidTopic
from service.guidance.media import RECOGNISE, SIGNS, OwnPicture, Sort
from service.guidance.model import CHILDREN, Audience, BundleEntry, Recall, Situation
from service.guidance.slots import THIRTEEN
from service.i18n.model import Rendered

FORMAT = 1
_MARK = "\n"
_GROWN = frozenset({Audience.PARENTS, Audience.TEACHERS})


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of guidance somebody wants; nothing said means all of it."""

    topic: str | None = None
    audience: Audience | None = None
    situation: Situation | None = None


def bundle(edition: Edition, drawings: Mapping[str, Drawing]) -> bytes:
    """Return a language's bundle. Its `revision` is a hash of all the rest, so equal texts have equal bytes."""
    said = _head(edition) | {
        "core": _core(edition.core, edition.pictures),
        "pictures": _pictures(edition, drawings),
        **_own(edition, edition.own),
        "topics": [_topic(one, [_whole(message) for message in one.messages]) for one in edition.topics],
        "recalled": [recall_as_json(one) for one in edition.recalls],
    }
    revision = hashlib.sha256(_dumped(said).encode()).hexdigest()[:16]
    return _lined({"surefoot": FORMAT, "revision": revision} | said)


def answer(edition: Edition, drawings: Mapping[str, Drawing], asked: Asked, notes: Sequence[Rendered] = ()) -> bytes:
    """Return what was asked for; the core set comes along where something is not translated, or nothing was found."""
    topics = [_topic(one, messages) for one in edition.topics if (messages := _wanted(one, asked))]
    core = [] if edition.complete and topics else [one for one in edition.core if _fits_core(one.kind, asked.audience)]
    shown = [message for topic in topics for message in topic["messages"]] + _core(core, edition.pictures)
    named = {str(one["picture"]) for one in shown if "picture" in one}
    said = (
        {"surefoot": FORMAT}
        | _head(edition)
        | _noted(notes)
        | {
            "core": _core(core, edition.pictures),
            "pictures": {name: one for name, one in _pictures(edition, drawings).items() if name in named},
            **_own(edition, _fitting(edition.own, frozenset(str(topic["id"]) for topic in topics), asked.audience)),
            "topics": topics,
            "recalled": [recall_as_json(one) for one in edition.recalls],
        }
    )
    return _dumped(said).encode()


def contacts(edition: Edition, found: Iterable[SaidContacts], notes: Sequence[Rendered] = ()) -> bytes:
    """Return whom to call, with the day of each check and its source."""
    said = {
        "surefoot": FORMAT,
        "language": edition.language,
        "direction": edition.direction,
        "state": edition.state,
        "notices": {name: text for name, text in edition.notices.items() if name == "draft"},
        "number": edition.number,
        "text": edition.call,
        "countries": [
            _country(one) | {"source": one.of.source, "source_language": "en"} | _note(one, edition.language)
            for one in found
        ],
    } | _noted(notes)
    return _dumped(said).encode()


def recall_as_json(recall: Recall) -> dict[str, Any]:
    """Return a recall as phones read it, in bundles and in the index."""
    return {
        "text": recall.text,
        "revisions": list(recall.revisions),
        "languages": list(recall.languages),
        "since": recall.since.isoformat(),
        "reason": recall.reason.value,
    }


def entry_as_json(entry: BundleEntry) -> dict[str, Any]:
    """Return what the index says of a bundle."""
    return {name: getattr(entry, name) for name in ("version", "size", "sha256", "deltas_from")}


def _head(edition: Edition) -> dict[str, Any]:
    return {
        "language": edition.language,
        "direction": edition.direction,
        "state": edition.state.value,
        "complete": edition.complete,
        "notices": dict(edition.notices),
        "caveat": edition.caveat,
        "contacts": {
            "number": edition.number,
            "text": edition.call,
            "countries": [_country(one) for one in edition.contacts],
        },
    }


def _noted(notes: Sequence[Rendered]) -> dict[str, Any]:
    """Say in both languages that another one is shown than was asked for; nobody asked a bundle for anything."""
    return {"notes": [{"language": one.language, "direction": one.direction, "text": one.texts[0]} for one in notes]}


def _country(said: SaidContacts) -> dict[str, Any]:
    return {
        "country": said.of.country,
        "emergency": [_line(one) for one in said.emergency],
        "hotline": None if said.hotline is None else _line(said.hotline),
        "remark": said.remark,
        "checked": said.of.checked.isoformat(),
    }


def _line(line: SaidLine) -> dict[str, str]:
    return {
        "number": line.number,
        **({"service": line.service} if line.service else {}),
        **({"name": line.name} if line.name else {}),
    }


def _note(said: SaidContacts, language: str) -> dict[str, str]:
    """Give our note only to who reads the language that it is written in."""
    return {"note": said.of.note} if language == "en" and said.of.note else {}


def _core(said: Iterable[SaidCore], pictures: Collection[str]) -> list[dict[str, str]]:
    """Return texts of the core set; a picture is named where there are words for who cannot see it."""
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "text": one.text,
            "revision": one.revision,
            **({"picture": one.picture} if one.picture in pictures and one.picture else {}),
        }
        for one in said
    ]


def _topic(topic: SaidTopic, messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": topic.of.id, "revision": topic.revision, "title": topic.title, "messages": messages}


def _whole(message: SaidMessage) -> dict[str, Any]:
    variants = [{"audience": one.audience.value, "text": one.text, "why": one.why} for one in message.variants]
    return _said(message, message.text, message.supporting, message.myth) | ({"variants": variants} if variants else {})


def _said(message: SaidMessage, text: str, supporting: Mapping[str, str], myth: str | None) -> dict[str, Any]:
    picture = message.of.picture
    return {
        "id": message.of.id,
        "revision": message.revision,
        "state": message.state.value,
        "rules": list(message.of.rules),
        "audience": sorted(message.of.audience),
        "situation": message.of.situation.value,
        "text": text,
        "supporting": dict(supporting),
        **({"myth": myth} if myth else {}),
        **({"picture": picture} if picture else {}),
    }


def _wanted(topic: SaidTopic, asked: Asked) -> list[dict[str, Any]]:
    if asked.topic not in {None, topic.of.id}:
        return []
    fit = (one for one in topic.messages if asked.situation in {None, one.of.situation})
    return [said for one in fit if (said := _for(one, asked.audience))]


def _for(message: SaidMessage, audience: Audience | None) -> dict[str, Any] | None:
    """Return a message as these readers get it, None if it is not for them: children never read what adults do."""
    if audience is None:
        return _whole(message)
    own = {one.audience: one for one in message.variants}
    variant = own.get(audience) or (own.get(Audience.CHILDREN_5_7) if audience is Audience.CHILDREN_8_11 else None)
    if variant is not None:
        return _said(message, variant.text, {"why": variant.why}, None) | {"audience": [variant.audience.value]}
    readers = {audience, Audience.EVERYBODY} | ({Audience.ADULTS} if audience in _GROWN else set())
    return _said(message, message.text, message.supporting, message.myth) if readers & message.of.audience else None


def _fits_core(kind: str, audience: Audience | None) -> bool:
    return kind == "children" if audience in CHILDREN else True


def _pictures(edition: Edition, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    return {name: _picture(drawings[name], alternative) for name, alternative in sorted(edition.pictures.items())}


def _picture(drawing: Drawing, alternative: str) -> dict[str, Any]:
    return {
        "path": f"/v1/guidance/{drawing.path}",
        "sha256": drawing.sha256,
        "size": len(drawing.content),
        "alternative": alternative,
    }


def _fitting(own: Sequence[OwnPicture], topics: frozenset[str], audience: Audience | None) -> list[OwnPicture]:
    """Return what belongs to these topics; what is for readers of 13 and over only where such readers are named."""
    return [one for one in own if _topics(one) & topics and (one.sort is Sort.SIGN or audience in THIRTEEN)]


def _topics(picture: OwnPicture) -> frozenset[str]:
    return SIGNS if picture.sort is Sort.SIGN else frozenset({RECOGNISE})


def _own(edition: Edition, pictures: Sequence[OwnPicture]) -> dict[str, Any]:
    """Return the deployment's pictures with what says where they may be shown, and to whom; nothing without any."""
    found = [
        {
            "shows": one.sort.value,
            "topics": sorted(_topics(one)),
            "audience": sorted({Audience.EVERYBODY} if one.sort is Sort.SIGN else THIRTEEN),
            **_picture(own_drawing(one), one.alternatives[edition.language]),
        }
        for one in pictures
    ]
    return {"own_pictures": found} if found else {}


def _dumped(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _lined(said: Mapping[str, Any]) -> bytes:
    """Write one line for each field, and within topics one for each message."""
    topics = ",".join(_lined_topic(topic) for topic in said["topics"])
    rest = [f"{_dumped(name)}:{_dumped(value)}" for name, value in said.items() if name != "topics"]
    return ("{" + f",{_MARK}".join([*rest, f'"topics":[{topics}{_MARK}]']) + "}").encode()


def _lined_topic(topic: Mapping[str, Any]) -> str:
    head = {name: value for name, value in topic.items() if name != "messages"}
    messages = f",{_MARK}".join(map(_dumped, topic["messages"]))
    return f'{_MARK}{_dumped(head)[:-1]},"messages":[{_MARK}{messages}]}}'
