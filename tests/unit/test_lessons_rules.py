"""The measures of lessons: each can be missed and met, and a finding says file and line, entry, reason and remedy."""

import time
from dataclasses import replace

import pytest

from service.guidance.loading import load as load_guidance
from service.guidance.model import Audience
from service.guidance.wording import sentences
from service.i18n.model import Finding
from service.lessons import loading, rules
from service.lessons.model import CourseKind
from tests import schoolbook

GUIDANCE = load_guidance()
COURSE = "8-11"
LONG = "We all talk " + "and talk again " * 12 + "about it."


def found(changes: dict[str, str] | None = None) -> list[Finding]:
    """Return what is wrong with the course of the test, and not that others are missing."""
    findings = rules.check({COURSE: schoolbook.course(changes)}, GUIDANCE)
    mine = [one for one in findings if one.file.startswith(f"{COURSE}/") and "stands first" not in one.reason]
    assert all(one.entry and one.reason and one.remedy for one in mine)
    return mine


def changed(old: str, new: str, *, times: int = 1) -> dict[str, str]:
    whole = schoolbook.lesson("first")
    assert old in whole, "the test changes something"
    return {"first.yaml": whole.replace(old, new, times)}


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def reasons(findings: list[Finding]) -> str:
    return "; ".join(f"{one.file} {one.reason}" for one in findings)


def test_a_course_that_keeps_to_every_measure_has_nothing_to_mend() -> None:
    assert reasons(found()) == ""


def assert_told(files: dict[str, str], reason: str, line: str) -> None:
    where, findings = f"8-11/first.yaml:{line_of(files['first.yaml'], line)}", found(files)
    assert any(one.file == where and reason in one.reason for one in findings), reasons(findings)


STROKES = "".join(f"    - M 10 {n} L 90 10\n" for n in range(30, 42))
OF_THE_LESSON = [
    ("minutes: 42", "minutes: 50", "has 50 minutes, 45 are the most"),
    ("minutes: 42", "minutes: 43", "has steps of 42 minutes in all, and lasts 43"),
    ("  plain:\n", "  other:\n", "not one without technology and one with it"),
    (schoolbook.words(30), "Say it all aloud.", "words in its plan, 800 are the least"),
    ("a: [one, two, three, four]", "a: [one, two, three]", "has 3 items in form a before the lesson, 4 it must be"),
    ("a: [one, two, three, four]", "a: [one, two, three, x]", "asks for x before the lesson, which is not in its bank"),
    ("b: [five, six, seven, eight]", "b: [one, six, seven, eight]", "has one in both forms before the lesson"),
    ("[found.stop]", "[found.nothing]", "found.nothing, which there is not"),
    ("[found.stop]", "[found.stop.youth-15-18]", "which has no wording for youth-15-18"),
    ("[found.stop]", "[deactivation.nobody-can-tell]", "which has no wording for children-8-11"),
]
OF_A_TEXT = [
    (f"teacher: {schoolbook.words(60)}", "teacher: Say it.", "words for teacher and pupils, 40 are the least"),
    (f"how: {schoolbook.words(150)}", "how: Say it.", "words in its activity, 150 are the least"),
    (f"answer: {schoolbook.words(48)}", "answer: Say it.", "words in its answer, 40 are the least"),
    (f"distress: >-\n  {schoolbook.words(80)}", "distress: >-\n  Say it.", "words on distress, 80 are the least"),
    (f"seeing: {schoolbook.words(30)}", "seeing: Say it.", "words on seeing, 25 are the least"),
    (f"feedback: {schoolbook.words(12)}", "feedback: Right.", "has 1 words of feedback, 12 are the least"),
]
OF_A_PART = [
    ("items: [three]", "items: [x]", "is asked by x, which is not in the bank", "text: Pupils turn back"),
    (" Help comes from {referral}.", "", "names nobody who helps", "distress:"),
    ("right: no", "right: yes", "has 2 right options", "kind: single"),
    ("L 90 10", "L 190 10", "has a stroke outside the board", "alternative:"),
    ("L 90 10", "L 90 10 20", "has a stroke that is no whole path", "alternative:"),
    ("    - M 10 10 L 90 10\n", STROKES, "has 13 strokes on the board, 12 are the most", "alternative:"),
    ("ask: What do you do?", "ask: What?\n    picture: dragon", "names the picture 'dragon'", "kind: single"),
]


@pytest.mark.parametrize(("old", "new", "reason"), OF_THE_LESSON)
def test_a_lesson_that_misses_a_measure_is_told_so(old: str, new: str, reason: str) -> None:
    times = 9 if "plan" in reason else 1
    findings = found(changed(old, new, times=times))
    assert any(one.file == "8-11/first.yaml:1" and reason in one.reason for one in findings), reasons(findings)


@pytest.mark.parametrize(("old", "new", "reason"), OF_A_TEXT)
def test_a_text_that_is_too_short_is_told_with_its_line(old: str, new: str, reason: str) -> None:
    assert_told(changed(old, new), reason, new.splitlines()[0])


@pytest.mark.parametrize(("old", "new", "reason", "line"), OF_A_PART)
def test_a_part_that_does_not_hold_is_told_with_its_line(old: str, new: str, reason: str, line: str) -> None:
    assert_told(changed(old, new), reason, line)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("  step-2:", "  step-3:", "has 5 steps, 6 are the least"),
        ("  signs:\n", "steps:\n", "has 1 objectives, 2 are the least"),
        ("  screen:\n", "questions:\n", "has 1 activities, 2 it must be"),
        ("  asked-5:\n", "distress:", "has 4 questions that teachers get, 5 are the least"),
        ("  seeing:", "  hearing:", "has no adaptation for seeing"),
        ("  ten:\n", "forms:\n", "has 9 items in its bank, 10 are the least"),
        ("worksheet:\n", "board:\n", "has no worksheet"),
        ("board:\n", "", "has no sketch for the board"),
    ],
)
def test_a_lesson_that_lacks_a_part_is_told_so(start: str, end: str, reason: str) -> None:
    whole = schoolbook.lesson("first")
    at = whole.index(start)
    files = {"first.yaml": whole[:at] + (whole[whole.index(end, at) :] if end else "")}
    assert any(one.file == "8-11/first.yaml:1" and reason in one.reason for one in found(files))


def test_what_pupils_read_has_short_sentences() -> None:
    long = changed(f"feedback: {schoolbook.words(12)}", f"feedback: {LONG}", times=20)
    assert "words a sentence in what pupils read, 11 are the most" in reasons(found(long))


def in_lessons(names: tuple[str, ...], sentence: str) -> dict[str, str]:
    return {
        f"{name}.yaml": schoolbook.lesson(name).replace("Tell the steps to", f"{sentence} Tell the steps to")
        for name in names
    }


def test_a_sentence_stands_in_two_lessons_and_no_more() -> None:
    sentence = "Nobody on our hill has ever seen such a fine goat."
    assert not found(in_lessons(("first", "second"), sentence))
    files = in_lessons(("first", "second", "third"), sentence)
    [finding] = found(files)
    assert finding.file == f"8-11/third.yaml:{line_of(files['third.yaml'], sentence)}"
    assert "8-11.first" in finding.reason


def test_a_key_message_may_stand_in_any_number_of_lessons() -> None:
    said = {one.audience: one for one in GUIDANCE.topics["found"].messages["stop"].variants}
    sentence = sentences(said[Audience.CHILDREN_8_11].text.english)[0]
    assert len(sentence.split()) >= rules.REPEATED_WORDS
    assert not found(in_lessons(("first", "second", "third"), sentence))


def test_a_course_has_four_lessons_and_all_kinds_of_items() -> None:
    short = schoolbook.files({"course.yaml": schoolbook.head().replace(", fourth", "")})
    del short["fourth.yaml"]
    findings = rules.check({COURSE: schoolbook.course_of(short)}, GUIDANCE)
    assert any(one.reason == "has 3 lessons, 4 are the least" for one in findings)
    names = schoolbook.names_of_lessons()
    files = {f"{name}.yaml": schoolbook.lesson(name).replace("kind: scene", "kind: single") for name in names}
    [finding] = found(files)
    assert (finding.file, finding.reason) == ("8-11/course.yaml:1", "asks nothing of the kind scene")


def test_every_course_of_the_curriculum_must_be_there() -> None:
    missing = [one.entry for one in rules.check({COURSE: schoolbook.course()}, GUIDANCE) if "folder" in one.reason]
    assert missing == ["emergency", "5-7", "12-14", "15-18", "teachers", "parents"]


def test_a_lesson_for_the_smallest_takes_25_minutes() -> None:
    files = {"course.yaml": schoolbook.head("5-7", "children-5-7", (5, 7))}
    course = schoolbook.course(files)
    told = [one.reason for one in rules.check({"5-7": course}, GUIDANCE) if one.file.startswith("5-7/")]
    assert told.count("has 42 minutes, 25 it must be") == 4


def test_the_emergency_lesson_is_45_minutes_of_700_words_with_chalk_alone() -> None:
    emergency = loading.load()["emergency"]
    assert emergency.kind is CourseKind.EMERGENCY
    [lesson] = emergency.lessons.values()
    [activity] = lesson.activities
    more = replace(activity.materials, english="A projector.")
    long = replace(lesson.homework, english=schoolbook.words(120))
    changed = replace(lesson, homework=long, activities=(replace(activity, materials=more),))
    course = replace(emergency, lessons={lesson.id: changed}, ages=(8, 11))
    told = reasons(rules.check({"emergency": course}, GUIDANCE))
    assert "words in all, 700 are the most" in told
    assert "needs more than chalk: 'projector'" in told
    assert "is not for ages 6 to 14" in told


def test_what_we_ship_keeps_to_every_measure_and_is_checked_at_once() -> None:
    begun = time.perf_counter()
    findings = loading.check()
    assert [one for one in findings if "without a folder" not in one.reason] == []
    assert time.perf_counter() - begun < 10, "writers check after every sentence; on a quiet machine it takes a second"
