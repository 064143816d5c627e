"""What the signed index says of guidance and lessons: bundles, and what of them was withdrawn."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from service.guidance.bundles import entry_as_json, recall_as_json
from service.guidance.lists import REVISION
from service.guidance.model import BundleEntry, Recall, RecallReason
from service.i18n.rules import TAG
from service.lessons.recalls import RecalledLesson

_HASH_DIGITS = 64
_LARGEST = 2**53
_LONGEST_ID = 130
_COURSE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)
LESSONS = "lessons/"


EMERGENCY = "emergency"
"""The course that comes first wherever courses are listed."""


def as_json(
    bundles: Sequence[BundleEntry], recalls: Sequence[Recall], lessons: Sequence[RecalledLesson]
) -> dict[str, Any]:
    """Return the index's members `guidance` and `lessons`; each only where there is anything of it."""
    said: dict[str, Any] = {}
    named = {entry.language: entry_as_json(entry) for entry in bundles if not entry.course}
    if named or recalls:
        said["guidance"] = {"bundles": named, "recalled": [recall_as_json(one) for one in recalls]}
    taught = sorted((entry for entry in bundles if entry.course), key=_emergency_first)
    if taught or lessons:
        said["lessons"] = {
            "bundles": [_named(entry) | entry_as_json(entry) for entry in taught],
            "recalled": [recalled_as_json(one) for one in lessons],
        }
    return said


def fingerprint(bundles: Sequence[BundleEntry], recalls: Sequence[Recall], lessons: Sequence[RecalledLesson]) -> str:
    """Return a hash of all that an index says of guidance and lessons."""
    said = json.dumps(as_json(sorted(bundles, key=lambda one: one.owner), recalls, lessons))
    return hashlib.sha256(said.encode()).hexdigest()


def bundle_path(owner: str, version: int) -> str:
    """Return where a bundle is served: one of guidance under /v1/guidance/, one of lessons under /v1/."""
    return f"{LESSONS if '/' in owner else ''}bundle/{owner}/{version}.json"


def delta_path(owner: str, since: int, until: int) -> str:
    """Return where a delta is served, as `bundle_path` does."""
    return f"{LESSONS if '/' in owner else ''}bundle/{owner}/{since}-{until}.json"


def served(path: str) -> str:
    """Return under which path below /v1/ a kept document is served."""
    return path if path.startswith(LESSONS) else f"guidance/{path}"


def bundles_of(found: Mapping[str, Any]) -> tuple[BundleEntry, ...]:
    """Read the bundles of an index, lessons too. ValueError, KeyError or TypeError if they do not have the form."""
    said = found.get("guidance", {}).get("bundles", {})
    taught = found.get("lessons", {}).get("bundles", ())
    return (
        *(_entry(language, one) for language, one in said.items()),
        *(_entry(one["language"], one, course=one["course"]) for one in taught),
    )


def recalls_of(found: Mapping[str, Any]) -> tuple[Recall, ...]:
    """Read the recalls of an index; one whose reason this app does not know is a recall all the same."""
    return tuple(_recall(one) for one in found.get("guidance", {}).get("recalled", ()))


def lessons_of(found: Mapping[str, Any]) -> tuple[RecalledLesson, ...]:
    """Read which lessons an index recalls."""
    return tuple(_lesson(one) for one in found.get("lessons", {}).get("recalled", ()))


def recalled_as_json(one: RecalledLesson) -> dict[str, Any]:
    """Return a lesson of the recall list: of it only the revisions in `standing` may be taught."""
    return {
        "lesson": one.lesson,
        "message": one.message,
        "since": one.since.isoformat(),
        "reason": one.reason.value,
        "languages": list(one.languages),
        "standing": dict(one.standing),
    }


def _emergency_first(entry: BundleEntry) -> tuple[bool, str, str]:
    return entry.course != EMERGENCY, entry.course, entry.language


def _named(entry: BundleEntry) -> dict[str, str]:
    return {"course": entry.course, "language": entry.language}


def _entry(language: str, found: Mapping[str, Any], *, course: str = "") -> BundleEntry:
    if not TAG.fullmatch(language) or not (course == "" or _COURSE.fullmatch(course)):
        raise ValueError("a bundle is named by its language, one of lessons by its course too")
    sha256 = found["sha256"]
    if len(sha256) != _HASH_DIGITS or bytes.fromhex(sha256).hex() != sha256:
        raise ValueError("a hash is 64 hexadecimal digits")
    numbers = {name: _whole(found[name]) for name in ("version", "size", "deltas_from")}
    return BundleEntry(language=language, sha256=sha256, course=course, **numbers)


def _recall(found: Mapping[str, Any]) -> Recall:
    text, revisions, languages = found["text"], tuple(found["revisions"]), _tags(found["languages"])
    if not isinstance(text, str) or len(text) > _LONGEST_ID or not all(map(REVISION.fullmatch, revisions)):
        raise ValueError("a recall names a text and its revisions")
    return Recall(text, revisions, date.fromisoformat(found["since"]), _reason(found), languages)


def _lesson(found: Mapping[str, Any]) -> RecalledLesson:
    lesson, message, standing = found["lesson"], found["message"], found["standing"]
    if not all(isinstance(one, str) and len(one) <= _LONGEST_ID for one in (lesson, message, *standing.values())):
        raise ValueError("a recall names a lesson, a message and what stands")
    since = date.fromisoformat(found["since"])
    languages = _tags(found["languages"])
    return RecalledLesson(lesson, message, since, _reason(found), languages, tuple(standing.items()))


def _tags(found: Sequence[str]) -> tuple[str, ...]:
    if not all(map(TAG.fullmatch, found)):
        raise ValueError("a recall names languages by their tags")
    return tuple(found)


def _reason(found: Mapping[str, Any]) -> RecallReason:
    return RecallReason(found["reason"]) if found["reason"] in set(RecallReason) else RecallReason.WRONG


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError("a whole number was expected")
    return value
