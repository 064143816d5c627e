"""Which texts stand, which were replaced and which were withdrawn: by revision, pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.guidance.model import CORE, Guidance, KeyMessage, Recall

_HASH_DIGITS = 8
_CORE_KINDS = ("drill", "signs")


class Standing(StrEnum):
    """Whether a text that somebody holds is still the one that we would give."""

    CURRENT = "current"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a text stands, and the recall that withdrew it."""

    standing: Standing
    recall: Recall | None = None


def revision(content: str, texts: Iterable[str]) -> str:
    """Name exactly one text in one language: the content's revision and a hash of all words that are shown."""
    said = hashlib.sha256(json.dumps(list(texts), ensure_ascii=False).encode()).hexdigest()
    return f"{content}-{said[:_HASH_DIGITS]}"


def is_recalled(recall: Recall, text: str, language: str, revision: str) -> bool:
    """Say whether a recall names this revision of a message or topic in this language."""
    if recall.text != text or (recall.languages and language not in recall.languages):
        return False
    return revision in recall.revisions or revision.rpartition("-")[0] in recall.revisions


def recall_of(recalls: Sequence[Recall], text: str, language: str, revision: str) -> Recall | None:
    """Return the recall that withdrew a text; the latest one if there are more."""
    found = [one for one in recalls if is_recalled(one, text, language, revision)]
    return max(found, key=lambda one: one.since, default=None)


def core_messages(guidance: Guidance) -> tuple[KeyMessage, ...]:
    """Return the drills and signs that the core set takes from topics, in its order."""
    known = {message.text.id: message for message in guidance.messages()}
    wanted = [one.id for one in guidance.core if one.kind in _CORE_KINDS and one.text is None]
    return tuple(known[one] for one in wanted if one in known)


def judge(guidance: Guidance, text: str, language: str, revision: str, *, current: str | None) -> Verdict:
    """Say how a revision stands; `current` is the one that is given out now, None if there is none.

    What a sheet of a whole topic held nobody remembers: when it is not the current one and any of its messages was
    withdrawn in this language, it counts as withdrawn. So does the sheet of the core set.
    """
    recall = recall_of(guidance.recalls, text, language, revision)
    if recall is not None:
        return Verdict(Standing.WITHDRAWN, recall)
    if revision == current:
        return Verdict(Standing.CURRENT)
    held = _held_by(text, guidance)
    parts = [
        one
        for one in guidance.recalls
        if (one.text.startswith(f"{text}.") or one.text in held) and (not one.languages or language in one.languages)
    ]
    if parts:
        return Verdict(Standing.WITHDRAWN, max(parts, key=lambda one: one.since))
    known = text in {CORE, *guidance.topics} or any(message.id == text for message in guidance.messages())
    return Verdict(Standing.REPLACED if known else Standing.UNKNOWN)


def _held_by(text: str, guidance: Guidance) -> frozenset[str]:
    """Return the messages of the core sheet, and the topics that they are of; nothing for any other sheet."""
    messages = core_messages(guidance) if text == CORE else ()
    return frozenset(part for one in messages for part in (one.id, one.id.partition(".")[0]))
