"""Mixes answers for paper, always alike, and tells right ones in words: nobody hears bold letters."""

# The right answer stands first in the content, and must not on a page.

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from service.lessons.model import ItemKind
from service.lessons.said import SaidItem, SaidLesson


def mixed(texts: Sequence[str], key: str) -> list[str]:
    """Return the texts in an order that hangs on their words and the key, and is never the one that they came in."""
    order = sorted(texts, key=lambda text: hashlib.sha256(f"{key} {text}".encode()).digest())
    return order if order != list(texts) else [*order[1:], *order[:1]]


_CHOSEN = frozenset({ItemKind.SINGLE, ItemKind.MULTIPLE, ItemKind.SCENE})
"""Of these an answer is right or wrong; the others have an order, or pairs."""


def verdicts(lesson: SaidLesson, right: str) -> dict[tuple[str, str], str]:
    """Return what to say before the feedback on a right answer, by its item's id and its own: often nothing.

    Most feedback begins with a word such as "Yes": what several right answers of a lesson begin with, and no wrong one.
    Where it does not, `right` is said.
    """
    chosen = [(one, option) for one in lesson.items.values() if one.kind in _CHOSEN for option in one.options]
    openings = Counter(_opening(option.feedback) for _, option in chosen if option.right)
    wrong = {_opening(option.feedback) for _, option in chosen if not option.right}
    told = {opening for opening, often in openings.items() if often > 1 and opening not in wrong}
    return {
        (one.id, option.id): f"{right}. "
        for one, option in chosen
        if option.right and _opening(option.feedback) not in told and not option.feedback.startswith(right)
    }


def _opening(feedback: str) -> str:
    """Return the first sentence, without its end; Khmer and Burmese end theirs with a sign of their own."""
    return re.split(r"[.!។။]", feedback, maxsplit=1)[0]


def item(said: SaidItem, number: int, lesson: str, verdicts: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Return an item as pages show it: mixed for pupils, and as it stands for whoever has the answers.

    Of several answers the right one may come first once they are mixed: if it never did, that would tell it too.
    """
    key = f"{lesson}.{said.id}"
    texts = [one.text for one in said.options]
    lines = _shuffled(texts, key) if said.kind in _CHOSEN else mixed(texts, key)
    return {
        "number": number,
        "kind": str(said.kind),
        "ask": said.ask,
        "picture": said.picture,
        "lines": texts if said.kind is ItemKind.MATCH else lines,
        "mates": mixed([one.mate for one in said.options if one.mate], key),
        "options": [
            {
                "text": one.text,
                "mate": one.mate,
                "feedback": verdicts.get((said.id, one.id), "") + one.feedback,
                "right": one.right,
            }
            for one in sorted(said.options, key=lambda option: not option.right)
        ],
    }


def _shuffled(texts: Sequence[str], key: str) -> list[str]:
    return sorted(texts, key=lambda text: hashlib.sha256(f"{key} {text}".encode()).digest())
