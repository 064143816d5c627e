"""What a load does: which places are new, which changed, which a source no longer names. Nothing is ever deleted."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import shapely

from service.kit.errors import Fault, Kind, Refused
from service.kit.geo import Area
from service.places import matching
from service.places.model import (
    EXERCISE_COUNTRIES,
    Effect,
    Place,
    Reading,
    Source,
    Stated,
    Statement,
    Unit,
)

_LONGEST = 200
# A file may be of today where the day has begun already.
_AHEAD = timedelta(hours=14)
_JOIN = "Load the register of the country first; correct the code in the file."
_LOOK = "Both names are found from now on; look whether the two sources mean one unit."


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be kept: statements that are new or changed, places to make for them, keys that are missing now."""

    statements: tuple[Statement, ...]
    new_places: tuple[Statement, ...]
    missing: tuple[str, ...]
    counts: Mapping[Effect, int]
    unjoined: tuple[Fault, ...]
    notes: tuple[Fault, ...]


@dataclass(slots=True)
class _Draft:
    statements: list[Statement] = field(default_factory=list)
    new_places: list[Statement] = field(default_factory=list)
    counts: Counter[Effect] = field(default_factory=Counter)
    unjoined: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


def source_of(stated: Stated, reading: Reading, known: Source | None, *, new_id: UUID, now: datetime) -> Source:
    """Return the source that is loaded, as it will be on record. Refused where something of it is missing or unfit."""
    if (stated.country in EXERCISE_COUNTRIES) is not stated.exercise:
        detail = (
            f"{stated.country} is {'a' if not stated.exercise else 'no'} code of countries that do not exist (R27)."
        )
        remedy = "Invented places take --exercise and a country code that is nobody's, such as XA; real ones their own."
        raise Refused(Kind.INVALID, "places-world-mixed", detail, where="country", remedy=remedy)
    licence = stated.licence or reading.licence
    name = " ".join((stated.source or reading.source).split())
    for what, value in (("source", name), ("licence", licence)):
        if not value or len(value) > _LONGEST or not value.isprintable():
            detail = f"The {what} of the data has to be stated, in at most {_LONGEST} signs."
            raise Refused(Kind.INVALID, f"places-{what}-missing", detail, where=what, remedy=f"Add --{what} TEXT.")
    dated = _dated(stated.dated, known, now)
    identity = new_id if known is None else known.id
    return Source(identity, stated.country, stated.exercise, name, reading.format, reading.founds, licence, dated)


def _dated(dated: date | None, known: Source | None, now: datetime) -> date:
    if dated is None or dated > (now + _AHEAD).date():
        detail = "The day that the data is of has to be stated, and cannot lie ahead."
        raise Refused(Kind.INVALID, "places-date-missing", detail, where="dated", remedy="Add --dated YYYY-MM-DD.")
    if known is not None and dated < known.data_as_of:
        detail = f"Of this source there is newer data already, of {known.data_as_of}."
        raise Refused(
            Kind.CONFLICT, "places-older", detail, where="dated", remedy="Load the newest file of the source."
        )
    return dated


@dataclass(frozen=True, slots=True)
class Run:
    """One load: of which source, whether it holds all of it, and where new places' ids come from."""

    source: Source
    partial: bool
    make_id: Callable[[], UUID]


def at_sea(reading: Reading, land: Sequence[Area]) -> Reading:
    """Leave out invented places that lie on real ground (R27)."""
    ashore = {unit.key: unit for unit in reading.units if _lies_on(unit, land)}
    detail, remedy = "An invented place lies on real ground (R27).", "Move it into the open ocean."
    return replace(
        reading,
        units=tuple(unit for unit in reading.units if unit.key not in ashore),
        faults=(*reading.faults, *(Fault(unit.where, detail, remedy) for unit in ashore.values())),
        spoiled=reading.spoiled | ashore.keys(),
    )


def _lies_on(unit: Unit, land: Sequence[Area]) -> bool:
    grounds: list[shapely.Geometry] = [] if unit.outline is None else [unit.outline]
    grounds += [] if unit.centre is None else [shapely.Point(unit.centre.longitude, unit.centre.latitude)]
    return any(shapely.intersects(ground, one) for ground in grounds for one in land)


def plan(reading: Reading, places: Sequence[Place], kept: Mapping[str, Statement], run: Run) -> Plan:
    """Decide what becomes of each unit. `places` are those of the country, `kept` what this source said before."""
    draft = _Draft()
    coded = matching.by_code(reading.units, places)
    by_id = {place.id: place for place in places}
    lost = [unit for unit in reading.units if unit.key not in coded and unit.key not in kept]
    placed = {} if reading.founds else matching.by_position(lost, places)
    for unit in reading.units:
        before = kept.get(unit.key)
        joined = by_id.get(before.place_id) if before else coded.get(unit.key) or placed.get(unit.key)
        _decide(draft, unit, before, joined, run)
        if unit.key in placed:
            words = f"{unit.codes[0][1]} was joined with {placed[unit.key].name.text} by where it lies."
            draft.notes.append(Fault(unit.where, words, "Look whether the outline is that unit's."))
    there = {unit.key for unit in reading.units} | reading.spoiled
    gone = () if run.partial else tuple(key for key, one in kept.items() if key not in there and not one.missing_since)
    draft.counts[Effect.MISSING] = len(gone)
    return Plan(
        statements=tuple(draft.statements),
        new_places=tuple(draft.new_places),
        missing=gone,
        counts={effect: draft.counts[effect] for effect in Effect},
        unjoined=tuple(draft.unjoined),
        notes=tuple(draft.notes),
    )


def _decide(draft: _Draft, unit: Unit, before: Statement | None, joined: Place | None, run: Run) -> None:
    if before is None and joined is None and not run.source.founds:
        draft.unjoined.append(Fault(unit.where, f"No place on record has the code {unit.codes[0][1]}.", _JOIN))
        return
    why = None if before or joined is None else matching.disagreement(unit, joined)
    if why is not None:
        draft.unjoined.append(Fault(unit.where, f"{unit.codes[0][1]} was not joined: {why}.", _JOIN))
        return
    _note_name(draft, unit, joined)
    place_id = before.place_id if before else joined.id if joined else run.make_id()
    statement = Statement(place_id, run.source.id, unit, digest(unit))
    if before is not None and before.digest == statement.digest and before.missing_since is None:
        draft.counts[Effect.UNCHANGED] += 1
        return
    draft.counts[Effect.CHANGED if before else Effect.NEW] += 1
    draft.statements.append(statement)
    if before is None and joined is None:
        draft.new_places.append(statement)


def _note_name(draft: _Draft, unit: Unit, joined: Place | None) -> None:
    other = None if joined is None else matching.other_name(unit, joined)
    if joined is not None and other is not None:
        words = f"{unit.codes[0][1]} is {other} here and {joined.name.text} in the register."
        draft.notes.append(Fault(unit.where, words, _LOOK))


def digest(unit: Unit) -> bytes:
    """Return what is equal exactly if a source says the same of a unit, wherever in its file."""
    centre = None if unit.centre is None else (unit.centre.longitude, unit.centre.latitude)
    outline = None if unit.outline is None else shapely.to_wkb(unit.outline).hex()
    names = [(name.text, name.language, name.kind) for name in unit.names]
    said = [unit.codes, unit.category, unit.level, names, unit.parent, centre, unit.radius_m, outline]
    return sha256(json.dumps(said, ensure_ascii=True).encode()).digest()
