"""Machines that answer machines: how a text is known for one that nobody wrote, pure."""

import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

SOON = timedelta(seconds=4)
"""Sooner after our answer nobody has read it."""

MOST_SOON = 3
REST = timedelta(minutes=10)
"""For how long nobody is answered who was too quick too often: it may be a person who writes word by word."""

MOST_ALIKE = 4
MOST_ALIKE_URGENT = 10
MOST_URGENT = 20
WINDOW = 12
_STEP = 4
_MOST_WINDOWS = 400
_FEWEST_ECHOED = 3
_PHRASES = Path(__file__).with_name("auto_replies.toml")


class Purpose(StrEnum):
    """What must never wait: everything else may be limited."""

    OPT_OUT = "opt-out"
    URGENT = "urgent"  # somebody found something, or cries for help
    OTHER = "other"


class Loop(StrEnum):
    """Why a text counts as a machine's."""

    AUTO_REPLY = "auto-reply"
    ECHO = "echo"
    ALIKE = "alike"
    SOON = "soon"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class Traces:
    """What is known of a number's last hour: windows of our own words in the text, equal texts, quick ones in a row."""

    echoed: int = 0
    alike: int = 0
    soon: int = 0
    urgent: int = 0


def judge(text: str, traces: Traces, purpose: Purpose) -> Loop | None:
    """Return why nobody is answered, or None.

    Who needs help is answered although he writes in haste or repeats himself: only our own words coming back, or
    more than any person in need writes, silence him.
    """
    if traces.echoed >= _FEWEST_ECHOED:
        return Loop.ECHO
    if purpose is Purpose.URGENT:
        if traces.alike > MOST_ALIKE_URGENT:
            return Loop.ALIKE
        return Loop.ENDLESS if traces.urgent > MOST_URGENT else None
    if _is_auto_reply(folded(text)):
        return Loop.AUTO_REPLY
    # Codes of the menu are short, and a person may well send one again and again.
    if traces.alike > (MOST_ALIKE if len(letters(text)) > WINDOW else MOST_ALIKE_URGENT):
        return Loop.ALIKE
    return Loop.SOON if traces.soon >= MOST_SOON else None


def _is_auto_reply(text: str) -> bool:
    return any(phrase in text for phrase in _auto_replies())


@cache
def _auto_replies() -> tuple[str, ...]:
    return tuple(folded(one) for phrases in tomllib.loads(_PHRASES.read_text("utf-8")).values() for one in phrases)


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def letters(text: str) -> str:
    """Return what of a text an answering machine leaves as it is: letters and digits, folded."""
    return "".join(one for one in folded(text) if one.isalnum())


def said_windows(text: str) -> list[str]:
    """Return pieces of an answer of ours by which it is known when it comes back."""
    return _windows(letters(text), _STEP)


def heard_windows(text: str) -> list[str]:
    """Return all pieces of what came in, to be looked for among those of our answers."""
    return _windows(letters(text), 1)


def _windows(text: str, step: int) -> list[str]:
    return [text[at : at + WINDOW] for at in range(0, len(text) - WINDOW + 1, step)][:_MOST_WINDOWS]
