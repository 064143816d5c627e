"""Says what a row tells beside its outline: particulars, a claimed end, names that can be read."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias, TypeVar

from service.imports import values
from service.imports.columns import Columns, Field, by_name, column_name, line
from service.imports.model import Closure, Survey
from service.imports.reasons import Doubt, Note
from service.imports.values import Classified, Unclear
from service.kit.storable import storable
from service.zones.model import Basis, Evidence, HazardClass, Lying, Marking, Particulars

T = TypeVar("T")
Notes: TypeAlias = tuple[tuple[Note, Mapping[str, str]], ...]
_FARTHEST = date(2199, 12, 31)
_MOST_PEOPLE = 10_000_000


class Doubtful(Exception):  # noqa: N818 - names what it is
    """The row cannot be taken; `why` fills the reason's sentence."""

    def __init__(self, reason: Doubt, why: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.why = why


@dataclass(frozen=True, slots=True)
class Told:
    """What a row tells of its area, what it claims of its end, and what nobody understood."""

    particulars: Particulars
    closure: Closure | None
    notes: Notes


def describe(named: Mapping[str, Any], claim: str, columns: Columns, today: date) -> Told:
    """Read a row's particulars; a value that is not understood is left out, and said."""
    ear = _Ear(named, columns, today)
    hazards, strange = values.hazards(named, columns)
    ear.notes += [(Note.HAZARD_UNKNOWN, {"why": repr(storable(word))}) for word in strange]
    claimed, by = ear.yes_or_no(Field.DEACTIVATING), ear.day(Field.DEACTIVATES_BY, _FARTHEST)
    particulars = Particulars(
        hazards=hazards,
        lying=ear.choice(Field.LYING, Lying.UNKNOWN),
        evidence=_evidence(ear),
        deactivating=True if by else claimed,
        deactivates_by=by,
        marking=ear.choice(Field.MARKING, Marking.UNKNOWN),
        reported_on=ear.day(Field.REPORTED, today),
        surveyed_on=ear.day(Field.SURVEYED, today),
        benchmark=_benchmark(named, columns),
        beneficiaries=_people(values.number(columns.value(named, Field.BENEFICIARIES))),
    )
    closure = values.closure(named, columns, claim, ear.day(Field.CLOSED_ON, today) if claim else None)
    return Told(particulars, closure, tuple(ear.notes))


@dataclass
class _Ear:
    """Reads values of one row; what nobody understands is noted."""

    named: Mapping[str, Any]
    columns: Columns
    today: date
    notes: list[tuple[Note, Mapping[str, str]]] = field(default_factory=list)

    def choice(self, meaning: Field, default: T) -> T:
        return self._heard(meaning, lambda: values.choice(self.named, self.columns, meaning, default), default)

    def yes_or_no(self, meaning: Field) -> bool | None:
        return self._heard(meaning, lambda: values.yes_or_no(self.named, self.columns, meaning), None)

    def day(self, meaning: Field, latest: date) -> date | None:
        value = self.columns.value(self.named, meaning)
        return self._heard(
            meaning, lambda: values.day(value, self.columns.day_form, latest=latest), None, Note.DATE_BAD
        )

    def text(self, meaning: Field) -> str:
        return line(self.columns.value(self.named, meaning) or "")

    def _heard(self, meaning: Field, read: Callable[[], T], otherwise: T, note: Note = Note.VALUE_UNKNOWN) -> T:
        if meaning not in self.columns.names:
            return otherwise
        try:
            return read()
        except Unclear as unclear:
            self.notes.append((note, {"why": repr(storable(str(unclear))), "what": meaning.value}))
            return otherwise


def about_class(classified: Classified, closure: Closure | None) -> Notes:
    """Say what was made of the class columns."""
    notes: list[tuple[Note, Mapping[str, str]]] = []
    if closure is not None:
        notes.append((Note.NO_RELEASE_RECORD, {"why": repr(closure.word)}))
    if classified.assumed and classified.said is not None:
        taken = "suspected (SHA)" if classified.said is HazardClass.SUSPECTED else "confirmed (CHA)"
        notes.append((Note.CLASS_ASSUMED, {"why": repr(storable(classified.assumed)), "taken": taken}))
    if classified.doubt:
        notes.append((Note.CLASSES_DIFFER, {}))
    return tuple(notes)


def legible(text: str) -> tuple[str, Notes]:
    """Mend UTF-8 that was read as a Western code page where that is certain; say where it only looks so.

    It is certain if all of the text turns back into UTF-8: by chance that happens to no name of two strange letters.
    """
    if text.isascii():
        return line(text), ()
    for page in ("cp1252", "latin-1"):
        try:
            mended = text.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        if mended != text and sum(not sign.isascii() for sign in text) > 1:
            return line(mended), ((Note.MOJIBAKE_MENDED, {"why": repr(line(text)[:60])}),)
    return line(text), ((Note.MOJIBAKE, {"why": repr(text[:60])}),) if _looks_garbled(text) else ()


def _looks_garbled(text: str) -> bool:
    """Tell whether a text is mostly Western letters with accents, as Cyrillic read as cp1252 is, or lost letters."""
    western = sum("\u00c0" <= sign <= "\u00ff" for sign in text)
    letters = sum(sign.isalpha() for sign in text)
    return "\ufffd" in text or (western > 3 and 2 * western > letters)  # noqa: PLR2004 - été is a word


def meaning(survey: Survey) -> bytes:
    """Return what makes two rows say the same beside their outlines, whatever format they came in."""
    told = survey.particulars
    said = [
        survey.said, survey.claim, sorted(told.hazards), told.lying, told.marking, told.deactivating, told.benchmark,
        told.beneficiaries, survey.name, survey.source, survey.accuracy_m,
        [str(one) for one in (told.deactivates_by, told.reported_on, told.surveyed_on)],
        [str(one) for one in told.evidence], str(survey.closure),
        sorted((name, _same(value)) for name, value in by_name(survey.attributes).items()),
    ]  # fmt: skip  # one field a line would hide the list's shortness
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).digest()


def without(properties: Mapping[str, Any], ignored: frozenset[str]) -> dict[str, Any]:
    """Return the properties but for the columns that a mapping leaves out."""
    if not ignored:
        return dict(properties)
    return {name: value for name, value in properties.items() if column_name(name) not in ignored}


def _same(value: Any) -> str:
    """Write a value as every format would: 44, 44.0 and "44" are one, and so are 2024-07-31 and 2024/07/31."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    found = values.number(value)
    if found is not None:
        return repr(found)
    text = str(value).strip()
    return str(values.written(text, None) or text) if text[:1].isdigit() else text


def _evidence(ear: _Ear) -> tuple[Evidence, ...]:
    direct: bool | None = ear.choice(Field.DIRECT, None)
    said = Evidence(
        basis=ear.choice(Field.BASIS, Basis.UNKNOWN),
        direct=direct,
        place=ear.text(Field.EVIDENCE_PLACE),
        dated=ear.day(Field.EVIDENCE_DATE, ear.today),
    )
    return () if said == Evidence(Basis.UNKNOWN) else (said,)


def _benchmark(named: Mapping[str, Any], columns: Columns) -> tuple[float, float] | None:
    longitude, latitude = (
        values.number(columns.value(named, one)) for one in (Field.BENCHMARK_LONGITUDE, Field.BENCHMARK_LATITUDE)
    )
    if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 90:  # noqa: PLR2004 - degrees
        return None
    return longitude, latitude


def _people(number: float | None) -> int | None:
    return int(number) if number is not None and 0 <= number <= _MOST_PEOPLE else None
