"""Reads a course's folder: `course.yaml` and one file a lesson, strictly; ids of texts come from where they stand."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from service.guidance.model import Audience, Text
from service.guidance.topics import A_DAY, A_WORD, AUDIENCES, WORD, name_note, word
from service.guidance.yaml import BadYaml, Fields, Items, Node, Pairs
from service.lessons.model import PREFIX, Course, CourseKind, Forms, Lesson, Need, Objective, Step
from service.lessons.reading_tasks import activity, asked, board, item, named, worksheet

COURSE_FILE = "course.yaml"
COURSE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KINDS = f"write one of {', '.join(CourseKind)}"
NEEDS = f"write one of {', '.join(Need)}"
MESSAGES = "write ids of guidance, such as found.stop, or found.stop.children-5-7 for one wording"
FORMS = ("a", "b")


def read_course(files: Mapping[str, Pairs], *, origin: str, ours: Course | None = None) -> Course:
    """Return the course of one folder, by the names of its files; BadYaml names file and line of what is wrong.

    Where a deployment's folder lies over a course of `ours`, that one lends what the folder does not hold.
    """
    there = {name.removesuffix(".yaml"): file for name, file in files.items() if name != COURSE_FILE}
    if COURSE_FILE in files:
        return _whole(files[COURSE_FILE], there, origin, ours.lessons if ours else {})
    if ours is None:
        raise BadYaml(COURSE_FILE, "is missing", "add it: which course, for whom, which lessons")
    own = {name: read_lesson(ours.id, name, file, origin=origin) for name, file in there.items()}
    return replace(ours, lessons={**ours.lessons, **own})


def _whole(head: Pairs, there: Mapping[str, Pairs], origin: str, lent: Mapping[str, Lesson]) -> Course:
    fields = Fields(head, what="the course")
    key = fields.one("course", course_id, remedy=A_WORD)
    title, summary = read_head(fields, key)
    wanted = fields.many("lessons", word, remedy=A_WORD)
    for missing in [one for one in wanted if one not in there and one not in lent]:
        raise BadYaml(head.where, f"the lesson {missing} has no file", f"write {missing}.yaml, or take it off the list")
    for name in sorted(there.keys() - set(wanted)):
        raise BadYaml(there[name].where, f"the course does not name the lesson {name}", "add it to `lessons:`")
    course = Course(
        id=key,
        revision=fields.number("revision"),
        revised=fields.one("revised", date.fromisoformat, remedy=A_DAY),
        order=fields.number("order"),
        kind=fields.one("kind", CourseKind, remedy=KINDS),
        audience=fields.one("audience", Audience, remedy=AUDIENCES),
        ages=_ages(fields),
        title=title,
        summary=summary,
        lessons={
            one: read_lesson(key, one, there[one], origin=origin) if one in there else lent[one] for one in wanted
        },
        origin=origin,
        where=head.where,
    )
    fields.done()
    return course


def read_head(fields: Fields, course: str) -> tuple[Text, Text]:
    """Take what a course's own file says to readers: its title, and what it is."""
    about = f"{PREFIX}{course}"
    title = _text(fields, "title", f"{about}.title", "Title of a course.", 90)
    return title, _text(fields, "summary", f"{about}.summary", "Says in a list of courses what this one is.", 600)


def course_id(text: str) -> str:
    """Return the id of a course; ValueError for what is none."""
    if not COURSE_ID.fullmatch(text) or len(text) > 40:  # noqa: PLR2004 - it stands in names of files
        raise ValueError(text)
    return text


def _ages(fields: Fields) -> tuple[int, int] | None:
    if not fields.has("ages"):
        return None
    where, found = fields.where, fields.many("ages", int, remedy="write [youngest, oldest]")
    if len(found) != 2 or not 3 <= found[0] <= found[1] <= 20:  # noqa: PLR2004 - pupils
        raise BadYaml(where, "ages is no pair of ages", "write [youngest, oldest], such as [8, 11]")
    return found[0], found[1]


def read_lesson(course: str, name: str, file: Pairs, *, origin: str) -> Lesson:
    """Return the lesson of one file of a course's folder, which is named as the lesson is."""
    fields = Fields(file, what="the lesson")
    key = fields.one("lesson", word, remedy=A_WORD)
    if key != name:
        raise BadYaml(file.where, f"the lesson {key} stands in {name}.yaml", "give both the same name")
    slug = f"{PREFIX}{course}.{key}"
    found = Lesson(
        course=course,
        id=key,
        revision=fields.number("revision"),
        revised=fields.one("revised", date.fromisoformat, remedy=A_DAY),
        title=_text(fields, "title", f"{slug}.title", "Title of a lesson.", 90),
        minutes=fields.number("minutes"),
        messages=fields.many("messages", _message_id, remedy=MESSAGES),
        objectives=tuple(_objective(one, node, slug) for one, node in named(fields, "objectives")),
        steps=tuple(_step(one, node, slug) for one, node in named(fields, "steps")),
        activities=tuple(activity(one, node, slug) for one, node in named(fields, "activities")),
        questions=tuple(asked(one, node, slug) for one, node in named(fields, "questions")),
        distress=_text(fields, "distress", f"{slug}.distress", "For the teacher: when a pupil is upset.", 1_800),
        adaptations=_adaptations(fields, slug),
        homework=_text(fields, "homework", f"{slug}.homework", "Done at home with the family.", 1_200),
        items={one: item(one, node, slug) for one, node in named(fields, "items")},
        forms=_forms(fields),
        worksheet=worksheet(fields.node("worksheet"), slug) if fields.has("worksheet") else None,
        board=board(fields.node("board"), slug) if fields.has("board") else None,
        origin=origin,
        where=file.where,
    )
    fields.done()
    return found


def _objective(key: str, node: Node, slug: str) -> Objective:
    fields = Fields(node, what=key)
    text = _text(fields, "text", f"{slug}.objective.{key}", "An objective: what pupils can be seen to do.", 400)
    found = Objective(key, text, fields.many("items", word, remedy="write ids of items of the bank"))
    fields.done()
    return found


def _step(key: str, node: Node, slug: str) -> Step:
    fields, about = Fields(node, what=key), f"{slug}.step.{key}"
    found = Step(
        id=key,
        minutes=fields.number("minutes"),
        title=_text(fields, "title", f"{about}.title", "Title of a step of the lesson.", 80),
        teacher=_text(fields, "teacher", f"{about}.teacher", "A step of the lesson: what the teacher does.", 1_800),
        pupils=_text(fields, "pupils", f"{about}.pupils", "A step of the lesson: what the pupils do.", 1_200),
    )
    fields.done()
    return found


def _adaptations(fields: Fields, slug: str) -> dict[Need, Text]:
    inner = Fields(fields.node("adaptations"), what="the adaptations")
    named_needs = inner.keys()
    for stranger in set(named_needs) - set(Need):
        raise BadYaml(inner.where, f"adaptations knows no {stranger[:40]!r}", NEEDS)
    return {
        Need(key): _text(inner, key, f"{slug}.adaptation.{key}", f"How the lesson is adapted: {key}.", 1_200)
        for key in named_needs
    }


def _forms(fields: Fields) -> Forms:
    inner = Fields(fields.node("forms"), what="the forms")
    before, after = (_form(inner, key) for key in ("before", "after"))
    inner.done()
    return Forms(before, after)


def _form(fields: Fields, key: str) -> dict[str, tuple[str, ...]]:
    node = fields.node(key)
    if isinstance(node, Items):
        raise BadYaml(node.where, f"{key} has no two forms", "write `a: [...]` and `b: [...]` below it")
    inner = Fields(node, what=f"the forms {key} the lesson")
    found = {form: inner.many(form, word, remedy="write ids of items of the bank") for form in FORMS}
    inner.done()
    return found


def _message_id(text: str) -> str:
    parts = text.split(".")
    if len(parts) not in {2, 3} or not all(map(WORD.fullmatch, parts)):
        raise ValueError(text)
    return text


def _text(fields: Fields, key: str, slug: str, note: str, limit: int) -> Text:
    found = fields.scalar(key)
    return Text(slug, " ".join(found.text.split()), f"{note} {name_note(found.text)}".strip(), limit, where=found.where)
