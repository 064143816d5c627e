"""Courses as they are said, and a browser without a network that opens what is made of them."""

import contextlib
import hashlib
import io
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from service.config import Settings
from service.guidance.opening import open_guidance
from service.guidance.shelf import deployment_of
from service.i18n.catalogues import Catalogues
from service.i18n.opening import open_catalogues
from service.lessons import editions, loading
from service.lessons.catalogues import with_lessons
from service.lessons.loading import Own
from service.lessons.model import File, ItemKind
from service.lessons.said import SaidCourse, SaidItem, SaidLesson, SaidOption

CHROMIUM = shutil.which("chromium") or ""
SETTINGS = Settings(guidance_countries=("UA",))
PHONE, DESK = (360, 740), (1280, 900)


FULL = [(course, tag) for course in loading.load() for tag in ("en", "uk")]
EMERGENCY = [("emergency", tag) for tag in ["ru", "es", "ar", "fr", "pt", "bs", "fa-AF", "ps", "km", "my"]]


def chosen() -> list[tuple[str, str]]:
    """Return every package that goes out, or one, whose turn comes with the content's changes."""
    if os.environ.get("SUREFOOT_REQUIRE_ALL"):
        return FULL + EMERGENCY
    said = " ".join(text.english for course in loading.load().values() for text in course.texts())
    turn = hashlib.sha256(said.encode()).digest()[0]
    return [FULL[turn % len(FULL)]]


@cache
def _catalogues() -> Catalogues:
    return with_lessons(open_catalogues(SETTINGS), SETTINGS.locales_folder, Own())


@cache
def said(course: str, tag: str) -> SaidCourse:
    """Return a course in a language, for readers in one country."""
    return editions.edition(
        open_guidance(SETTINGS), loading.load()[course], _catalogues(), tag, deployment_of(SETTINGS)
    )


@cache
def of_all_kinds(tag: str) -> SaidCourse:
    """Return the emergency course with a question of each kind in its bank, made of its own words."""
    course = said("emergency", tag)
    lesson = course.lessons[0]
    return replace(course, lessons=(replace(lesson, items={**lesson.items, **dict(_more(lesson))}),))


def _more(lesson: SaidLesson) -> Iterator[tuple[str, SaidItem]]:
    steps = lesson.steps[:3]
    for kind in (ItemKind.MULTIPLE, ItemKind.ORDER, ItemKind.MATCH):
        options = tuple(
            SaidOption(
                f"o{number}",
                step.title,
                step.pupils,
                right=kind is not ItemKind.MULTIPLE or number != 1,
                mate=step.time if kind is ItemKind.MATCH else None,
            )
            for number, step in enumerate(steps)
        )
        if kind is ItemKind.MATCH:
            options = tuple(replace(one, mate=f"{number} {one.mate}") for number, one in enumerate(options, 1))
        yield f"all-{kind}", SaidItem(f"all-{kind}", kind, lesson.objectives[0].text, options, None)


def unpacked(package: File, folder: Path) -> Path:
    """Lay a package's files into a folder, as a teacher does on a stick."""
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        archive.extractall(folder)
    return folder


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium, without a window."""
    with sync_playwright() as player:
        # Chromium refuses its own cage to root, as whom tests in containers run.
        caged = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = player.chromium.launch(executable_path=CHROMIUM, args=caged)
        try:
            yield started
        finally:
            started.close()


class Cut:
    """A tab that has no network; `asked` is what it asked one for all the same, `errors` what its console said."""

    def __init__(self, context: BrowserContext) -> None:
        self.asked: list[str] = []
        self.errors: list[str] = []
        context.set_offline(offline=True)
        context.on("request", self._seen)
        self.page: Page = context.new_page()
        self.page.on("console", lambda one: self.errors.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda one: self.errors.append(str(one)))

    def _seen(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.asked.append(request.url)


@contextlib.contextmanager
def cut(started: Browser, size: tuple[int, int] = PHONE, *, scripts: bool = True) -> Iterator[Cut]:
    """Open a tab without a network."""
    context = started.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts)
    try:
        yield Cut(context)
    finally:
        context.close()
