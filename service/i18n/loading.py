"""Reads the catalogues of a folder: every language with all that it can say, or a refusal that says what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from babel import Locale, UnknownLocaleError

from service.i18n import po, review, rules
from service.i18n.checking import unusable
from service.i18n.cyrillic import CYRILLIC, LATIN, to_cyrillic
from service.i18n.model import Direction, Finding, Language, State
from service.kit.errors import Fault, Kind, Refused
from service.kit.sms import foreign

SOURCE = "en"

Key = tuple[str, str]
"""A text's id and the English that the code knows it by."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's usable texts by (id, English); what is empty, fuzzy or of another English is not in it.

    `texts` holds what the program says, and guidance where there is some; `completeness` is of the former. `plain`
    holds the variants of SMS texts that are written in GSM-7.
    """

    language: Language
    name: str
    texts: Mapping[Key, str]
    reviewed: frozenset[str]
    completeness: float
    plain: Mapping[Key, str]
    plain_reviewed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the files of one language say."""

    tag: str
    program: tuple[po.Translation, ...]
    guidance: tuple[po.Translation, ...]
    plain: tuple[po.Translation, ...]
    reviews: tuple[review.Review, ...]


def load_all(folder: Path) -> list[Catalogue]:
    """Read every language, the source first; Refused `bad-catalogue` lists what is wrong."""
    findings: list[Finding] = []
    catalogues: list[Catalogue] = []
    wanted: frozenset[Key] = frozenset()
    for tag in tags_in(folder):
        try:
            read = _read(folder, tag)
        except po.BadCatalogue as bad:
            findings.append(bad.finding)
            continue
        wanted = wanted or frozenset((entry.id, entry.english) for entry in read.program)
        problems = no_language(folder, tag) or _problems(folder, read)
        findings += problems
        if not problems:
            catalogues.append(_catalogue(read, wanted))
    refuse(folder, findings)
    return catalogues


def tags_in(folder: Path) -> tuple[str, ...]:
    """Return the languages that have a folder, the source first; Refused if this is no folder of catalogues."""
    if not po.path_of(folder, SOURCE).is_file():
        raise Refused(
            Kind.INVALID,
            "bad-catalogue",
            "there are no catalogues in this folder",
            where=str(folder),
            remedy="set SUREFOOT_LOCALES to the project's folder `locales`",
        )
    tags = sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{po.DOMAIN}.po"))
    return (SOURCE, *(tag for tag in tags if tag != SOURCE))


def direction_of(tag: str) -> Direction:
    """Return which way a language is written, by CLDR."""
    return "rtl" if _locale(tag).text_direction == "rtl" else "ltr"


def own_name(tag: str) -> str:
    """Return a language's name in itself, by CLDR."""
    return _locale(tag).get_display_name() or tag


def no_language(folder: Path, tag: str) -> list[Finding]:
    """Return what is wrong with a language's folder name; nothing if CLDR knows the language."""
    remedy = f"name it {rules.known(tag) or 'by a BCP 47 tag'}"
    if rules.known(tag) != tag:
        return [Finding(str(folder / tag), "", "is not named by a normalised language tag", remedy)]
    try:
        _locale(tag)
    except (ValueError, UnknownLocaleError):
        return [Finding(str(folder / tag), "", "is a language that CLDR has no data for", "leave it out")]
    return []


def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


def _read(folder: Path, tag: str) -> _Read:
    """Read what there is: guidance and plain texts may be missing, and so may be reviews."""
    guidance, plain = (
        po.read(path, notes=False) if path.exists() else ()
        for path in (po.path_of(folder, tag, one) for one in po.MAY_LACK)
    )
    reviews = review.read(review.path_beside(folder, tag))
    return _Read(tag, po.read(po.path_of(folder, tag), notes=False), guidance, plain, reviews)


def refuse(folder: Path, findings: Sequence[Finding]) -> None:
    """Refuse a folder in which anything was found; the first finding is said in full."""
    if findings:
        faults = [Fault(f"{found.file} {found.entry}".strip(), found.reason, found.remedy) for found in findings]
        raise Refused(
            Kind.INVALID,
            "bad-catalogue",
            f"{faults[0].where} {faults[0].detail}",
            where=str(folder),
            remedy=f"{faults[0].remedy}; `surefoot locales check` lists everything",
            faults=faults,
        )


def with_cyrillic(catalogues: Sequence[Catalogue]) -> list[Catalogue]:
    """Add Bosnian in Cyrillic letters, made of the Latin ones, unless somebody wrote it by hand."""
    if CYRILLIC in {one.language.tag for one in catalogues}:
        return list(catalogues)
    latin = [one for one in catalogues if one.language.tag == LATIN]
    others = [*catalogues, *(_in_cyrillic(one) for one in latin)]
    return sorted(others, key=lambda one: (one.language.tag != SOURCE, one.language.tag))


def _in_cyrillic(latin: Catalogue) -> Catalogue:
    """Write every text in Cyrillic letters; reviewed as far as the Latin words are. An SMS stays Latin."""
    return replace(
        latin,
        language=replace(latin.language, tag=CYRILLIC),
        name=own_name(CYRILLIC),
        texts={key: to_cyrillic(text) for key, text in latin.texts.items()},
        plain={},
        plain_reviewed=frozenset(),
    )


def _problems(folder: Path, read: _Read) -> list[Finding]:
    """Return what would harm a reader at once; what is merely missing is for `locales check`."""
    parts = zip((po.DOMAIN, *po.MAY_LACK), (read.program, read.guidance, read.plain), strict=True)
    files = ((str(po.path_of(folder, read.tag, domain)), entries) for domain, entries in parts)
    return [found for file, entries in files for entry in entries for found in unusable(entry, file=file)]


def _catalogue(read: _Read, wanted: frozenset[Key]) -> Catalogue:
    entries = (*read.program, *read.guidance)
    return judged(
        Catalogue(
            language=Language(read.tag, direction_of(read.tag), State.DRAFT),
            name=own_name(read.tag),
            texts=usable(entries),
            reviewed=review.reviewed(entries, read.reviews),
            completeness=0,
            plain={key: text for key, text in usable(read.plain).items() if not foreign(text)},
            plain_reviewed=review.reviewed(read.plain, read.reviews),
        ),
        wanted,
    )


def judged(catalogue: Catalogue, wanted: frozenset[Key]) -> Catalogue:
    """Return the catalogue with its state and completeness, measured by what the program says in English."""
    tag, here = catalogue.language.tag, wanted & catalogue.texts.keys()
    whole = here == wanted and {key[0] for key in here} <= catalogue.reviewed
    state = State.SOURCE if tag == SOURCE else State.REVIEWED if whole else State.DRAFT
    completeness = len(here) / len(wanted) if wanted else 1.0
    return replace(catalogue, language=replace(catalogue.language, state=state), completeness=completeness)


def usable(entries: Iterable[po.Translation]) -> dict[Key, str]:
    """Return the texts that may be shown, by id and English."""
    return {(entry.id, entry.english): entry.text for entry in entries if entry.text and not entry.fuzzy}
