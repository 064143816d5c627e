"""Judges rows of a source by themselves: areas that can be taken, with what was noticed, or why they have to wait."""

import hashlib
import json
import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from service.imports import describing, outlining
from service.imports.columns import (
    MOST_ATTRIBUTES_BYTES,
    MOST_RECORD_BYTES,
    Columns,
    by_name,
    folded,
    identifier,
    line,
)
from service.imports.columns import Field as Meaning
from service.imports.describing import Doubtful
from service.imports.inert import alive
from service.imports.model import Declared, Finding, Quarantined, Survey
from service.imports.reasons import Doubt, Note, Reason
from service.imports.values import Classified, accuracy_m, classify, is_fictional
from service.imports.words import NOTES, QUARANTINE
from service.intake.model import Record
from service.kit.storable import capped, kept, storable

# The last form of marshal without references, which would tell how a value came about and not only what it is.
_MARSHALLED = 2


@dataclass(frozen=True, slots=True)
class Terms:
    """How the rows of one import are read: what was stated of it, which column means what, which day it is."""

    declared: Declared
    columns: Columns
    today: date
    stamp: bytes = b""
    table: bool = False

    @classmethod
    def of(cls, declared: Declared, columns: Columns, *, today: date, table: bool = False) -> "Terms":
        """Stamp the terms: under another statement or mapping the same row may say another thing.

        In a `table` an apostrophe before what a program would take for a formula is none of the value's.
        """
        told = [
            declared.accuracy_m, declared.hazard_class, declared.id_property, declared.buffer_m,
            sorted((meaning, *names) for meaning, names in columns.names.items()), columns.day_form,
            sorted((meaning, *sorted(words.items())) for meaning, words in columns.words.items()),
            sorted(columns.ignored),
        ]  # fmt: skip  # one a line would hide the list's shortness
        return cls(declared, columns, today, json.dumps([table, told], default=list).encode(), table)


@dataclass
class Surveyed:
    """What a batch of rows turned out to be."""

    surveys: list[Survey] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def digest(record: Record, terms: Terms) -> bytes:
    """Return what tells one row, as it was sent and read, from any other."""
    said = [record.feature, record.radius_m, record.accuracy_m, record.unread and record.unread.value]
    try:
        told = marshal.dumps(said, _MARSHALLED)  # many times as fast as text, and the same for the same values
    except ValueError:
        told = json.dumps(said, sort_keys=True, default=repr).encode("utf-8", "surrogatepass")
    return hashlib.sha256(terms.stamp + told).digest()


def survey_all(rows: Sequence[tuple[Record, bytes]], terms: Terms) -> Surveyed:
    """Judge every row by itself, each given with its digest; outlines are made for all of them at once."""
    found = Surveyed()
    drafts = []
    narrowed = _Narrowed(terms)
    for record, mark in rows:
        try:
            drafts.append(_draft(record, mark, narrowed))
        except Doubtful as doubt:
            found.quarantined.append(_waits(record, doubt, terms))
    outlines = outlining.outline_all([draft.shape for draft in drafts], terms.declared)
    for draft, outline in zip(drafts, outlines, strict=True):
        if isinstance(outline, Doubtful):
            found.quarantined.append(_waits(draft.record, outline, terms))
        else:
            survey, notes = draft.completed(outline)
            found.surveys.append(survey)
            found.findings.extend(notes)
    found.quarantined.sort(key=lambda one: one.row)
    return found


def waiting(
    record: Record, reason: Doubt, *, external_id: str | None, why: str = "", remedy: str | None = None
) -> Quarantined:
    detail, usual = QUARANTINE[reason]
    record_kept, _ = capped(kept(dict(record.feature)), MOST_RECORD_BYTES)
    told = storable(detail.format(why=why))
    return Quarantined(record.row, external_id, reason, told, remedy or usual, record_kept)


def noticed(survey: Survey, note: Note, **holes: str) -> Finding:
    return Finding(survey.row, survey.external_id, note, NOTES[note].format(**holes))


def _waits(record: Record, doubt: Doubtful, terms: Terms) -> Quarantined:
    return waiting(record, doubt.reason, external_id=_id_of(record, terms), why=doubt.why)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A row whose words are judged and whose outline is not yet made."""

    record: Record
    shape: outlining.Shape
    survey: Survey
    notes: tuple[tuple[Note, Mapping[str, str]], ...]

    def completed(self, outline: outlining.Outline) -> tuple[Survey, list[Finding]]:
        given = kept(self.record.feature["geometry"]) if outline.given else None
        survey = replace(
            self.survey, official=outline.official, wide=outline.wide, given=given,
            attributes={**self.survey.attributes, **outline.attributes},
        )  # fmt: skip  # one a line would hide that only the outline is added
        survey = replace(survey, meaning=describing.meaning(survey))
        return survey, [noticed(survey, note, **holes) for note, holes in (*outline.notes, *self.notes)]


class _Narrowed:
    """The terms for rows of the same columns, found once."""

    def __init__(self, terms: Terms) -> None:
        self.table = terms.table
        self._terms = terms
        self._found: dict[tuple[str, ...], Terms] = {}

    def to(self, named: Mapping[str, Any]) -> Terms:
        there = tuple(named)
        if there not in self._found:
            self._found[there] = replace(self._terms, columns=self._terms.columns.among(there))
        return self._found[there]


def _draft(record: Record, mark: bytes, narrowed: _Narrowed) -> _Draft:
    if record.unread is not None:
        raise Doubtful(record.unread, str(record.feature.get("why", "")))
    properties = record.feature.get("properties") or {}
    properties = {name: alive(value) for name, value in properties.items()} if narrowed.table else properties
    named = by_name(properties)
    terms = narrowed.to(named)
    external_id = _id_of(record, terms, named)
    if external_id is None:
        raise Doubtful(Reason.NO_ID)
    if is_fictional(named, terms.columns) and not terms.declared.exercise:
        raise Doubtful(Reason.FICTIONAL)
    classified = _classified(named, terms)
    told = describing.describe(named, classified.claim, terms.columns, terms.today)
    name, name_notes = describing.legible(str(terms.columns.value(named, Meaning.NAME) or ""))
    accuracy = max(accuracy_m(named, terms.columns, terms.declared.accuracy_m), record.accuracy_m or 0)
    attributes, cut, mended = _attributes(properties, terms.columns)
    survey = Survey(
        row=record.row,
        external_id=external_id,
        key=folded(external_id),
        said=classified.said,
        closure=told.closure,
        particulars=told.particulars,
        name=name,
        source=line(terms.columns.value(named, Meaning.SOURCE) or ""),
        official=outlining.NOTHING,
        wide=None,
        accuracy_m=accuracy,
        attributes=attributes,
        given=None,
        record=record.feature,
        digest=mark,
        meaning=b"",
    )
    notes = [*describing.about_class(classified, told.closure), *told.notes, *name_notes]
    notes += [(note, {}) for note, noted in ((Note.TEXT_CUT, cut), (Note.TEXT_MENDED, mended)) if noted]
    shape = outlining.Shape(record.feature.get("geometry"), accuracy, record.radius_m)
    return _Draft(record, shape, survey, tuple(notes))


def _attributes(properties: Mapping[str, Any], columns: Columns) -> tuple[dict[str, Any], bool, bool]:
    """Return the source's attributes as they can be stored, whether any was left out and whether any was mended."""
    told = describing.without(properties, columns.ignored)
    stored = kept(told)
    attributes, cut = capped(stored, MOST_ATTRIBUTES_BYTES)
    return attributes, cut, stored != told


def _id_of(record: Record, terms: Terms, named: Mapping[str, Any] | None = None) -> str | None:
    properties = record.feature.get("properties")
    found = by_name(properties if isinstance(properties, dict) else None) if named is None else named
    chosen = terms.declared.id_property is not None or not terms.columns.guessed
    columns = terms.columns.with_id(terms.declared.id_property)
    return identifier(found, record.feature.get("id"), columns, chosen=chosen)


def _classified(named: Mapping[str, Any], terms: Terms) -> Classified:
    classified = classify(named, terms.columns)
    if classified.said is not None or classified.claim:
        return classified
    if classified.unknown:
        raise Doubtful(Reason.CLASS_UNKNOWN, " or ".join(map(repr, classified.unknown)))
    if terms.declared.hazard_class is None:
        raise Doubtful(Reason.NO_CLASS)
    return Classified(terms.declared.hazard_class, "", "", (), doubt=False)
