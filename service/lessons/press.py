"""Packages that are ready, in a folder: one at a time is made, each once; those of other texts are dropped."""

import asyncio
import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog

from service.config import Settings
from service.kit.errors import Kind, Refused
from service.lessons import making
from service.lessons.formats import bundle
from service.lessons.model import Format
from service.lessons.said import SaidCourse

_log = structlog.get_logger()
_MOST_WAITING = 16
_SOON = 15
_OLD_SECONDS = 24 * 3600.0
_SOURCES = (".py", ".typ", ".css", ".js", ".json", ".html", ".xml")


@dataclass(frozen=True, slots=True)
class Ready:
    """A file of a package that lies in the folder; `sha256` (hexadecimal) and `size` of its bytes."""

    name: str
    media_type: str
    size: int
    sha256: str
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """A package that there may be; `key` names exactly its bytes."""

    course: SaidCourse
    form: Format
    key: str

    @classmethod
    def of(cls, course: SaidCourse, form: Format) -> "Package":
        """Name a package by all that the course says, and by the program that makes it."""
        said = hashlib.sha256(bundle.content(course) + _program().encode()).hexdigest()[:16]
        return cls(course, form, f"{course.name}-{form}-{said}")


class Press:
    """Makes packages beside the API's own work, and remembers what is ready.

    `first` is the language that somebody looks at, whose packages go before others; `made` counts, so that pages
    follow.
    """

    def __init__(self, folder: Path, *, passing: bool = False) -> None:
        self._folder = folder
        self._passing = passing
        self._one = asyncio.Semaphore(1)
        self._waiting = 0
        self._ready: dict[str, tuple[Ready, ...]] = {}
        self._round: asyncio.Task[None] | None = None
        self.first: str | None = None
        self.made = 0

    @classmethod
    def open(cls, settings: Settings) -> "Press":
        """Open the folder of the settings, or a passing one. Refused `lessons-folder-unusable`."""
        if settings.lessons_folder is None:
            return cls(Path(tempfile.mkdtemp(prefix="surefoot-lessons-")), passing=True)
        folder = settings.lessons_folder.absolute()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return cls(folder)
        except OSError as error:
            detail = f"The folder for packages of lessons cannot be used: {error.strerror}."
            remedy = "Name a folder that the API may write to in SUREFOOT_LESSONS_FOLDER, or none."
            raise Refused(Kind.INVALID, "lessons-folder-unusable", detail, where=str(folder), remedy=remedy) from error

    async def close(self) -> None:
        """Stop making, and drop a passing folder."""
        await self._stop()
        if self._passing:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def ready(self, package: Package) -> tuple[Ready, ...] | None:
        """Return the files of a package that is made already; None for one that is not."""
        if package.key not in self._ready:
            found = _listed(self._folder / package.key)
            if found is None:
                return None
            self._ready[package.key] = found
        return self._ready[package.key]

    async def made_now(self, package: Package) -> tuple[Ready, ...]:
        """Return the files of a package, made now if need be. Refused `packages-busy`, or as `making.made_apart`."""
        if (found := self.ready(package)) is not None:
            return found
        if self._waiting >= _MOST_WAITING:
            detail = "Too many packages are waiting to be made."
            raise Refused(Kind.UNAVAILABLE, "packages-busy", detail, remedy="Ask again soon.", after=_SOON)
        self._waiting += 1
        try:
            async with self._one:
                if (found := self.ready(package)) is None:
                    await making.made_apart(package.course, package.form, self._folder / package.key)
                    found = self.ready(package)
                    self.made += 1
        finally:
            self._waiting -= 1
        if found is None:
            raise RuntimeError(f"the package {package.key} was made and is not there")
        return found

    async def content(self, package: Package, name: str) -> tuple[Ready, bytes] | None:
        """Return a file of a package with its bytes, made now if need be; None if the package has no such file."""
        file = _named(await self.made_now(package), name)
        if file is not None and not await asyncio.to_thread(file.path.exists):  # somebody emptied the folder
            self._ready.pop(package.key, None)
            file = _named(await self.made_now(package), name)
        return None if file is None else (file, await asyncio.to_thread(file.path.read_bytes))

    def begin(self, wanted: Iterable[Package]) -> None:
        """Begin to make all that is wanted and not ready, in this order, while others go on; a later call stops it."""
        if self._round is not None:
            self._round.cancel()
        self._round = asyncio.create_task(self._make_all(list(wanted)))

    async def _make_all(self, wanted: list[Package]) -> None:
        left = list(wanted)
        while left:
            package = min(left, key=lambda one: one.course.language != self.first)
            left.remove(package)
            try:
                await self.made_now(package)
            except Refused as refused:
                _log.error("lessons.package_refused", name=refused.name, detail=refused.detail)
            except OSError as error:
                _log.error("lessons.package_failed", error=type(error).__name__)
        named = {package.key for package in wanted}
        self._ready = {key: found for key, found in self._ready.items() if key in named}
        await asyncio.to_thread(_tidy, self._folder, named)

    async def _stop(self) -> None:
        if self._round is not None:
            self._round.cancel()
            await asyncio.wait([self._round])
            self._round = None


def _named(files: Iterable[Ready], name: str) -> Ready | None:
    return next((file for file in files if file.name == name), None)


@cache
def _program() -> str:
    """Return a hash of everything that makes packages: another release may make others of the same words."""
    here = Path(__file__).parent
    files = (file for folder in (here, here.parent / "kit") for file in folder.rglob("*") if file.suffix in _SOURCES)
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(file.read_bytes())
    return found.hexdigest()


def _listed(folder: Path) -> tuple[Ready, ...] | None:
    try:
        listing = json.loads((folder / making.LISTING).read_bytes())
    except OSError:
        return None
    return tuple(Ready(name, kind, size, sha256, folder / name) for name, kind, size, sha256 in listing)


def _tidy(folder: Path, named: Collection[str]) -> None:
    """Drop packages of other texts that are a day older than the newest: other processes have read the new ones too."""
    made = {one: one.stat().st_mtime for one in folder.iterdir() if one.is_dir()}
    before = max(made.values(), default=0.0) - _OLD_SECONDS
    for one, at in made.items():
        if one.name not in named and at < before:
            shutil.rmtree(one, ignore_errors=True)
