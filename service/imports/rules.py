"""What an import may do to the record: danger is added at once and never taken away."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import shapely

from service.imports.model import (
    Change,
    Declared,
    Doubt,
    Finding,
    Kind,
    Note,
    Plan,
    Quarantined,
    Reason,
    Survey,
)
from service.imports.surveying import noticed, survey_all, waiting
from service.intake.model import Record
from service.kit import geo
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.geo import Area
from service.zones.model import MOST_ACCURACY_M, HazardClass, Particulars, Publication, Zone
from service.zones.rules import public_outline

LONGEST_AUTHORITY = 200
_OLDEST = date(1900, 1, 1)
# A file may be of today where the day has begun already.
_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Run:
    """One import: what was stated of it, when it runs, where new zones' ids come from."""

    declared: Declared
    now: datetime
    make_id: Callable[[], UUID]


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one row: a change of a zone or none, doubts that wait, things noticed."""

    change: Change | None
    doubts: tuple[Quarantined, ...] = ()
    findings: tuple[Finding, ...] = ()


def check_declared(declared: Declared, *, now: datetime) -> Declared:
    """Return the statement with its authority trimmed. Raises Refused, naming the field."""
    authority = " ".join(declared.authority.split())
    if not authority or len(authority) > LONGEST_AUTHORITY or not authority.isprintable():
        detail = f"The authority has to be named in 1 to {LONGEST_AUTHORITY} printable characters."
        raise Refused(Fault.INVALID, "authority-unfit", detail, where="authority", remedy="Say whose data this is.")
    if declared.dated > (now + _AHEAD).date():
        detail = f"The data is dated {declared.dated}, which is in the future."
        raise Refused(Fault.INVALID, "date-in-future", detail, where="dated", remedy="Give the day the data is of.")
    if declared.dated < _OLDEST:
        detail = f"The data is dated {declared.dated}; no record is so old."
        raise Refused(Fault.INVALID, "date-too-old", detail, where="dated", remedy="Write it as 2026-07-31.")
    if not 0 <= declared.accuracy_m <= MOST_ACCURACY_M:
        detail = f"The accuracy has to lie between 0 and {MOST_ACCURACY_M:,.0f} metres."
        remedy = "Give the survey's error in metres."
        raise Refused(Fault.INVALID, "accuracy-unfit", detail, where="accuracy", remedy=remedy)
    return replace(declared, authority=authority)


def survey(records: Sequence[Record], declared: Declared) -> tuple[list[Survey], Plan]:
    """Judge every row by itself; the plan holds what waits and what was noticed so far."""
    surveys, quarantined, findings = survey_all(records, declared)
    return surveys, Plan((), tuple(quarantined), tuple(findings))


def plan(surveys: Sequence[Survey], known: Mapping[str, Zone], so_far: Plan, run: Run) -> Plan:
    """Decide about every row against what is on record under the same authority, in the same world."""
    decided = [_decide(one, known.get(one.key), run) for one in surveys]
    doubts = [doubt for one in decided for doubt in one.doubts]
    return Plan(
        changes=tuple(one.change for one in decided if one.change is not None),
        quarantined=tuple(sorted((*so_far.quarantined, *doubts), key=lambda one: one.row)),
        findings=(*so_far.findings, *(finding for one in decided for finding in one.findings)),
    )


def counts(plan: Plan) -> dict[str, int]:
    """Count what an import does, row by row."""
    kinds = {kind.value: len(plan.of(kind)) for kind in Kind}
    return {**kinds, "quarantined": len(plan.quarantined), "findings": len(plan.findings)}


def content_hash(survey: Survey) -> bytes:
    """Return what makes two rows say the same; the date of the file is not part of it."""
    said = [
        survey.said, survey.claim, sorted(survey.hazards), survey.name, survey.source, survey.accuracy_m,
        survey.attributes, shapely.to_wkb(survey.official, hex=True),
    ]  # fmt: skip  # one field a line would hide the list's shortness
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def _decide(survey: Survey, zone: Zone | None, run: Run) -> Decided:
    try:
        if zone is None:
            return Decided(Change(survey.row, Kind.NEW, _new(survey, run)))
        if content_hash(survey) == zone.content_hash:
            return Decided(_confirmed(survey, zone, run))
        if run.declared.dated < zone.data_as_of:
            return Decided(None, (_doubt(survey, Reason.OUTDATED, why=str(zone.data_as_of)),))
        return _merged(survey, zone, run)
    except (geo.NotOutward, geo.TooFarNorth):
        return Decided(None, (_doubt(survey, Reason.NO_OUTLINE),))


def _new(survey: Survey, run: Run) -> Zone:
    declared = run.declared
    return Zone(
        id=run.make_id(),
        authority=declared.authority,
        external_id=survey.external_id,
        key=survey.key,
        exercise=declared.exercise,
        hazard_class=survey.hazard_class,
        claim=survey.claim,
        particulars=Particulars(hazards=survey.hazards),
        name=survey.name,
        source=survey.source,
        data_as_of=declared.dated,
        accuracy_m=survey.accuracy_m,
        publication=declared.publication,
        official=survey.official,
        public=public_outline(survey.official, survey.accuracy_m, declared.publication),
        attributes=survey.attributes,
        given=survey.given,
        content_hash=content_hash(survey),
        revision=1,
        stale=False,
        created_at=run.now,
        changed_at=run.now,
    )


def _confirmed(survey: Survey, zone: Zone, run: Run) -> Change:
    declared = run.declared
    if declared.dated <= zone.data_as_of and not zone.stale:
        return Change(survey.row, Kind.UNCHANGED, zone)
    newer = max(declared.dated, zone.data_as_of)
    return Change(survey.row, Kind.CONFIRMED, replace(zone, data_as_of=newer, stale=False, changed_at=run.now))


def _merged(survey: Survey, zone: Zone, run: Run) -> Decided:
    """Take from the row all that adds danger; what would remove some waits, and the zone keeps it (R6)."""
    shape, shrinks = _grown(survey, zone)
    lowers = zone.hazard_class is HazardClass.CONFIRMED and survey.said is HazardClass.SUSPECTED
    raised = HazardClass.CONFIRMED if HazardClass.CONFIRMED in {zone.hazard_class, survey.said} else zone.hazard_class
    doubts = (
        *([_doubt(survey, Reason.SHRINKS)] if shrinks else []),
        *([_doubt(survey, Reason.DOWNGRADED)] if lowers else []),
    )
    next_zone = replace(
        shape,
        external_id=survey.external_id,
        hazard_class=raised,
        claim=survey.claim,
        particulars=replace(zone.particulars, hazards=zone.particulars.hazards | survey.hazards),
        name=survey.name or zone.name,
        source=survey.source or zone.source,
        attributes=survey.attributes,
        content_hash=zone.content_hash if doubts else content_hash(survey),
        data_as_of=run.declared.dated,
        stale=False,
    )
    kept = run.declared.publication is not zone.publication
    findings = (noticed(survey, Note.PUBLICATION_KEPT, why=zone.publication.value),) if kept else ()
    return Decided(_as_change(survey, zone, next_zone, now=run.now), doubts, findings)


def _as_change(survey: Survey, zone: Zone, next_zone: Zone, *, now: datetime) -> Change:
    if next_zone == zone:
        return Change(survey.row, Kind.UNCHANGED, zone)
    return Change(survey.row, Kind.CHANGED, replace(next_zone, revision=zone.revision + 1, changed_at=now))


def _grown(survey: Survey, zone: Zone) -> tuple[Zone, bool]:
    """Return the zone with whatever ground the row adds, and whether the row would take some away."""
    shown = _extent(zone)
    wanted = _extent(replace(zone, official=survey.official, accuracy_m=survey.accuracy_m, public=None))
    shrinks = not wanted.covers(shown)
    if shown.covers(wanted):
        return (zone, True) if shrinks else (_reshaped(zone, survey, survey.official, wanted), False)
    official = survey.official
    if shrinks:
        official = geo.joined([zone.official, survey.official])
    return _reshaped(zone, survey, official, geo.united(wanted, shown)), shrinks


def _extent(zone: Zone) -> Area:
    """Return the ground that a zone keeps people away from; a withheld one's too, which nobody is shown."""
    visible = Publication.OUTLINE if zone.publication is Publication.WITHHELD else zone.publication
    shown = zone.public
    if shown is None:
        shown = public_outline(zone.official, zone.accuracy_m, visible)
    if shown is None:
        raise geo.NotOutward("a visible zone has an outline")
    return shown


def _reshaped(zone: Zone, survey: Survey, official: Area, shown: Area) -> Zone:
    public = None if zone.publication is Publication.WITHHELD else shown
    accuracy = max(zone.accuracy_m, survey.accuracy_m) if official is not survey.official else survey.accuracy_m
    return replace(zone, official=official, public=public, accuracy_m=accuracy, given=survey.given)


def _doubt(survey: Survey, reason: Doubt, *, why: str = "") -> Quarantined:
    record = Record(survey.row, survey.record)
    return waiting(record, reason, external_id=survey.external_id, why=why)
