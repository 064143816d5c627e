"""Judges one row of a source: an area that can be taken, with what was noticed, or why it has to wait."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.imports import columns
from service.imports.model import Declared, Doubt, Finding, Note, Quarantined, Reason, Survey
from service.imports.words import NOTE_OF_MEND, NOTES, QUARANTINE, REASON_OF_FLAW
from service.intake import geojson
from service.intake.model import Record
from service.kit import geo
from service.kit.geo import Unmendable
from service.zones.model import HazardClass

LONG_STEP_KM = 5.0
ABSURD_SPAN_KM = 200.0


class Doubtful(Exception):  # noqa: N818 - names what it is
    """The row cannot be taken; `why` fills the reason's sentence."""

    def __init__(self, reason: Doubt, why: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.why = why


def survey_all(records: Iterable[Record], declared: Declared) -> tuple[list[Survey], list[Quarantined], list[Finding]]:
    """Judge every row; one whose id was taken from an earlier row waits."""
    surveys: list[Survey] = []
    quarantined: list[Quarantined] = []
    findings: list[Finding] = []
    rows: dict[str, int] = {}
    for record in records:
        try:
            survey, notes = _survey(record, declared, rows)
        except Doubtful as doubt:
            quarantined.append(waiting(record, doubt.reason, external_id=_id_of(record, declared), why=doubt.why))
        else:
            rows[survey.key] = record.row
            surveys.append(survey)
            findings.extend(notes)
    return surveys, quarantined, findings


def waiting(record: Record, reason: Doubt, *, external_id: str | None, why: str = "") -> Quarantined:
    detail, remedy = QUARANTINE[reason]
    kept, _ = columns.capped(columns.kept(dict(record.feature)), columns.MOST_RECORD_BYTES)
    return Quarantined(record.row, external_id, reason, columns.storable(detail.format(why=why)), remedy, kept)


def noticed(survey: Survey, note: Note, **holes: str) -> Finding:
    return Finding(survey.row, survey.external_id, note, NOTES[note].format(**holes))


def _survey(record: Record, declared: Declared, rows: Mapping[str, int]) -> tuple[Survey, list[Finding]]:
    if record.unread is not None:
        raise Doubtful(record.unread, str(record.feature.get("why", "")))
    properties = record.feature.get("properties") or {}
    named = columns.by_name(properties)
    external_id = _identified(record, named, declared, rows)
    if columns.is_fictional(named) and not declared.exercise:
        raise Doubtful(Reason.FICTIONAL)
    classified = _classified(named, declared)
    mended, beside = _mended(record.feature.get("geometry"))
    attributes, cut = columns.capped(columns.kept(properties), columns.MOST_ATTRIBUTES_BYTES)
    hazards, strange = columns.hazards(named)
    survey = Survey(
        row=record.row,
        external_id=external_id,
        key=columns.folded(external_id),
        said=classified.said,
        claim=columns.storable(classified.claim),
        hazards=hazards,
        name=columns.name(named),
        source=columns.source(named),
        official=mended.area,
        accuracy_m=columns.accuracy_m(named, declared.accuracy_m),
        attributes=attributes,
        given=columns.kept(record.feature["geometry"]) if mended.mends else None,
        record=record.feature,
    )
    notes = [noticed(survey, NOTE_OF_MEND[mend]) for mend in sorted(mended.mends)]
    notes += _about_class(survey, classified)
    notes += [noticed(survey, Note.HAZARD_UNKNOWN, why=repr(columns.storable(word))) for word in strange]
    notes += _about_shape(survey, beside=beside)
    notes += [noticed(survey, Note.TEXT_CUT)] if cut else []
    notes += [noticed(survey, Note.TEXT_MENDED)] if columns.kept(properties) != properties else []
    return survey, notes


def _identified(record: Record, named: Mapping[str, Any], declared: Declared, rows: Mapping[str, int]) -> str:
    external_id = columns.identifier(named, record.feature.get("id"), declared.id_property)
    if external_id is None:
        raise Doubtful(Reason.NO_ID)
    first = rows.get(columns.folded(external_id))
    if first is not None:
        raise Doubtful(Reason.ID_TWICE, str(first))
    return external_id


def _id_of(record: Record, declared: Declared) -> str | None:
    properties = record.feature.get("properties")
    named = columns.by_name(properties if isinstance(properties, dict) else None)
    return columns.identifier(named, record.feature.get("id"), declared.id_property)


def _classified(named: Mapping[str, Any], declared: Declared) -> columns.Classified:
    classified = columns.classify(named)
    if classified.said is not None or classified.claim:
        return classified
    if classified.unknown:
        raise Doubtful(Reason.CLASS_UNKNOWN, " or ".join(map(repr, classified.unknown)))
    if declared.hazard_class is None:
        raise Doubtful(Reason.NO_CLASS)
    return columns.Classified(declared.hazard_class, "", "", (), doubt=False)


def _mended(geometry: Any) -> tuple[geo.Mended, bool]:
    try:
        polygons, beside = geojson.polygons(geometry)
        mended = geo.repair(polygons)
    except geojson.NotAnArea as error:
        raise Doubtful(error.reason, error.why) from None
    except Unmendable as error:
        raise Doubtful(REASON_OF_FLAW[error.flaw]) from None
    _check_span(mended.area)
    return mended, beside


def _check_span(area: geo.Area) -> None:
    """Refuse what no dangerous area can be: one wrong digit in a corner spans countries."""
    west, south, east, north = geo.bounds(area)
    broadest = min(abs(south), abs(north)) if south * north > 0 else 0.0
    span = max(geo.haversine(west, broadest, east, broadest), geo.haversine(0, south, 0, north)) / 1_000
    if span > ABSURD_SPAN_KM:
        raise Doubtful(Reason.ABSURD_SIZE, f"{span:,.0f}")


def _about_class(survey: Survey, classified: columns.Classified) -> list[Finding]:
    notes = []
    if classified.claim:
        notes.append(noticed(survey, Note.NO_RELEASE_RECORD, why=repr(survey.claim)))
    if classified.assumed and classified.said is not None:
        taken = "suspected (SHA)" if classified.said is HazardClass.SUSPECTED else "confirmed (CHA)"
        notes.append(noticed(survey, Note.CLASS_ASSUMED, why=repr(classified.assumed), taken=taken))
    if classified.doubt:
        notes.append(noticed(survey, Note.CLASSES_DIFFER))
    return notes


def _about_shape(survey: Survey, *, beside: bool) -> list[Finding]:
    longest = geo.longest_step_m(survey.official) / 1_000
    notes = [noticed(survey, Note.LONG_STEP, why=f"{longest:.1f}")] if longest > LONG_STEP_KM else []
    return notes + ([noticed(survey, Note.POINTS_LEFT_OUT)] if beside else [])
