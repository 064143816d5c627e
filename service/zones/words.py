"""The one label of a zone on every map, in the reader's language."""

from service.i18n.model import Message

LABEL = Message(
    "zone.label",
    "Dangerous area. Mines or other explosive objects. Keep out.",
    "The only label on the map, the same for every kind of dangerous area.",
)
EXERCISE_LABEL = Message(
    "zone.label.exercise",
    "Exercise: an area that is used for practice. Real dangerous areas exist elsewhere, also where none is shown.",
    "Label of an area that exists only in an exercise.",
)
