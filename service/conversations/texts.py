"""What people are answered by SMS, in English; the catalogues hold the other languages."""

# Beside these the guidance's own texts answer: what to do, a find, and the two about a place. No text of ours asks for
# a report by text, none invites to write a word for the end (operators take such words away), and none says anything
# about who reads it (R22). Every text is whole; nothing is put together but the lines of a list.

from service.i18n.model import Message

_PLAIN = "An answer by SMS. Plain, short, as to a neighbour; the digits are what people send. "

MENU = Message(
    "talk.menu",
    "Send two digits: 11 what to do, 22 whom to call, 33 a place, 44 language, 55 is a text real, 00 end. "
    "A text tells nobody of a find: for help, call {number}.",
    _PLAIN + "The answer to whatever is not understood.",
    sms=True,
)
CALL = Message(
    "talk.call",
    "First go away from it, the way you came. Do not phone beside it. Then call {number} about mines or other "
    "explosive objects, or if somebody is hurt. If you cannot go away, shout. A text calls nobody.",
    _PLAIN + "The answer to 22 and to a cry for help.",
    sms=True,
)
ASK_PLACE = Message(
    "talk.ask_place",
    "Send 33 and the name or code of a place; its district may follow after a comma. After the answer, 1 begins "
    "warnings by text for that municipality.",
    _PLAIN + "The answer to 33.",
    sms=True,
)
WHICH = Message(
    "talk.which",
    "{place}: which one? Send its number. {list}",
    _PLAIN + "{list} holds the numbers 1 to 9, each with the district of one place.",
    sms=True,
)
ALIKE = Message(
    "talk.alike",
    "Which place? Send its number. {list}",
    _PLAIN + "{list} holds the numbers 1 to 9, each with the name of one place and where it lies.",
    sms=True,
)
MANY = Message(
    "talk.many",
    "Many places are called {place}. Send 33, the name, a comma and the district.",
    _PLAIN,
    sms=True,
)
NO_PLACE = Message(
    "talk.no_place",
    "This name is not in the list of places; that says nothing about danger there. Look at the spelling, or send 33 "
    "and a larger place. Anything suspicious: keep away and call {number}.",
    _PLAIN + "Nobody may take it for an answer about danger.",
    sms=True,
)
AGAIN = Message(
    "talk.again",
    "This list is no longer kept. Send 33 and the name of the place again, or 44 for the languages.",
    _PLAIN + "Somebody chose a line of a list that we have forgotten.",
    sms=True,
)
LANGUAGES = Message(
    "talk.languages",
    "Send the number of a language. {list}",
    _PLAIN + "{list} holds the numbers 1 to 9, each with a language's own name.",
    sms=True,
)
LANGUAGE_SET = Message(
    "talk.language_set",
    "From now on we answer in English. 11 what to do, 33 a place.",
    _PLAIN + "Name your own language in place of English.",
    sms=True,
)
REAL = Message(
    "talk.real",
    "A warning of ours has a number after its date, as 23.09.2026/17. In force now: {codes}. If in doubt, believe the "
    "danger: keep away, and call {number}.",
    _PLAIN + "{codes} are the numbers of the warnings in force, with commas between them.",
    sms=True,
)
REAL_SOME = Message(
    "talk.real_some",
    "A warning of ours has a number after its date, as 23.09.2026/17. In force now are these and others: {codes}. "
    "If in doubt, believe the danger: keep away, and call {number}.",
    _PLAIN + "As before, where not all numbers fit; {codes} are the newest.",
    sms=True,
)
REAL_NONE = Message(
    "talk.real_none",
    "No warning of ours is in force now. That does not mean that there is no danger: many dangerous areas are not "
    "known. Anything suspicious: keep away and call {number}.",
    _PLAIN,
    sms=True,
)
ENDED = Message(
    "talk.ended",
    "Warnings no longer come to this number; the danger remains. 33 begins them again. Anything suspicious: stop, do "
    "not approach, touch or move it, go back the way you came, keep others away; once away, call {number}.",
    _PLAIN + "The answer to 00 and to every word for the end. It is plain that the texts end, not the danger.",
    sms=True,
)
BEGUN = Message(
    "talk.begun",
    "From now on warnings for {place} come to this number; they go by municipality or larger area. 00 ends them. "
    "The number and the area are kept, the number encrypted.",
    _PLAIN + "It says nothing about who reads it: not that anybody asked for it, no name.",
    sms=True,
)
OFFER = Message(
    "talk.offer",
    "1: warnings by text for this area.",
    _PLAIN + "Follows the answer about a place where there is room.",
)
FULL = Message(
    "talk.full",
    "No more areas can be added for this number. 00 ends all of its warnings; then others can begin.",
    _PLAIN + "Somebody wants warnings for more areas than there may be.",
    sms=True,
)
PROVED = Message(
    "talk.proved",
    "This number is confirmed: warnings go on coming to it. 00 ends them.",
    _PLAIN + "The answer to a code of six digits that we sent. Nothing about who reads it.",
    sms=True,
)
LATER = Message(
    "talk.later",
    "This cannot be answered now. Write again later. Anything suspicious: stop, do not approach, touch or move it, go "
    "back the way you came, keep others away; once away, call {number}.",
    _PLAIN + "Something of ours is out of order.",
    sms=True,
)
COMMUNITY = Message(
    "talk.unit.community", "{place} community", "A municipality by its name, in an SMS; as short as can be."
)
DISTRICT = Message("talk.unit.district", "{place} district", "A district by its name, in an SMS; as short as can be.")
REGION = Message("talk.unit.region", "{place} region", "A region by its name, in an SMS; as short as can be.")
WHAT_TO_DO = "guidance.sms.what-to-do"
FOUND = "guidance.sms.found-something"
RECORDED = "guidance.sms.place-recorded"
UNRECORDED = "guidance.sms.place-unrecorded"

ANSWERS = (
    MENU, CALL, ASK_PLACE, WHICH, ALIKE, MANY, NO_PLACE, AGAIN, LANGUAGES, LANGUAGE_SET, REAL, REAL_SOME, REAL_NONE,
    ENDED, BEGUN, FULL, PROVED, LATER,
)  # fmt: skip  # the order of the file
EVERYTHING = (*(message.id for message in ANSWERS), WHAT_TO_DO, FOUND, RECORDED, UNRECORDED)
"""What a language needs before it is offered."""
