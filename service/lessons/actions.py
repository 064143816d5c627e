"""What can be done with courses: say which there are in which languages, and make packages of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from service.config import Settings
from service.guidance.editions import Deployment
from service.guidance.model import Guidance
from service.guidance.shelf import deployment_of
from service.i18n.catalogues import Catalogues
from service.kit.errors import Kind, Refused
from service.lessons import editions, linting, loading
from service.lessons.catalogues import with_lessons
from service.lessons.loading import Own
from service.lessons.model import Course, File, Format
from service.lessons.said import SaidCourse

_MAKERS: Mapping[Format, str] = {
    Format.PDF: "service.lessons.formats.pdf",
    Format.EPUB: "service.lessons.formats.epub",
    Format.HTML: "service.lessons.formats.html",
    Format.SCORM: "service.lessons.formats.scorm",
    Format.MOODLE: "service.lessons.formats.moodle",
    Format.JSON: "service.lessons.formats.bundle",
}
"""By name: typst and fonts are loaded when something is made of them, not when the API starts."""

FORMATS: tuple[Format, ...] = tuple(form for form, maker in _MAKERS.items() if find_spec(maker) is not None)
"""In the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class Source:
    """What courses are said from."""

    guidance: Guidance
    courses: Mapping[str, Course]
    catalogues: Catalogues
    deployment: Deployment


def source_of(settings: Settings, guidance: Guidance, catalogues: Catalogues, own: Own) -> Source:
    """Read the courses with their translations. Refused says what is wrong with their files."""
    speaking = with_lessons(catalogues, settings.locales_folder, own)
    return Source(guidance, loading.load(own), speaking, deployment_of(settings))


def languages(source: Source) -> tuple[str, ...]:
    """Return every language that a course could be said in."""
    return tuple(one.tag for one in source.catalogues.languages())


def course_of(source: Source, course: str) -> Course:
    """Return a course by its id. Refused `course-unknown`."""
    found = source.courses.get(course)
    if found is None:
        remedy = f"Ask for one of {', '.join(source.courses)}."
        raise Refused(Kind.NOT_FOUND, "course-unknown", "There is no such course.", where="course", remedy=remedy)
    return found


def language_of(source: Source, tag: str) -> str:
    """Return a language's tag as it is written here. Refused `language-unknown` for one that nothing is said in."""
    known, ours = source.catalogues.known(tag), languages(source)
    if known is None or known not in ours:
        detail = "Nothing is said in this language."
        remedy = f"Ask for one of {', '.join(ours)}."
        raise Refused(Kind.NOT_FOUND, "language-unknown", detail, where="lang", remedy=remedy)
    return known


def say(source: Source, course: str, tag: str) -> SaidCourse:
    """Say a course in a language. Refused `course-unknown`, `language-unknown`, `course-not-whole`."""
    known = course_of(source, course)
    return editions.edition(source.guidance, known, source.catalogues, language_of(source, tag), source.deployment)


def whole(source: Source, tag: str) -> tuple[SaidCourse, ...]:
    """Return the courses that a language has all of, the emergency lesson first."""
    found = []
    for course in source.courses.values():
        try:
            found.append(editions.edition(source.guidance, course, source.catalogues, tag, source.deployment))
        except Refused:
            continue
    return tuple(found)


def offered(source: Source) -> dict[str, tuple[SaidCourse, ...]]:
    """Return by language what there is whole; a language without any course is left out."""
    found = {tag: whole(source, tag) for tag in languages(source)}
    return {tag: courses for tag, courses in found.items() if courses}


def export(course: SaidCourse, form: Format) -> tuple[File, ...]:
    """Make a package: the same bytes from the same revision.

    Refused `format-unknown`, `package-too-large`, or as `linting.refuse_external` says.
    """
    if form not in FORMATS:
        remedy = f"Ask for one of {', '.join(FORMATS)}."
        raise Refused(Kind.NOT_FOUND, "format-unknown", "There is no such format.", where="format", remedy=remedy)
    maker: Callable[[SaidCourse], tuple[File, ...]] = import_module(_MAKERS[form]).make
    files = maker(course)
    for file in files:
        linting.refuse_external(file)
    size = sum(len(file.content) for file in files)
    if size > linting.MOST_BYTES:
        most = linting.MOST_BYTES
        detail = f"The {form} package of {course.of.id} in {course.language!r} has {size} bytes, {most} at most."
        remedy = "Say it in fewer words, or draw simpler pictures."
        raise Refused(Kind.TOO_LARGE, "package-too-large", detail, where=course.of.id, remedy=remedy)
    return files
