"""The measures of lessons, counted over all courses: each finding says file and line, entry, reason and remedy."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from service.guidance.model import Audience, Guidance, Text
from service.guidance.wording import sentences
from service.i18n.model import Finding
from service.lessons import measures, structure, wording
from service.lessons.model import Course, CourseKind, ItemKind

COURSES: Mapping[str, CourseKind] = {
    "emergency": CourseKind.EMERGENCY,
    "5-7": CourseKind.PUPILS,
    "8-11": CourseKind.PUPILS,
    "12-14": CourseKind.PUPILS,
    "15-18": CourseKind.PUPILS,
    "teachers": CourseKind.TEACHERS,
    "parents": CourseKind.PARENTS,
}
"""The courses that are shipped; a deployment has others beside them."""

LESSONS: Mapping[CourseKind, int] = {
    CourseKind.EMERGENCY: 1,
    CourseKind.PUPILS: 4,
    CourseKind.TEACHERS: 3,
    CourseKind.PARENTS: 1,
}
"""How many lessons a course has at least; the emergency course has exactly one."""

EMERGENCY_AGES = (6, 14)
AUDIENCES: Mapping[CourseKind, frozenset[Audience]] = {
    CourseKind.EMERGENCY: frozenset({Audience.CHILDREN_8_11}),
    CourseKind.PUPILS: frozenset(
        {Audience.CHILDREN_5_7, Audience.CHILDREN_8_11, Audience.YOUTH_12_14, Audience.YOUTH_15_18}
    ),
    CourseKind.TEACHERS: frozenset({Audience.TEACHERS}),
    CourseKind.PARENTS: frozenset({Audience.PARENTS}),
}
REPEATED_WORDS, REPEATED_LESSONS = 8, 2
"""A sentence of so many words may stand in so many lessons; what is said again and again is a key message."""

WORD = re.compile(r"[\w{}']+")


def check(courses: Mapping[str, Course], guidance: Guidance) -> list[Finding]:
    """Return everything that falls short of the measures; an empty list is what may be shipped."""
    return [
        *_whole(courses),
        *(replace(one, file=f"{course.id}/{one.file}") for course in courses.values() for one in _of(course, guidance)),
        *_repeated(courses, guidance),
    ]


def refusable(courses: Mapping[str, Course], guidance: Guidance) -> list[Finding]:
    """Return what a deployment's own lessons are refused for: what nobody may say or do, and what cannot be taught.

    How long and how many they are is the authority's to decide (R16).
    """
    return [
        replace(found, file=f"{course.id}/{found.file}")
        for course in courses.values()
        for found in _of_theirs(course, guidance)
    ]


def _whole(courses: Mapping[str, Course]) -> Iterator[Finding]:
    for name, kind in COURSES.items():
        course = courses.get(name)
        if course is None:
            yield Finding(f"{name}/course.yaml", name, "is a course without a folder", "write it")
        elif course.kind is not kind:
            yield Finding(f"{name}/{course.where}", name, f"is of the kind {course.kind}", f"write `kind: {kind}`")
    first = next(iter(courses.values()), None)
    if first and first.kind is not CourseKind.EMERGENCY:
        yield Finding(f"{first.id}/{first.where}", first.id, "stands first", "give the emergency course `order: 1`")


def _of(course: Course, guidance: Guidance) -> Iterator[Finding]:
    yield from _readers(course)
    yield from _head(course)
    yield from wording.of_course(course)
    for lesson in course.lessons.values():
        yield from structure.broken(course, lesson, guidance)
        yield from measures.counted(course, lesson)
        yield from wording.said(course, lesson)


def _of_theirs(course: Course, guidance: Guidance) -> Iterator[Finding]:
    """Look at what is theirs of a course: lessons of ours that they kept are not refused for their guidance's sake."""
    yield from _readers(course)
    yield from wording.of_course(course)
    for lesson in course.lessons.values():
        if lesson.origin:
            yield from structure.broken(course, lesson, guidance)
            yield from wording.said(course, lesson)


def _readers(course: Course) -> Iterator[Finding]:
    at = (course.where, course.id)
    if course.audience not in AUDIENCES[course.kind]:
        known = ", ".join(sorted(AUDIENCES[course.kind]))
        yield Finding(*at, f"is for {course.audience}, being of the kind {course.kind}", f"choose among {known}")
    if (course.kind in {CourseKind.PUPILS, CourseKind.EMERGENCY}) is not (course.ages is not None):
        yield Finding(*at, "has ages though it is for grown-ups, or none for pupils", "write `ages:` for pupils only")


def _head(course: Course) -> Iterator[Finding]:
    at, least = (course.where, course.id), LESSONS[course.kind]
    if len(course.lessons) < least:
        yield Finding(*at, f"has {len(course.lessons)} lessons, {least} are the least", "write what is missing")
    if course.kind is CourseKind.EMERGENCY:
        if len(course.lessons) > 1:
            yield Finding(*at, f"has {len(course.lessons)} lessons, 1 it must be", "keep one, for all ages")
        if course.ages != EMERGENCY_AGES:
            yield Finding(*at, "is not for ages 6 to 14", "write `ages: [6, 14]`")
    asked = {item.kind for lesson in course.lessons.values() for item in lesson.items.values()}
    for kind in [one for one in ItemKind if one not in asked] if course.kind is CourseKind.PUPILS else []:
        yield Finding(*at, f"asks nothing of the kind {kind}", f"add an item with `kind: {kind}` to one of its banks")


def _repeated(courses: Mapping[str, Course], guidance: Guidance) -> Iterator[Finding]:
    """Find sentences that stand in more than two lessons, key messages aside."""
    aside = {sentence for text in guidance.texts() for sentence in _sentences(text)}
    there: defaultdict[tuple[str, ...], dict[str, Text]] = defaultdict(dict)
    for course in courses.values():
        for lesson in course.lessons.values():
            for text in lesson.texts():
                for sentence in _sentences(text):
                    there[sentence].setdefault(lesson.key, text)
    for sentence, lessons in there.items():
        if len(lessons) > REPEATED_LESSONS and sentence not in aside:
            others = list(lessons)[:REPEATED_LESSONS]
            for key, text in list(lessons.items())[REPEATED_LESSONS:]:
                reason = f"says what {' and '.join(others)} say: {' '.join(sentence[:REPEATED_WORDS])!r}"
                yield Finding(f"{key.split('.')[0]}/{text.where}", text.id, reason, "say it in other words here")


def _sentences(text: Text) -> Iterator[tuple[str, ...]]:
    for sentence in sentences(text.english):
        words = tuple(WORD.findall(sentence.casefold()))
        if len(words) >= REPEATED_WORDS:
            yield words
