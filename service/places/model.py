"""What a place is, what each source says of it, and what a load of a source did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from string import ascii_uppercase
from typing import TypeAlias
from uuid import UUID

from service.kit.errors import Fault
from service.kit.geo import Area

Code: TypeAlias = tuple[str, str]
"""Scheme and code, such as ("katottg", "UA05020010010099999"); a unit may have several of one scheme."""

EXERCISE_COUNTRIES = frozenset(
    {"AA", "ZZ", *(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"), *(f"X{letter}" for letter in ascii_uppercase)}
) - {"XK"}
"""ISO 3166-1's user-assigned codes, which no country will ever have, but XK: that one is in real use (R27)."""


class Category(StrEnum):
    """What sort of unit it is, in words that hold in any country; a source's own words are mapped to these."""

    COUNTRY = "country"
    REGION = "region"
    REPUBLIC = "autonomous-republic"
    SPECIAL_CITY = "special-city"
    DISTRICT = "district"
    COMMUNITY = "community"
    CITY = "city"
    SETTLEMENT = "settlement"
    VILLAGE = "village"
    CITY_DISTRICT = "city-district"


LEVELS: Mapping[Category, int] = {
    Category.COUNTRY: 0,
    Category.REGION: 1,
    Category.REPUBLIC: 1,
    Category.SPECIAL_CITY: 1,
    Category.DISTRICT: 2,
    Category.COMMUNITY: 3,
    Category.CITY: 4,
    Category.SETTLEMENT: 4,
    Category.VILLAGE: 4,
    Category.CITY_DISTRICT: 5,
}
"""The level of each category where a source names none: 0 is the country, 3 the municipality, 4 where people live."""

DISTRICT = 2
MUNICIPALITY = 3
DEEPEST = 5


class NameKind(StrEnum):
    OFFICIAL = "official"
    ALIAS = "alias"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a language (BCP 47)."""

    text: str
    language: str
    kind: NameKind = NameKind.OFFICIAL


@dataclass(frozen=True, slots=True)
class Centre:
    """A point for a unit; `derived` where it was computed from an outline and no source states it."""

    longitude: float
    latitude: float
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What one row of a source says of one unit. `where` names the row; the first code is the source's own."""

    where: str
    codes: tuple[Code, ...]
    category: Category | None = None
    level: int | None = None
    names: tuple[Name, ...] = ()
    parent: Code | None = None
    centre: Centre | None = None
    radius_m: float | None = None
    outline: Area | None = None

    @property
    def key(self) -> str:
        """Return what tells the unit from all others of its source."""
        return ":".join(self.codes[0])


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a source: units, rows that could not be used, and what may be said of the whole.

    `founds`: a unit that nobody knows yet is a new place; otherwise the source only adds to places that exist.
    `spoiled` are the keys of rows that could not be used: they are not missing. `elsewhere` counts other countries'.
    """

    format: str
    source: str
    licence: str
    founds: bool
    units: tuple[Unit, ...]
    faults: tuple[Fault, ...] = ()
    spoiled: frozenset[str] = frozenset()
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Stated:
    """What an operator states of a load. Unset, `source`, `licence` and `dated` are what the format or file name says.

    `partial`: the files hold only some of the source's units, so that none is missing.
    """

    country: str
    exercise: bool = False
    source: str | None = None
    dated: date | None = None
    licence: str | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Whose data it is, of which day, under which licence."""

    id: UUID
    country: str
    exercise: bool
    name: str
    format: str
    founds: bool
    licence: str
    data_as_of: date


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says of a place, as it is kept; `missing_since` is when its newest file no longer named it.

    `number` is the place's, 0 before it is kept.
    """

    place_id: UUID
    source_id: UUID
    unit: Unit
    digest: bytes
    missing_since: datetime | None = None
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as all its sources together describe it. `missing`: the newest file of its register no longer names it.

    `names` holds at most one official name a language; the register's own comes first. `number` is its compact name
    inside the house, for ever the same; whoever subscribes to a place has it, negative, where others have cells.
    """

    id: UUID
    country: str
    exercise: bool
    level: int
    category: Category
    codes: tuple[Code, ...]
    names: tuple[Name, ...]
    parent: UUID | None = None
    centre: Centre | None = None
    radius_m: float | None = None
    outline: Area | None = field(default=None, repr=False)
    missing: bool = False
    sources: tuple[Source, ...] = field(default=(), repr=False)
    number: int = field(default=0, compare=False)

    @property
    def name(self) -> Name:
        """The official name in the register's own language."""
        return self.names[0]

    @property
    def is_municipality_or_larger(self) -> bool:
        return self.level <= MUNICIPALITY


class Effect(StrEnum):
    """What a load does with one unit."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Report:
    """What a load did, or would do: how many units of each effect, what did not join, what is noteworthy, what is bad.

    `unjoined` are units for which no place exists, `notes` rows that were taken but should be looked at, `faults` rows
    that were left out; each says where it stands and what to do.
    """

    source: Source
    counts: Mapping[Effect, int]
    unjoined: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    faults: tuple[Fault, ...]
    elsewhere: int
    dry_run: bool


class Reason(StrEnum):
    """Why a place is among the answers, the best first."""

    CODE = "code"
    NAME = "name"
    OTHER_NAME = "other-name"
    SPELLING = "spelling"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Answering:
    """The unit whose ground stands for a place: itself, or the nearest one above of which anything is known.

    Its ground is `unit.outline`; where that is None, the disc of `radius_m` around `unit.centre`.
    """

    unit: Place
    radius_m: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Places that share an official name, ordered by region, district and community, then by id."""

    reason: Reason
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a look-up, the likeliest name first. `narrowed`: words of the query were read as a unit above."""

    groups: tuple[Group, ...] = ()
    narrowed: bool = False

    @property
    def only(self) -> Place | None:
        """Return the place that was meant, if only one can be: by its code, or by a name that no other place has."""
        if not self.groups or self.groups[0].reason is Reason.SIMILAR or len(self.groups[0].places) > 1:
            return None
        return self.groups[0].places[0]
