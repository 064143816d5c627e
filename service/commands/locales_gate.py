"""The gate itself: everything that is wrong with content, catalogues, keywords and what is read aloud."""

from collections.abc import Mapping
from pathlib import Path

from service.config import HERE, Settings
from service.conversations import words
from service.guidance import loading, opening, rules
from service.i18n import extract, upkeep
from service.i18n.catalogues import Catalogues
from service.i18n.model import Finding, Hole
from service.kit.errors import Refused
from service.lessons import opening as lessons
from service.prints import reading


def findings(folder: Path, overlay: Path | None, *, names: Mapping[str, Hole]) -> list[Finding]:
    """Return all that must be mended before anything goes out; `names` are the longest that an SMS is filled with."""
    found = [*_content(), *upkeep.check(HERE, folder, names=names, demands=loading.demands()), *words.check()]
    return [*found, *lessons.check(folder, overlay), *_aloud(folder, overlay)]


def _content() -> list[Finding]:
    """Count the measures of our own content, and hold its core set against the messages of the code."""
    guidance = loading.load()
    try:
        declared = {message.id: message for message in extract.find(HERE)}
    except extract.BadMessage:
        return rules.check(guidance)  # the check of the catalogues says which message is bad
    return [*rules.check(guidance), *rules.check_references(guidance, declared)]


def _aloud(folder: Path, overlay: Path | None) -> list[Finding]:
    """Time what is read aloud; words that cannot be read at all are told of by the other checks."""
    try:
        guidance, laid = opening.read(Settings(locales=folder, overlay=overlay))
        catalogues = Catalogues.opened(laid.catalogues, confirmed=frozenset())
    except (Refused, OSError):
        return []
    folders = [*([overlay / opening.CATALOGUES] if overlay else []), folder]
    return reading.check(guidance, catalogues, folders)
