"""What can be said about a place (R5): never nothing, never that there is no danger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from service.kit.geo import OutlineIndex
from service.zones.model import PublicZone

NEAR_M = 500.0
AROUND_M = 2_000.0
MOST_HITS = 50


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
class Chart:
    """Public zones of one kind, live or exercise, with the newest date of each authority's data."""

    index: OutlineIndex[UUID] = field(default_factory=OutlineIndex)
    zones: Mapping[UUID, PublicZone] = field(default_factory=dict)
    newest: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def of(cls, zones: Sequence[PublicZone]) -> "Chart":
        newest: dict[str, date] = {}
        for zone in zones:
            newest[zone.authority] = max(zone.data_as_of, newest.get(zone.authority, date.min))
        index = OutlineIndex.of([(zone.id, zone.outline) for zone in zones])
        return cls(index, {zone.id: zone for zone in zones}, newest)


@dataclass(frozen=True, slots=True)
class Atlas:
    """All public zones at one version of the record; live and exercise zones never in one answer (R27)."""

    version: int = 0
    live: Chart = field(default_factory=Chart)
    exercise: Chart = field(default_factory=Chart)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asks about; `accuracy_m` is how far off the position may be."""

    longitude: float
    latitude: float
    accuracy_m: float
    radius_m: float
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One element of an answer: a zone and how the place lies to it; `zone` is None where nothing is on record."""

    relation: Relation
    zone: PublicZone | None
    metres: float | None


@dataclass(frozen=True, slots=True)
class SourceAge:
    """Whose data an answer rests on and how old it is; both None while nothing is on record."""

    authority: str | None
    data_as_of: date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known about a place; `hits` is never empty."""

    hits: tuple[Hit, ...]
    coverage: Coverage
    sources: tuple[SourceAge, ...]
    today: date
    exercise: bool
    radius_m: float
    raised: bool


def answer(atlas: Atlas, place: Place, *, today: date, old_after_days: int, unread: bool) -> Answer:
    """Answer after R5 from what is public.

    A circle smaller than 500 m plus the position's accuracy is raised to that. A position that may be off by so many
    metres counts as so many metres nearer. The nearest zone comes first, at most MOST_HITS of them. `unread`: the
    record could not be looked at for a while.
    """
    chart = atlas.exercise if place.exercise else atlas.live
    radius = max(place.radius_m, NEAR_M + place.accuracy_m)
    found = chart.index.within(place.longitude, place.latitude, radius)
    zones = [chart.zones[near.key] for near in found[:MOST_HITS]]
    hits = tuple(_hit(zone, near.metres, place) for zone, near in zip(zones, found, strict=False))
    old = [zone.stale or days_since(zone.data_as_of, today) > old_after_days for zone in zones]
    return Answer(
        hits=hits or (Hit(Relation.UNKNOWN, None, None),),
        coverage=_coverage(old, unread=unread),
        sources=_sources(chart, today=today),
        today=today,
        exercise=place.exercise,
        radius_m=radius,
        raised=radius > place.radius_m,
    )


def relation(metres: float, accuracy_m: float) -> Relation:
    """Name how far away a zone is, on the side of caution: what may be nearer is called nearer."""
    if metres == 0:
        return Relation.INSIDE
    nearest = metres - accuracy_m
    if nearest <= NEAR_M:
        return Relation.WITHIN_500M
    return Relation.WITHIN_2KM if nearest <= AROUND_M else Relation.UNKNOWN


def days_since(dated: date, today: date) -> int:
    return max(0, (today - dated).days)


def _hit(zone: PublicZone, metres: float, place: Place) -> Hit:
    return Hit(relation(metres, place.accuracy_m), zone, metres)


def _coverage(old: Sequence[bool], *, unread: bool) -> Coverage:
    """Say how much is on record here, told of each zone near whether its data is old.

    Without the outlines of what was surveyed nothing counts as fully listed.
    """
    if unread or (old and all(old)):
        return Coverage.STALE
    return Coverage.PARTLY_LISTED if old else Coverage.NO_DATA


def _sources(chart: Chart, *, today: date) -> tuple[SourceAge, ...]:
    """Name every authority with the date of its newest data: an answer without a hit rests on all of them."""
    ages = [SourceAge(name, dated, days_since(dated, today)) for name, dated in sorted(chart.newest.items())]
    return tuple(ages) or (SourceAge(None, None, None),)
