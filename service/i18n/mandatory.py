"""What a warning may not leave out (R13, R10a): known by its holes, and by words written down for each language."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from service.i18n import forbidden
from service.i18n.filling import holes

WORDS = Path(__file__).with_name("steps.toml")
DRILL = ("stop", "approach", "touch", "back", "others", "call")
"""What to do when something is seen (R10a), in its order."""

MEANT: Mapping[str, str] = {
    "hazard": "what the danger is",
    "stay_out": "not to go there",
    "stop": "to stop",
    "approach": "not to approach",
    "touch": "not to touch",
    "back": "to go back the way one came",
    "others": "to keep others away",
    "call": "to call",
}
TELLS = 4
"""A text that names so many steps of the drill tells it, so that none of its steps may be lost in translation."""

NAMES = (frozenset({"authority", "authority_short"}), frozenset({"place"}), frozenset({"date"}), frozenset({"number"}))
"""The source, the place, the time and whom to call: each must be in a warning by one of these holes."""


def lost(english: str, text: str, tag: str) -> Iterator[tuple[str, str]]:
    """Yield each element of a warning that its English has and its translation has not."""
    told = elements(english, "en")
    if sum(1 for step in DRILL if step in told) < TELLS:
        return
    words, said = _words(tag), forbidden.plain(text)
    if not words:
        yield f"tells the drill, and nobody has written down its words for {tag!r}", f"add them to {WORDS.name}"
    for step in MEANT if words else ():
        if step in told and not words[step].search(said):
            remedy = f"say it as the English does, or add the words that say it to {WORDS.name}"
            yield f"does not say {MEANT[step]}", remedy


def lacking(english: str) -> Iterator[tuple[str, str]]:
    """Yield what the English of a warning lacks of source, hazard, place, time, what to do and number."""
    there = holes(english)
    for wanted in NAMES:
        if not wanted & there:
            names = " or ".join(f"{{{name}}}" for name in sorted(wanted))
            yield f"has no {names}", "a warning names its source, the place, the time and whom to call (R13)"
    told = elements(english, "en")
    for step in ("hazard", *DRILL):
        if step not in told:
            yield f"does not say {MEANT[step]}", "a warning names the hazard and every step of the drill (R10a, R13)"


def elements(text: str, tag: str) -> frozenset[str]:
    """Return which elements of a warning a text has."""
    plain = forbidden.plain(text)
    return frozenset(step for step, words in _words(tag).items() if words.search(plain))


@cache
def _words(tag: str) -> Mapping[str, re.Pattern[str]]:
    """Read a language's words; empty if nobody has written them down. KeyError if they lack an element."""
    written: Mapping[str, Mapping[str, str]] = tomllib.loads(WORDS.read_text("utf-8"))
    words = written.get(tag.partition("-")[0])
    return {step: re.compile(forbidden.plain(words[step])) for step in MEANT} if words else {}
