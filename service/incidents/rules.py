"""What an import may do to the record of incidents, and who may let the public see totals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from service.incidents import counting
from service.incidents.model import Change, Declared, Incident, Kind, Plan, Quarantined, Reason, Survey, Totals
from service.incidents.surveying import content, waiting
from service.intake.model import Record
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused

LONGEST_AUTHORITY = 200
# What waits for these reasons is about one incident, and is settled when a later import takes that. A row that could
# not be read, or that shares its id with another one, may be about another incident: a person has to look.
SETTLED = frozenset(reason.value for reason in Reason if reason is not Reason.ID_TWICE)
_OLDEST = date(1900, 1, 1)
# A file may be of today where the day has begun already.
_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Run:
    """One import: what was stated of it, when it runs, where new incidents' ids come from."""

    declared: Declared
    now: datetime
    make_id: Callable[[], UUID]


def check_declared(declared: Declared, *, now: datetime) -> Declared:
    """Return the statement with its authority trimmed. Raises Refused, naming the field."""
    authority = check_authority(declared.authority)
    if not _OLDEST <= declared.dated <= (now + _AHEAD).date():
        detail = f"The data is dated {declared.dated}, which is no day that data can be of."
        raise Refused(Fault.INVALID, "date-unfit", detail, where="dated", remedy="Give the day the data is of.")
    return replace(declared, authority=authority)


def check_authority(name: str) -> str:
    authority = " ".join(name.split())
    if not authority or len(authority) > LONGEST_AUTHORITY or not authority.isprintable():
        detail = f"The authority has to be named in 1 to {LONGEST_AUTHORITY} printable characters."
        raise Refused(Fault.INVALID, "authority-unfit", detail, where="authority", remedy="Say whose data this is.")
    return authority


def plan(surveys: Sequence[Survey], known: Mapping[str, Incident], so_far: Plan, run: Run) -> Plan:
    """Decide about every row against what is on record under the same authority, in the same world.

    An incident that a file does not name stays: nothing is ever taken away.
    """
    changes: list[Change] = []
    doubts: list[Quarantined] = []
    for survey in surveys:
        change = _change(survey, known.get(survey.key), run)
        if isinstance(change, Change):
            changes.append(change)
        else:
            doubts.append(change)
    quarantined = tuple(sorted((*so_far.quarantined, *doubts), key=lambda one: one.row))
    return Plan(tuple(changes), quarantined, so_far.findings)


def counts(plan: Plan) -> dict[str, int]:
    """Count what an import does, row by row."""
    kinds = {kind.value: len(plan.of(kind)) for kind in Kind}
    return {**kinds, "quarantined": len(plan.quarantined), "findings": sum(one.times for one in plan.findings)}


def _change(survey: Survey, known: Incident | None, run: Run) -> Change | Quarantined:
    if known is None:
        return Change(survey.row, Kind.NEW, _incident(survey, run, run.make_id(), created_at=run.now))
    if content(survey) == known.content_hash:
        return Change(survey.row, Kind.UNCHANGED, known)
    if run.declared.dated < known.data_as_of:
        record = Record(survey.row, survey.record)
        return waiting(record, Reason.OUTDATED, external_id=survey.external_id or None, why=str(known.data_as_of))
    changed = _incident(survey, run, known.id, created_at=known.created_at)
    return Change(survey.row, Kind.CHANGED, replace(changed, revision=known.revision + 1))


def _incident(survey: Survey, run: Run, incident_id: UUID, *, created_at: datetime) -> Incident:
    return Incident(
        id=incident_id,
        authority=run.declared.authority,
        external_id=survey.external_id,
        key=survey.key,
        exercise=run.declared.exercise,
        kind=survey.kind,
        when=survey.when,
        place=survey.place,
        device=survey.device,
        victims=survey.victims,
        attributes=survey.attributes,
        data_as_of=run.declared.dated,
        content_hash=content(survey),
        revision=1,
        created_at=created_at,
        changed_at=run.now,
    )


def demand_complete(year: int, *, today: date) -> None:
    """Refuse to freeze a year that is not over for long: late records would never be counted."""
    if not counting.complete(year, today=today):
        detail = f"The totals of {year} can be published from {counting.LAG.days} days after its end."
        raise Refused(
            Fault.CONFLICT, "year-incomplete", detail, where="year", remedy="Wait until records are complete."
        )


def demand_askable(known: Totals | None) -> None:
    """Refuse to ask for what is public already: totals are frozen, so that two versions never give one event away."""
    if known is not None and known.approved_at is not None:
        detail = f"The totals of {known.year} are public, and stay as they are."
        raise Refused(Fault.CONFLICT, "totals-public", detail, remedy="Withdraw them if they must not be seen.")


def demand_waiting(known: Totals | None, approver: UUID) -> Totals:
    """Return what waits for a second person; Refused where nothing does, and for who asked (R17)."""
    if known is None or known.approved_at is not None:
        detail = "No such totals wait for a second person."
        raise Refused(Fault.NOT_FOUND, "totals-not-waiting", detail, remedy="Ask for their publication first.")
    if known.asked_by == approver:
        detail = "Who asks for a publication does not approve it."
        raise Refused(Fault.FORBIDDEN, "same-person", detail, remedy="Ask a second person.")
    return known


def demand_public(known: Totals | None) -> Totals:
    if known is None or known.approved_at is None:
        raise Refused(
            Fault.NOT_FOUND, "totals-not-public", "No such totals are public.", remedy="See the list of them."
        )
    return known
