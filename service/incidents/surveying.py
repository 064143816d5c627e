"""Judges the rows of a source: an incident that can be taken, with what was noticed, or why a row has to wait."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

from service.incidents import columns
from service.incidents.columns import BadDate, Row
from service.incidents.model import (
    Declared,
    Doubt,
    Field,
    Finding,
    IncidentKind,
    Note,
    Place,
    Quarantined,
    Reason,
    SourceMap,
    Survey,
    Unit,
    Victims,
    When,
)
from service.incidents.words import NOTES, QUARANTINE
from service.intake.model import Record, Unread
from service.kit import storable

_FAR_DEGREES = 10.0
_FEWEST_POINTS = 5
_MOST_RECORD_BYTES = 64_000
_UNFIT = frozenset({Unread.UNREADABLE, Unread.KEYS_TWICE, Unread.WRONG_CRS})
Point = tuple[float, float]


class Doubtful(Exception):  # noqa: N818 - names what it is
    """The row cannot be taken; `why` fills the reason's sentence."""

    def __init__(self, reason: Doubt, why: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.why = why


class Findings:
    """What was noticed; the same about many rows is told once, with how many."""

    def __init__(self) -> None:
        self._first: dict[tuple[Note, str], int] = {}
        self._times: Counter[tuple[Note, str]] = Counter()

    def add(self, row: int, note: Note, why: str = "") -> None:
        said = note, NOTES[note].format(why=why)
        self._first.setdefault(said, row)
        self._times[said] += 1

    def all(self) -> tuple[Finding, ...]:
        return tuple(Finding(row, *said, self._times[said]) for said, row in self._first.items())


def survey_all(
    records: Sequence[Record], declared: Declared
) -> tuple[list[Survey], list[Quarantined], tuple[Finding, ...]]:
    """Judge every row: each is taken, waits, or repeats one that was taken, which is told."""
    findings, quarantined = Findings(), []
    surveys: dict[str, Survey] = {}
    middle = _middle(records)
    for record in records:
        row = Row(record.feature.get("properties") or {}, declared.source_map or SourceMap())
        try:
            survey = _placed(_survey(record, row, declared, findings), middle, findings)
            kept = _unlike_earlier(survey, surveys, findings)
        except Doubtful as doubt:
            quarantined.append(waiting(record, doubt.reason, external_id=row.text(Field.ID) or None, why=doubt.why))
        else:
            surveys |= {kept.key: kept} if kept else {}
    return list(surveys.values()), quarantined, findings.all()


def waiting(record: Record, reason: Doubt, *, external_id: str | None, why: str = "") -> Quarantined:
    detail, remedy = QUARANTINE[reason]
    kept, _ = storable.capped(storable.kept(dict(record.feature)), _MOST_RECORD_BYTES)
    told = storable.storable(detail.format(why=why))
    key = columns.folded((external_id or "")[: columns.LONGEST_ID])
    return Quarantined(record.row, external_id, key, reason, told, remedy, kept)


def content(survey: Survey) -> bytes:
    """Return what makes two rows say the same."""
    units = [[columns.unit_key(unit), unit.level, unit.name] for unit in (survey.place.region, survey.place.district)]
    point = [round(number, 7) for number in survey.place.point or ()]
    victims = survey.victims
    said = [
        survey.external_id, survey.kind, str(survey.when.on), survey.when.precision, units, survey.place.locality,
        point, survey.device, victims.killed, victims.injured, victims.age_group, victims.sex, victims.condition,
        survey.attributes,
    ]  # fmt: skip  # one a line would hide the list's shortness
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def _survey(record: Record, row: Row, declared: Declared, findings: Findings) -> Survey:
    if record.unread in _UNFIT:
        raise Doubtful(record.unread, str(record.feature.get("why", "")))
    if columns.folded(row.text(Field.FICTIONAL)) in {"true", "yes", "1"} and not declared.exercise:
        raise Doubtful(Reason.FICTIONAL)
    moment, shortened = _when(row, declared.dated)
    place = _place(record, row, findings)
    attributes, cut = storable.capped(
        storable.kept(dict(record.feature.get("properties") or {})), columns.MOST_ATTRIBUTES_BYTES
    )
    external_id = row.text(Field.ID)[: columns.LONGEST_ID]
    survey = Survey(
        row=record.row,
        external_id=external_id,
        key=columns.folded(external_id),
        kind=_kind(record, row, findings),
        when=moment,
        place=place,
        device=row.text(Field.DEVICE),
        victims=_victims(record, row, findings),
        attributes=attributes,
        record=record.feature,
    )
    noticed = {Note.DATE_SHORTENED: shortened, Note.TEXT_CUT: cut, Note.TEXT_MENDED: row.mended}
    for note in (note for note, true in noticed.items() if true):
        findings.add(record.row, note)
    return survey


def _unlike_earlier(survey: Survey, surveys: Mapping[str, Survey], findings: Findings) -> Survey | None:
    """Return the row under its own key, None for one that only repeats another. Raises Doubtful."""
    if not survey.external_id:
        return _known_by_content(survey, surveys, findings)
    first = surveys.get(survey.key)
    if first is None:
        return survey
    if _loosely(first) != _loosely(survey):
        raise Doubtful(Reason.ID_TWICE, str(first.row))
    findings.add(survey.row, Note.SAME_ROW)
    return None


def _loosely(survey: Survey) -> bytes:
    """Return what two rows say alike, however their texts are spelled."""
    attributes = {name: columns.folded(str(value)) for name, value in survey.attributes.items()}
    place = replace(
        survey.place,
        region=replace(survey.place.region, name=columns.folded(survey.place.region.name)),
        district=replace(survey.place.district, name=columns.folded(survey.place.district.name)),
        locality=columns.folded(survey.place.locality),
    )
    return content(replace(survey, external_id="", place=place, attributes=attributes))


def _known_by_content(survey: Survey, surveys: Mapping[str, Survey], findings: Findings) -> Survey:
    """Know a row without an id by what it says, and by how many before it said the same."""
    findings.add(survey.row, Note.NO_ID)
    stem, number = content(survey).hex(), 1
    while f"content {stem} {number}" in surveys:
        number += 1
    if number > 1:
        findings.add(survey.row, Note.LOOKS_TWICE)
    return replace(survey, key=f"content {stem} {number}")


def _when(row: Row, dated: date) -> tuple[When, bool]:
    text, year = row.text(Field.DATE), row.text(Field.YEAR)
    try:
        if not text and not year:
            raise Doubtful(Reason.NO_DATE)
        found, shortened = columns.when(text or _year_and_month(row))
        if text and year and columns.when(year)[0].on.year != found.on.year:
            raise Doubtful(Reason.DATES_DIFFER, str(found.on))
    except BadDate as error:
        raise Doubtful(Reason.BAD_DATE, repr(str(error))) from None
    if found.on > dated:
        raise Doubtful(Reason.AFTER_FILE, str(found.on))
    return found, shortened


def _year_and_month(row: Row) -> str:
    year, month = row.text(Field.YEAR), row.text(Field.MONTH)
    return f"{year}-{month}" if month else year


def _kind(record: Record, row: Row, findings: Findings) -> IncidentKind:
    word = row.text(Field.KIND)
    found = columns.kind(word) if word else IncidentKind.UNKNOWN
    if found is None:
        findings.add(record.row, Note.KIND_UNKNOWN, repr(word))
    return found or IncidentKind.UNKNOWN


def _victims(record: Record, row: Row, findings: Findings) -> Victims:
    counts: dict[Field, int | None] = {}
    for field in (Field.KILLED, Field.INJURED):
        try:
            counts[field] = row.count(field)
        except ValueError:
            findings.add(record.row, Note.COUNT_UNREAD, repr(row.text(field)))
    words = (row.text(field) for field in (Field.AGE_GROUP, Field.SEX, Field.CONDITION))
    return Victims(counts.get(Field.KILLED), counts.get(Field.INJURED), *words)


def _place(record: Record, row: Row, findings: Findings) -> Place:
    geometry = record.feature.get("geometry")
    point = _point(geometry)
    if point is None and (geometry is not None or record.unread is Unread.GEOMETRY_BROKEN):
        findings.add(record.row, Note.NO_POINT)
    district = row.unit(Field.DISTRICT, Field.DISTRICT_CODE)
    if not (district.name or district.code):
        if point is None:
            raise Doubtful(Reason.NOWHERE)
        findings.add(record.row, Note.NO_DISTRICT)
        district = Unit()
    return Place(row.unit(Field.REGION, Field.REGION_CODE), district, row.text(Field.LOCALITY), point)


def _point(geometry: Any) -> Point | None:
    """Return longitude and latitude as they stand, NaN and all; None for what is no point."""
    at = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(at, list) or len(at) < 2:  # noqa: PLR2004 - a pair
        return None
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in at[:2]):
        return None
    return float(at[0]), float(at[1])


def _placed(survey: Survey, middle: Point | None, findings: Findings) -> Survey:
    """Leave out a point that cannot be right; the incident itself is none the less one."""
    point = survey.place.point
    if point is None:
        return survey
    wrong = _wrong(point, middle)
    if wrong is None:
        return survey
    findings.add(survey.row, wrong)
    return survey if wrong is Note.FAR_AWAY else replace(survey, place=replace(survey.place, point=None))


def _wrong(point: Point, middle: Point | None) -> Note | None:
    longitude, latitude = point
    if not _on_the_map(point):
        return (
            Note.POINT_OUT_OF_RANGE if middle is None or not _near((latitude, longitude), middle) else Note.AXES_SWAPPED
        )
    if point == (0, 0):
        return Note.ZERO_POINT
    if middle is None or _near(point, middle):
        return None
    if any(_near(flipped, middle) for flipped in _flips(point)):
        return Note.WRONG_HEMISPHERE
    return Note.AXES_SWAPPED if _near((latitude, longitude), middle) else Note.FAR_AWAY


def _flips(point: Point) -> Iterable[Point]:
    longitude, latitude = point
    return (-longitude, latitude), (longitude, -latitude), (-longitude, -latitude)


def _on_the_map(point: Point) -> bool:
    return all(map(math.isfinite, point)) and abs(point[0]) <= 180 and abs(point[1]) <= 90  # noqa: PLR2004 - degrees


def _near(point: Point, middle: Point) -> bool:
    return all(abs(one - other) <= _FAR_DEGREES for one, other in zip(point, middle, strict=True))


def _middle(records: Iterable[Record]) -> Point | None:
    """Return where most points of a file lie; None for too few to say."""
    found = [point for record in records if (point := _point(record.feature.get("geometry"))) is not None]
    sound = [point for point in found if _on_the_map(point) and point != (0, 0)]
    if len(sound) < _FEWEST_POINTS:
        return None
    return median(point[0] for point in sound), median(point[1] for point in sound)
