"""What an accident or a find is, what a source said of it, and what the public may count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from service.intake.model import Noticed, Unread


class IncidentKind(StrEnum):
    ACCIDENT = "accident"
    FIND = "find"
    OTHER = "other"
    UNKNOWN = "unknown"


class Precision(StrEnum):
    """How much of a date the source gives."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class When:
    """A date; where the source gives only a month or a year, its first day."""

    on: date
    precision: Precision


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit as the source has it: what it calls the level, its code there or none, its name."""

    level: str = ""
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was: `region` is the first level below the country, `district` the second; the point is lon, lat."""

    region: Unit = Unit()
    district: Unit = Unit()
    locality: str = ""
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Victims:
    """Who was hurt, as far as the source says. The second line is there for records of one person."""

    killed: int | None = None
    injured: int | None = None
    age_group: str = ""
    sex: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """An event that is on record: evidence of danger, never an area (R9). Device and victims are for operators."""

    id: UUID
    authority: str
    external_id: str
    key: str
    exercise: bool
    kind: IncidentKind
    when: When
    place: Place
    device: str
    victims: Victims
    attributes: Mapping[str, Any]
    data_as_of: date
    content_hash: bytes
    revision: int
    created_at: datetime
    changed_at: datetime


class Field(StrEnum):
    """What a column of a source can say of an incident."""

    ID = "id"
    KIND = "kind"
    DATE = "date"
    YEAR = "year"
    MONTH = "month"
    REGION = "region"
    REGION_CODE = "region_code"
    DISTRICT = "district"
    DISTRICT_CODE = "district_code"
    LOCALITY = "locality"
    DEVICE = "device"
    KILLED = "killed"
    INJURED = "injured"
    AGE_GROUP = "age_group"
    SEX = "sex"
    CONDITION = "condition"
    FICTIONAL = "fictional"


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Which column of a source says what, and what its values mean; what is left out goes by the usual names."""

    columns: Mapping[Field, str] = field(default_factory=dict)
    values: Mapping[Field, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """What an operator states about a whole import."""

    authority: str
    dated: date
    exercise: bool = False
    source_map: SourceMap | None = None


class Reason(StrEnum):
    """Why a row was not taken: it waits for a person."""

    ID_TWICE = "id-twice"
    NO_DATE = "date-missing"
    BAD_DATE = "date-bad"
    DATES_DIFFER = "dates-differ"
    AFTER_FILE = "date-after-file"
    NOWHERE = "place-missing"
    FICTIONAL = "fictional-in-live"
    OUTDATED = "older-than-known"


Doubt: TypeAlias = Reason | Unread


class Note(StrEnum):
    """What was noticed about rows that were taken."""

    NO_ID = "id-missing"
    SAME_ROW = "row-twice"
    LOOKS_TWICE = "looks-twice"
    KIND_UNKNOWN = "kind-unknown"
    DATE_SHORTENED = "date-shortened"
    NO_DISTRICT = "district-missing"
    ZERO_POINT = "point-zero"
    POINT_OUT_OF_RANGE = "point-out-of-range"
    WRONG_HEMISPHERE = "point-in-wrong-hemisphere"
    AXES_SWAPPED = "point-axes-swapped"
    FAR_AWAY = "point-far-away"
    NO_POINT = "geometry-no-point"
    COUNT_UNREAD = "count-unread"
    TEXT_MENDED = "text-mended"
    TEXT_CUT = "text-cut"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know; `row` is the first that it is true of, `times` how many there are."""

    row: int
    note: Note | Noticed
    detail: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that waits for a person; `key` is its incident's, empty where the row has no id that can be read."""

    row: int
    external_id: str | None
    key: str
    reason: Doubt
    detail: str
    remedy: str
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a row says, judged fit."""

    row: int
    external_id: str
    key: str
    kind: IncidentKind
    when: When
    place: Place
    device: str
    victims: Victims
    attributes: Mapping[str, Any]
    record: Mapping[str, Any]


class Kind(StrEnum):
    """What an import does to the record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    row: int
    kind: Kind
    incident: Incident


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, decided before anything is written."""

    changes: tuple[Change, ...]
    quarantined: tuple[Quarantined, ...]
    findings: tuple[Finding, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind is kind)


@dataclass(frozen=True, slots=True)
class Report:
    import_id: UUID | None
    declared: Declared
    plan: Plan
    dry_run: bool


class Shown(StrEnum):
    """What stands in a cell of the public's totals; none of these says that there is no danger (R5)."""

    COUNTED = "counted"
    NOT_SHOWN = "not-shown"
    NO_RECORD = "no-record"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figure:
    """One public figure: of a district, of a region where `district` is None, of all where both are."""

    region: Unit | None
    district: Unit | None
    shown: Shown
    count: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of one authority and year; once they were public they never change."""

    authority: str
    year: int
    data_as_of: date
    figures: tuple[Figure, ...]
    asked_by: UUID
    asked_at: datetime
    approved_at: datetime | None = None
    frozen_at: datetime | None = None
