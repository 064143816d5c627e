"""What the API says of lessons."""

from datetime import date

from pydantic import BaseModel, Field

from service.guidance.model import RecallReason
from service.i18n.model import Asked, Direction, State
from service.i18n.schemas import NoteOut, notes_out
from service.lessons.actions import FORMATS
from service.lessons.model import Format
from service.lessons.press import Press, Ready
from service.lessons.recalls import RecalledLesson
from service.lessons.said import SaidCourse, SaidLesson
from service.lessons.shelf import Taught, path_of


class FileOut(BaseModel):
    """A file of a package that is ready."""

    path: str
    name: str
    media_type: str
    size: int
    sha256: str = Field(description="hexadecimal; of its bytes before any compression")


class DownloadOut(BaseModel):
    """A package; `path` makes it if need be and leads to its file, or to the page that lists them."""

    format: Format
    path: str
    size: int | None = Field(description="of all its files; null while it is being made")
    files: list[FileOut]


class LessonOut(BaseModel):
    """A lesson of a course; its revision names exactly its words in this language."""

    lesson: str
    title: str
    minutes: int
    revision: str


class CourseOut(BaseModel):
    """A course, whole in the language of the answer."""

    course: str
    title: str
    summary: str
    ages: str | None
    kind: str
    state: State
    revision: str
    dated: date
    notices: list[str]
    basis: str
    licence: str
    lessons: list[LessonOut]
    downloads: list[DownloadOut]


class RecalledLessonOut(BaseModel):
    """A lesson that said a message which was withdrawn: only the revisions in `standing` may be taught."""

    lesson: str
    message: str
    since: date
    reason: RecallReason
    languages: list[str] = Field(description="all if there are none")
    standing: dict[str, str] = Field(description="the revision that stands, by language")


class LessonsOut(BaseModel):
    """All courses in one language, the emergency lesson first."""

    surefoot: int = 1
    language: str
    direction: Direction
    notes: list[NoteOut] = Field(description="said where another language is shown than was asked for")
    caveat: str | None
    page: str = Field(description="the same for a browser, to be read and printed")
    courses: list[CourseOut]
    languages: dict[str, list[str]] = Field(description="which courses are whole in which language")
    recalled: list[RecalledLessonOut]


def lessons_out(taught: Taught, asked: Asked, press: Press) -> LessonsOut:
    """Return what there is in a language, with the sizes that are known by now."""
    language = asked.language.tag
    courses = taught.offered.get(language, ())
    return LessonsOut(
        language=language,
        direction=asked.language.direction,
        notes=notes_out(taught.source.catalogues, asked.wishes, language),
        caveat=courses[0].caveat if courses else None,
        page=f"/v1/lessons/index?lang={language}",
        courses=[_course(one, taught, press) for one in courses],
        languages={tag: [one.of.id for one in found] for tag, found in taught.offered.items()},
        recalled=[_recalled(one) for one in taught.recalled],
    )


def _course(course: SaidCourse, taught: Taught, press: Press) -> CourseOut:
    return CourseOut(
        course=course.of.id,
        title=course.title,
        summary=course.summary,
        ages=course.ages,
        kind=course.of.kind.value,
        state=course.state,
        revision=course.revision,
        dated=course.day,
        notices=list(course.notices),
        basis=course.basis,
        licence=course.licence,
        lessons=[_lesson(one) for one in course.lessons],
        downloads=[_download(course, taught, press, form) for form in FORMATS],
    )


def _lesson(lesson: SaidLesson) -> LessonOut:
    return LessonOut(lesson=lesson.of.key, title=lesson.title, minutes=lesson.of.minutes, revision=lesson.revision)


def _download(course: SaidCourse, taught: Taught, press: Press, form: Format) -> DownloadOut:
    package = taught.packages[course.of.id, course.language, form]
    files = press.ready(package)
    return DownloadOut(
        format=form,
        path=path_of(package),
        size=None if files is None else sum(one.size for one in files),
        files=[_file(one, path_of(package, one.name)) for one in files or ()],
    )


def _file(file: Ready, path: str) -> FileOut:
    return FileOut(path=path, name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256)


def _recalled(one: RecalledLesson) -> RecalledLessonOut:
    return RecalledLessonOut(
        lesson=one.lesson,
        message=one.message,
        since=one.since,
        reason=one.reason,
        languages=list(one.languages),
        standing=dict(one.standing),
    )
