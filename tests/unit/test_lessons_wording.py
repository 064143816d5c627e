"""What no lesson may say or ask: each is refused with file, line and remedy, on one changed line of a good lesson."""

import pytest

from service.guidance.loading import load as load_guidance
from service.i18n.model import Finding
from service.lessons import rules
from tests import schoolbook
from tests.unit.test_lessons_rules import COURSE, changed, found, line_of, reasons

TEACHER = f"teacher: {schoolbook.words(60)}"
HOW = f"how: {schoolbook.words(150)}"
HOMEWORK = "homework: Tell the steps to everybody at home."


def told(old: str, new: str, reason: str, line: str) -> None:
    files = changed(old, new)
    where = f"8-11/first.yaml:{line_of(files['first.yaml'], line)}"
    assert any(one.file == where and reason in one.reason for one in found(files)), reasons(found(files))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("The road is safe again.", "no danger"),
        ("Its fuze is old.", "names a part"),
        ("There is a reward for it.", "rewards"),
        ("Then burn it.", "only specialists"),
        ("Then mark the place.", "go near"),
        ("It was left by soldiers.", "names a party"),
        ("Stay 300 m away.", "number that a deployment must set"),
        ("Read more at www.example.", "has a link"),
        ("Read more at https://mines.", "has a link"),
        ("Read more at mines.org today.", "has a link"),
        ("We live in {town}.", "has the hole {town}"),
    ],
)
def test_what_guidance_may_not_say_no_lesson_says(words: str, reason: str) -> None:
    told(TEACHER, f"{TEACHER} {words}", reason, words)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("roleplay_roles: [pupil, grown-up]", "roleplay_roles: [pupil, deminer]", "lets somebody play 'deminer'"),
        ("roleplay_roles: [pupil, grown-up]", "roleplay_roles: [mine]", "lets somebody play 'mine'"),
        ("roleplay_roles: [pupil, grown-up]", "roleplay_roles: [victim]", "lets somebody play 'victim'"),
        ("outdoors: no", "outdoors: yes", "is held outdoors"),
        ("contains_object_image: no", "contains_object_image: yes", "shows an object to pupils under 13"),
    ],
)
def test_no_activity_may_harm_by_what_it_declares(old: str, new: str, reason: str) -> None:
    told(old, new, reason, "title: Say it together")


@pytest.mark.parametrize(
    "words",
    [
        "They search the room.",
        "They look for cards under the desks.",
        "They throw a ball.",
        "They collect as many as they can.",
        "One pupil plays the mine.",
        "They pick it up.",
        "They hide the object.",
        "Pass a replica around.",
    ],
)
def test_nobody_searches_collects_throws_or_plays_a_device(words: str) -> None:
    files = changed(HOW, f"{HOW} {words}")
    where = f"8-11/first.yaml:{line_of(files['first.yaml'], words)}"
    assert any(one.file == where and one.remedy for one in found(files))


@pytest.mark.parametrize(
    "words",
    ["Nobody searches for anything.", "Do not throw it.", "Find a partner.", "Collect the sheets.", "Speak clearly."],
)
def test_what_is_forbidden_or_harmless_may_be_said(words: str) -> None:
    assert found(changed(HOW, f"{HOW} {words}")) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I touch it with a stick.", "a right answer, and a wrong act"),
        ("I carefully test it.", "a right answer, and a wrong act"),
        ("I go closer to see.", "a right answer, and a wrong act"),
        ("I film it.", "a right answer, and a wrong act"),
        ("It depends.", "leaves the right act open"),
        ("Sometimes I stop.", "leaves open what to do"),
    ],
)
def test_no_quiz_lets_touching_testing_or_it_depends_be_right(answer: str, reason: str) -> None:
    told("text: I stop.\n        right: yes", f"text: {answer}\n        right: yes", reason, answer)


@pytest.mark.parametrize("answer", ["I do not touch it.", "I stop, and I never go closer.", "I take the usual way."])
def test_a_right_answer_may_forbid_the_wrong_act(answer: str) -> None:
    assert found(changed("text: I stop.\n        right: yes", f"text: {answer}\n        right: yes")) == []


def test_a_wrong_answer_may_name_the_wrong_act() -> None:
    assert found(changed("text: I run on.", "text: I touch it.")) == []


@pytest.mark.parametrize(
    "homework",
    [
        "Go to the river with a friend and see it.",
        "Look at the field behind your house.",
        "Take a photo for the class.",
        "Count the houses on your way.",
    ],
)
def test_no_child_is_sent_home_to_look_at_places(homework: str) -> None:
    told(HOMEWORK, f"homework: {homework}", "sends a child to look at places", homework)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Call {number} at once.", "lets a child report alone"),
        ("Stay some metres away.", "distances or bleeding"),
        ("Lead a grown-up to the place.", "asks a child to search, to go back or to lead"),
    ],
)
def test_children_are_not_asked_for_what_is_for_grown_ups(words: str, reason: str) -> None:
    told("task: Write down what you do.", f"task: {words}", reason, words)


def of_the_smallest(old: str, new: str) -> list[Finding]:
    lesson = schoolbook.lesson("first", 25)
    assert old in lesson
    head = schoolbook.head("5-7", "children-5-7", (5, 7))
    course = schoolbook.course({"course.yaml": head, "first.yaml": lesson.replace(old, new, 1)})
    findings = rules.check({"5-7": course}, load_guidance())
    return [one for one in findings if one.file.startswith("5-7/first.yaml:")]


def test_the_smallest_hear_no_explosion_and_make_no_call() -> None:
    assert of_the_smallest("minutes: 25", "minutes: 25") == []
    for words in ("It may explode.", "Somebody was hurt.", "Stay at a distance."):
        assert "tells the smallest" in reasons(of_the_smallest("task: Write", f"task: {words} Write"))
    assert "explosions or death" in reasons(of_the_smallest(TEACHER, f"{TEACHER} Say that bombs kill."))
    assert "has {number}" in reasons(of_the_smallest(TEACHER, f"{TEACHER} Grown-ups call {{number}}."))


def test_a_note_on_distress_may_speak_of_death_before_grown_ups() -> None:
    assert of_the_smallest("distress: >-\n", "distress: >-\n  A child may have lost somebody in a blast.\n") == []


def test_what_pupils_over_twelve_may_see_is_not_for_those_under() -> None:
    assert COURSE == "8-11"
    for audience, ages, shown in (("youth-12-14", (12, 14), True), ("youth-15-18", (15, 18), False)):
        head = schoolbook.head("8-11", audience, ages)
        files = changed("contains_object_image: no", "contains_object_image: yes") | {"course.yaml": head}
        assert any("shows an object" in one.reason for one in found(files)) is shown
