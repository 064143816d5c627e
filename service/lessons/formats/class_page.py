"""The page for after a lesson: what the class has learnt, and the report on lessons held, kept until it is sent."""

import json
from collections.abc import Mapping, Sequence
from html import escape

from service.lessons.formats.markup import Page
from service.lessons.formats.pages import section
from service.lessons.formats.quizzes import FORMS
from service.lessons.said import SaidCourse, SaidLesson
from service.lessons.words_screen import DELIVERIES, METHODS, PLACE_TYPES, SEXES

A_COUNT = 'type="number" min="0" max="99999" step="1" inputmode="numeric"'
A_CODE = 'type="text" maxlength="40" pattern="[A-Za-z0-9._:\\-]+" autocomplete="off" spellcheck="false" dir="ltr"'
A_SHORT_NAME = 'type="text" maxlength="40" autocomplete="off"'


def page(course: SaidCourse) -> Page:
    """Return the page; a request leaves it only when its button is pressed, to the address that was typed."""
    body = "\n".join([_gains(course), _report(course), _kept(course)])
    return Page(course.labels["report"], body, scripts=("class.js", "report.js"), connects=("https:",))


def _gains(course: SaidCourse) -> str:
    labels = course.labels
    lessons = "\n".join(_gain(course, lesson, form) for lesson in course.lessons for form in FORMS)
    return section("gains", labels["gains"], [f"<p>{escape(labels['gains_task'])}</p>", lessons])


def _gain(course: SaidCourse, lesson: SaidLesson, form: str) -> str:
    """Return the counts of one form: who answered, and for each question how many were right."""
    labels = course.labels
    title = f"{lesson.title} · {labels[f'form_{form}']}"
    before, after = lesson.of.forms.before[form], lesson.of.forms.after[form]
    about = escape(json.dumps({"lesson": lesson.of.key, "revision": lesson.revision, "form": form}))
    return f"""<details class="set gain" data-about="{about}" data-before="{len(before)}" data-after="{len(after)}">
<summary>{escape(title)}</summary>
<p><label>{escape(labels["answered"])} <input {A_COUNT} data-side="pupils"></label></p>
<table><tbody>
{_counts(course, lesson, "before", before)}
{_counts(course, lesson, "after", after)}
</tbody></table>
<p class="told" role="status"></p>
</details>"""


def _counts(course: SaidCourse, lesson: SaidLesson, side: str, wanted: Sequence[str]) -> str:
    head = escape(course.labels[f"right_{side}"])
    rows = "\n".join(
        f'<tr><th scope="row">{ask}</th><td><input {A_COUNT} data-side="{side}" aria-label="{head}: {ask}"></td></tr>'
        for ask in (escape(lesson.items[one].ask) for one in wanted)
    )
    return f'<tr><th scope="rowgroup" colspan="2">{head}</th></tr>\n{rows}'


def _report(course: SaidCourse) -> str:
    labels = course.labels
    counted = [_field(labels["first_timers"], f'{A_COUNT} name="first_timers" required')]
    counted += [_field(labels["with_disabilities"], f'{A_COUNT} name="with_disabilities"')]
    body = f"""<p>{escape(labels["report_task"])}</p>
<form id="report" novalidate>
<div class="fields">
{_field(labels["date"], 'type="date" name="date" required')}
{_field(labels["sessions"], f'{A_COUNT} name="sessions" value="1" required')}
{_choice(course, "place_type", PLACE_TYPES)}
{_field(labels["place_code"], f'{A_CODE} name="place" required')}
{_choice(course, "delivery", DELIVERIES)}
{_choice(course, "method", METHODS)}
{_field(labels["organisation"], f'{A_SHORT_NAME} name="organisation" required')}
</div>
{_people(course)}
<div class="fields">
{"".join(counted)}
</div>
<p class="told" role="alert"></p>
<p class="buttons screen" hidden><button type="submit">{escape(labels["keep"])}</button></p>
</form>"""
    return section("report-form", labels["report"], [body])


def _people(course: SaidCourse) -> str:
    labels = course.labels
    heads = "".join(f'<th scope="col">{escape(labels[sex])}</th>' for sex in SEXES)
    rows = "".join(
        f'<tr><th scope="row"><bdi dir="ltr">{group}</bdi></th>'
        + "".join(
            f'<td><input {A_COUNT} data-sex="{sex}" data-age="{group}" value="0" '
            f'aria-label="{escape(labels[sex])}, {group}"></td>'
            for sex in SEXES
        )
        + "</tr>"
        for group in course.age_groups
    )
    return f"""<fieldset class="part"><legend>{escape(labels["people"])}</legend>
<table><thead><tr><th scope="col">{escape(labels["age"])}</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
</fieldset>"""


def _kept(course: SaidCourse) -> str:
    labels = course.labels
    body = f"""<p id="keeping"></p>
<ul class="queue" id="queue"></ul>
<p class="screen"><label for="as-text">{escape(labels["as_text"])}</label>
<textarea id="as-text" readonly></textarea></p>
<pre class="paper" id="on-paper" dir="ltr"></pre>
<p class="buttons screen"><button type="button" class="plain" id="print">{escape(labels["print"])}</button></p>
<form id="sending" class="screen" novalidate>
<div class="fields">
{_field(labels["address"], 'type="url" name="address" required pattern="https://.+" autocomplete="off" dir="ltr"')}
{_field(labels["key"], 'type="password" name="key" autocomplete="off" dir="ltr"')}
</div>
<p class="buttons"><button type="submit">{escape(labels["send"])}</button></p>
</form>
<p class="told" id="sent" role="status"></p>"""
    return f'<div id="kept-reports" hidden>{section("kept", labels["kept"], [body])}</div>'


def _field(label: str, attributes: str) -> str:
    return f"<label>{escape(label)} <input {attributes}></label>"


def _choice(course: SaidCourse, name: str, values: Mapping[str, object]) -> str:
    offered = "".join(f'<option value="{one}">{escape(course.labels[f"{name}.{one}"])}</option>' for one in values)
    choose = escape(course.labels["choose"])
    label = escape(course.labels[name])
    return f'<label>{label} <select name="{name}" required><option value="">{choose}</option>{offered}</select></label>'
