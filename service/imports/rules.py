"""What an import may do to the record: danger is added at once and never taken away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import shapely

from service.imports import comparing, merging
from service.imports.comparing import Displaced
from service.imports.model import Decided, Declared, Finding, Kind, Line, Plan, Quarantined, Remembered, Survey
from service.imports.reasons import Note, Reason
from service.imports.surveying import noticed, waiting
from service.imports.words import MISSING, QUARANTINE
from service.intake.model import Record
from service.kit import geo
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.geo import Area
from service.zones.model import MOST_ACCURACY_M, HazardClass, Publication, Zone
from service.zones.model import State as ZoneState

LONGEST_NAME = 200
_OLDEST = date(1900, 1, 1)
# A file may be of today where the day has begun already.
_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Run:
    """One import: what was stated of it, when it runs, where new zones' ids come from."""

    declared: Declared
    now: datetime
    make_id: Callable[[], UUID]
    ignored: frozenset[str] = frozenset()


def check_declared(declared: Declared, *, now: datetime) -> Declared:
    """Return the statement with its names trimmed. Raises Refused, naming the field."""
    authority, feed = (" ".join(name.split()) for name in (declared.authority, declared.feed))
    if not authority or not _is_name(authority):
        detail = f"The authority has to be named in 1 to {LONGEST_NAME} printable characters."
        raise Refused(Fault.INVALID, "authority-unfit", detail, where="authority", remedy="Say whose data this is.")
    if not _is_name(feed):
        detail = f"The feed has to be named in at most {LONGEST_NAME} printable characters."
        raise Refused(Fault.INVALID, "feed-unfit", detail, where="feed", remedy="Name the authority's list.")
    if declared.dated > latest_day(now):
        detail = f"The data is dated {declared.dated}, which is in the future."
        raise Refused(Fault.INVALID, "date-in-future", detail, where="dated", remedy="Give the day the data is of.")
    if declared.dated < _OLDEST:
        detail = f"The data is dated {declared.dated}; no record is so old."
        raise Refused(Fault.INVALID, "date-too-old", detail, where="dated", remedy="Write it as 2026-07-31.")
    _check_metres(declared.accuracy_m, "accuracy", "Give the survey's error in metres.", least=0)
    if declared.buffer_m is not None:
        _check_metres(declared.buffer_m, "points", "State it as buffer:50, or leave it out.", least=1)
    return replace(declared, authority=authority, feed=feed)


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and text.isprintable()


def _check_metres(metres: float, where: str, remedy: str, *, least: float) -> None:
    if not least <= metres <= MOST_ACCURACY_M:
        detail = f"The {where} has to lie between {least} and {MOST_ACCURACY_M:,.0f} metres."
        raise Refused(Fault.INVALID, f"{where}-unfit", detail, where=where, remedy=remedy)


def latest_day(now: datetime) -> date:
    """Return the day that it is somewhere already."""
    return (now + _AHEAD).date()


def decide(survey: Survey, zone: Zone | None, last: Remembered | None, run: Run) -> Decided:
    """Decide about a row against the zone that is on record under its key, and what was last taken of the row."""
    if zone is None:
        return _new(survey, run)
    if merging.is_same(survey, zone, last, ignored=run.ignored):
        return _unchanged(survey, zone, last, run)
    if zone.state is ZoneState.RELEASED and survey.closure is not None:
        return _released(survey, zone, run)
    unfit = _why_not(zone, run)
    if unfit is not None:
        return _in_doubt(survey, unfit[0], zone, why=unfit[1])
    try:
        return _merged(survey, zone, last, run)
    except (geo.NotOutward, geo.TooFarNorth):
        return _in_doubt(survey, Reason.NO_OUTLINE, zone)


def _why_not(zone: Zone, run: Run) -> tuple[Reason, str] | None:
    """Say why a row that differs from what is on record cannot be taken, if it cannot."""
    if run.declared.dated < zone.data_as_of:
        return Reason.OUTDATED, str(zone.data_as_of)
    if zone.state in {ZoneState.ANNULLED, ZoneState.REPLACED}:
        return Reason.ENDED, zone.state.value
    return None


def missing(zone: Zone, run: Run) -> Decided:
    """Decide about a zone that its source no longer lists: it is stale, and only that, until a person decides (R6)."""
    detail, remedy = QUARANTINE[Reason.MISSING]
    record = {"zone": str(zone.id), "last_listed": zone.data_as_of.isoformat()}
    told = detail.format(why=zone.data_as_of)
    doubt = Quarantined(0, zone.external_id, Reason.MISSING, told, remedy, record, zone.id)
    line = Line(0, Kind.MISSING, zone.external_id, zone.id, MISSING, waits=1, outline=shapely.to_wkb(zone.official))
    return Decided(line, None if zone.stale else replace(zone, stale=True, changed_at=run.now), (doubt,))


def refuse(survey: Survey, reason: Reason, *, why: str = "") -> Decided:
    """Let a row wait that by itself would be fit."""
    return _in_doubt(survey, reason, None, why=why)


def in_doubt(waits: Quarantined) -> Decided:
    """Let a row wait that could not be judged."""
    return Decided(Line(waits.row, Kind.IN_DOUBT, waits.external_id, None, waits.detail, waits=1), None, (waits,))


def counts(plan: Plan) -> dict[str, int]:
    """Count what an import does, row by row; `confirmed` are unchanged but for the day that they are of."""
    kinds = dict.fromkeys((kind.value for kind in Kind), 0)
    for line in plan.lines:
        kinds[line.kind.value] += 1
    newer = sum(line.newer for line in plan.lines)
    return {**kinds, "confirmed": newer, "quarantined": len(plan.quarantined), "findings": len(plan.findings)}


def _in_doubt(survey: Survey, reason: Reason, zone: Zone | None, *, why: str = "") -> Decided:
    doubt = _doubt(survey, reason, zone, why=why)
    zone_id = None if zone is None else zone.id
    outline = survey.outline
    line = Line(survey.row, Kind.IN_DOUBT, survey.external_id, zone_id, doubt.detail, waits=1, outline=outline)
    return Decided(line, None, (doubt,))


def _doubt(survey: Survey, reason: Reason, zone: Zone | None, *, why: str = "") -> Quarantined:
    waits = waiting(Record(survey.row, survey.record), reason, external_id=survey.external_id, why=why)
    if zone is None:
        return waits
    return replace(waits, zone_id=zone.id, digest=survey.digest, outline=survey.official)


def _new(survey: Survey, run: Run) -> Decided:
    declared = run.declared
    zone = Zone(
        id=run.make_id(),
        authority=declared.authority,
        external_id=survey.external_id,
        key=survey.key,
        exercise=declared.exercise,
        hazard_class=survey.hazard_class,
        claim=survey.claim,
        particulars=survey.particulars,
        name=survey.name,
        source=survey.source,
        data_as_of=declared.dated,
        accuracy_m=survey.accuracy_m,
        publication=declared.publication,
        official=survey.official,
        public=None if declared.publication is Publication.WITHHELD else survey.wide,
        attributes=survey.attributes,
        given=survey.given,
        content_hash=survey.meaning,
        revision=1,
        stale=False,
        created_at=run.now,
        changed_at=run.now,
        feed=declared.feed,
    )
    doubts = _claims(survey, zone)
    outline = survey.outline
    line = Line(survey.row, Kind.NEW, survey.external_id, zone.id, survey.claim, waits=len(doubts), outline=outline)
    return Decided(line, zone, doubts, taken=_taken(survey, Kind.UNCHANGED, len(doubts)))


def _claims(survey: Survey, zone: Zone) -> tuple[Quarantined, ...]:
    """Let a claimed end wait: the area is on the list until a release record exists (R2)."""
    return () if survey.closure is None else (_doubt(survey, Reason.CLOSED, zone, why=repr(survey.claim)),)


def _unchanged(survey: Survey, zone: Zone, last: Remembered | None, run: Run) -> Decided:
    """Take the later day, and nothing else; a zone that has ended stays so while its row says nothing new."""
    dated = run.declared.dated
    newer = zone.state is ZoneState.ACTIVE and (dated > zone.data_as_of or zone.stale)
    line = Line(survey.row, Kind.UNCHANGED, survey.external_id, zone.id, newer=newer)
    taken = Remembered(survey.digest, None if last is None else last.outline)
    if not newer:
        return Decided(line, taken=taken)
    confirmed = replace(zone, data_as_of=max(dated, zone.data_as_of), stale=False, changed_at=run.now)
    return Decided(line, confirmed, taken=taken)


def _released(survey: Survey, zone: Zone, run: Run) -> Decided:
    """Let a row that calls an area closed agree with the release record; ground that the record lacks is in doubt."""
    if not comparing.within(survey.official, zone.official):
        return _in_doubt(survey, Reason.ENDED, zone, why=zone.state.value)
    return _unchanged(survey, zone, Remembered(survey.digest, survey.official), run)


def _merged(survey: Survey, zone: Zone, last: Remembered | None, run: Run) -> Decided:
    """Take from the row all that adds danger; what would remove some waits, and the zone keeps it (R6)."""
    shape, change = merging.grown(survey, zone, last)
    lowers = zone.hazard_class is HazardClass.CONFIRMED and survey.said is HazardClass.SUSPECTED
    doubts = (
        *((_doubt(survey, Reason.MOVES if change.moves else Reason.SHRINKS, zone),) if change.shrinks else ()),
        *((_doubt(survey, Reason.DOWNGRADED, zone),) if lowers else ()),
        *_claims(survey, zone),
    )
    told = merging.told(survey, shape, ignored=run.ignored)
    pending = any(doubt.reason is not Reason.CLOSED for doubt in doubts)
    next_zone = replace(
        told,
        content_hash=zone.content_hash if pending else merging.meaning_of(survey, zone, run.ignored),
        data_as_of=run.declared.dated,
        stale=False,
    )
    kind = _kind(zone, next_zone, change, lowers=lowers)
    outline = merging.outline_to_remember(survey, shape, zone, last)
    return Decided(
        Line(
            survey.row,
            kind,
            survey.external_id,
            zone.id,
            merging.summary(zone, next_zone, change, lowers=lowers),
            waits=len(doubts),
            outline=survey.outline,
        ),
        None if next_zone == zone else replace(next_zone, revision=zone.revision + 1, changed_at=run.now),
        doubts,
        _remarks(survey, zone, run),
        taken=_taken(survey, kind, len(doubts), outline=None if pending else outline),
    )


def _taken(survey: Survey, kind: Kind, waits: int, *, outline: Area | None = None) -> Remembered:
    return Remembered(survey.digest, outline, kind, waits) if waits else Remembered(survey.digest, outline)


def _kind(zone: Zone, next_zone: Zone, change: Displaced, *, lowers: bool) -> Kind:
    if change.shrinks:
        return Kind.MOVED if change.moves else Kind.SHRUNK
    if lowers or next_zone.hazard_class is not zone.hazard_class:
        return Kind.RECLASSIFIED
    return Kind.UNCHANGED if next_zone == zone else Kind.CHANGED


def _remarks(survey: Survey, zone: Zone, run: Run) -> tuple[Finding, ...]:
    if run.declared.publication is zone.publication:
        return ()
    return (noticed(survey, Note.PUBLICATION_KEPT, why=zone.publication.value),)
