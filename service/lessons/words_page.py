"""What stands on the page with all courses besides their own words: what each format is for."""

from collections.abc import Mapping

from service.i18n.model import Message
from service.lessons.model import Format

_FOR = "Beside a download on the page with all lessons: what this file is good for. A few words, no sentence."

PURPOSES: Mapping[Format, Message] = {
    Format.PDF: Message("lessons.for_pdf", "To print and to project", _FOR),
    Format.EPUB: Message("lessons.for_epub", "To read on a phone or tablet without network", _FOR),
    Format.HTML: Message("lessons.for_html", "For any browser, from a USB stick too, without network", _FOR),
    Format.SCORM: Message("lessons.for_scorm", "For a school platform, which keeps the results", _FOR),
    Format.MOODLE: Message(
        "lessons.for_moodle", "The questions alone, for the question bank of a school platform", _FOR
    ),
    Format.JSON: Message("lessons.for_json", "For apps", _FOR),
}
OTHERS = Message("lessons.other_languages", "In other languages", "Above a list of languages. A heading, no sentence.")
WHEN_ASKED = Message(
    "lessons.when_asked", "It is made when you ask for it.", "In the place of a file's size, which nobody knows yet."
)
RECALLED = Message(
    "lessons.recalled",
    "Something in an earlier edition of these lessons was withdrawn. Teach only from the current revision:",
    "On the page with all lessons, above a list of lessons with their current revisions.",
)
EVERY = (*PURPOSES.values(), OTHERS, WHEN_ASKED, RECALLED)
