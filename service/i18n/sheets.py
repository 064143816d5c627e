"""Tables (CSV) for people who review in an office program: out for reading, back with a verdict on each text."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.i18n.checking import sample
from service.i18n.extract import LIMIT_WORDS
from service.i18n.filling import fill, holes
from service.i18n.loading import direction_of
from service.i18n.model import Finding
from service.i18n.po import MOST_BYTES, BadCatalogue, Translation
from service.i18n.review import digest

COLUMNS = ("id", "english", "translation", "filled", "note", "limit", "sha256", "verdict", "comment")
NEEDED = ("id", "english", "translation", "sha256")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that an office program takes for a formula; an apostrophe before them makes them text."""

DELIMITERS = ",;\t"
VERDICTS = ("", "accept", "reject")
REMEDY = "export it again, save it as CSV in UTF-8, and change verdict and comment only"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it came back."""

    line: int
    id: str
    english: str
    text: str
    sha256: str
    verdict: str
    comment: str


def write(tag: str, entries: Iterable[Translation]) -> bytes:
    """Return a catalogue as a table with a mark of the order of bytes, by which office programs know UTF-8."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for one in entries:
        limits = [note for note in one.notes if note.startswith(LIMIT_WORDS[0])]
        limit = limits[0].removeprefix(LIMIT_WORDS[0]).removesuffix(LIMIT_WORDS[1]) if limits else ""
        notes = " ".join(note for note in one.notes if note not in limits)
        shown = fill(one.text, {name: sample(name) for name in holes(one.text)}, tag=tag, direction=direction_of(tag))
        told = (one.id, one.english, one.text, shown, notes, limit, digest(one.english, one.text), "", "")
        table.writerow([_as_text(cell) for cell in told])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def read(path: Path) -> tuple[Row, ...]:
    """Read a table with any of the usual delimiters; BadCatalogue for what cannot be a table of ours."""
    raw = path.read_bytes()
    if len(raw) > MOST_BYTES:
        raise _bad(path, f"is larger than {MOST_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _bad(path, f"byte {fault.start} is not UTF-8") from fault
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise _bad(path, f"is no table: {fault}") from fault
    names = [name.strip().casefold() for name in rows[0]] if rows else []
    if missing := [name for name in NEEDED if name not in names]:
        raise _bad(path, f"lacks the column {missing[0]!r}")
    return tuple(_row(path, number, names, row) for number, row in enumerate(rows[1:], 2) if any(row))


def _row(path: Path, number: int, names: Sequence[str], row: Sequence[str]) -> Row:
    if len(row) != len(names):
        raise _bad(path, f"row {number} has {len(row)} cells, its head has {len(names)}")
    cells = {name: _as_written(cell) for name, cell in zip(names, row, strict=True)}
    verdict = cells.get("verdict", "").strip().casefold()
    if verdict not in VERDICTS:
        raise _bad(path, f"row {number} has the verdict {verdict[:40]!r}", "write accept or reject, or leave it empty")
    return Row(
        number, cells["id"], cells["english"], cells["translation"], cells["sha256"], verdict, cells.get("comment", "")
    )


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def _as_written(cell: str) -> str:
    return cell.removeprefix("'")


def _bad(path: Path, reason: str, remedy: str = REMEDY) -> BadCatalogue:
    return BadCatalogue(Finding(str(path), "", reason, remedy))
