"""What stands around lessons: headings, notices, the licence, and local colour where a deployment gave none."""

from collections.abc import Mapping

from service.i18n.model import Message
from service.lessons.model import CourseKind
from service.lessons.words_screen import SCREEN

_HEAD = "A heading or label in school lessons; no sentence, short."
_HOLE = "Filled into sentences of lessons unchanged (nominative); a deployment replaces it by its own words."

PLACE = Message("lessons.place", "our area", "The place that pupils live in. " + _HOLE, 60)
SIGNS = Message(
    "lessons.signs", "red triangles, red tape, crossed sticks", "How warning signs look there. " + _HOLE, 120
)
REFERRAL = Message(
    "lessons.referral", "the school's counsellor or the nearest health centre", "Who helps a child. " + _HOLE, 120
)

BASIS = Message(
    "lessons.basis",
    "Written to fit IMAS 12.10, the international standard for explosive ordnance risk education. The national "
    "authority's own curriculum comes first.",
    "Stands on the first page of every course.",
)
CAVEAT = Message(
    "lessons.caveat",
    "This lesson says what to do. It says nothing about any place. There may be dangerous areas that nobody has "
    "reported yet.",
    "Stands on every page of a lesson. Never say that a place is safe.",
    200,
)
LICENCE = Message(
    "lessons.licence",
    "Licence: CC BY 4.0. You may copy, print and change it if you name {source} as the source and say what "
    "you changed.",
    "Stands at the foot of every course; {source} is a name in Latin letters.",
)
SOURCE = "Surefoot"
"""Whom to name as the source; a name, the same in every language."""

STAMP = Message("lessons.stamp", "Revision {revision}, {date}", "Stands at the foot of every page; {date} is a day.")
AGES = Message("lessons.ages", "Ages {youngest} to {oldest}", "Ages of pupils; both are numbers.")
MINUTES = Message("lessons.minutes", "{count} min", "How long a step takes; {count} is a number of minutes.", 20)

LABELS: Mapping[str, Message] = {
    "courses": Message("lessons.courses", "Lessons", _HEAD),
    "objectives": Message("lessons.objectives", "What everybody can do afterwards", _HEAD),
    "key_messages": Message("lessons.key_messages", "Key messages", _HEAD),
    "steps": Message("lessons.steps", "Steps", _HEAD),
    "teacher": Message("lessons.teacher", "Teacher", _HEAD),
    "pupils": Message("lessons.pupils", "Pupils", _HEAD),
    "activities": Message("lessons.activities", "Activities", _HEAD),
    "materials": Message("lessons.materials", "You need", _HEAD),
    "grouping": Message("lessons.grouping", "Groups", _HEAD),
    "how": Message("lessons.how", "How it goes", _HEAD),
    "debrief": Message("lessons.debrief", "Talk about it afterwards", _HEAD),
    "stop_rule": Message("lessons.stop_rule", "When to end it", _HEAD),
    "questions": Message("lessons.questions", "Questions that you may get", _HEAD),
    "distress": Message("lessons.distress", "If somebody is upset", _HEAD),
    "adaptations": Message("lessons.adaptations", "So that everybody can take part", _HEAD),
    "seeing": Message("lessons.seeing", "Seeing", _HEAD),
    "hearing": Message("lessons.hearing", "Hearing", _HEAD),
    "moving": Message("lessons.moving", "Moving", _HEAD),
    "learning": Message("lessons.learning", "Learning", _HEAD),
    "homework": Message("lessons.homework", "At home with the family", _HEAD),
    "before": Message("lessons.before", "Questions before the lesson", _HEAD),
    "after": Message("lessons.after", "Questions after the lesson", _HEAD),
    "form_a": Message("lessons.form_a", "Form A", _HEAD),
    "form_b": Message("lessons.form_b", "Form B", _HEAD),
    "bank": Message("lessons.bank", "All questions", _HEAD),
    "answers": Message("lessons.answers", "Answers", _HEAD),
    "worksheet": Message("lessons.worksheet", "Worksheet", _HEAD),
    "name": Message("lessons.name", "My first name", _HEAD + " Before a line on a worksheet."),
    "board": Message("lessons.board", "Sketch for the board", _HEAD),
    "poster": Message("lessons.poster", "Poster", _HEAD),
    "slides": Message("lessons.slides", "Slides", _HEAD),
    "guide": Message("lessons.guide", "Teacher's guide", _HEAD),
    "contents": Message("lessons.contents", "Contents", _HEAD),
    "quiz": Message("lessons.quiz", "Quiz", _HEAD),
    "whom_to_call": Message("lessons.whom_to_call", "Whom to call", _HEAD),
    "order_task": Message("lessons.order_task", "Put these into the right order.", "Above the answers of a quiz."),
    "match_task": Message("lessons.match_task", "What belongs together?", "Above the answers of a quiz."),
    "several_task": Message("lessons.several_task", "More than one answer can be right.", "Above answers of a quiz."),
    **SCREEN,
}
"""By short names, under which an edition has them in its language."""

ADULTS: Mapping[str, Message] = {
    "teacher": Message("lessons.leader", "Session leader", _HEAD + " Where teachers or parents are the learners."),
    "pupils": Message("lessons.participants", "Participants", _HEAD + " Where teachers or parents are the learners."),
}
"""What stands under the same names where the learners are grown-ups."""

NEEDED = (PLACE, SIGNS, REFERRAL, BASIS, CAVEAT, LICENCE, STAMP, AGES, MINUTES, *LABELS.values(), *ADULTS.values())
"""Without these no lesson is offered in a language."""


def headings(kind: CourseKind) -> Mapping[str, Message]:
    """Return the headings for a course: teachers and parents are not called pupils."""
    return {**LABELS, **ADULTS} if kind in {CourseKind.TEACHERS, CourseKind.PARENTS} else LABELS
