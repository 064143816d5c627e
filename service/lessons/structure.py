"""What must hold together in any course, ours or a deployment's: references, right answers, minutes, the board."""

import re
from collections.abc import Iterator, Mapping

from service.guidance.model import GROWN_UPS, Audience, Guidance, KeyMessage
from service.i18n.model import Finding
from service.lessons.model import Course, Item, ItemKind, Lesson
from service.lessons.reading_tasks import HIGH, WIDE

AGES = (Audience.CHILDREN_5_7, Audience.CHILDREN_8_11, Audience.YOUTH_12_14, Audience.YOUTH_15_18)
"""The youngest first."""

NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "A": 7, "Z": 0}
"""How many numbers each letter of a path takes."""

PART = re.compile(r"([MLHVCQAZ])([^MLHVCQAZ]*)")


def broken(course: Course, lesson: Lesson, guidance: Guidance) -> Iterator[Finding]:
    """Yield what a lesson names though it is not there, and what cannot be taught or asked as it stands."""
    at, in_all = (lesson.where, lesson.key), sum(step.minutes for step in lesson.steps)
    if in_all != lesson.minutes:
        reason = f"has steps of {in_all} minutes in all, and lasts {lesson.minutes}"
        yield Finding(*at, reason, "make the steps add up to `minutes`")
    yield from _messages(course, lesson, {one.id: one for one in guidance.messages()})
    yield from _objectives(lesson)
    yield from _forms(lesson)
    for item in lesson.items.values():
        yield from _right(item)
        if item.picture and item.picture not in guidance.pictures:
            reason = f"names the picture {item.picture!r}, which there is not"
            yield Finding(item.where, item.ask.id, reason, f"choose one of {', '.join(guidance.pictures)}")
    for stroke in lesson.board.strokes if lesson.board else ():
        yield from _stroke(lesson, stroke)


def _messages(course: Course, lesson: Lesson, known: Mapping[str, KeyMessage]) -> Iterator[Finding]:
    for name in lesson.messages:
        topic, slug, *wordings = name.split(".")
        message, at = known.get(f"{topic}.{slug}"), (lesson.where, lesson.key)
        if message is None:
            yield Finding(*at, f"names the key message {name}, which there is not", "choose one of guidance")
        elif fault := _misfit(course.audience, message, wordings[0] if wordings else ""):
            yield Finding(*at, f"names the key message {name}, {fault[0]}", fault[1])


def _misfit(readers: Audience, message: KeyMessage, named: str) -> tuple[str, str] | None:
    """Say why a message, or the wording that was named, is not for these readers; nothing if it is."""
    worded = {one.audience for one in message.variants}
    if named:
        if named not in worded:
            return f"which has no wording for {named}", f"it has {', '.join(sorted(worded)) or 'none but its own'}"
        older = readers in AGES and AGES.index(Audience(named)) > AGES.index(readers)
        return ("whose wording is for older readers", f"name one for {readers}, or for younger ones") if older else None
    direct = readers in message.audience or Audience.EVERYBODY in message.audience or readers in worded
    if direct or (readers in GROWN_UPS and Audience.ADULTS in message.audience):
        return None
    return f"which has no wording for {readers}", "choose another message, or name its wording for younger readers"


def _objectives(lesson: Lesson) -> Iterator[Finding]:
    for objective in lesson.objectives:
        for missing in [one for one in objective.items if one not in lesson.items]:
            reason = f"is asked by {missing}, which is not in the bank"
            yield Finding(objective.text.where, objective.text.id, reason, "correct the id, or write the item")


def _forms(lesson: Lesson) -> Iterator[Finding]:
    at = (lesson.where, lesson.key)
    for when, forms in (("before", lesson.forms.before), ("after", lesson.forms.after)):
        for missing in [one for items in forms.values() for one in items if one not in lesson.items]:
            yield Finding(*at, f"asks for {missing} {when} the lesson, which is not in its bank", "correct the id")
        shared = set.intersection(*map(set, forms.values()))
        if shared:
            reason = f"has {', '.join(sorted(shared))} in both forms {when} the lesson"
            yield Finding(*at, reason, "give neighbours other questions")


def _right(item: Item) -> Iterator[Finding]:
    at, right = (item.where, item.ask.id), sum(1 for option in item.options if option.right)
    if item.kind in {ItemKind.SINGLE, ItemKind.SCENE} and right != 1:
        yield Finding(*at, f"has {right} right options", "let exactly one be right, or make it `multiple`")
    if item.kind is ItemKind.MULTIPLE and not 1 <= right < len(item.options):
        yield Finding(*at, f"has {right} right options of {len(item.options)}", "have at least one right, one wrong")


def _stroke(lesson: Lesson, stroke: str) -> Iterator[Finding]:
    at = (lesson.board.where, lesson.board.alternative.id) if lesson.board else (lesson.where, lesson.key)
    for letter, rest in PART.findall(stroke):
        numbers, wanted = [float(one) for one in rest.split()], NUMBERS[letter]
        if (len(numbers) % wanted if wanted else numbers) or bool(wanted) > bool(numbers):
            yield Finding(*at, f"has a stroke that is no whole path: {stroke!r}", f"{letter} takes {wanted} numbers")
            return
        if not all(0 <= x <= WIDE and 0 <= y <= HIGH for x, y in _points(letter, numbers)):
            yield Finding(*at, f"has a stroke outside the board: {stroke!r}", f"stay within {WIDE} and {HIGH}")
            return


def _points(letter: str, numbers: list[float]) -> Iterator[tuple[float, float]]:
    """Return the points of one part of a path, its controls too."""
    match letter:
        case "H":
            yield from ((x, 0.0) for x in numbers)
        case "V":
            yield from ((0.0, y) for y in numbers)
        case "A":
            yield from zip(numbers[5::7], numbers[6::7], strict=True)
        case _:
            yield from zip(numbers[::2], numbers[1::2], strict=True)
