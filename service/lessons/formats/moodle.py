"""Question banks for Moodle: its XML, and GIFT, which other school platforms read too."""

# Steps to be put in order become pairs of a step and its number: matching is in every Moodle, ordering only since 4.4,
# and in GIFT never. Neither has feedback for a pair, so all of it stands in the item's own feedback.

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from service.lessons.model import File, ItemKind
from service.lessons.said import SaidCourse, SaidItem, SaidLesson

JOINED = frozenset({ItemKind.ORDER, ItemKind.MATCH})
WRONG = "-100"
"""One wrong act outweighs all right ones: who would also touch it has not understood."""
_SPECIAL = re.compile(r"([\\~=#{}:])")


def make(course: SaidCourse) -> tuple[File, ...]:
    """Return the banks of a course, in both formats; lessons are categories."""
    xml = "\n".join(_xml(course)) + "\n"
    gift = "\n".join(_gift(course))
    return (
        File(f"{course.name}-moodle.xml", "application/xml", xml.encode()),
        File(f"{course.name}-gift.txt", "text/plain; charset=utf-8", gift.encode()),
    )


def about(course: SaidCourse) -> list[str]:
    """Return what stands above the questions: whose they are, and what must be said with them."""
    ages = [course.ages] if course.ages else []
    return [course.title, *course.notices, *ages, course.caveat, course.basis, course.licence, course.stamp]


def share(item: SaidItem, *, right: bool) -> str:
    """Return what an answer counts, in the steps that Moodle knows."""
    if not right:
        return "0" if item.kind is not ItemKind.MULTIPLE else WRONG
    rights = sum(one.right for one in item.options)
    return "100" if rights == 1 else f"{100 / rights:.5f}".rstrip("0").rstrip(".")


def pairs(item: SaidItem) -> list[tuple[str, str]]:
    """Return what belongs together: words and their mates, or steps and their numbers."""
    if item.kind is ItemKind.ORDER:
        return [(one.text, str(number)) for number, one in enumerate(item.options, 1)]
    return [(one.text, one.mate or "") for one in item.options]


def explained(item: SaidItem) -> list[str]:
    """Return the feedback of a joined item, a line a pair."""
    return [f"{text} · {mate}: {one.feedback}" for (text, mate), one in zip(pairs(item), item.options, strict=True)]


def asked(item: SaidItem, course: SaidCourse) -> str:
    """Return the question, with what is to be done where that is not plain."""
    tasks = {ItemKind.ORDER: "order_task", ItemKind.MATCH: "match_task", ItemKind.MULTIPLE: "several_task"}
    task = tasks.get(item.kind)
    return f"{item.ask} {course.labels[task]}" if task else item.ask


def _xml(course: SaidCourse) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<quiz>"
    yield from _category([course.title])
    yield '<question type="description">'
    yield f"<name><text>{escape(course.title)}</text></name>"
    yield _rich("questiontext", about(course), course)
    yield "</question>"
    for lesson in course.lessons:
        yield from _category([course.title, lesson.title])
        for item in lesson.items.values():
            yield from _question(course, lesson, item)
    yield "</quiz>"


def _category(names: list[str]) -> Iterator[str]:
    path = "/".join(one.replace("/", "//") for one in names)
    yield f'<question type="category"><category><text>$course$/top/{escape(path)}</text></category></question>'


def _question(course: SaidCourse, lesson: SaidLesson, item: SaidItem) -> Iterator[str]:
    joined = item.kind in JOINED
    yield f'<question type="{"matching" if joined else "multichoice"}">'
    yield f"<name><text>{escape(name_of(lesson, item))}</text></name>"
    yield _rich("questiontext", [asked(item, course)], course)
    yield _rich("generalfeedback", explained(item) if joined else [], course)
    yield "<defaultgrade>1</defaultgrade><penalty>0</penalty><hidden>0</hidden>"
    yield f"<idnumber>{escape(f'{lesson.of.key}.{item.id}')}</idnumber>"
    yield "<shuffleanswers>true</shuffleanswers>"
    if joined:
        for text, mate in pairs(item):
            yield _rich("subquestion", [text], course, inside=f"<answer><text>{escape(mate)}</text></answer>")
    else:
        yield f"<single>{'false' if item.kind is ItemKind.MULTIPLE else 'true'}</single>"
        yield "<answernumbering>none</answernumbering>"
        for one in item.options:
            feedback = _rich("feedback", [one.feedback], course)
            yield _rich("answer", [one.text], course, inside=feedback, fraction=share(item, right=one.right))
    yield "</question>"


def _rich(name: str, lines: list[str], course: SaidCourse, *, inside: str = "", **attributes: str) -> str:
    """Write paragraphs that know their language and direction, whatever the platform is set to."""
    written = "".join(
        f'<p lang="{course.language}" dir="{course.direction}">{escape(line)}</p>' for line in lines if line
    )
    more = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<{name} format="html"{more}><text>{escape(written)}</text>{inside}</{name}>'


def name_of(lesson: SaidLesson, item: SaidItem) -> str:
    """Return what an item is called in a bank: its lesson and its number there."""
    number = list(lesson.items).index(item.id) + 1
    return f"{lesson.title} · {number}"


def _gift(course: SaidCourse) -> Iterator[str]:
    yield f"$CATEGORY: $course$/top/{_path([course.title])}"
    yield ""
    yield f"::{_plain(course.title)}::[plain]{_plain(' '.join(about(course)))}"
    yield ""
    for lesson in course.lessons:
        yield f"$CATEGORY: $course$/top/{_path([course.title, lesson.title])}"
        yield ""
        for item in lesson.items.values():
            yield f"::{_plain(name_of(lesson, item))}::[plain]{_plain(asked(item, course))} {{"
            yield from _answers(item)
            yield "}"
            yield ""


def _answers(item: SaidItem) -> Iterator[str]:
    if item.kind in JOINED:
        yield from (f"\t={_plain(text)} -> {_plain(mate)}" for text, mate in pairs(item))
        yield "\t####" + _plain(" ".join(explained(item)))
        return
    for one in item.options:
        counted = f"~%{share(item, right=one.right)}%" if item.kind is ItemKind.MULTIPLE else "=" if one.right else "~"
        yield f"\t{counted}{_plain(one.text)}#{_plain(one.feedback)}"


def _path(names: list[str]) -> str:
    return "/".join(one.replace("/", "//") for one in names)


def _plain(text: str) -> str:
    """Take its meaning from every sign of GIFT; an arrow in a text would end it too."""
    return _SPECIAL.sub(r"\\\1", text).replace("->", "-\u200b>")
