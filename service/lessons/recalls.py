"""Which lessons a withdrawn message puts on the recall list, and how a printed revision stands: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from service.guidance.model import Recall, RecallReason
from service.guidance.recalls import Standing, Verdict
from service.lessons.model import Course, Lesson
from service.lessons.said import SaidCourse


@dataclass(frozen=True, slots=True)
class RecalledLesson:
    """A lesson that said a message which was withdrawn.

    In each of `languages` (none: in all) every revision is withdrawn but the one that `standing` names.
    """

    lesson: str
    message: str
    since: date
    reason: RecallReason
    languages: tuple[str, ...]
    standing: tuple[tuple[str, str], ...]

    def withdraws(self, lesson: str, language: str, revision: str) -> bool:
        """Say whether a lesson that somebody holds must not be taught any more."""
        if self.lesson != lesson or (self.languages and language not in self.languages):
            return False
        return (language, revision) not in self.standing


def recalled(
    recalls: Sequence[Recall], courses: Iterable[Course], said: Mapping[str, Sequence[SaidCourse]]
) -> tuple[RecalledLesson, ...]:
    """Return the recall list: each lesson with each withdrawn message that it says, the emergency lesson first."""
    standing: dict[str, list[tuple[str, str]]] = {}
    for language, given in sorted(said.items()):
        for lesson in (lesson for course in given for lesson in course.lessons):
            standing.setdefault(lesson.of.key, []).append((language, lesson.revision))
    return tuple(
        RecalledLesson(
            lesson.key,
            recall.text,
            recall.since,
            recall.reason,
            recall.languages,
            tuple(one for one in standing.get(lesson.key, ()) if not recall.languages or one[0] in recall.languages),
        )
        for course in courses
        for lesson in course.lessons.values()
        for recall in recalls
        if _says(lesson, recall)
    )


def judge(recalls: Sequence[Recall], course: Course | None, named: str, language: str, *, is_current: bool) -> Verdict:
    """Say how a printed revision of a course, or of a lesson of it, stands; `course` is None for an unknown one.

    What an earlier revision said nobody remembers: when any message of the lesson was withdrawn in this language, only
    the current revision counts as standing.
    """
    lessons = [one for one in course.lessons.values() if named in {course.id, one.key}] if course else []
    if not lessons:
        return Verdict(Standing.UNKNOWN)
    if is_current:
        return Verdict(Standing.CURRENT)
    found = [
        recall
        for recall in recalls
        if (not recall.languages or language in recall.languages) and any(_says(one, recall) for one in lessons)
    ]
    if found:
        return Verdict(Standing.WITHDRAWN, max(found, key=lambda one: one.since))
    return Verdict(Standing.REPLACED)


def _says(lesson: Lesson, recall: Recall) -> bool:
    """Say whether a lesson says the message that was withdrawn, in whatever wording, or any of the topic that was."""
    for name in lesson.messages:
        topic, message, *_ = name.split(".")
        if recall.text in {topic, f"{topic}.{message}"}:
            return True
    return False


def current(courses: Iterable[SaidCourse], named: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the revision that stands of a course or a lesson, and the key messages that it says; None for neither."""
    for course in courses:
        if named == course.of.id:
            return course.revision, tuple(dict.fromkeys(key.text for one in course.lessons for key in one.messages))
        for lesson in course.lessons:
            if lesson.of.key == named:
                return lesson.revision, tuple(key.text for key in lesson.messages)
    return None, ()
