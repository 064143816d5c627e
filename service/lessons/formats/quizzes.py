"""Questions of a lesson as parts of a page: to be answered there, and readable with their answers without a script."""

# Answers are shown in an order that depends on nothing but their ids, so that the right one is not always the first,
# and the same revision gives the same bytes.

import hashlib
from collections.abc import Callable, Sequence
from html import escape

from service.lessons.formats.markup import DASH, image
from service.lessons.model import ItemKind
from service.lessons.said import SaidCourse, SaidItem, SaidLesson, SaidOption

Numbered = tuple[int, SaidOption]
TASKS = {ItemKind.MULTIPLE: "several_task", ItemKind.ORDER: "order_task", ItemKind.MATCH: "match_task"}
FORMS = ("a", "b")


def questions(course: SaidCourse, lesson: SaidLesson, name: str, wanted: Sequence[str]) -> str:
    """Return a set of questions that are counted together."""
    asked = "\n".join(_item(course, lesson.items[one], f"{name}-{one}") for one in wanted)
    again = escape(course.labels["again"])
    return f"""<div class="questions" data-set="{name}">
{asked}
<p class="sum"><span role="status"></span> <button type="button" class="plain" hidden>{again}</button></p>
</div>"""


def forms(course: SaidCourse, lesson: SaidLesson, when: str) -> str:
    """Return both forms of the questions before or after a lesson, each to be opened."""
    said = getattr(lesson.of.forms, when)
    sets = "\n".join(
        f'<details class="set"><summary>{escape(course.labels[f"form_{form}"])}</summary>\n'
        f"{questions(course, lesson, f'{when}-{form}', said[form])}\n</details>"
        for form in FORMS
    )
    return f'<section aria-labelledby="{when}"><h2 id="{when}">{escape(course.labels[when])}</h2>\n{sets}\n</section>'


def answers(course: SaidCourse, item: SaidItem) -> str:
    """Return every answer with what is said to whoever chose it; steps stand in their right order."""
    lines = "\n".join(_answer(course, item, number, one) for number, one in enumerate(item.options))
    name = "ol" if item.kind is ItemKind.ORDER else "ul"
    return f"<{name}>\n{lines}\n</{name}>"


def shuffled(item: SaidItem) -> list[Numbered]:
    """Return the answers in the order in which they are offered, each with its number; steps never in the right one."""
    mixed = sorted(enumerate(item.options), key=lambda one: _mixed(item.id, one[1].id))
    if item.kind is ItemKind.ORDER and [number for number, _ in mixed] == list(range(len(mixed))):
        return mixed[1:] + mixed[:1]
    return mixed


def _mixed(*ids: str) -> str:
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()


def _item(course: SaidCourse, item: SaidItem, name: str) -> str:
    labels = course.labels
    task = f'<p class="task">{escape(labels[TASKS[item.kind]])}</p>' if item.kind in TASKS else ""
    picture = image(course, item.picture) if item.picture else ""
    return f"""<div class="item" id="{name}" data-kind="{item.kind}">
<form novalidate>
<fieldset>
<legend>{escape(item.ask)}</legend>
{task}{picture}
{_OFFERS[item.kind](course, item, name)}
</fieldset>
<p class="go" hidden><button type="submit">{escape(labels["check"])}</button></p>
</form>
<div class="result" role="status"></div>
<details class="answers"><summary>{escape(labels["answers"])}</summary>
{answers(course, item)}
</details>
</div>"""


def _answer(course: SaidCourse, item: SaidItem, number: int, option: SaidOption) -> str:
    words = escape(course.labels["right" if option.right else "wrong"])
    plain = item.kind in {ItemKind.ORDER, ItemKind.MATCH} or option.feedback.startswith(course.labels["right"])
    mate = f" {DASH} {escape(option.mate)}" if option.mate else ""
    verdict = "" if plain else f'<span class="verdict">{words}.</span> '
    return (
        f'<li data-option="{number}" data-right="{"yes" if option.right else "no"}">'
        f'<strong class="text">{escape(option.text)}{mate}</strong> {DASH} {verdict}'
        f'<span class="feedback">{escape(option.feedback)}</span></li>'
    )


def _choices(_: SaidCourse, item: SaidItem, name: str) -> str:
    kind = "checkbox" if item.kind is ItemKind.MULTIPLE else "radio"
    return "\n".join(
        f'<label class="option"><input type="{kind}" name="{name}" value="{number}"> '
        f"<span>{escape(option.text)}</span></label>"
        for number, option in shuffled(item)
    )


def _steps(course: SaidCourse, item: SaidItem, name: str) -> str:
    def button(option: SaidOption, by: int, word: str) -> str:
        label = escape(course.labels[word])
        return (
            f'<button type="button" class="plain" data-move="{by}" '
            f'aria-label="{label}: {escape(option.text)}">{label}</button>'
        )

    lines = "\n".join(
        f'<li data-value="{number}"><span class="words">{escape(option.text)}</span> '
        f'<span class="moves" hidden>{button(option, -1, "up")} {button(option, 1, "down")}</span></li>'
        for number, option in shuffled(item)
    )
    return f'<ol class="steps" id="{name}-steps">\n{lines}\n</ol><p class="apart moved" role="status"></p>'


def _pairs(course: SaidCourse, item: SaidItem, name: str) -> str:
    mates = sorted(enumerate(item.options), key=lambda one: _mixed(item.id, "mate", one[1].id))
    offered = "".join(f'<option value="{number}">{escape(one.mate or "")}</option>' for number, one in mates)
    choose = escape(course.labels["choose"])
    return "\n".join(
        f'<div class="pair"><label for="{name}-{number}">{escape(one.text)}</label> '
        f'<select id="{name}-{number}" data-value="{number}"><option value="">{choose}</option>{offered}</select></div>'
        for number, one in enumerate(item.options)
    )


_OFFERS: dict[ItemKind, Callable[[SaidCourse, SaidItem, str], str]] = {
    ItemKind.SINGLE: _choices,
    ItemKind.MULTIPLE: _choices,
    ItemKind.SCENE: _choices,
    ItemKind.ORDER: _steps,
    ItemKind.MATCH: _pairs,
}
