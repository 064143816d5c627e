"""Reads the folder of a deployment's own catalogues; follows no link, and takes nothing that it does not know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.i18n import po, review
from service.i18n.loading import no_language
from service.i18n.model import Finding

FILES = frozenset({f"{domain}.po" for domain in (po.DOMAIN, *po.MAY_LACK)} | {review.FILE})
LESSONS = re.compile(rf"{po.LESSONS}[a-z0-9]+(?:-[a-z0-9]+)*\.po")
MOST_LANGUAGES = 100


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the files of one language say: by catalogue, and who has read what."""

    tag: str
    entries: Mapping[str, tuple[po.Translation, ...]]
    reviews: tuple[review.Review, ...]

    def of(self, *domains: str) -> list[po.Translation]:
        return [one for domain in domains for one in self.entries.get(domain, ()) if one.text and not one.fuzzy]


def read_all(folder: Path, findings: list[Finding]) -> list[Theirs]:
    """Read every language of a folder; what is no plain file of a known name is a finding, links above all."""
    found: list[Theirs] = []
    if not folder.exists():
        return found
    for tag, files in _walk(folder, findings):
        wrong = no_language(folder, tag)
        findings += wrong
        if wrong:
            continue
        try:
            domains = [Path(name).stem for name in sorted(files) if name.endswith(".po")]
            entries = {domain: po.read(po.path_of(folder, tag, domain)) for domain in domains}
            found.append(Theirs(tag, entries, review.read(review.path_beside(folder, tag))))
        except po.BadCatalogue as bad:
            findings.append(bad.finding)
    return found


def _walk(folder: Path, findings: list[Finding]) -> Iterator[tuple[str, list[str]]]:
    """Give each language with the names of its files, without following a link anywhere."""
    tags = _plain_folders(folder, findings)
    if len(tags) > MOST_LANGUAGES:
        findings.append(Finding(str(folder), "", f"holds more than {MOST_LANGUAGES} languages", "leave some out"))
        return
    for tag in tags:
        inside = _plain_folders(folder / tag, findings)
        here = folder / tag / "LC_MESSAGES"
        strangers = sorted(set(inside) - {here.name})
        findings += [Finding(str(folder / tag / one), "", "is not read here", "take it out") for one in strangers]
        if here.name in inside:
            yield tag, _plain_files(here, findings)


def _plain_folders(folder: Path, findings: list[Finding]) -> list[str]:
    names: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_symlink() or not path.is_dir():
            remedy = "copy folders and files here as they are, links are not followed"
            findings.append(Finding(str(path), "", "is no plain folder", remedy))
        else:
            names.append(path.name)
    return names


def _plain_files(folder: Path, findings: list[Finding]) -> list[str]:
    names: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_symlink() or not path.is_file() or not (path.name in FILES or LESSONS.fullmatch(path.name)):
            remedy = f"leave only plain files named {', '.join(sorted(FILES))}, or lessons-<course>.po"
            findings.append(Finding(str(path), "", "is not one of the files that are read here", remedy))
        elif path.stat().st_size > po.MOST_BYTES:
            remedy = "a catalogue of ours is far smaller; see what it holds"
            findings.append(Finding(str(path), "", f"is larger than {po.MOST_BYTES} bytes", remedy))
        else:
            names.append(path.name)
    return names
