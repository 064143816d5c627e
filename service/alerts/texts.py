"""What warnings and their corrections say, in English; the catalogues hold the other languages."""

# Every text is a whole one, an exercise's too: nothing is put together from parts, so nothing can lose its caveat.
# Holes: `authority` and `place` are names, `date` is a moment, `number` is dialled.

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.i18n.model import Message

TITLE = (
    "Title of a push, read at a glance on a locked phone. {place} is a name that cannot be declined: "
    "build the sentence so that it stands as it is."
)
BODY = (
    "Body of a push. {authority} and {place} are names that cannot be declined; {date} is a day with its time. Short, "
    "plain imperatives, as to a neighbour; the order of the steps is the message. Never say that a place is safe."
)
EXERCISE = "Sent to people who practise. It must be plain from the first word that this is an exercise. "
CORRECTION = "Sent when a warning was wrong. It says what was wrong and keeps the caveat. {date} is the warning's. "


class Wrong(StrEnum):
    """What was wrong with a warning that is taken back; a correction names it (R19)."""

    PLACE = "place"
    TIME = "time"
    MISTAKE = "mistake"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True)
class Template:
    """Title and body of a warning, and those that an exercise has in their place (R18)."""

    title: Message
    body: Message
    exercise_title: Message
    exercise_body: Message

    def texts(self, *, exercise: bool) -> tuple[Message, Message]:
        """Return title and body, which are rendered together or not at all."""
        return (self.exercise_title, self.exercise_body) if exercise else (self.title, self.body)


AUTHORITY = Message(
    "alert.authority",
    "Mine action authority",
    "Who speaks, where the deployment gives no name of its own; a neutral form without a country.",
)

AUTHORITY_SHORT = Message(
    "alert.authority_short",
    "Mine service",
    "Who speaks in an SMS, where the deployment gives no name of its own; a neutral form without a country.",
    limit=12,
)

HAZARD_NEAR = Template(
    title=Message("alert.hazard_near.title", "Mine danger near {place}", TITLE, limit=60),
    body=Message(
        "alert.hazard_near.body",
        "{authority}, {date}. There is a danger of mines or other explosive objects near {place}. "
        "If you see anything suspicious, stop. Do not approach, touch or move it. Go back slowly the way you came. "
        "Keep others away. Once you are away from it, call {number}. "
        "There may be other dangerous areas that nobody has reported.",
        BODY,
        limit=600,
    ),
    exercise_title=Message(
        "alert.hazard_near.exercise_title", "EXERCISE: mine danger near {place}", EXERCISE + TITLE, limit=60
    ),
    exercise_body=Message(
        "alert.hazard_near.exercise_body",
        "EXERCISE. {authority}, {date}. This message practises a warning of mines or other explosive objects near "
        "{place}. What to do in a real case: if you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}. "
        "There may be real dangerous areas that nobody has reported.",
        EXERCISE + BODY,
        limit=600,
    ),
)

ACCIDENT_NEAR = Template(
    title=Message(
        "alert.accident_near.title",
        "Explosion near {place}: mine danger",
        TITLE + " {place} is a district or larger, never a village.",
        limit=60,
    ),
    body=Message(
        "alert.accident_near.body",
        "{authority}, {date}. An explosion was reported near {place}. There may be more mines or other explosive "
        "objects there. Do not go there. If you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}. "
        "There may be other dangerous areas that nobody has reported.",
        BODY,
        limit=600,
    ),
    exercise_title=Message(
        "alert.accident_near.exercise_title",
        "EXERCISE: explosion near {place}",
        EXERCISE + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.accident_near.exercise_body",
        "EXERCISE. {authority}, {date}. This message practises a warning after an explosion near {place}. "
        "What to do in a real case: do not go there. If you see anything suspicious, stop. Do not approach, touch or "
        "move it. Go back slowly the way you came. Keep others away. Once you are away from it, call {number}. "
        "There may be real dangerous areas that nobody has reported.",
        EXERCISE + BODY,
        limit=600,
    ),
)

NEWLY_REPORTED = Template(
    title=Message("alert.newly_reported.title", "New report of mine danger near {place}", TITLE, limit=60),
    body=Message(
        "alert.newly_reported.body",
        "{authority}, {date}. A dangerous area with mines or other explosive objects has now been reported near "
        "{place}. Do not go there. If you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}. "
        "There may be other dangerous areas that nobody has reported.",
        BODY,
        limit=600,
    ),
    exercise_title=Message(
        "alert.newly_reported.exercise_title",
        "EXERCISE: new mine danger near {place}",
        EXERCISE + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.newly_reported.exercise_body",
        "EXERCISE. {authority}, {date}. This message practises a warning of a newly reported area with mines or other "
        "explosive objects near {place}. What to do in a real case: do not go there. If you see anything suspicious, "
        "stop. Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}. There may be real dangerous areas that nobody has reported.",
        EXERCISE + BODY,
        limit=600,
    ),
)

WRONG_PLACE = Template(
    title=Message("alert.wrong_place.title", "Correction: wrong place ({place})", CORRECTION + TITLE, limit=60),
    body=Message(
        "alert.wrong_place.body",
        "{authority} corrects the warning of {date} about {place}: the place was wrong. This does not mean that "
        "{place} is free of danger. Other dangerous areas may exist. If you see anything suspicious, stop. "
        "Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        CORRECTION + BODY,
        limit=600,
    ),
    exercise_title=Message(
        "alert.wrong_place.exercise_title",
        "EXERCISE. Correction: wrong place",
        EXERCISE + CORRECTION + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.wrong_place.exercise_body",
        "EXERCISE. {authority} corrects the exercise message of {date} about {place}: the place was wrong. "
        "Real dangerous areas may exist. If you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}.",
        EXERCISE + CORRECTION + BODY,
        limit=600,
    ),
)

WRONG_TIME = Template(
    title=Message("alert.wrong_time.title", "Correction: wrong time ({place})", CORRECTION + TITLE, limit=60),
    body=Message(
        "alert.wrong_time.body",
        "{authority} corrects the warning of {date} about {place}: the time was wrong. This does not mean that "
        "{place} is free of danger. Other dangerous areas may exist. If you see anything suspicious, stop. "
        "Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        CORRECTION + BODY,
        limit=600,
    ),
    exercise_title=Message(
        "alert.wrong_time.exercise_title",
        "EXERCISE. Correction: wrong time",
        EXERCISE + CORRECTION + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.wrong_time.exercise_body",
        "EXERCISE. {authority} corrects the exercise message of {date} about {place}: the time was wrong. "
        "Real dangerous areas may exist. If you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}.",
        EXERCISE + CORRECTION + BODY,
        limit=600,
    ),
)

SENT_BY_MISTAKE = Template(
    title=Message("alert.mistake.title", "Correction: sent by mistake ({place})", CORRECTION + TITLE, limit=60),
    body=Message(
        "alert.mistake.body",
        "{authority} corrects the warning of {date} about {place}: it was sent by mistake. This does not mean that "
        "{place} is free of danger. Other dangerous areas may exist. If you see anything suspicious, stop. "
        "Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        CORRECTION + BODY,
        limit=600,
    ),
    exercise_title=Message(
        "alert.mistake.exercise_title",
        "EXERCISE. Correction: sent by mistake",
        EXERCISE + CORRECTION + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.mistake.exercise_body",
        "EXERCISE. {authority} corrects the exercise message of {date} about {place}: it was sent by mistake. "
        "Real dangerous areas may exist. If you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}.",
        EXERCISE + CORRECTION + BODY,
        limit=600,
    ),
)

WAS_AN_EXERCISE = Template(
    title=Message("alert.was_exercise.title", "Correction: it was an exercise ({place})", CORRECTION + TITLE, limit=60),
    body=Message(
        "alert.was_exercise.body",
        "{authority} corrects the warning of {date} about {place}: it was part of an exercise and was sent as a real "
        "warning by mistake. This does not mean that {place} is free of danger. Other dangerous areas may exist. "
        "If you see anything suspicious, stop. Do not approach, touch or move it. Go back slowly the way you came. "
        "Keep others away. Once you are away from it, call {number}.",
        CORRECTION + BODY,
        limit=650,
    ),
    # An exercise that was known as one cannot be taken back for being one: it was sent by mistake.
    exercise_title=SENT_BY_MISTAKE.exercise_title,
    exercise_body=SENT_BY_MISTAKE.exercise_body,
)

TEMPLATES: Mapping[str, Template] = {
    "hazard_near": HAZARD_NEAR,
    "accident_near": ACCIDENT_NEAR,
    "newly_reported": NEWLY_REPORTED,
}

CORRECTIONS: Mapping[Wrong, Template] = {
    Wrong.PLACE: WRONG_PLACE,
    Wrong.TIME: WRONG_TIME,
    Wrong.MISTAKE: SENT_BY_MISTAKE,
    Wrong.EXERCISE: WAS_AN_EXERCISE,
}

STANDING_CAVEAT = Message(
    "alert.standing_caveat",
    "This list shows only what was reported. Nothing on the list does not mean that there is no danger.",
    "Stands under every list of alerts, an empty one too. Never say that a place is safe.",
    limit=200,
)
