"""Makes a course into five PDFs by typst: the teacher's guide, worksheets, sketches, a poster a lesson, slides."""

# Black on white, no grey, lines of at least 1 pt: what is photocopied twice can still be read. Letters are as large
# as the measures of paper let them be, and where not even the smallest fit, the lesson is refused by its name.

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno

from service.guidance.model import CHILDREN, Audience
from service.kit import typesetting
from service.kit.errors import Kind, Refused
from service.kit.typesetting import Form, Unset
from service.lessons.formats import mixing
from service.lessons.model import CourseKind, File, ItemKind, SheetKind
from service.lessons.said import SaidBoard, SaidCourse, SaidLesson, SaidWorksheet

HERE = Path(__file__).parent
ACTIVITY = ("materials", "grouping", "how", "debrief", "stop_rule")
PARTS = ("guide", "worksheets", "board", "poster", "slides")
MOST_PLAN_PAGES, MOST_EMERGENCY_PAGES = 4, 2
SHOWN = frozenset({ItemKind.SINGLE, ItemKind.SCENE})
"""Which questions stand on slides: what a class answers with hands or feet; activities call for any of them."""
LEAST, LEAST_SMALL = 11, 18
"""The smallest letters on paper, in points; the latter for ages 5 to 7."""
_A3_OF_A4 = 2**0.5
_STROKE = '<path d="{path}" fill="none" stroke="#000" stroke-width="{width}" stroke-linecap="round"/>'
_SKETCH = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 100">{strokes}</svg>'
_NEW, _OLD = 4.6, 2.4
"""How wide strokes are in small pictures, which are 25 mm wide or more: the thin ones are still more than 1 pt."""
_WHOLE = 1.2
_TOO_LONG = "too-long:"
"""What a template's complaint begins with when a lesson does not fit; its id follows, in `<` and `>`."""


def make(course: SaidCourse) -> tuple[File, ...]:
    """Return the five files. Refused `lesson-too-long` names the lesson that needs more paper than it may have."""
    data = _data(course)
    return tuple(File(f"{course.name}-{part}.pdf", "application/pdf", _pages(part, data, course)) for part in PARTS)


def is_small(course: SaidCourse) -> bool:
    """Say whether the pupils are of 5 to 7 years, who need larger letters."""
    return course.of.audience is Audience.CHILDREN_5_7


def _pages(part: str, data: Mapping[str, Any], course: SaidCourse) -> bytes:
    """Return one file in the largest letters in which each lesson has room."""
    complaint = ""
    for sizes in _sizes(part, course):
        try:
            return typesetting.typeset(_template(part), {**data, "part": part, **sizes}, Form.PDF, day=course.day)
        except Unset as unset:
            complaint = str(unset)
            if _TOO_LONG not in complaint:
                raise
    lesson = complaint.partition(_TOO_LONG)[2].partition("<")[2].partition(">")[0]
    detail = f"The lesson {lesson} has no room in {course.language!r} on the paper that its {part} may have."
    remedy = "Say the lesson in fewer words."
    raise Refused(Kind.CONFLICT, "lesson-too-long", detail, where=lesson, remedy=remedy)


def _sizes(part: str, course: SaidCourse) -> Sequence[dict[str, Any]]:
    """Return what is tried in turn: large before small, and what may be left out of the emergency lesson last."""
    least = LEAST_SMALL if is_small(course) else LEAST
    if part == "guide":
        return _guides(emergency=course.of.kind is CourseKind.EMERGENCY)
    if part == "worksheets":
        large, lesser = [24, 22, 20, LEAST_SMALL], [16, 14, 12, LEAST]
        mixed = [*large, *lesser] if course.of.kind is CourseKind.EMERGENCY else lesser
        sizes = large if is_small(course) else mixed
        return [{"sizes": sizes, "least": least, "foot": least}]
    if part == "poster":
        least, foot = (math.ceil(size * _A3_OF_A4) for size in (least, LEAST))
        sizes = [*range(44, least, -3), least]
        return [{"sizes": sizes, "foot": foot, "most_messages": most} for most in (6, 5, 4, 3, 2, 1)]
    if part == "slides":
        return [{"sizes": [40, 36, 32, 28, 25, 22, 20, 18], "foot": LEAST}]
    return [{"widths": [160, 140, 120, 100], "foot": LEAST}]


def _guides(*, emergency: bool) -> Sequence[dict[str, Any]]:
    whole = {"reasons": True, "strokes": True, "sketch": 84, "tight": False, "foot": LEAST}
    tried = [{**whole, "size": size} for size in (12, 11.5, LEAST)]
    if not emergency:
        return [{**one, "most_pages": MOST_PLAN_PAGES} for one in tried]
    tight = {**tried[-1], "tight": True}
    bare = {**tight, "strokes": False}
    less = [tight, bare, {**bare, "sketch": 60}, {**bare, "sketch": 60, "reasons": False}]
    return [{**one, "most_pages": MOST_EMERGENCY_PAGES} for one in (*tried, *less)]


def _data(course: SaidCourse) -> dict[str, Any]:
    """Return what the templates read: texts as they are, pictures as SVG."""
    return {
        **typesetting.language(course.language),
        "direction": course.direction,
        "title": course.title,
        "summary": course.summary,
        "ages": course.ages,
        "basis": course.basis,
        "licence": course.licence,
        "stamp": course.stamp,
        "notices": list(course.notices),
        "caveat": course.caveat,
        "number": course.number,
        "revision": course.revision,
        "children": course.of.audience in CHILDREN,
        "emergency": course.of.kind is CourseKind.EMERGENCY,
        "labels": dict(course.labels),
        "pictures": {
            name: {"image": one.content.decode(), "words": course.pictures[name]}
            for name, one in course.drawings.items()
        },
        "lessons": [_lesson(one, course) for one in course.lessons],
    }


def _lesson(lesson: SaidLesson, course: SaidCourse) -> dict[str, Any]:
    verdicts = mixing.verdicts(lesson, course.labels["right"])
    items = {
        name: mixing.item(one, n + 1, lesson.of.key, verdicts) for n, (name, one) in enumerate(lesson.items.items())
    }
    forms = {"before": lesson.of.forms.before, "after": lesson.of.forms.after}
    return {
        "id": lesson.of.key,
        "revision": lesson.revision,
        "code": _code(lesson, course),
        "title": lesson.title,
        "time": lesson.time,
        "messages": [
            {"id": one.id, "revision": one.revision, "text": one.text, "why": one.why, "picture": one.picture}
            for one in lesson.messages
        ],
        "objectives": [one.text for one in lesson.objectives],
        "steps": [
            {"time": one.time, "title": one.title, "teacher": one.teacher, "pupils": one.pupils} for one in lesson.steps
        ],
        "activities": [
            {"title": one.title, "parts": [[name, getattr(one, name)] for name in ACTIVITY]}
            for one in lesson.activities
        ],
        "questions": [{"ask": one.ask, "answer": one.answer} for one in lesson.questions],
        "distress": lesson.distress,
        "adaptations": [[str(need), text] for need, text in lesson.adaptations.items()],
        "homework": lesson.homework,
        "items": list(items.values()),
        "shown": [items[name] for name, one in lesson.items.items() if one.kind in SHOWN],
        "forms": [
            {"when": when, "form": form, "items": [items[one] for one in chosen]}
            for when, both in forms.items()
            for form, chosen in both.items()
        ],
        "worksheet": _worksheet(lesson.worksheet, lesson.of.key) if lesson.worksheet else None,
        "board": _board(lesson.board) if lesson.board else None,
    }


def _code(lesson: SaidLesson, course: SaidCourse) -> dict[str, str] | None:
    """Return the square code that asks whether this lesson still stands."""
    if course.code is None:
        return None
    asked = {"lesson": lesson.of.key, "revision": lesson.revision, "language": course.language}
    drawn = io.BytesIO()
    link = f"{course.code.page}?{urlencode(asked)}"
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False, scale=4)
    return {"image": drawn.getvalue().decode(), "words": course.code.words}


def _worksheet(sheet: SaidWorksheet, key: str) -> dict[str, Any]:
    """Return a page for pupils; what is to be put in order or joined is mixed."""
    texts = [one.text for one in sheet.rows]
    mates = [one.mate for one in sheet.rows if one.mate]
    return {
        "kind": str(sheet.kind),
        "title": sheet.title,
        "task": sheet.task,
        "rows": mixing.mixed(texts, key) if sheet.kind is SheetKind.ORDER else texts,
        "mates": mixing.mixed(mates, key),
    }


def _board(board: SaidBoard) -> dict[str, Any]:
    """Return the sketch as one picture and as a picture a stroke, the new stroke thick."""
    drawn = [[(path, _OLD) for path in board.strokes[:n]] + [(path, _NEW)] for n, path in enumerate(board.strokes)]
    return {
        "alternative": board.alternative,
        "whole": _sketch((path, _WHOLE) for path in board.strokes),
        "strokes": [_sketch(one) for one in drawn],
        "labels": [{"text": one.text, "x": one.x, "y": one.y} for one in board.labels],
    }


def _sketch(strokes: Iterable[tuple[str, float]]) -> str:
    return _SKETCH.format(strokes="".join(_STROKE.format(path=path, width=width) for path, width in strokes))


@cache
def _template(part: str) -> str:
    """Return a part's template behind what all parts share."""
    folder = HERE / "templates"
    return "\n".join((folder / f"{name}.typ").read_text(encoding="utf-8") for name in ("frame", part))
