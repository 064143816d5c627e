"""What somebody asks of the map, and what can be said of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

from service.zones.model import HazardClass, PublicZone

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees; east is never less than west and passes 180 over the antimeridian."""

WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
NEAR_M = 500.0
AROUND_M = 2_000.0
MOST_HITS = 50
LONGEST_WALK_M = 100_000.0
DEEPEST = 16
"""The last zoom for which tiles are drawn."""


class Relation(StrEnum):
    """How a place lies to a known zone (R5): a closed list, and none of it says that there is no danger."""

    INSIDE = "inside"
    WITHIN_500M = "within_500m"
    WITHIN_2KM = "within_2km"
    UNKNOWN = "unknown"


class Coverage(StrEnum):
    """How much is on record around a place (R5); never "surveyed"."""

    LISTED = "listed"
    PARTLY_LISTED = "partly_listed"
    NO_DATA = "no_data"
    OUT_OF_COVERAGE = "out_of_coverage"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asks about; `accuracy_m` is how far off the position may be."""

    longitude: float
    latitude: float
    accuracy_m: float
    radius_m: float
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """A way that somebody asks about: two or more positions, longitude first."""

    positions: tuple[tuple[float, float], ...]
    accuracy_m: float
    exercise: bool = False


class Known(NamedTuple):
    """What an answer says of a zone: all of it but the outline. A tuple: thousands are made a second."""

    id: UUID
    revision: int
    exercise: bool
    authority: str
    data_as_of: date
    accuracy_m: float
    stale: bool
    version: int


class Hit(NamedTuple):
    """One element of an answer: a zone and how the place lies to it; `zone` is None where nothing is on record."""

    relation: Relation
    zone: Known | None
    metres: float | None


class SourceAge(NamedTuple):
    """Whose data an answer rests on and how old it is; both None while nothing is on record."""

    authority: str | None
    data_as_of: date | None
    days: int | None


class Answer(NamedTuple):
    """What is known about a place or a walk; `hits` is never empty. `more`: not every zone near is among them."""

    hits: tuple[Hit, ...]
    coverage: Coverage
    sources: tuple[SourceAge, ...]
    today: date
    exercise: bool
    radius_m: float
    raised: bool
    walk: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which zones a page of the map shows. `hazard_class` is for operators only (R25)."""

    box: Box = WORLD
    exercise: bool = False
    authority: str | None = None
    since: int | None = None
    hazard_class: HazardClass | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some public zones of `matched`, and after which of them the next page starts; None on the last one.

    `version` is that of the record that the page was taken from.
    """

    zones: tuple[PublicZone, ...]
    next: UUID | None
    matched: int
    version: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the Web Mercator map, counted from the north-west."""

    zoom: int
    column: int
    row: int
    exercise: bool = False


def days_since(dated: date, today: date) -> int:
    return max(0, (today - dated).days)
