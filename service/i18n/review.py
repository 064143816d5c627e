"""Who has read which translation: review.jsonl beside a catalogue, bound to the exact words that were read."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.i18n.model import Finding
from service.i18n.po import BadCatalogue, Translation, path_of

FILE = "review.jsonl"
Line = TypeVar("Line", bound=BaseModel)


class Review(BaseModel):
    """One line: this person has read this translation, which another person made.

    The hash tells which catalogue the text stands in: a text of guidance and its plain variant are two texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    translator: str = Field(min_length=1, max_length=100)
    reviewer: str = Field(min_length=1, max_length=100)
    date: date


def digest(english: str, text: str) -> str:
    """Return the SHA-256 of a source and its translation; changing either makes the translation a draft again."""
    return hashlib.sha256(f"{english}\0{text}".encode()).hexdigest()


def path_beside(folder: Path, tag: str) -> Path:
    return path_of(folder, tag).with_name(FILE)


def same_person(one: str, other: str) -> bool:
    """Say whether two names are one person's, however they are written: capitals, blanks, points, width, order."""
    return _name(one) == _name(other)


def read(path: Path) -> tuple[Review, ...]:
    """Read the reviews; no file means none. BadCatalogue names the line that cannot be read or reviews itself."""
    reviews = read_lines(path, Review, remedy="write id, sha256, translator, reviewer and date")
    for number, review in enumerate(reviews, 1):
        if same_person(review.reviewer, review.translator):
            reason = f"review {number}: {review.reviewer} reviews a translation of their own"
            raise _bad(path, reason, "have another person read it", entry=review.id)
    return reviews


def read_lines(path: Path, kind: type[Line], *, remedy: str) -> tuple[Line, ...]:
    """Read a file of JSON lines; no file means none. BadCatalogue names the first line that is not of this kind."""
    if not path.exists():
        return ()
    try:
        lines = path.read_text("utf-8").split("\n")
    except UnicodeDecodeError as fault:
        raise _bad(path, f"byte {fault.start} is not UTF-8", "save the file as UTF-8") from fault
    return tuple(_line(path, number, line, kind, remedy) for number, line in enumerate(lines, 1) if line.strip())


def add_lines(path: Path, lines: Iterable[BaseModel]) -> None:
    """Write lines behind those that are there, all of them or none."""
    before = path.read_text("utf-8") if path.exists() else ""
    between = "" if not before or before.endswith("\n") else "\n"
    beside = path.with_suffix(".new")
    beside.write_text(before + between + "".join(f"{line.model_dump_json()}\n" for line in lines), "utf-8")
    beside.replace(path)


def reviewed(entries: Sequence[Translation], reviews: Sequence[Review]) -> frozenset[str]:
    """Return the ids of the entries that somebody has read exactly as they stand."""
    return bound(entries, {(review.id, review.sha256) for review in reviews})


def bound(entries: Sequence[Translation], known: set[tuple[str, str]]) -> frozenset[str]:
    """Return the ids of the usable entries that are among these ids and hashes."""
    return frozenset(
        entry.id
        for entry in entries
        if entry.text and not entry.fuzzy and (entry.id, digest(entry.english, entry.text)) in known
    )


def _name(person: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", person).casefold()
    return tuple(sorted("".join(letter if letter.isalnum() else " " for letter in plain).split()))


def _line(path: Path, number: int, line: str, kind: type[Line], remedy: str) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as fault:
        wrong = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors())
        raise _bad(path, f"line {number}: {wrong}", remedy) from fault


def _bad(path: Path, reason: str, remedy: str, *, entry: str = "") -> BadCatalogue:
    return BadCatalogue(Finding(str(path), entry, reason, remedy))
