"""A course as JSON, for the mobile app: whole, with its pictures, a line for each part so that deltas stay small."""

import json
from dataclasses import asdict
from typing import Any

from service.lessons.model import File, Forms
from service.lessons.said import SaidBoard, SaidCourse, SaidItem, SaidLesson

FORMAT = 1
LICENCE = "CC-BY-4.0"
_MARK = "\n"
# The course, its lessons, the parts of a lesson, and each of a part.
_DEEP = 4


def make(course: SaidCourse) -> tuple[File, ...]:
    """Return the bundle of a course."""
    return (File(f"{course.name}-bundle.json", "application/json", content(course)),)


def content(course: SaidCourse) -> bytes:
    """Return the bytes that the signed index names: all that the course says in its language."""
    return (_lined(_course(course), _DEEP) + _MARK).encode()


def _course(course: SaidCourse) -> dict[str, Any]:
    of = course.of
    return {
        "surefoot": FORMAT,
        "course": of.id,
        "revision": course.revision,
        "date": course.day.isoformat(),
        "language": course.language,
        "direction": course.direction,
        "state": course.state.value,
        "kind": of.kind.value,
        "order": of.order,
        "audience": of.audience.value,
        "ages": list(of.ages) if of.ages else None,
        "ages_text": course.ages,
        "title": course.title,
        "summary": course.summary,
        "basis": course.basis,
        "licence": {"id": LICENCE, "text": course.licence},
        "stamp": course.stamp,
        "notices": list(course.notices),
        "caveat": course.caveat,
        "number": course.number,
        "labels": dict(course.labels),
        "pictures": {name: _picture(course, name) for name in sorted(course.drawings)},
        "lessons": [_lesson(one) for one in course.lessons],
    }


def _picture(course: SaidCourse, name: str) -> dict[str, str]:
    return {"alternative": course.pictures[name], "svg": course.drawings[name].content.decode()}


def _lesson(lesson: SaidLesson) -> dict[str, Any]:
    return {
        "id": lesson.of.key,
        "revision": lesson.revision,
        "title": lesson.title,
        "minutes": lesson.of.minutes,
        "time": lesson.time,
        "messages": [asdict(one) for one in lesson.messages],
        "objectives": [asdict(one) for one in lesson.objectives],
        "steps": [asdict(one) for one in lesson.steps],
        "activities": [asdict(one) for one in lesson.activities],
        "questions": [asdict(one) for one in lesson.questions],
        "distress": lesson.distress,
        "adaptations": {need.value: text for need, text in lesson.adaptations.items()},
        "homework": lesson.homework,
        "items": [_item(one) for one in lesson.items.values()],
        "forms": _forms(lesson.of.forms),
        "worksheet": asdict(lesson.worksheet) if lesson.worksheet else None,
        "board": _board(lesson.board),
    }


def _item(item: SaidItem) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if name != "picture" or value}


def _forms(forms: Forms) -> dict[str, Any]:
    return {
        "before": {name: list(items) for name, items in forms.before.items()},
        "after": {name: list(items) for name, items in forms.after.items()},
    }


def _board(board: SaidBoard | None) -> dict[str, Any] | None:
    return None if board is None else {"width": 160, "height": 100} | asdict(board)


def _lined(value: object, deep: int) -> str:
    """Write one line for each part of what is still `deep`; the rest of a part stands on its line."""
    if deep and isinstance(value, dict) and value:
        return "{" + f",{_MARK}".join(f"{_dumped(name)}:{_lined(one, deep - 1)}" for name, one in value.items()) + "}"
    if deep and isinstance(value, list) and value:
        return "[" + _MARK + f",{_MARK}".join(_lined(one, deep - 1) for one in value) + "]"
    return _dumped(value)


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
