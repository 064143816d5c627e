"""A course that keeps to every measure, in as few different words as possible: what a test changes is all it says."""

from collections.abc import Mapping

from service.guidance.yaml import parse
from service.lessons.model import Course
from service.lessons.reading import read_course

HEAD = """course: {course}
revision: 1
revised: 2026-11-26
order: 3
kind: pupils
audience: {audience}
ages: [{youngest}, {oldest}]
title: Lessons of a test
summary: They hold what a test needs.
lessons: [{lessons}]
"""
LESSON = """lesson: {lesson}
revision: 1
revised: 2026-11-26
title: The way home
minutes: {minutes}
messages: [found.stop]
objectives:
  steps:
    text: Pupils say the steps in order.
    items: [one, two]
  signs:
    text: Pupils turn back at a sign.
    items: [three]
steps:
{steps}activities:
{activities}questions:
{questions}distress: >-
  {distress} Help comes from {{referral}}.
adaptations:
  seeing: {short}
  hearing: {short}
  moving: {short}
  learning: {short}
homework: Tell the steps to everybody at home.
items:
{items}forms:
  before:
    a: [one, two, three, four]
    b: [five, six, seven, eight]
  after:
    a: [five, six, seven, eight]
    b: [one, two, three, four]
worksheet:
  kind: write
  title: My own page
  task: Write down what you do.
  rows:
    first: First I do this.
    second: Then I do that.
board:
  alternative: A way leads to a house.
  strokes:
    - M 10 10 L 90 10
    - M 10 20 A 4 4 0 1 1 10 19.9
  labels:
    home:
      text: Home
      at: "80 20"
"""
STEP = """  {name}:
    minutes: {minutes}
    title: A step
    teacher: {teacher}
    pupils: They listen and answer.
"""
ACTIVITY = """  {name}:
    title: Say it together
    materials: Nothing.
    grouping: Pairs.
    how: {how}
    debrief: What did you say first?
    stop-rule: End it if anyone is frightened.
    contains_object_image: no
    roleplay_roles: [pupil, grown-up]
    outdoors: no
"""
ASKED = """  {name}:
    ask: What do we do?
    answer: {answer}
"""
SINGLE = """  {name}:
    kind: {kind}
    ask: What do you do?
    options:
      stop:
        text: I stop.
        right: yes
        feedback: {feedback}
      wait:
        text: I wait and look around.
        right: no
        feedback: {feedback}
      run:
        text: I run on.
        right: no
        feedback: {feedback}
"""
ORDERED = """  {name}:
    kind: {kind}
    ask: What belongs where?
    options:
      stop:
        text: I stop.{mate}
        feedback: {feedback}
      back:
        text: I go back.{mate}
        feedback: {feedback}
      tell:
        text: I tell a grown-up.{mate}
        feedback: {feedback}
"""
KINDS = ("single", "multiple", "scene", "order", "match", "single", "single", "single", "single", "single")
NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def words(least: int) -> str:
    """Return sentences of six words, which may stand in any number of lessons."""
    return " ".join(["We talk about the way home."] * -(-least // 6))


def head(course: str = "8-11", audience: str = "children-8-11", ages: tuple[int, int] = (8, 11)) -> str:
    return HEAD.format(
        course=course, audience=audience, youngest=ages[0], oldest=ages[1], lessons=", ".join(names_of_lessons())
    )


def lesson(name: str = "first", minutes: int = 42) -> str:
    """Return the file of a lesson: six steps, two activities, five questions, ten items of all kinds."""
    minute, more = divmod(minutes, 6)
    steps = [
        STEP.format(name=f"step-{n}", minutes=minute + (more if n == 1 else 0), teacher=words(60)) for n in range(1, 7)
    ]
    return LESSON.format(
        lesson=name,
        minutes=minutes,
        steps="".join(steps),
        activities="".join(ACTIVITY.format(name=one, how=words(150)) for one in ("plain", "screen")),
        questions="".join(ASKED.format(name=f"asked-{n}", answer=words(48)) for n in range(1, 6)),
        distress=words(80),
        short=words(30),
        items="".join(map(_item, NAMES, KINDS)),
    )


def names_of_lessons() -> tuple[str, ...]:
    return ("first", "second", "third", "fourth")


def files(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a course's folder as texts by name, some of them replaced."""
    made = {"course.yaml": head(), **{f"{name}.yaml": lesson(name) for name in names_of_lessons()}}
    return made | dict(changes or {})


def course(changes: Mapping[str, str] | None = None) -> Course:
    """Read the course with some files replaced."""
    return course_of(files(changes))


def course_of(folder: Mapping[str, str]) -> Course:
    return read_course({name: parse(text.encode(), name=name) for name, text in folder.items()}, origin="")


def _item(name: str, kind: str) -> str:
    form = ORDERED if kind in {"order", "match"} else SINGLE
    mate = "\n        mate: That is right." if kind == "match" else ""
    return form.format(name=name, kind=kind, feedback=words(12), mate=mate)
