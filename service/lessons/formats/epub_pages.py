"""The pages of a course's book as XHTML: what pupils read, what teachers need, answers behind the questions."""

from collections.abc import Iterable, Iterator
from html import escape

from service.lessons.formats import mixing, pages
from service.lessons.model import ItemKind, SheetKind
from service.lessons.said import SaidCourse, SaidItem, SaidLesson

XHTML, OPS = "http://www.w3.org/1999/xhtml", "http://www.idpf.org/2007/ops"
TASKS = {ItemKind.ORDER: "order_task", ItemKind.MATCH: "match_task", ItemKind.MULTIPLE: "several_task"}


def page(course: SaidCourse, title: str, body: Iterable[str], *, kind: str) -> bytes:
    """Return a whole page; the notices of a draft stand first on each, caveat, licence and revision last."""
    tongue = f'lang="{course.language}" xml:lang="{course.language}" dir="{course.direction}"'
    said = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!DOCTYPE html>",
            f'<html xmlns="{XHTML}" xmlns:epub="{OPS}" {tongue}>',
            f'<head><title>{escape(title)}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>',
            f'<body epub:type="{kind}">',
            *(f'<p class="notice">{escape(one)}</p>' for one in course.notices),
            *body,
            '<footer role="contentinfo">',
            *(f"<p>{escape(one)}</p>" for one in (course.caveat, course.licence, course.stamp)),
            "</footer>",
            "</body>",
            "</html>",
        ]
    )
    return (said + "\n").encode()


def front(course: SaidCourse) -> Iterator[str]:
    """Say what the course is, for whom, and what it is founded on."""
    yield f"<h1>{escape(course.title)}</h1>"
    if course.ages:
        yield f'<p class="ages">{escape(course.ages)}</p>'
    yield f"<p>{escape(course.summary)}</p>"
    number = f'<strong dir="ltr">{escape(course.number)}</strong>'
    yield f"<p>{escape(course.labels['whom_to_call'])}: {number}</p>"
    yield f"<p>{escape(course.basis)}</p>"


def pupils(course: SaidCourse, lesson: SaidLesson) -> Iterator[str]:
    """Give what is read together: key messages with their pictures, the sketch, the worksheet, questions."""
    labels = course.labels
    yield f"<h1>{escape(lesson.title)}</h1>"
    yield f"<h2>{escape(labels['key_messages'])}</h2>"
    for key in lesson.messages:
        yield '<section class="message">'
        if key.picture:
            yield f'<img src="pictures/{key.picture}.svg" alt="{escape(course.pictures[key.picture])}"/>'
        yield f'<p class="key">{escape(key.text)}</p>'
        yield from (f"<p>{escape(one)}</p>" for one in (key.why,) if one)
        yield "</section>"
    if lesson.board:
        yield f"<h2>{escape(labels['board'])}</h2>"
        yield pages.board(lesson.board)
    if lesson.worksheet:
        yield f"<h2>{escape(labels['worksheet'])}</h2>"
        yield from _worksheet(lesson)
    yield f"<h2>{escape(labels['bank'])}</h2>"
    for number, item in enumerate(lesson.items.values(), 1):
        yield from _question(course, item, number)
    yield f"<h2>{escape(labels['homework'])}</h2><p>{escape(lesson.homework)}</p>"
    yield named(lesson)


def named(lesson: SaidLesson) -> str:
    """Return which lesson this is and how it was worded, as the recall list names it."""
    return f'<p class="meta"><bdi>{lesson.of.key}</bdi> · <bdi>{lesson.revision}</bdi></p>'


def answers(course: SaidCourse, lesson: SaidLesson) -> Iterator[str]:
    """Give the answers, each with what is said to whoever chose it."""
    yield f"<h1>{escape(course.labels['answers'])}</h1>"
    yield f"<p>{escape(lesson.title)}</p>"
    verdicts = mixing.verdicts(lesson, course.labels["right"])
    for number, item in enumerate(lesson.items.values(), 1):
        yield f"<h2>{number}. {escape(item.ask)}</h2>"
        yield "<ol>" if item.kind is ItemKind.ORDER else "<ul>"
        for option in item.options:
            said = f"{option.text} · {option.mate}" if option.mate else option.text
            word = "strong" if option.right else "span"
            verdict = escape(verdicts.get((item.id, option.id), ""))
            yield f"<li><{word}>{escape(said)}</{word}> {verdict}{escape(option.feedback)}</li>"
        yield "</ol>" if item.kind is ItemKind.ORDER else "</ul>"


def teachers(course: SaidCourse, lesson: SaidLesson) -> Iterator[str]:
    """Give the plan: objectives, steps, activities, questions, distress, adaptations, homework, forms."""
    labels = course.labels
    yield f"<h1>{escape(labels['guide'])}</h1>"
    yield f"<p>{escape(lesson.title)} · {escape(lesson.time)}</p>"
    yield named(lesson)
    yield f"<h2>{escape(labels['objectives'])}</h2>"
    yield _list(one.text for one in lesson.objectives)
    yield f"<h2>{escape(labels['steps'])}</h2>"
    for step in lesson.steps:
        yield f"<h3>{escape(step.title)} ({escape(step.time)})</h3>"
        yield f"<p><strong>{escape(labels['teacher'])}:</strong> {escape(step.teacher)}</p>"
        yield f"<p><strong>{escape(labels['pupils'])}:</strong> {escape(step.pupils)}</p>"
    yield f"<h2>{escape(labels['activities'])}</h2>"
    for activity in lesson.activities:
        yield pages.activity(course, activity)
    yield f"<h2>{escape(labels['questions'])}</h2>"
    for asked in lesson.questions:
        yield f"<h3>{escape(asked.ask)}</h3><p>{escape(asked.answer)}</p>"
    yield f"<h2>{escape(labels['distress'])}</h2><p>{escape(lesson.distress)}</p>"
    yield f"<h2>{escape(labels['adaptations'])}</h2>"
    for need, text in lesson.adaptations.items():
        yield f"<h3>{escape(labels[need])}</h3><p>{escape(text)}</p>"
    yield f"<h2>{escape(labels['homework'])}</h2><p>{escape(lesson.homework)}</p>"
    for when, forms in (("before", lesson.of.forms.before), ("after", lesson.of.forms.after)):
        yield f"<h2>{escape(labels[when])}</h2>"
        for form, items in forms.items():
            yield f"<h3>{escape(labels[f'form_{form}'])}</h3>"
            yield _list(lesson.items[one].ask for one in items)


def _worksheet(lesson: SaidLesson) -> Iterator[str]:
    sheet = lesson.worksheet
    if sheet is None:
        return
    yield f"<h3>{escape(sheet.title)}</h3><p>{escape(sheet.task)}</p>"
    texts = [one.text for one in sheet.rows]
    yield _list(sorted(texts) if sheet.kind is SheetKind.ORDER else texts)
    if sheet.kind is SheetKind.MATCH:
        yield _list(sorted(one.mate or "" for one in sheet.rows))


def _question(course: SaidCourse, item: SaidItem, number: int) -> Iterator[str]:
    yield f"<h3>{number}. {escape(item.ask)}</h3>"
    if item.picture:
        yield f'<img src="pictures/{item.picture}.svg" alt="{escape(course.pictures[item.picture])}"/>'
    if item.kind in TASKS:
        yield f"<p>{escape(course.labels[TASKS[item.kind]])}</p>"
    # By the alphabet, so that the place in the list gives nothing away.
    yield _list(sorted(one.text for one in item.options))
    if item.kind is ItemKind.MATCH:
        yield _list(sorted(one.mate or "" for one in item.options))


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in texts)}</ul>"
