"""Which messages were tried on readers: fieldtests.jsonl beside a catalogue, bound to the exact words."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from service.i18n import review
from service.i18n.po import Translation, path_of

FILE = "fieldtests.jsonl"
NARROW = re.compile(
    r"\d|\bschool|\bclass\b|\bvillage|\bstreet|школ|село|вулиц|улиц|escuela|aldea|مدرسة|قرية", re.IGNORECASE
)
"""What narrows a place down to fewer people than a district has; nobody who took part may be found by a test."""


def _is_wide(place: str) -> str:
    if NARROW.search(place):
        raise ValueError("name a district or a larger area: no village, street, school, number or position")
    return place


class FieldTest(BaseModel):
    """One line: so many people heard or read this text there, so many understood it, and this is what they said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    date: date
    place: Annotated[str, Field(min_length=2, max_length=80), AfterValidator(_is_wide)]
    people: int = Field(ge=1, le=100_000)
    understood: int = Field(ge=0)
    said: str = Field(min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _no_more_than_asked(self) -> Self:
        if self.understood > self.people:
            raise ValueError(f"{self.understood} of {self.people} cannot have understood it")
        return self


def path_beside(folder: Path, tag: str) -> Path:
    return path_of(folder, tag).with_name(FILE)


def read(path: Path) -> tuple[FieldTest, ...]:
    """Read the tests; no file means none. BadCatalogue names the line that cannot be read."""
    return review.read_lines(path, FieldTest, remedy="write id, sha256, date, place, people, understood and said")


def tested(entries: Sequence[Translation], tests: Sequence[FieldTest]) -> frozenset[str]:
    """Return the ids of the entries that were tried on readers exactly as they stand."""
    return review.bound(entries, {(test.id, test.sha256) for test in tests})
