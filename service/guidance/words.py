"""What stands around guidance: that it is a draft, that the rest is not translated, who answers a number, recalls."""

from collections.abc import Mapping

from service.guidance.model import RecallReason
from service.i18n.model import Message

DRAFT = Message(
    "notice.draft",
    "Draft: nobody has checked this translation yet. If anything in it is unclear, ask those responsible before you "
    "rely on it.",
    "Stands visibly above texts that no reviewer has read. “Those responsible” are the mine action authority.",
)
REST = Message(
    "notice.rest",
    "The rest of this advice has not been translated into this language yet. What is missing here may be important: "
    "ask somebody who reads another language.",
    "Stands where only part of the guidance is translated.",
)
NO_HOTLINE = Message(
    "contact.no_hotline",
    "The mine action authority's own number is not known here.",
    "Stands where nobody has confirmed a hotline of the authority; emergency numbers stand beside it.",
)
HOTLINE = Message("contact.hotline", "Mine action authority", "Stands before a telephone number; a label, no sentence.")
_SERVICE = "Stands before an emergency number: who answers it. A label, no sentence."
SERVICES: Mapping[str, Message] = {
    "emergency": Message("contact.emergency", "Emergency number", _SERVICE),
    "police": Message("contact.police", "Police", _SERVICE),
    "ambulance": Message("contact.ambulance", "Ambulance", _SERVICE),
    "fire brigade": Message("contact.fire_brigade", "Fire brigade", _SERVICE),
    "fire and rescue": Message("contact.fire_and_rescue", "Fire and rescue service", _SERVICE),
    "fire and ambulance": Message("contact.fire_and_ambulance", "Fire brigade and ambulance", _SERVICE),
    "Red Cross ambulance": Message("contact.red_cross", "Red Cross ambulance", _SERVICE),
    "civil defence": Message("contact.civil_defence", "Civil defence", _SERVICE),
}
"""Who answers a number, by the words of contacts.yaml; what a deployment calls otherwise is a name and stays so."""

_PAGE = "On the page that opens from the square code of a printed sheet: does the wording on the sheet still hold?"
PAGE_TITLE = Message("recall.title", "Is this sheet still current?", _PAGE)
STANDS = Message(
    "recall.stands",
    "The wording on the sheet is the current one. It says what to do. It says nothing about any place.",
    "On the page of a printed sheet's square code. It must not sound as if a place were free of danger.",
)
REPLACED = Message(
    "recall.replaced",
    "There is a newer wording. Take the sheet down and ask for the new one.",
    _PAGE,
)
WITHDRAWN = Message(
    "recall.withdrawn",
    "The wording on the sheet was withdrawn on {date}. Do not rely on it. Take the sheet down and ask for a new one.",
    _PAGE,
)
UNKNOWN = Message(
    "recall.unknown",
    "Nothing is known of this wording. Do not rely on the sheet before you have asked those responsible.",
    "On the page of a printed sheet's square code. “Those responsible” are the mine action authority.",
)
REASONS: Mapping[RecallReason, Message] = {
    RecallReason.WRONG: Message("recall.reason.wrong", "Reason: something in it was wrong.", _PAGE),
    RecallReason.OUTDATED: Message("recall.reason.outdated", "Reason: something in it is out of date.", _PAGE),
    RecallReason.UNCLEAR: Message("recall.reason.unclear", "Reason: readers understood it wrongly.", _PAGE),
    RecallReason.TRANSLATION: Message("recall.reason.translation", "Reason: a mistake in the translation.", _PAGE),
}
NOW_SAYS = Message(
    "recall.now",
    "The wording that holds now:",
    "On the page of a printed sheet's square code. The current text follows.",
)

CORE_TITLE = Message(
    "print.core_title",
    "Mines: what to do",
    "Title of a poster with the most important advice.",
    60,
)

NEEDED = (DRAFT, REST, NO_HOTLINE, HOTLINE, PAGE_TITLE, STANDS, REPLACED, WITHDRAWN, UNKNOWN, NOW_SAYS)
"""Without these no guidance is offered in a language: nobody could be told that it is a draft, or not all there is."""
