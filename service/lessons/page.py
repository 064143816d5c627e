"""The page with all courses of a language and their downloads: no scripts, made to be printed."""

from collections.abc import Iterator, Mapping
from html import escape

from service.i18n.catalogues import Catalogues
from service.i18n.loading import own_name
from service.i18n.model import Asked, Message
from service.i18n.schemas import notes_out
from service.lessons import words, words_page
from service.lessons.actions import FORMATS
from service.lessons.model import Format
from service.lessons.press import Package, Press, Ready
from service.lessons.said import SaidCourse
from service.lessons.shelf import Taught, path_of

_FORM = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body{{font:1.1em/1.5 sans-serif;max-width:44em;margin:1em auto;padding:0 1em}}
section{{break-inside:avoid}}
table{{border-collapse:collapse;width:100%}}
th,td{{border:1px solid;padding:.5em;text-align:start;vertical-align:top}}
th{{width:50%}}
th span{{font-weight:400}}
td p{{margin:0 0 .6em}}
td bdi{{white-space:nowrap}}
strong.notice{{display:block;border:2px solid;padding:.5em}}
@media print{{
body{{font-size:10pt;max-width:none}}
nav{{display:none}}
td a::after{{content:" (" attr(href) ")";font-size:8pt;word-break:break-all}}
}}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
_NAMES: Mapping[Format, str] = {
    Format.PDF: "PDF",
    Format.EPUB: "EPUB",
    Format.HTML: "HTML",
    Format.SCORM: "SCORM 1.2",
    Format.MOODLE: "Moodle",
    Format.JSON: "JSON",
}
_UNITS = ((1_000_000, "MB"), (1_000, "kB"))
_PARTS = ("guide", "worksheets", "board", "poster", "slides")
_KINDS: Mapping[tuple[Format, str], str] = {(Format.MOODLE, "xml"): "Moodle XML", (Format.MOODLE, "txt"): "GIFT"}
"""What files of one package are called that are told apart by how their names end."""


def written(taught: Taught, asked: Asked, press: Press) -> str:
    """Return the page: the emergency lesson first, every download with its size, then the other languages."""
    language = asked.language.tag
    courses = taught.offered.get(language, ())
    said = _Said(taught.source.catalogues, language)
    notices = dict.fromkeys(notice for course in courses for notice in course.notices)
    caveats = dict.fromkeys(course.caveat for course in courses)
    lines = [
        f'<p lang="{one.language}" dir="{one.direction}">{escape(one.text)}</p>'
        for one in notes_out(taught.source.catalogues, asked.wishes, language)
    ]
    lines += [f'<strong class="notice">{escape(one)}</strong>' for one in notices]
    lines += [f"<p>{escape(one)}</p>" for one in caveats]
    lines += _recalled(taught, courses, said)
    lines += _contents(courses)
    for course in courses:
        lines += _course(course, taught, press, said)
    lines += [f"<p>{escape(one)}</p>" for course in courses[:1] for one in (course.basis, course.licence)]
    lines += _others(taught, language, said)
    return _FORM.format(
        language=language,
        direction=asked.language.direction,
        title=escape(said.must(words.LABELS["courses"])),
        body="\n".join(lines),
    )


class _Said:
    """Says what stands around courses; nothing, where the language lacks any of it: no page is in two languages."""

    def __init__(self, catalogues: Catalogues, language: str) -> None:
        self._catalogues, self._language = catalogues, language
        self._whole = language in catalogues.having(words_page.EVERY)

    def must(self, message: Message) -> str:
        return self._catalogues.render(message, self._language)

    def may(self, message: Message) -> str:
        return self.must(message) if self._whole else ""


def _recalled(taught: Taught, courses: tuple[SaidCourse, ...], said: _Said) -> Iterator[str]:
    """Name what still stands of the lessons whose earlier revisions do not."""
    named = {one.lesson for one in taught.recalled}
    lessons = [lesson for course in courses for lesson in course.lessons if lesson.of.key in named]
    if lessons:
        yield f'<strong class="notice">{escape(said.may(words_page.RECALLED))}</strong>'
        yield from _list(f"{escape(one.title)}: <bdi>{escape(one.revision)}</bdi>" for one in lessons)


def _contents(courses: tuple[SaidCourse, ...]) -> Iterator[str]:
    """Lead to each course, where there are several: a long page on a small phone."""
    if len(courses) > 1:
        yield f'<nav aria-label="{escape(courses[0].labels["contents"])}">'
        yield from _list(f'<a href="#{one.of.id}">{escape(one.title)}</a>' for one in courses)
        yield "</nav>"


def _course(course: SaidCourse, taught: Taught, press: Press, said: _Said) -> Iterator[str]:
    yield f'<section id="{course.of.id}"><h2>{escape(course.title)}</h2>'
    yield from (f"<p>{escape(one)}</p>" for one in (course.ages, course.summary) if one)
    yield from _list(f"{escape(one.title)} ({escape(one.time)})" for one in course.lessons)
    yield "<table>"
    for form in FORMATS:
        package = taught.packages[course.of.id, course.language, form]
        purpose = said.may(words_page.PURPOSES[form])
        yield f'<tr><th scope="row"><bdi>{_NAMES[form]}</bdi><br><span>{escape(purpose)}</span></th><td>'
        yield from _files(package, press, said)
        yield "</td></tr>"
    yield "</table>"
    yield f"<p>{escape(course.stamp)}</p></section>"


def _files(package: Package, press: Press, said: _Said) -> Iterator[str]:
    files = press.ready(package)
    if files is None:
        yield f'<a href="{escape(path_of(package))}"><bdi>{_NAMES[package.form]}</bdi></a> '
        yield escape(said.may(words_page.WHEN_ASKED))
        return
    yield "\n".join(
        f'<p><a href="{escape(path_of(package, one.name))}">{_named(one, package)}</a> <bdi>{_size(one.size)}</bdi></p>'
        for one in files
    )


def _named(file: Ready, package: Package) -> str:
    """Name a file by what it is: its part of a course on paper, or its kind."""
    part = file.name.removeprefix(f"{package.course.name}-").partition(".")[0]
    label = package.course.labels.get("worksheet" if part == "worksheets" else part) if part in _PARTS else None
    kind = _KINDS.get((package.form, file.name.rpartition(".")[2]), _NAMES[package.form])
    return escape(label) if label else f"<bdi>{escape(kind)}</bdi>"


def _others(taught: Taught, language: str, said: _Said) -> Iterator[str]:
    others = [tag for tag in taught.offered if tag != language]
    if others:
        yield f"<h2>{escape(said.may(words_page.OTHERS))}</h2>"
        yield from _list(
            f'<a href="/v1/lessons/index?lang={tag}" lang="{tag}" hreflang="{tag}">{escape(own_name(tag))}</a>'
            for tag in others
        )


def _list(entries: Iterator[str]) -> Iterator[str]:
    yield "<ul>"
    yield from (f"<li>{one}</li>" for one in entries)
    yield "</ul>"


def _size(size: int) -> str:
    """Return a size rounded up, in units that everybody's phone uses."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{-(-size * 10 // unit) / 10:.1f} {name}"
    return f"{size} B"
