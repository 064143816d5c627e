"""What of a lesson is counted: minutes, words, steps, activities, the bank of questions, strokes on the board."""

# content.md gives the measures of pupils' lessons and of the emergency lesson. For grown-ups, who come for an evening
# or a training, it gives none but the number of lessons; these are ours: 45 to 90 minutes, at least five steps and one
# activity of 120 words, a bank of at least six items, forms of two to four, and for the rest what holds for pupils.

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.guidance.model import Audience, Text
from service.guidance.wording import MEAN_WORDS, sentences
from service.i18n.model import Finding
from service.lessons.model import Course, CourseKind, ItemKind, Lesson, Need

At = tuple[str, str]
"""File and line, and the entry."""

Span = tuple[int, int]

MANY = 1_000_000
PUPILS_ACTIVITIES = frozenset({"plain", "screen"})
"""One without technology, and one with a projector or phones."""

FRAGMENT = 4
"""What has fewer words and no full stop is a word on a card, and no sentence that would make others look short."""

BOARD_STROKES = 12
SHEET_ROWS = 10
OPTIONS: Mapping[ItemKind, Span] = {
    ItemKind.SINGLE: (2, 6),
    ItemKind.MULTIPLE: (3, 6),
    ItemKind.ORDER: (3, 6),
    ItemKind.MATCH: (3, 6),
    ItemKind.SCENE: (2, 6),
}
EMERGENCY_MATERIALS = frozenset({"a", "and", "board", "chalk", "blackboard", "none", "nothing", "or", "the"})
WORD = re.compile(r"\S*\w\S*")


@dataclass(frozen=True, slots=True)
class Measures:
    """The least and the most of everything that is counted in one lesson."""

    minutes: Span
    steps: Span = (6, 9)
    step_words: Span = (40, MANY)
    objectives: Span = (2, 4)
    plan: Span = (800, 1_600)
    activities: Span = (2, 2)
    activity_words: Span = (150, MANY)
    questions: Span = (5, MANY)
    answer_words: Span = (40, MANY)
    distress_words: Span = (80, MANY)
    adaptation_words: Span = (25, MANY)
    bank: Span = (10, MANY)
    form: Span = (4, 4)
    feedback_words: Span = (12, MANY)
    all_words: Span = (0, MANY)


FOR_GROWN_UPS = Measures(
    minutes=(45, 90),
    steps=(5, 12),
    plan=(800, 2_400),
    activities=(1, 4),
    activity_words=(120, MANY),
    bank=(6, MANY),
    form=(2, 4),
)
IN_AN_EMERGENCY = Measures(
    minutes=(45, 45),
    steps=(3, 9),
    step_words=(10, MANY),
    plan=(0, 700),
    activities=(1, 2),
    activity_words=(40, MANY),
    questions=(1, MANY),
    answer_words=(12, MANY),
    distress_words=(20, MANY),
    adaptation_words=(5, MANY),
    bank=(4, MANY),
    form=(2, 2),
    all_words=(0, 700),
)


def measures_of(course: Course) -> Measures:
    """Return what a course's lessons are held to."""
    match course.kind:
        case CourseKind.EMERGENCY:
            return IN_AN_EMERGENCY
        case CourseKind.PUPILS:
            return Measures(minutes=(25, 25) if course.audience is Audience.CHILDREN_5_7 else (40, 45))
        case _:
            return FOR_GROWN_UPS


def counted(course: Course, lesson: Lesson) -> Iterator[Finding]:
    """Yield every measure that a lesson misses."""
    measures = measures_of(course)
    yield from _times(lesson, measures)
    yield from _plan(lesson, measures)
    yield from _activities(course, lesson, measures)
    yield from _bank(lesson, measures)
    yield from _forms(lesson, measures)
    yield from _on_paper(course, lesson)
    yield from _sentences(course, lesson)


def count(*texts: Text) -> int:
    """Count English words; a hole is one."""
    return sum(len(WORD.findall(text.english)) for text in texts)


def _times(lesson: Lesson, measures: Measures) -> Iterator[Finding]:
    at = (lesson.where, lesson.key)
    yield from _amount(at, lesson.minutes, measures.minutes, "minutes")
    yield from _amount(at, len(lesson.steps), measures.steps, "steps")
    for step in lesson.steps:
        words = count(step.teacher, step.pupils)
        yield from _amount(_at(step.teacher), words, measures.step_words, "words for teacher and pupils")


def _plan(lesson: Lesson, measures: Measures) -> Iterator[Finding]:
    at = (lesson.where, lesson.key)
    yield from _amount(at, count(*plan(lesson)), measures.plan, "words in its plan")
    yield from _amount(at, count(*lesson.texts()), measures.all_words, "words in all")
    yield from _amount(at, len(lesson.questions), measures.questions, "questions that teachers get")
    for asked in lesson.questions:
        yield from _amount(_at(asked.answer), count(asked.answer), measures.answer_words, "words in its answer")
    yield from _amount(_at(lesson.distress), count(lesson.distress), measures.distress_words, "words on distress")
    if "{referral}" not in lesson.distress.english:
        yield Finding(*_at(lesson.distress), "names nobody who helps", "put {referral} into it")
    for need in [need for need in Need if need not in lesson.adaptations]:
        yield Finding(*at, f"has no adaptation for {need}", f"add `{need}:` to `adaptations:`")
    for need, text in lesson.adaptations.items():
        yield from _amount(_at(text), count(text), measures.adaptation_words, f"words on {need}")


def plan(lesson: Lesson) -> Iterator[Text]:
    """Return what stands in a lesson's plan; activities, bank, worksheet and board have pages of their own."""
    yield lesson.title
    yield from (one.text for one in lesson.objectives)
    yield from (text for step in lesson.steps for text in (step.title, step.teacher, step.pupils))
    yield from (text for asked in lesson.questions for text in (asked.ask, asked.answer))
    yield from (lesson.distress, *lesson.adaptations.values(), lesson.homework)


def _activities(course: Course, lesson: Lesson, measures: Measures) -> Iterator[Finding]:
    at, named = (lesson.where, lesson.key), {one.id for one in lesson.activities}
    yield from _amount(at, len(lesson.activities), measures.activities, "activities")
    if course.kind is CourseKind.PUPILS and named != PUPILS_ACTIVITIES:
        reason = f"has the activities {', '.join(sorted(named))}, not one without technology and one with it"
        yield Finding(*at, reason, "name them `plain` (nothing that needs power) and `screen` (a projector, or phones)")
    for one in lesson.activities:
        yield from _amount(_at(one.how), count(*one.texts()), measures.activity_words, "words in its activity")
        if course.kind is CourseKind.EMERGENCY:
            needed = set(re.findall(r"\w+", one.materials.english.casefold())) - EMERGENCY_MATERIALS
            for word in sorted(needed):
                yield Finding(
                    *_at(one.materials), f"needs more than chalk: {word!r}", "use the board, chalk, or nothing"
                )


def _bank(lesson: Lesson, measures: Measures) -> Iterator[Finding]:
    yield from _amount((lesson.where, lesson.key), len(lesson.items), measures.bank, "items in its bank")
    for item in lesson.items.values():
        yield from _amount((item.where, item.ask.id), len(item.options), OPTIONS[item.kind], f"options ({item.kind})")
        for option in item.options:
            words = count(option.feedback)
            yield from _amount(_at(option.feedback), words, measures.feedback_words, "words of feedback")


def _forms(lesson: Lesson, measures: Measures) -> Iterator[Finding]:
    at = (lesson.where, lesson.key)
    yield from _amount(at, len(lesson.objectives), measures.objectives, "objectives")
    for when, forms in (("before", lesson.forms.before), ("after", lesson.forms.after)):
        for name, items in forms.items():
            yield from _amount(at, len(items), measures.form, f"items in form {name} {when} the lesson")


def _on_paper(course: Course, lesson: Lesson) -> Iterator[Finding]:
    at = (lesson.where, lesson.key)
    if course.kind is CourseKind.PUPILS and lesson.worksheet is None:
        yield Finding(*at, "has no worksheet", "add `worksheet:`, one page")
    if lesson.worksheet:
        rows = len(lesson.worksheet.rows)
        yield from _amount(_at(lesson.worksheet.title), rows, (2, SHEET_ROWS), "rows on its worksheet")
    if course.kind in {CourseKind.PUPILS, CourseKind.EMERGENCY} and lesson.board is None:
        yield Finding(*at, "has no sketch for the board", "add `board:`")
    if lesson.board:
        board = (lesson.board.where, lesson.board.alternative.id)
        yield from _amount(board, len(lesson.board.strokes), (1, BOARD_STROKES), "strokes on the board")


def _sentences(course: Course, lesson: Lesson) -> Iterator[Finding]:
    """Measure the sentences that pupils read, all together; a word alone is none."""
    most = next((most for readers, most in MEAN_WORDS if course.audience in readers), MEAN_WORDS[-1][1])
    lengths = list(_lengths(lesson.for_pupils()))
    mean = sum(lengths) / len(lengths) if lengths else 0
    if mean > most:
        longest = max(lesson.for_pupils(), key=lambda text: max(_lengths([text]), default=0))
        reason = f"has {mean:.1f} words a sentence in what pupils read, {most} are the most"
        yield Finding(*_at(longest), reason, "cut long sentences, such as the longest one, which stands here")


def _lengths(texts: Iterable[Text]) -> Iterator[int]:
    for text in texts:
        for sentence in sentences(text.english):
            words = len(WORD.findall(sentence))
            if words >= FRAGMENT or sentence.rstrip().endswith((".", "!", "?")):
                yield words


def _at(text: Text) -> At:
    return text.where, text.id


def _amount(at: At, number: int, span: Span, what: str) -> Iterator[Finding]:
    least, most = span
    if number < least:
        told = f"{least} it must be" if least == most else f"{least} are the least"
        yield Finding(*at, f"has {number} {what}, {told}", "add what is missing")
    elif number > most:
        told = f"{most} it must be" if least == most else f"{most} are the most"
        yield Finding(*at, f"has {number} {what}, {told}", "take some out")
