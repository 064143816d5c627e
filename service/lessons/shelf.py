"""Courses in this process's memory as the house has them now, and their packages ready to send."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from service.config import Settings
from service.guidance.model import Guidance
from service.guidance.shelf import Bundle
from service.i18n import rules
from service.i18n.catalogues import Catalogues
from service.i18n.model import Asked
from service.kit.encodings import Effort, Encoding
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.representations import ASK_AGAIN, Book, bound, packed
from service.lessons import actions, recalls
from service.lessons.actions import FORMATS, Source
from service.lessons.formats import bundle
from service.lessons.loading import Own
from service.lessons.model import Format
from service.lessons.press import Package, Press, Ready
from service.lessons.recalls import RecalledLesson
from service.lessons.said import SaidCourse

_Texts: TypeAlias = tuple[Guidance, Catalogues, Settings, Own]

WAY = "/v1/lessons/"
_MOST_BYTES = 64 * 1024 * 1024
_TEXTS = ("application/json", "application/xml", "text/")


@dataclass(frozen=True)
class Taught:
    """All courses by language, each whole; the emergency lesson first."""

    source: Source
    offered: Mapping[str, tuple[SaidCourse, ...]]
    recalled: tuple[RecalledLesson, ...]

    @cached_property
    def packages(self) -> Mapping[tuple[str, str, Format], Package]:
        """Return every package that there may be, in the order of making: emergency lessons first."""
        every = [course for courses in self.offered.values() for course in courses]
        every.sort(key=lambda one: one.of.order)
        return {(one.of.id, one.language, form): Package.of(one, form) for one in every for form in FORMATS}

    @cached_property
    def bundles(self) -> tuple[Bundle, ...]:
        """Return what phones are given, the emergency lesson first; takes a while the first time."""
        every = [course for courses in self.offered.values() for course in courses]
        every.sort(key=lambda one: (one.of.order, one.language))
        return tuple(map(_bundle, every))

    def chosen(self, lang: str | None, header: str) -> Asked:
        """Choose the language to answer in: the one that was named, else by the Accept-Language header."""
        catalogues, offered = self.source.catalogues, tuple(self.offered)
        if lang is not None:
            return Asked(catalogues.choose([lang], available=offered), (lang,))
        wishes = rules.parse_accept_language(header)
        available = rules.acceptable(offered, wishes.refused) or offered
        return Asked(catalogues.choose(wishes.tags, available=available), wishes.tags)

    def package(self, course: str, lang: str, form: Format) -> Package:
        """Return a package that there may be. Refused for one that there is not, saying which there are."""
        actions.course_of(self.source, course)
        language = actions.language_of(self.source, lang)
        found = self.packages.get((course, language, form))
        if found is not None:
            return found
        if form not in FORMATS:
            raise _unknown("format-unknown", "There is no such format.", "format", FORMATS)
        whole = [tag for tag, courses in self.offered.items() if any(one.of.id == course for one in courses)]
        raise _unknown("course-not-whole", "This course is not whole in this language.", "lang", whole)


class Lessons:
    """Gives courses as the house has them: content and catalogues may be replaced while the process runs."""

    def __init__(self) -> None:
        self._of: _Texts | None = None
        self._taught: Taught | None = None
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._weight = 0
        self._begun: Taught | None = None
        self._reading = asyncio.Lock()

    async def now(self, house: House) -> Taught:
        """Return all courses, read beside the event loop if need be."""
        taught = self._taught
        if taught is None or not self._holds(house):
            async with self._reading:
                taught = await asyncio.to_thread(self.taught, house)
        return taught

    def begin(self, house: House, taught: Taught, language: str) -> None:
        """Have every package made, once for each state of the texts: somebody looks at a language's list with sizes."""
        house.get(Press).first = language
        if self._begun is not taught:
            self._begun = taught
            house.get(Press).begin(taught.packages.values())

    def taught(self, house: House) -> Taught:
        """Return all courses; takes a while the first time, so call it beside the event loop."""
        taught = self._taught
        if taught is not None and self._holds(house):
            return taught
        of = (house.get(Guidance), house.get(Catalogues), house.get(Settings), house.get(Own))
        guidance, catalogues, settings, own = of
        source = actions.source_of(settings, guidance, catalogues, own)
        offered = actions.offered(source)
        found = Taught(source, offered, recalls.recalled(guidance.recalls, source.courses.values(), offered))
        self._of, self._taught = of, found
        self._books, self._weight = OrderedDict(), 0
        return found

    def ready(self, house: House, path: str) -> Book | None:
        """Return a file by its path if it is here and its words are the ones that hold; None for any other."""
        book = self._books.get(path)
        if book is None or not self._holds(house):
            return None
        self._books.move_to_end(path)
        return book

    async def file(self, house: House, package: Package, name: str) -> Book:
        """Return a file of a package, made now if need be. Refused where there is none of this name any more."""
        found = await house.get(Press).content(package, name)
        if found is None:
            detail = "There is no such file, or none any more: each revision has its own."
            remedy = "Take what /v1/lessons names."
            raise Refused(Kind.NOT_FOUND, "lesson-file-unknown", detail, where="name", remedy=remedy)
        file, content = found
        book = await asyncio.to_thread(_bound, file, content, package.course.language)
        taught = self._taught
        if taught is not None and taught.packages.get(_place(package)) is package:
            self._keep(path_of(package, name), book)
        return book

    def _holds(self, house: House) -> bool:
        """Say whether what is here was said from the texts that the house has."""
        of = self._of
        return (
            of is not None
            and of[0] is house.get(Guidance)
            and of[1] is house.get(Catalogues)
            and of[2] is house.get(Settings)
            and of[3] is house.get(Own)
        )

    def _keep(self, path: str, book: Book) -> None:
        if path not in self._books:
            self._weight += book.weight
        self._books[path] = book
        while self._weight > _MOST_BYTES and len(self._books) > 1:
            self._weight -= self._books.popitem(last=False)[1].weight


def _bundle(course: SaidCourse) -> Bundle:
    content = bundle.content(course)
    return Bundle(course.language, content, hashlib.sha256(content).hexdigest(), (), course.of.id)


def path_of(package: Package, name: str = "") -> str:
    """Return where a file of a package is served, or where the package itself is asked for."""
    path = f"{WAY}{package.course.of.id}/{package.course.language}/{package.form}"
    return f"{path}/{name}" if name else path


def _place(package: Package) -> tuple[str, str, Format]:
    return package.course.of.id, package.course.language, package.form


def _bound(file: Ready, content: bytes, language: str) -> Book:
    """Give a file its headers; only text is sent smaller: the others are packed already."""
    texts = file.media_type.startswith(_TEXTS)
    bodies = packed(content, Effort.GOOD) if texts else {Encoding.IDENTITY: content}
    shown = "inline" if file.media_type == "application/pdf" else "attachment"
    more = (
        (b"content-type", file.media_type.encode()),
        (b"content-language", language.encode()),
        (b"content-disposition", f'{shown}; filename="{file.name}"'.encode()),
    )
    return bound(bodies, hashlib.sha256(content).hexdigest(), ASK_AGAIN, more=more)


def _unknown(name: str, detail: str, where: str, there: Iterable[str]) -> Refused:
    return Refused(Kind.NOT_FOUND, name, detail, where=where, remedy=f"Ask for one of {', '.join(there)}.")
