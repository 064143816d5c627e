"""The drills and signs of the core set as one sheet, for languages that have no more; its revision names its words."""

from dataclasses import dataclass

from service.guidance import recalls, words
from service.guidance.editions import Edition
from service.guidance.model import CORE, Guidance, KeyMessage
from service.i18n.catalogues import Catalogues


@dataclass(frozen=True, slots=True)
class Drills:
    """What stands on the sheet in one language: a title, and each key message with its text."""

    revision: str
    title: str
    messages: tuple[tuple[KeyMessage, str], ...]


def drills(guidance: Guidance, catalogues: Catalogues, edition: Edition) -> Drills | None:
    """Return the sheet; None where a text of it is not translated, or was withdrawn: a gap could lose a warning."""
    texts = {one.id: one.text for one in edition.core}
    wanted = recalls.core_messages(guidance)
    if not all(one.text.id in texts for one in wanted) or edition.language not in catalogues.having([words.CORE_TITLE]):
        return None
    title = catalogues.render(words.CORE_TITLE, edition.language)
    said = tuple((one, texts[one.text.id]) for one in wanted)
    own = guidance.overlay is not None and any(one.origin for one in wanted)
    content = f"{guidance.core_revision}+overlay.{guidance.overlay.revision}" if own and guidance.overlay else None
    named = recalls.revision(content or str(guidance.core_revision), [title, *(text for _, text in said)])
    if recalls.recall_of(guidance.recalls, CORE, edition.language, named):
        return None
    return Drills(named, title, said)
