"""A course as pages for any browser: from a USB stick or a small computer in the classroom, without a network."""

from collections.abc import Sequence
from html import escape

from service.kit.archives import zipped
from service.lessons.formats import class_page, pages
from service.lessons.formats.markup import Page, links, written
from service.lessons.formats.pages import paragraph, section
from service.lessons.model import File
from service.lessons.said import SaidCourse, SaidLesson

INDEX, CLASS = "index.html", "class.html"


def make(course: SaidCourse) -> tuple[File, ...]:
    """Return the package; every page also works alone."""
    made = {INDEX: _written(course, INDEX, Page(course.title, _index(course)))}
    for lesson in course.lessons:
        page = Page(lesson.title, pages.for_pupils(course, lesson), scripts=("quiz.js",))
        made[_lesson(lesson)] = _written(course, _lesson(lesson), page)
        title = f"{course.labels['for_teachers']}: {lesson.title}"
        made[_teacher(lesson)] = _written(course, _teacher(lesson), Page(title, pages.for_teachers(course, lesson)))
    made[CLASS] = _written(course, CLASS, class_page.page(course))
    return (File(f"{course.name}-html.zip", "application/zip", zipped(made, day=course.day)),)


def _lesson(lesson: SaidLesson) -> str:
    return f"lesson-{lesson.of.id}.html"


def _teacher(lesson: SaidLesson) -> str:
    return f"teacher-{lesson.of.id}.html"


def _written(course: SaidCourse, path: str, page: Page) -> bytes:
    nav = links(course, _around(course, path), path)
    return written(course, Page(page.title, page.body, nav, page.scripts, page.connects))


def _around(course: SaidCourse, path: str) -> Sequence[tuple[str, str]]:
    """Return where a page leads: the index, the report, and the other half of its own lesson."""
    labels = course.labels
    to = [(INDEX, labels["contents"])]
    for lesson in course.lessons:
        if path in {_lesson(lesson), _teacher(lesson)}:
            to += [(_lesson(lesson), labels["lesson"]), (_teacher(lesson), labels["for_teachers"])]
    return [*to, (CLASS, labels["report"])]


def _index(course: SaidCourse) -> str:
    labels = course.labels
    listed = "\n".join(
        f'<li><a class="main-link" href="{_lesson(one)}">{escape(one.title)}</a><p>{escape(one.time)} · '
        f'<a href="{_teacher(one)}">{escape(labels["for_teachers"])}</a></p></li>'
        for one in course.lessons
    )
    parts = [paragraph(course.summary)]
    parts += [paragraph(course.ages)] if course.ages else []
    parts += [section("lessons", labels["courses"], [f'<ol class="list">\n{listed}\n</ol>'])]
    parts += [f'<p><a href="{CLASS}">{escape(labels["report"])}</a></p>']
    number = f'<p><strong dir="ltr">{escape(course.number)}</strong></p>'
    parts += [section("call", labels["whom_to_call"], [number]), paragraph(course.basis)]
    return "\n".join(parts)
