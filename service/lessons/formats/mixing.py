"""Mixes answers for paper, always alike: the right one stands first in the content, and must not on a page."""

import hashlib
from collections.abc import Sequence
from typing import Any

from service.lessons.model import ItemKind
from service.lessons.said import SaidItem


def mixed(texts: Sequence[str], key: str) -> list[str]:
    """Return the texts in an order that hangs on their words and the key, and is never the one that they came in."""
    order = sorted(texts, key=lambda text: hashlib.sha256(f"{key} {text}".encode()).digest())
    return order if order != list(texts) else [*order[1:], *order[:1]]


def item(said: SaidItem, number: int, lesson: str, right: str) -> dict[str, Any]:
    """Return an item as pages show it: mixed for pupils, and as it stands for whoever has the answers.

    Of several answers the right one may come first once they are mixed: if it never did, that would tell it too.
    `right` is the word for a right answer, said where the feedback does not begin with it: nobody hears bold letters.
    """
    key = f"{lesson}.{said.id}"
    texts = [one.text for one in said.options]
    chosen = said.kind in {ItemKind.SINGLE, ItemKind.MULTIPLE, ItemKind.SCENE}
    lines = _shuffled(texts, key) if chosen else mixed(texts, key)
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
                "feedback": one.feedback,
                "right": one.right,
                "verdict": f"{right}." if chosen and one.right and not one.feedback.startswith(right) else None,
            }
            for one in sorted(said.options, key=lambda option: not option.right)
        ],
    }


def _shuffled(texts: Sequence[str], key: str) -> list[str]:
    return sorted(texts, key=lambda text: hashlib.sha256(f"{key} {text}".encode()).digest())
