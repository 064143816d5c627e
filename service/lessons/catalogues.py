"""The lessons' translations: read when lessons are first said, and kept as long as the catalogues that they join."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from service.i18n import po, review
from service.i18n.catalogues import Catalogues, remembered
from service.i18n.checking import unusable
from service.i18n.cyrillic import CYRILLIC, LATIN, to_cyrillic
from service.i18n.loading import SOURCE, Key, refuse, usable
from service.i18n.model import Finding
from service.i18n.overlays import Theirs
from service.lessons import loading
from service.lessons.loading import Own
from service.lessons.model import Course

Texts = dict[Key, str]
Said = tuple[Texts, frozenset[str]]
"""Texts by id and English, and the ids of those that somebody has reviewed as they stand."""


@remembered(2)
def with_lessons(catalogues: Catalogues, folder: Path, own: Own) -> Catalogues:
    """Return catalogues that hold the lessons of all courses too, a deployment's own words over ours.

    Only translations of the present English are taken; what is empty, fuzzy or stale is not there. Refused
    `bad-catalogue` lists what would harm a reader.
    """
    wanted = {name: _keys(course) for name, course in loading.load(own).items()}
    theirs = {one.tag: one for one in own.translations}
    findings: list[Finding] = []
    said: dict[str, Said] = {}
    for language in catalogues.languages():
        if language.tag not in {SOURCE, CYRILLIC}:
            ours = _ours(folder, language.tag, wanted, findings)
            said[language.tag] = _laid(ours, theirs.get(language.tag), wanted)
    refuse(folder, findings)
    if LATIN in said:
        by_rule = {key: to_cyrillic(text) for key, text in said[LATIN][0].items()}
        said[CYRILLIC] = _laid((by_rule, said[LATIN][1]), theirs.get(CYRILLIC), wanted)
    there = {language.tag for language in catalogues.languages()}
    return catalogues.joined({tag: one for tag, one in said.items() if tag in there})


def _keys(course: Course) -> frozenset[Key]:
    return frozenset((text.id, text.english) for text in course.texts())


def _ours(folder: Path, tag: str, wanted: Mapping[str, frozenset[Key]], findings: list[Finding]) -> Said:
    entries: list[po.Translation] = []
    try:
        for path, keys in _files(folder, tag, wanted):
            found = [one for one in po.read(path, notes=False) if (one.id, one.english) in keys]
            findings += [fault for one in found for fault in unusable(one, file=str(path))]
            entries += found
        reviews = review.read(review.path_beside(folder, tag)) if entries else ()
    except po.BadCatalogue as bad:
        findings.append(bad.finding)
        return {}, frozenset()
    return usable(entries), review.reviewed(entries, reviews)


def _files(folder: Path, tag: str, wanted: Mapping[str, frozenset[Key]]) -> Iterator[tuple[Path, frozenset[Key]]]:
    for course, keys in wanted.items():
        path = po.path_of(folder, tag, po.lessons_of(course))
        if path.is_file():
            yield path, keys


def _laid(ours: Said, theirs: Theirs | None, wanted: Mapping[str, frozenset[Key]]) -> Said:
    """Lay a deployment's words over ours; whoever reviewed ours has not read theirs."""
    if theirs is None:
        return ours
    entries = [
        one
        for course, keys in wanted.items()
        for one in theirs.of(po.lessons_of(course))
        if (one.id, one.english) in keys
    ]
    texts, reviewed = ours
    return (
        texts | usable(entries),
        reviewed - {one.id for one in entries} | review.reviewed(entries, theirs.reviews),
    )
