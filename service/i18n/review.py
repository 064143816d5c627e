"""Who has read which translation: review.jsonl beside a catalogue, bound to the exact words that were read."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.i18n.model import Finding
from service.i18n.po import BadCatalogue, Translation, path_of

FILE = "review.jsonl"


class Review(BaseModel):
    """One line: this person has read this translation, which another person made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    translator: str = Field(min_length=1)
    reviewer: str = Field(min_length=1)
    date: date


def digest(english: str, text: str) -> str:
    """Return the SHA-256 of a source and its translation; changing either makes the translation a draft again."""
    return hashlib.sha256(f"{english}\0{text}".encode()).hexdigest()


def path_beside(folder: Path, tag: str) -> Path:
    return path_of(folder, tag).with_name(FILE)


def read(path: Path) -> tuple[Review, ...]:
    """Read the reviews; no file means none. BadCatalogue names the line that cannot be read or reviews itself."""
    if not path.exists():
        return ()
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as fault:
        raise _bad(path, f"byte {fault.start} is not UTF-8", "save the file as UTF-8") from fault
    return tuple(_review(path, number, line) for number, line in enumerate(lines, 1) if line.strip())


def reviewed(entries: Sequence[Translation], reviews: Sequence[Review]) -> frozenset[str]:
    """Return the ids of the entries that somebody has read exactly as they stand."""
    read_as = {(review.id, review.sha256) for review in reviews}
    return frozenset(
        entry.id
        for entry in entries
        if entry.text and not entry.fuzzy and (entry.id, digest(entry.english, entry.text)) in read_as
    )


def _review(path: Path, number: int, line: str) -> Review:
    try:
        review = Review.model_validate_json(line)
    except ValidationError as fault:
        wrong = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors())
        raise _bad(path, f"line {number}: {wrong}", "write id, sha256, translator, reviewer and date") from fault
    if review.reviewer.strip().casefold() == review.translator.strip().casefold():
        reason = f"line {number}: {review.reviewer} reviews a translation of their own"
        raise _bad(path, reason, "have another person read it", entry=review.id)
    return review


def _bad(path: Path, reason: str, remedy: str, *, entry: str = "") -> BadCatalogue:
    return BadCatalogue(Finding(str(path), entry, reason, remedy))
