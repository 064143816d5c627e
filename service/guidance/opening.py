"""Opens all that is said: catalogues and guidance, a deployment's own words over ours, together or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from service.config import Settings
from service.guidance import loading, slots
from service.guidance.model import Guidance, Overlay
from service.guidance.unfit import Unused
from service.i18n import laying, opening
from service.i18n.catalogues import Catalogues
from service.i18n.laying import Laid
from service.i18n.model import Finding
from service.i18n.overlays import Theirs
from service.kit.errors import Kind, Refused
from service.kit.house import House

_log = structlog.get_logger()
YAML, CATALOGUES, LESSONS = "guidance", "locales", "lessons"
PARTS = frozenset({YAML, CATALOGUES, LESSONS})
"""The folders of an overlay."""

Seen = tuple[tuple[str, int, int, int], ...]
"""What files there are, and when each was changed last."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a process says, all read at once; `lost` names texts that the deployment's new English took from others.

    `seen` is what the files looked like just before; `theirs` are the files of a deployment's own catalogues, `unused`
    those of its pictures that are unfit, and `beside` is what features above read together with all this.
    """

    catalogues: Catalogues
    guidance: Guidance
    replaced: int
    lost: tuple[Finding, ...]
    seen: Seen
    theirs: tuple[Theirs, ...] = ()
    beside: tuple[object, ...] = ()
    unused: tuple[Unused, ...] = ()

    @property
    def overlay(self) -> Overlay | None:
        """Return whose own words are in force, and their revision (R16)."""
        return self.guidance.overlay

    def into(self, house: House) -> None:
        """Put everything into a house; nobody sees the one without the other, as nothing is awaited between."""
        for part in (self.catalogues, self.guidance, *self.beside, self):
            house.put(part)


def open_words(settings: Settings) -> Words:
    """Read everything as the settings say. Refused says what is wrong with files, folders or settings, and where."""
    before = seen(settings)
    guidance, laid = read(settings)
    own, unused = slots.pictures(settings.guidance_media)
    for one in unused:
        _log.warning("guidance.picture_unused", file=one.file, reason=one.reason, remedy=one.remedy)
    guidance = replace(guidance, own=own)
    catalogues = opening.open_catalogues(settings, laid)
    return Words(catalogues, guidance, laid.replaced, laid.lost, before, laid.theirs, unused=unused)


def open_guidance(settings: Settings) -> Guidance:
    """Return guidance alone, without a look at any other language; Refused as `open_words`."""
    guidance = loading.load(settings.overlay and settings.overlay.resolve() / YAML)
    return replace(guidance, own=slots.pictures(settings.guidance_media)[0])


def read(settings: Settings) -> tuple[Guidance, Laid]:
    """Read guidance and catalogues with their overlay; what stands in the settings besides is not looked at."""
    if settings.overlay is None:
        return loading.load(), opening.read(settings)
    folder = settings.overlay.resolve()  # a link to the whole folder may be switched meanwhile: one state is read
    _demand_known(folder)
    guidance = loading.load(folder / YAML)
    if guidance.overlay is None:
        raise RuntimeError("an overlay was read without its name")
    texts = {text.id: text.message() for text in guidance.texts()}
    whose = laying.Overlay(guidance.overlay.name, guidance.overlay.revision, folder / CATALOGUES, texts)
    return guidance, opening.read(settings, whose)


def check(locales: Path, overlay: Path | None) -> list[Finding]:
    """Return everything that is wrong with an overlay, and what its English takes from other languages."""
    if overlay is None:
        return []
    try:
        return list(read(Settings(locales=locales, overlay=overlay))[1].lost)
    except Refused as refused:
        first = Finding(refused.where or str(overlay), "", refused.detail, refused.remedy or "")
        return [Finding(one.where, "", one.detail, one.remedy) for one in refused.faults] or [first]
    except OSError as error:
        told = unread(error)
        return [Finding(told.where or str(overlay), "", told.detail, told.remedy or "")]


def seen(settings: Settings) -> Seen:
    """Return what all files of words look like from outside, so that a change is noticed without reading them."""
    media = settings.guidance_media
    folders = [settings.locales_folder, *([settings.overlay] if settings.overlay else [])]
    folders += [media / slots.PICTURES] if media else []
    return tuple(sorted(one for folder in folders for one in _files(folder.resolve())))


def unread(error: OSError) -> Refused:
    """Say that a file or folder could not be read."""
    remedy = "Check the folder and its rights; what was read before stays in force."
    return _refused(Path(error.filename or "?"), f"The words cannot be read: {error.strerror}.", remedy)


def _files(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
        except OSError:
            continue  # gone since it was listed: the next look sees the rest
        yield str(path), found.st_mtime_ns, found.st_size, found.st_ino


def _demand_known(folder: Path) -> None:
    """Refuse a folder that is not there, and one with parts that nobody would read: a slip would lose words."""
    remedy = (
        f"put YAML into {YAML}/, lessons into {LESSONS}/<course>/ and catalogues into "
        f"{CATALOGUES}/<language>/LC_MESSAGES/, and nothing else"
    )
    if not folder.is_dir():
        raise _refused(folder, "SUREFOOT_OVERLAY names no folder.", remedy)
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (path.name.upper().startswith("README") and path.is_file()):
            continue
        if path.is_symlink() or not path.is_dir() or path.name not in PARTS:
            raise _refused(path, f"An overlay has no part {path.name[:60]!r}, or it is a link.", remedy)


def _refused(where: Path, detail: str, remedy: str) -> Refused:
    return Refused(Kind.INVALID, "bad-overlay", detail, where=str(where), remedy=remedy)
