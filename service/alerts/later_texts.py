"""What is said after a warning: that it changed, that it stands after all, or how its area left the list."""

# Whole texts, as the warnings' own. Holes beside theirs: `earlier` is the moment of the message that is replaced,
# `surveyor` and `day` are the authority and the date of a release record, `depth` is in centimetres.
# A release is told by its method in plain words: three different things, never shown as one another (R3).

from collections.abc import Mapping

from service.alerts.texts import CORRECTIONS, TEMPLATES, Template
from service.i18n.model import Message
from service.zones.model import ReleaseKind

UPDATE = "update"
TAKEN_BACK = "taken_back"
IN_PARTS = "end_in_parts"

TITLE = (
    "Title of a push, read at a glance on a locked phone. {place} is a name that cannot be declined: "
    "build the sentence so that it stands as it is."
)
BODY = (
    "Body of a push. {authority} and {place} are names that cannot be declined; {date} is a day with its time, and so "
    "is {earlier}. Short, plain imperatives, as to a neighbour. Never say that a place is safe."
)
EXERCISE = "Sent to people who practise. It must be plain from the first word that this is an exercise. "
TAKING_BACK = "Sent when we wrongly said that a warning no longer stands. {date} is the moment of what we said. "
END = (
    "Sent when a dangerous area left the list by a release record. It says by which method in plain words, never that "
    "the place is safe, never the word cancelled. {surveyor} is the name of the authority, {day} its record's day. "
)

UPDATED = Template(
    title=Message("alert.update.title", "Update: mine danger near {place}", TITLE, limit=60),
    body=Message(
        "alert.update.body",
        "{authority}, {date}. This replaces our message of {earlier}. There is a danger of mines or other explosive "
        "objects near {place}. If you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}. "
        "There may be other dangerous areas that nobody has reported.",
        BODY,
        limit=650,
    ),
    exercise_title=Message(
        "alert.update.exercise_title", "EXERCISE: update, danger near {place}", EXERCISE + TITLE, limit=60
    ),
    exercise_body=Message(
        "alert.update.exercise_body",
        "EXERCISE. {authority}, {date}. This practises an update and replaces the exercise message of {earlier} about "
        "{place}. What to do in a real case: if you see anything suspicious, stop. Do not approach, touch or move it. "
        "Go back slowly the way you came. Keep others away. Once you are away from it, call {number}. "
        "There may be real dangerous areas that nobody has reported.",
        EXERCISE + BODY,
        limit=650,
    ),
)

STANDS_AFTER_ALL = Template(
    title=Message("alert.taken_back.title", "Correction: the warning stands ({place})", TAKING_BACK + TITLE, limit=60),
    body=Message(
        "alert.taken_back.body",
        "{authority} takes back the message of {date} about {place}: it was sent by mistake. The warning about {place} "
        "stands. Do not go there. Other dangerous areas may exist. If you see anything suspicious, stop. "
        "Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        TAKING_BACK + BODY,
        limit=650,
    ),
    exercise_title=Message(
        "alert.taken_back.exercise_title",
        "EXERCISE. Correction: the warning stands",
        EXERCISE + TAKING_BACK + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.taken_back.exercise_body",
        "EXERCISE. {authority} takes back the exercise message of {date} about {place}: it was sent by mistake. "
        "The exercise warning stands. Real dangerous areas may exist. If you see anything suspicious, stop. "
        "Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        EXERCISE + TAKING_BACK + BODY,
        limit=650,
    ),
)

CANCELLED = Template(
    title=Message("alert.end_cancelled.title", "Off the list after a survey: {place}", END + TITLE, limit=60),
    body=Message(
        "alert.end_cancelled.body",
        "{authority}, {date}. The whole dangerous area near {place} that we warned of was taken off the list after a "
        "survey ({surveyor}, {day}). Deminers did not search it. None of it is on the list any more, but this does not "
        "mean that there is no danger: other dangerous areas may exist. If you see anything suspicious, stop. "
        "Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        END + BODY,
        limit=700,
    ),
    exercise_title=Message(
        "alert.end_cancelled.exercise_title",
        "EXERCISE. Off the list, survey: {place}",
        EXERCISE + END + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.end_cancelled.exercise_body",
        "EXERCISE. {authority}, {date}. This practises the message that the whole invented area near {place} was taken "
        "off the list after a survey ({surveyor}, {day}) and that deminers did not search it. None of it is on the "
        "list any more. Real dangerous areas may exist. If you see anything suspicious, stop. Do not approach, touch "
        "or move it. Go back slowly the way you came. Keep others away. Once you are away from it, call {number}.",
        EXERCISE + END + BODY,
        limit=700,
    ),
)

REDUCED = Template(
    title=Message("alert.end_reduced.title", "Excluded by technical survey: {place}", END + TITLE, limit=60),
    body=Message(
        "alert.end_reduced.body",
        "{authority}, {date}. The whole dangerous area near {place} that we warned of was excluded after a technical "
        "survey ({surveyor}, {day}). Specialists searched only parts of it. None of it is on the list any more, but "
        "this does not mean that there is no danger: other dangerous areas may exist. If you see anything suspicious, "
        "stop. Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        END + BODY,
        limit=700,
    ),
    exercise_title=Message(
        "alert.end_reduced.exercise_title",
        "EXERCISE. Technical survey: {place}",
        EXERCISE + END + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.end_reduced.exercise_body",
        "EXERCISE. {authority}, {date}. This practises the message that the whole invented area near {place} was "
        "excluded after a technical survey ({surveyor}, {day}) and that specialists searched only parts of it. None of "
        "it is on the list any more. Real dangerous areas may exist. If you see anything suspicious, stop. Do not "
        "approach, touch or move it. Go back slowly the way you came. Keep others away. Once you are away from it, "
        "call {number}.",
        EXERCISE + END + BODY,
        limit=700,
    ),
)

CLEARED = Template(
    title=Message("alert.end_cleared.title", "Searched to {depth} cm: {place}", END + TITLE, limit=60),
    body=Message(
        "alert.end_cleared.body",
        "{authority}, {date}. The whole dangerous area near {place} that we warned of was searched by deminers to a "
        "depth of {depth} cm ({surveyor}, {day}). Something may lie deeper. None of it is on the list any more, but "
        "this does not mean that there is no danger: other dangerous areas may exist. If you see anything suspicious, "
        "stop. Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        END + BODY,
        limit=700,
    ),
    exercise_title=Message(
        "alert.end_cleared.exercise_title",
        "EXERCISE. Searched to {depth} cm: {place}",
        EXERCISE + END + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.end_cleared.exercise_body",
        "EXERCISE. {authority}, {date}. This practises the message that the whole invented area near {place} was "
        "searched by deminers to a depth of {depth} cm ({surveyor}, {day}). None of it is on the list any more. Real "
        "dangerous areas may exist. If you see anything suspicious, stop. Do not approach, touch or move it. Go back "
        "slowly the way you came. Keep others away. Once you are away from it, call {number}.",
        EXERCISE + END + BODY,
        limit=700,
    ),
)

RELEASED_IN_PARTS = Template(
    title=Message("alert.end_in_parts.title", "Off the list part by part: {place}", END + TITLE, limit=60),
    body=Message(
        "alert.end_in_parts.body",
        "{authority}, {date}. All parts of the dangerous area near {place} that we warned of were taken off the list, "
        "each in its own way: after a survey, after a technical survey, or after a search (last record: {surveyor}, "
        "{day}). Deminers did not search all of it. None of it is on the list any more, but this does not mean that "
        "there is no danger: other dangerous areas may exist. If you see anything suspicious, stop. Do not approach, "
        "touch or move it. Go back slowly the way you came. Keep others away. Once you are away from it, call "
        "{number}.",
        END + BODY,
        limit=750,
    ),
    exercise_title=Message(
        "alert.end_in_parts.exercise_title",
        "EXERCISE. Off the list in parts: {place}",
        EXERCISE + END + TITLE,
        limit=60,
    ),
    exercise_body=Message(
        "alert.end_in_parts.exercise_body",
        "EXERCISE. {authority}, {date}. This practises the message that all parts of the invented area near {place} "
        "were taken off the list, each in its own way (last record: {surveyor}, {day}), and that deminers did not "
        "search all of it. None of it is on the list any more. Real dangerous areas may exist. If you see anything "
        "suspicious, stop. Do not approach, touch or move it. Go back slowly the way you came. Keep others away. "
        "Once you are away from it, call {number}.",
        EXERCISE + END + BODY,
        limit=750,
    ),
)

UPDATES: Mapping[str, Template] = {UPDATE: UPDATED, **TEMPLATES}
END_OF: Mapping[ReleaseKind, str] = {kind: f"end_{kind.value}" for kind in ReleaseKind}
EVERY: Mapping[str, Template] = {
    **UPDATES,
    **{f"wrong_{wrong.value}": template for wrong, template in CORRECTIONS.items()},
    TAKEN_BACK: STANDS_AFTER_ALL,
    END_OF[ReleaseKind.CANCELLED]: CANCELLED,
    END_OF[ReleaseKind.REDUCED]: REDUCED,
    END_OF[ReleaseKind.CLEARED]: CLEARED,
    IN_PARTS: RELEASED_IN_PARTS,
}
