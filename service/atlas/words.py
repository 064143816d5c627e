"""What residents read in an answer about a place."""

from collections.abc import Mapping

from service.atlas.model import Relation
from service.i18n.model import Message

_ADVICE = (
    "Answer to somebody who asks about the place where they stand. Short, plain imperatives; the order is the message. "
    "Never say that a place is safe."
)
_WALK = (
    "Answer to somebody who plans a walk, or is already on it. Short, plain imperatives; the order is the message. "
    "Never say that a part of the walk or another way is safe."
)
_UNKNOWN = "Answer about a place without a record. It must not sound as if all were well there; what to do comes last."

CAVEAT = Message(
    "check.caveat",
    "This answer shows only what was reported by the date given. The edges of dangerous areas are uncertain. There may "
    "be other dangerous areas that nobody has reported yet.",
    "Stands under every answer. It must not sound as if a place without a record were free of danger.",
)
ADVICE: Mapping[Relation, Message] = {
    Relation.INSIDE: Message(
        "check.advice.inside",
        "You may be inside a dangerous area. Stop. Do not take another step. Shout to warn others and to get help, and "
        "wait, however long it takes. Touch nothing, do not turn aside, do not jump. Go back only in your own "
        "footprints, and only if you can see every one of them clearly. If you are in a vehicle, stop and stay in it. "
        "Do not use a phone or radio beside a suspicious object.",
        _ADVICE,
    ),
    Relation.WITHIN_500M: Message(
        "check.advice.within_500m",
        "A dangerous area is close by, and its edges are uncertain. Do not go nearer. If you see anything suspicious, "
        "stop. Do not approach, touch or move it. Go back slowly the way you came. Keep others away. Once you are away "
        "from it, call for help.",
        _ADVICE,
    ),
    Relation.WITHIN_2KM: Message(
        "check.advice.within_2km",
        "A dangerous area is in the neighbourhood. Keep to ways that people use every day. Do not take short cuts or "
        "walk on verges, and do not enter ruins or unused land. If you see anything suspicious, stop, do not touch it, "
        "and go back slowly the way you came.",
        _ADVICE,
    ),
    Relation.UNKNOWN: Message(
        "check.advice.unknown",
        "It is unknown whether this place is dangerous: this list holds no record of it, and an area that nobody has "
        "reported is on no list. Keep to ways that people use every day and ask local people before you enter new "
        "ground. If you see anything suspicious, stop, do not touch it, and go back slowly the way you came.",
        _UNKNOWN,
    ),
}
WALK_ADVICE: Mapping[Relation, Message] = {
    Relation.INSIDE: Message(
        "check.walk.inside",
        "This walk leads into a dangerous area. Do not set out. If you are already on your way, stop and do not go on. "
        "If you may be inside the area, do not take another step. Shout to warn others and to get help, and wait, "
        "however long it takes. Touch nothing, do not turn aside, do not jump.",
        _WALK,
    ),
    Relation.WITHIN_500M: Message(
        "check.walk.within_500m",
        "This walk comes close to a dangerous area, and its edges are uncertain. Do not set out. If you are already on "
        "your way, stop and do not go nearer. If you see anything suspicious, do not approach, touch or move it. Go "
        "back slowly the way you came, and keep others away.",
        _WALK,
    ),
    Relation.UNKNOWN: Message(
        "check.walk.unknown",
        "It is unknown whether this walk is dangerous: this list holds no record of it, and an area that nobody has "
        "reported is on no list. Keep to ways that people use every day and ask local people before you enter new "
        "ground. If you see anything suspicious, stop, do not touch it, and go back slowly the way you came.",
        _UNKNOWN,
    ),
}
MORE = Message(
    "check.more",
    "There are more dangerous areas near here than this answer names.",
    "Shown when more areas are near than one answer can hold.",
)
RAISED = Message(
    "check.raised",
    "The circle in which we looked was made wider than you asked, because positions and edges are uncertain.",
    "Shown when somebody asked about a smaller circle than we are willing to answer for.",
)
