"""What the signed index says of guidance: bundles by language, and which texts were withdrawn."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from service.guidance.bundles import entry_as_json, recall_as_json
from service.guidance.lists import REVISION
from service.guidance.model import BundleEntry, Recall, RecallReason
from service.i18n.rules import TAG

_HASH_DIGITS = 64
_LARGEST = 2**53
_LONGEST_ID = 130


def as_json(bundles: Sequence[BundleEntry], recalls: Sequence[Recall]) -> dict[str, Any]:
    """Return the index's member `guidance`; nothing where there is none."""
    if not bundles and not recalls:
        return {}
    named = {entry.language: entry_as_json(entry) for entry in bundles}
    return {"guidance": {"bundles": named, "recalled": [recall_as_json(one) for one in recalls]}}


def fingerprint(bundles: Sequence[BundleEntry], recalls: Sequence[Recall]) -> str:
    """Return a hash of all that an index says of guidance."""
    said = json.dumps(as_json(sorted(bundles, key=lambda one: one.language), recalls))
    return hashlib.sha256(said.encode()).hexdigest()


def bundles_of(found: Mapping[str, Any]) -> tuple[BundleEntry, ...]:
    """Read the bundles of an index. ValueError, KeyError or TypeError if they do not have the form."""
    said = found.get("guidance", {}).get("bundles", {})
    return tuple(_entry(language, one) for language, one in said.items())


def recalls_of(found: Mapping[str, Any]) -> tuple[Recall, ...]:
    """Read the recalls of an index; one whose reason this app does not know is a recall all the same."""
    return tuple(_recall(one) for one in found.get("guidance", {}).get("recalled", ()))


def _entry(language: str, found: Mapping[str, Any]) -> BundleEntry:
    if not TAG.fullmatch(language):
        raise ValueError("a bundle is named by its language")
    sha256 = found["sha256"]
    if len(sha256) != _HASH_DIGITS or bytes.fromhex(sha256).hex() != sha256:
        raise ValueError("a hash is 64 hexadecimal digits")
    numbers = {name: _whole(found[name]) for name in ("version", "size", "deltas_from")}
    return BundleEntry(language=language, sha256=sha256, **numbers)


def _recall(found: Mapping[str, Any]) -> Recall:
    text, revisions, languages = found["text"], tuple(found["revisions"]), tuple(found["languages"])
    if not isinstance(text, str) or len(text) > _LONGEST_ID or not all(map(REVISION.fullmatch, revisions)):
        raise ValueError("a recall names a text and its revisions")
    if not all(map(TAG.fullmatch, languages)):
        raise ValueError("a recall names languages by their tags")
    known = found["reason"] in set(RecallReason)
    reason = RecallReason(found["reason"]) if known else RecallReason.WRONG
    return Recall(text, revisions, date.fromisoformat(found["since"]), reason, languages)


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError("a whole number was expected")
    return value
