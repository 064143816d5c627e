"""What a phone decides about guidance and lessons that it is given: the rules of docs/guidance.md, pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.guidance.media import TYPES, Sort
from service.guidance.model import PREFIX, Audience, BundleEntry, Recall
from service.guidance.recalls import recall_of
from service.guidance.slots import THIRTEEN
from service.kit.errors import Kind, Refused
from service.lessons.recalls import RecalledLesson

_EVERYBODY, _SIGN = Audience.EVERYBODY.value, Sort.SIGN.value


@dataclass(frozen=True, slots=True)
class Booklet:
    """Guidance in one language that is what the index says: messages by id, notices to show, pictures by name.

    `own` are the deployment's pictures: each is shown to the audience that it names and to nobody else.
    """

    language: str
    version: int
    direction: str
    notices: Mapping[str, str]
    messages: Mapping[str, Mapping[str, Any]]
    topics: Mapping[str, Mapping[str, Any]]
    pictures: Mapping[str, Mapping[str, Any]]
    own: tuple[Mapping[str, Any], ...] = ()
    core: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schoolbook:
    """A course in one language that is what the index says: notices to show on every page, lessons by id."""

    course: str
    language: str
    version: int
    direction: str
    notices: tuple[str, ...]
    lessons: Mapping[str, Mapping[str, Any]]


def demand_bundle(content: bytes, entry: BundleEntry) -> Booklet:
    """Return a bundle that is exactly what the index names.

    Refused `bundle-wrong`, `language-wrong`, `document-malformed`.
    """
    _demand_bytes(content, entry)
    try:
        found = json.loads(content)
        topics = {topic["id"]: topic for topic in found["topics"]}
        booklet = Booklet(
            language=found["language"],
            version=entry.version,
            direction={"ltr": "ltr", "rtl": "rtl"}[found["direction"]],
            notices=dict(found["notices"]),
            messages={one["id"]: one for topic in topics.values() for one in topic["messages"]},
            topics=topics,
            pictures={name: _picture(one) for name, one in found["pictures"].items()},
            core={one["id"].removeprefix(PREFIX): one for one in found["core"]},
            own=tuple(_own(one) for one in found.get("own_pictures", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = f"The guidance in {entry.language} does not hold what a bundle must."
        raise _refused("document-malformed", detail) from error
    if booklet.language != entry.language:
        detail = f"The bundle of {entry.language} is in {booklet.language}."
        raise _refused("language-wrong", detail)
    return booklet


def demand_lessons(content: bytes, entry: BundleEntry) -> Schoolbook:
    """Return a bundle of lessons that is exactly what the index names. Refused as `demand_bundle`."""
    _demand_bytes(content, entry)
    try:
        found = json.loads(content)
        book = Schoolbook(
            course=found["course"],
            language=found["language"],
            version=entry.version,
            direction={"ltr": "ltr", "rtl": "rtl"}[found["direction"]],
            notices=tuple(map(str, found["notices"])),
            lessons={one["id"]: _lesson(one) for one in found["lessons"]},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = f"The lessons {entry.owner} do not hold what a bundle must."
        raise _refused("document-malformed", detail) from error
    if (book.course, book.language) != (entry.course, entry.language):
        detail = f"The bundle of {entry.owner} is {book.course} in {book.language}."
        raise _refused("language-wrong", detail)
    return book


def demand_picture(content: bytes, sha256: str) -> bytes:
    """Return a picture whose hash a bundle names. Refused `picture-wrong`."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _refused("picture-wrong", "A picture's bytes are not those which the bundle names.")
    return content


def demand_no_older_bundle(entry: BundleEntry, held_version: int) -> None:
    """Refuse an index that names an older bundle than this phone holds. Refused `bundle-older`."""
    if entry.version < held_version:
        detail = f"The index names version {entry.version} of the bundle {entry.owner}; {held_version} is held."
        raise _refused("bundle-older", detail)


def all_recalls(known: Sequence[Recall], told: Sequence[Recall]) -> tuple[Recall, ...]:
    """Return every recall that this phone ever heard of: a list that forgets one takes nothing back (R6)."""
    return tuple(dict.fromkeys((*known, *told)))


def withdrawn(booklet: Booklet, recalls: Sequence[Recall]) -> dict[str, Recall]:
    """Return the messages of a bundle, its core set's too, that must be marked: withdrawn since it was made."""
    found = {}
    for key, one in booklet.core.items():
        recall = recall_of(recalls, key, booklet.language, one["revision"])
        if recall is not None:
            found[key] = recall
    for topic in booklet.topics.values():
        whole = recall_of(recalls, topic["id"], booklet.language, topic["revision"])
        for message in topic["messages"]:
            recall = whole or recall_of(recalls, message["id"], booklet.language, message["revision"])
            if recall is not None:
                found[message["id"]] = recall
    return found


def lessons_recalled(known: Sequence[RecalledLesson], told: Sequence[RecalledLesson]) -> tuple[RecalledLesson, ...]:
    """Return every lesson that this phone ever heard was recalled; what stands of each is as it was told last (R6)."""
    latest = {(one.lesson, one.message, one.since): one for one in (*known, *told)}
    return tuple(latest.values())


def lessons_withdrawn(book: Schoolbook, recalls: Sequence[RecalledLesson]) -> dict[str, RecalledLesson]:
    """Return the lessons of a bundle that must not be taught: a message of theirs was withdrawn since it was made."""
    return {
        key: recall
        for key, lesson in book.lessons.items()
        for recall in recalls
        if recall.withdraws(key, book.language, lesson["revision"])
    }


def pictures_of(booklets: Iterable[Booklet], *, recognition: bool) -> dict[str, str]:
    """Return hash and path of every picture that these bundles name.

    Those for readers of 13 and over are among them only for a phone whose owner has said to be one.
    """
    return {one["sha256"]: one["path"] for booklet in booklets for one in _pictures(booklet, recognition=recognition)}


def file_of(sha256: str, path: str) -> str:
    """Return the name under which a phone keeps a picture."""
    return f"{sha256}.{path.rpartition('.')[2]}"


def _pictures(booklet: Booklet, *, recognition: bool) -> Iterator[Mapping[str, Any]]:
    yield from booklet.pictures.values()
    yield from (one for one in booklet.own if recognition or _EVERYBODY in one["audience"])


def _own(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check a deployment's picture; one of an unknown sort is for whom it names, as any other."""
    if not found["audience"] or not found["topics"]:
        raise ValueError("a deployment's picture says for whom it is, and beside what")
    if found["shows"] != _SIGN and not THIRTEEN.issuperset(found["audience"]):
        raise ValueError("what is no sign is for readers of 13 and over")
    return _picture(found)


def _demand_bytes(content: bytes, entry: BundleEntry) -> None:
    if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
        detail = f"The bundle {entry.owner} has {len(content)} bytes that are not those which the index names."
        raise _refused("bundle-wrong", detail)


def _lesson(found: Mapping[str, Any]) -> Mapping[str, Any]:
    if not found["title"] or not isinstance(found["revision"], str):
        raise ValueError("a lesson has a title and a revision")
    return found


def _picture(found: Mapping[str, Any]) -> Mapping[str, Any]:
    sha256, path = found["sha256"], found["path"]
    if bytes.fromhex(sha256).hex() != sha256 or not path.startswith("/v1/guidance/pictures/") or ".." in path:
        raise ValueError("a picture is named by its hash, under one path")
    if path.rpartition(".")[2] not in TYPES:
        raise ValueError("a picture is of a sort that is known")
    if not found["alternative"]:
        raise ValueError("a picture has words for who cannot see it")
    return found


def _refused(name: str, detail: str) -> Refused:
    remedy = "Keep what you have and fetch it again, from another place if this goes on."
    return Refused(Kind.INVALID, name, detail, remedy=remedy)
