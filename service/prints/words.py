"""What only stands on prints, as declared messages."""

from service.i18n.model import Message

CAVEAT = Message(
    "print.caveat",
    "This sheet says what to do. It says nothing about any place. There may be dangerous areas that nobody has "
    "reported yet.",
    "Stands at the foot of every poster, leaflet and card. Never say that a place is safe.",
    200,
)
STAMP = Message(
    "print.stamp",
    "Wording {revision} of {date}",
    "Small, at the foot of a printed sheet: which version of the text this is, and of which day. {revision} is a short "
    "code such as 2-13de59cb.",
    90,
)
NEEDED = (CAVEAT, STAMP)
