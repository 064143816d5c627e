"""Catalogues in GNU gettext's PO format, read strictly and written without anything that changes by itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from service.i18n import plurals
from service.i18n.model import Finding

DOMAIN = "surefoot"
GUIDANCE = "guidance"
"""Guidance has a catalogue of its own: a language may be spoken before all of it is translated."""

PLAIN = "sms_plain"
"""Texts of an SMS once more, in the letters of GSM-7 alone, for languages that need few others."""

BEGUN = "BEGUN"
"""A file beside a language's catalogues that says that they are not whole yet; who completes them takes it away."""

MAY_LACK = (GUIDANCE, PLAIN)
"""The catalogues that a language may lack, in part or in whole."""

LESSONS = "lessons-"
"""What the catalogue of a course's lessons is called before the course's id: each course has one of its own."""

SMS_NOTE = (
    "An SMS: with the longest names at most 306 septets if every letter is in GSM-7, or else 201 characters in all. "
    "Name of a place 25, short name of the authority 12, date with a number 15, number to call 13."
)

WIDTH = 100
MOST_BYTES = 4 * 1024 * 1024
LINE = re.compile(r'(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?"(?:[^"\\]|\\.)*"')
JOINED = re.compile(r'^(?:msgstr )?"(.*)"$', re.MULTILINE)
PLURALS = re.compile(rb'^"Plural-Forms:(?:[^"\\]|\\.)*"\n(?:"(?!\w[\w-]*: )[^"]*"\n)*', re.MULTILINE)
NOTES = ("#.", "#:", "# ")
MOVING = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator|Language-Team)[^\n]*\n',
    re.MULTILINE,
)
"""Header lines that change by themselves, or that name somebody where nobody is meant."""

BAD_FILE = "mend the line, or take the file from the last release again"


class BadCatalogue(Exception):  # noqa: N818 - the file is bad
    """A PO file that cannot be read; says which file and line, what is wrong and how to mend it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.file}: {finding.reason}")
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Translation:
    """One entry as it stands in a file; `text` is empty where nobody has translated it."""

    id: str
    english: str
    text: str
    fuzzy: bool = False
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class _OncePerEntry(Catalog):
    """Babel keeps the first of two entries with one id and drops the second in silence; this refuses."""

    def __setitem__(self, id: str | tuple[str, ...] | list[str], message: Entry) -> None:  # noqa: A002 - Babel's own signature
        if id and self.get(id, message.context):
            raise ValueError(f"{message.context!r} stands here twice")
        super().__setitem__(id, message)


def path_of(folder: Path, tag: str, domain: str = DOMAIN) -> Path:
    """Return where gettext looks for a language's catalogue."""
    return folder / tag / "LC_MESSAGES" / f"{domain}.po"


def lessons_of(course: str) -> str:
    """Name the catalogue of a course's lessons."""
    return f"{LESSONS}{course}"


def course_of(domain: str) -> str | None:
    """Return whose lessons a catalogue holds; None for every other catalogue."""
    return domain.removeprefix(LESSONS) if domain.startswith(LESSONS) else None


def lesson_domains(folder: Path, tag: str) -> tuple[str, ...]:
    """Return the catalogues of lessons that a language has."""
    return tuple(sorted(path.stem for path in (folder / tag / "LC_MESSAGES").glob(f"{LESSONS}*.po")))


def is_begun(folder: Path, tag: str) -> bool:
    """Say whether a language is only begun: what is missing in it is no fault yet, and nothing of it is shown."""
    return (folder / tag / BEGUN).is_file()


def read(path: Path, *, notes: bool = True) -> tuple[Translation, ...]:
    """Read a catalogue in its own order; BadCatalogue for what gettext, or a person, could read in two ways.

    Without `notes` what is written for translators is passed over, which takes half the time.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise _bad(path, "cannot be read", "put the file there, or name the right folder of locales") from fault
    if len(raw) > MOST_BYTES:
        raise _bad(path, f"is larger than {MOST_BYTES} bytes", "a catalogue of ours is far smaller; see what it holds")
    try:
        lines = raw.decode("utf-8-sig").splitlines()  # some editors begin with a mark of the order of bytes
    except UnicodeDecodeError as fault:
        raise _bad(path, f"byte {fault.start} is not UTF-8", "save the file as UTF-8") from fault
    _check_lines(path, lines)
    kept = lines if notes else ["" if line.startswith(NOTES) else line for line in lines]
    return tuple(_translation(path, entry) for entry in _parse(path, kept) if entry.id)


def header_of(path: Path, name: str) -> str:
    """Return one field of a catalogue's header, as any program writes it; empty if it is not there."""
    head = path.read_bytes()[:MOST_BYTES].decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n\n")[0]
    fields = "".join(JOINED.findall(head)).split("\\n")
    found = (field.removeprefix(f"{name}:") for field in fields if field.startswith(f"{name}:"))
    return next(found, "").strip()


def line_of(path: Path, key: str) -> int:
    """Return the line on which an entry begins; 0 if the file is not there, or has no such entry."""
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines() if path.is_file() else []
    return next((number for number, line in enumerate(lines, 1) if line == f'msgctxt "{key}"'), 0)


def is_sms(entry: Translation) -> bool:
    """Say whether an entry of a source catalogue is the text of an SMS; a file breaks its notes into lines."""
    return SMS_NOTE in " ".join(entry.notes)


def write(path: Path, tag: str, entries: Iterable[Translation]) -> None:
    """Write a catalogue, sorted by id; the same entries always give the same bytes."""
    catalog = Catalog(locale=tag.replace("-", "_"), fuzzy=False, charset="utf-8", project="Surefoot", version="1")
    catalog.header_comment = f"# Surefoot: {tag}. Ids, contexts and notes come from the program; translate msgstr only."
    for entry in sorted(entries, key=lambda entry: entry.id):
        catalog.add(
            entry.english,
            entry.text,
            context=entry.id,
            flags=["fuzzy"] if entry.fuzzy else [],
            auto_comments=entry.notes,
            user_comments=entry.remarks,
        )
    out = BytesIO()
    write_po(out, catalog, width=WIDTH, no_location=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_with_plurals(MOVING.sub(b"", out.getvalue()), tag))


def _with_plurals(raw: bytes, tag: str) -> bytes:
    """Write the plural forms of our table where Babel has others."""
    ours, line = plurals.forms(tag), PLURALS.search(raw)
    there = "".join(JOINED.findall(line[0].decode())).removeprefix("Plural-Forms:").removesuffix("\\n") if line else ""
    if ours is None or line is None or not plurals.fault(there, tag):
        return raw
    return raw[: line.start()] + f'"Plural-Forms: {ours.header}\\n"\n'.encode() + raw[line.end() :]


def _check_lines(path: Path, lines: Iterable[str]) -> None:
    """Refuse lines that Babel would read as something else (it cuts the ends off an unquoted string)."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith("#") and not LINE.fullmatch(text):
            raise _bad(path, f"line {number} is neither a comment nor a keyword with a quoted string: {text[:60]!r}")


def _parse(path: Path, lines: list[str]) -> Iterable[Entry]:
    catalog = _OncePerEntry(charset="utf-8")
    try:
        PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True).parse(lines)
    except PoFileError as fault:
        raise _bad(path, f"line {fault.lineno + 1}: {str(fault).rpartition(' on ')[0]}") from fault
    except (ValueError, IndexError) as fault:
        raise _bad(path, str(fault)) from fault
    return catalog


def _translation(path: Path, entry: Entry) -> Translation:
    if not isinstance(entry.id, str) or not isinstance(entry.string, str):
        raise _bad(path, f"{entry.context!r} has plural forms, which no message of ours uses")
    if not entry.context:
        raise _bad(path, f"line {entry.lineno}: an entry without msgctxt cannot be told from another one")
    return Translation(
        id=entry.context,
        english=entry.id,
        text=entry.string,
        fuzzy=entry.fuzzy,
        notes=tuple(entry.auto_comments),
        remarks=tuple(entry.user_comments),
    )


def _bad(path: Path, reason: str, remedy: str = BAD_FILE) -> BadCatalogue:
    return BadCatalogue(Finding(str(path), "", reason, remedy))
