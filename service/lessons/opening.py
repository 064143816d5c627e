"""Opens all that is said, a deployment's own lessons too: together with its other words, or not at all."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from service.config import Settings
from service.guidance import opening
from service.guidance.model import Guidance
from service.guidance.opening import Words
from service.i18n import laying, po
from service.i18n.loading import refuse
from service.i18n.model import Finding
from service.i18n.overlays import Theirs
from service.kit.errors import Refused
from service.lessons import loading
from service.lessons.loading import Own
from service.lessons.model import Course


def open_words(settings: Settings) -> Words:
    """Read everything as the settings say. Refused says what is wrong with files, folders or settings, and where.

    Our own lessons and their translations are read when they are needed.
    """
    words = opening.open_words(settings)
    return replace(words, beside=(_own(settings, words.guidance, words.theirs),))


def open_own(settings: Settings, guidance: Guidance) -> Own:
    """Return a deployment's own lessons alone, for a program that opens guidance alone."""
    return _own(settings, guidance, opening.read(settings)[1].theirs)


def check(locales: Path, overlay: Path | None) -> list[Finding]:
    """Return everything that is wrong with an overlay: as `opening.check`, and then with its lessons."""
    findings = opening.check(locales, overlay)
    if overlay is None:
        return findings
    try:
        settings = Settings(locales=locales, overlay=overlay)
        guidance, laid = opening.read(settings)
        _own(settings, guidance, laid.theirs)
    except Refused as refused:
        if refused.name != "bad-lessons" and findings:
            return findings
        first = Finding(refused.where or str(overlay), "", refused.detail, refused.remedy or "")
        more = [Finding(one.where, "", one.detail, one.remedy) for one in refused.faults] or [first]
        return [*findings, *(one for one in more if one not in findings)]
    except OSError:
        return findings  # told of already
    return findings


def _own(settings: Settings, guidance: Guidance, theirs: tuple[Theirs, ...]) -> Own:
    if settings.overlay is None:
        return Own()
    folder = settings.overlay.resolve()
    here = folder / opening.LESSONS
    courses = loading.read_own(here, guidance) if here.exists() else {}
    translations = tuple(one for one in theirs if any(map(po.course_of, one.entries)))
    own = Own(courses, translations)
    if translations:
        _check_translations(folder / opening.CATALOGUES, translations, loading.load(own))
    return own


def _check_translations(folder: Path, translations: tuple[Theirs, ...], courses: Mapping[str, Course]) -> None:
    findings: list[Finding] = []
    for one in translations:
        for domain in one.entries:
            name = po.course_of(domain)
            if name is None:
                continue
            if name not in courses:
                remedy = f"name the file by one of {', '.join(courses)}"
                findings.append(Finding(str(po.path_of(folder, one.tag, domain)), "", "is of no course", remedy))
                continue
            messages = {text.id: text.message() for text in courses[name].texts()}
            findings += laying.check_domain(folder, one, domain, messages)
    refuse(folder, findings)
