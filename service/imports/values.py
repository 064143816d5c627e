"""Finds what the words of a source mean: classes, devices, days, how an area ended."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from service.imports.columns import Columns, Field, column_name, folded, plain
from service.imports.model import Closure
from service.kit.storable import storable
from service.zones.model import MOST_ACCURACY_M, Basis, Hazard, HazardClass, Lying, Marking, ReleaseKind

T = TypeVar("T")
_OLDEST = date(1900, 1, 1)
_LONGEST_WORD = 60
_DEEPEST_CM = 10_000
_DAYS = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})")
_EIGHT_DIGITS = 99_999_999

SUSPECTED = {
    "sha", "suspected", "suspected hazardous area", "suspected area", "suspect",
    "zone soupçonnée dangereuse", "zsd", "área peligrosa sospechosa", "aps", "підозрювана небезпечна ділянка", "пнд",
    "sumnjivo područje", "sumnjiva površina", "rizična površina",
}  # fmt: skip  # one line a language is easier to check than one a word
CONFIRMED = {
    "cha", "confirmed", "confirmed hazardous area", "confirmed area", "defined hazardous area", "dha",
    "zone dangereuse confirmée", "zdc", "área peligrosa confirmada", "apc", "підтверджена небезпечна ділянка",
    "potvrđeno opasno područje", "potvrđena rizična površina",
}  # fmt: skip  # as above
MINED = {"minefield", "mined area", "mine field", "champ de mines", "campo minado", "мінне поле", "minsko polje"}
ACTIVE = {
    "open", "active", "ongoing", "current", "worked on", "not started", "hazardous area", "dangerous area",
    "ouvert", "ouverte", "abierto", "abierta", "відкрито", "активна", "otvoreno", "aktivno",
}  # fmt: skip  # as above
_CANCELLED = {"cancelled", "canceled", "discredited", "annulé", "cancelado", "cancelada", "скасовано", "otkazano"}
_REDUCED = {"reduced", "réduit", "réduite", "reducido", "reducida", "зменшено", "reducirano"}
_CLEARED = {"cleared", "dépollué", "dépolluée", "despejado", "despejada", "розміновано", "очищено", "očišćeno"}
CLOSED = {
    "closed", "released", "handed over", "handover", "completed", "expired", "inactive", "fermé", "fermée", "remis",
    "cerrado", "cerrada", "entregado", "закрито", "вивільнено", "передано", "zatvoreno", "predato",
    *_CANCELLED, *_REDUCED, *_CLEARED,
}  # fmt: skip  # as above

_DEVICES = {
    Hazard.ANTI_PERSONNEL_MINE: {
        "anti personnel mine", "anti personnel", "ap mine", "ap", "apm", "antipersonnel mine", "mine antipersonnel",
        "mina antipersonal", "протипіхотна міна", "protupješadijska mina",
    },
    Hazard.ANTI_VEHICLE_MINE: {
        "anti vehicle mine", "anti vehicle", "av mine", "avm", "anti tank mine", "at mine", "mine antivéhicule",
        "mina antivehículo", "протитранспортна міна", "протитанкова міна", "protutenkovska mina",
    },
    Hazard.CLUSTER_MUNITION_REMNANT: {
        "cluster munition remnant", "cluster munition", "cmr", "submunition", "bac", "касетний боєприпас",
        "reste de sous munition", "remanente de munición en racimo", "kasetna municija",
    },
    Hazard.OTHER_ORDNANCE: {
        "other unexploded or abandoned ordnance", "uxo", "axo", "erw", "unexploded ordnance", "abandoned ordnance",
        "reg", "mape", "nus", "неразорвавшийся боеприпас", "вибухонебезпечний предмет",
    },
    Hazard.IMPROVISED_DEVICE: {
        "improvised device", "improvised explosive device", "ied", "improvised mine", "eei", "aei", "свп",
    },
    Hazard.UNKNOWN: {"unknown", "other", "n a"},
}  # fmt: skip  # as above
_WORDS: dict[Field, Mapping[str, Any]] = {
    Field.LYING: {
        **dict.fromkeys(("buried", "underground", "enterré", "enterrado", "під землею", "ukopano"), Lying.BURIED),
        **dict.fromkeys(("surface", "on the surface", "en surface", "на поверхні", "na površini"), Lying.SURFACE),
        **dict.fromkeys(("scattered", "dispersé", "disperso", "розкидано", "rasuto"), Lying.SCATTERED),
        **dict.fromkeys(("mixed", "mixte", "mixto", "змішано", "mješovito"), Lying.MIXED),
    },
    Field.MARKING: {
        **dict.fromkeys(("fenced", "fence", "clôturé", "cercado", "огороджено", "ograđeno"), Marking.FENCED),
        **dict.fromkeys(("signed", "signs", "marked", "panneaux", "señalizado", "знаки", "označeno"), Marking.SIGNED),
        **dict.fromkeys(("none", "unmarked", "no", "non", "немає", "neoznačeno"), Marking.NONE),
    },
    Field.BASIS: {
        **dict.fromkeys(("laying record", "minefield record", "record", "формуляр", "minski zapisnik"),
                        Basis.LAYING_RECORD),
        **dict.fromkeys(("survey", "nts", "ts", "enquête", "encuesta", "обстеження", "izviđanje"), Basis.SURVEY),
        **dict.fromkeys(("accident", "incident", "victim", "accidente", "інцидент", "nesreća"), Basis.ACCIDENT),
        **dict.fromkeys(("resident report", "resident", "informant", "habitant", "мешканець", "stanovnik"),
                        Basis.RESIDENT),
        **dict.fromkeys(("media", "press", "presse", "prensa", "змі", "mediji"), Basis.MEDIA),
    },
    Field.CLOSED_AS: {
        **dict.fromkeys((*_CANCELLED, "nts", "non technical survey", "enquête non technique"), ReleaseKind.CANCELLED),
        **dict.fromkeys((*_REDUCED, "ts", "technical survey", "enquête technique"), ReleaseKind.REDUCED),
        **dict.fromkeys((*_CLEARED, "clearance", "dépollution", "despeje", "розмінування", "čišćenje"),
                        ReleaseKind.CLEARED),
    },
    Field.DIRECT: {**dict.fromkeys(("direct", "прямий", "directa", "direktan"), True),
                   **dict.fromkeys(("indirect", "непрямий", "indirecta", "indirektan"), False)},
}  # fmt: skip  # as above
_DEVICE_OF = {word: hazard for hazard, words in _DEVICES.items() for word in words}
_YES = {"true", "yes", "1", "1.0", "y", "так", "oui", "sí", "si", "da"}
_NO = {"false", "no", "0", "0.0", "n", "ні", "non", "ne"}
_NOTHING = {"unknown", "n a", "none known", "невідомо", "inconnu", "desconocido", "nepoznato"}


class Unclear(ValueError):  # noqa: N818 - names what is wrong
    """A value that nobody can be sure of."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What the class columns say: a class or none, a claim that the area is closed, a word that was read freely.

    `unknown` holds the words where none was understood; `doubt` is set where two classes stood.
    """

    said: HazardClass | None
    claim: str
    assumed: str
    unknown: tuple[str, ...]
    doubt: bool


def classify(named: Mapping[str, Any], columns: Columns) -> Classified:
    """Read every class column: a class word beats a looser one, the more dangerous of two classes wins."""
    words = list(_class_words(named, columns))
    strict = [word for _, word in words if plain(word) in SUSPECTED | CONFIRMED]
    loose = [word for _, word in words if plain(word) in ACTIVE | MINED]
    claims = [word for _, word in words if plain(word) in CLOSED]
    classes = {_class_of(word) for word in strict or loose}
    return Classified(
        said=max(classes, key=lambda one: one is HazardClass.CONFIRMED, default=None),
        claim=claims[0] if claims else "",
        assumed=loose[0] if loose and not strict else "",
        # `type` holds many things besides a class: a strange word there says nothing unless a mapping names it.
        unknown=()
        if strict or loose or claims
        else tuple(word for name, word in words if not columns.guessed or name != "type"),
        doubt=len(classes) > 1,
    )


def _class_words(named: Mapping[str, Any], columns: Columns) -> Iterator[tuple[str, str]]:
    for meaning, name, value in columns.values(named, Field.CLASS, Field.STATUS):
        yield name, columns.word(meaning, str(value).strip()[:_LONGEST_WORD])


def _class_of(word: str) -> HazardClass:
    return HazardClass.CONFIRMED if plain(word) in CONFIRMED | MINED else HazardClass.SUSPECTED


def closure(named: Mapping[str, Any], columns: Columns, claim: str, on: date | None) -> Closure | None:
    """Return what a row claims of its area's end, if its class columns say that it has ended."""
    if not claim:
        return None
    how = columns.value(named, Field.CLOSED_AS)
    kind = None if how is None else _WORDS[Field.CLOSED_AS].get(plain(columns.word(Field.CLOSED_AS, str(how))))
    depth = number(columns.value(named, Field.DEPTH))
    return Closure(
        word=storable(claim),
        kind=kind or _WORDS[Field.CLOSED_AS].get(plain(claim)),
        dated=on,
        depth_cm=int(depth) if depth is not None and 0 < depth <= _DEEPEST_CM else None,
        authority=storable(str(columns.value(named, Field.CLOSED_BY) or "")),
    )


def closed_as(word: str) -> ReleaseKind | None:
    """Return the kind of release that a word names, if it names one."""
    found: ReleaseKind | None = _WORDS[Field.CLOSED_AS].get(plain(word))
    return found


def hazards(named: Mapping[str, Any], columns: Columns) -> tuple[frozenset[Hazard], tuple[str, ...]]:
    """Return the categories of devices, and the words that name none we know; without any it is `unknown`."""
    value: Any = columns.value(named, Field.HAZARDS)
    if value is None:
        return frozenset({Hazard.UNKNOWN}), ()
    words = [str(one) for one in value] if isinstance(value, list) else re.split(r'[\[\],;/|+"]', str(value))
    told = [(word.strip()[:_LONGEST_WORD], plain(columns.word(Field.HAZARDS, word.strip()))) for word in words]
    found = {_DEVICE_OF[word] for _, word in told if word in _DEVICE_OF}
    found |= {Hazard(column_name(word).replace("_", "-")) for _, word in told if word.replace(" ", "-") in set(Hazard)}
    known = _DEVICE_OF.keys() | {plain(hazard.value) for hazard in Hazard}
    strange = tuple(word for word, form in told if word and form not in known)
    return frozenset(found) or frozenset({Hazard.UNKNOWN}), strange


def choice(named: Mapping[str, Any], columns: Columns, meaning: Field, default: T) -> T:
    """Return the one of a field's values that a row names, the default for none. Raises Unclear for a strange word."""
    value = columns.value(named, meaning)
    if value is None:
        return default
    word = plain(columns.word(meaning, str(value)))
    found = _WORDS[meaning].get(word)
    if found is None:
        found = next((one for one in _values_of(default) if plain(str(one)) == word), None)
    if found is None and word not in _NOTHING:
        raise Unclear(str(value)[:_LONGEST_WORD])
    return default if found is None else found


def _values_of(default: object) -> Iterator[Any]:
    return iter(type(default)) if isinstance(default, Lying | Marking | Basis) else iter(())


def yes_or_no(named: Mapping[str, Any], columns: Columns, meaning: Field) -> bool | None:
    """Return what a row says of a question, None for nothing. Raises Unclear for a strange word."""
    value = columns.value(named, meaning)
    if value is None or isinstance(value, bool):
        return value
    word = folded(columns.word(meaning, str(value)))
    if word in _YES | _NO:
        return word in _YES
    if word in _NOTHING:
        return None
    raise Unclear(str(value)[:_LONGEST_WORD])


def day(value: Any, form: str | None, *, latest: date) -> date | None:
    """Return a day: 2026-07-31, 2026/07/31, 20260731, 31.07.2026, milliseconds since 1970, or as the form says.

    Raises Unclear for anything else, 03/04/2026 too, of which nobody knows the month; for a day before 1900 or after
    the latest.
    """
    if value is None:
        return None
    found = _day(value, form)
    if found is None or not _OLDEST <= found <= latest:
        raise Unclear(str(value)[:_LONGEST_WORD])
    return found


def _day(value: Any, form: str | None) -> date | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return _of_milliseconds(value) if abs(value) > _EIGHT_DIGITS else written(str(int(value)), form)
    return written(str(value).strip(), form)


@lru_cache(maxsize=4_096)
def written(text: str, form: str | None) -> date | None:
    for wanted in (text, re.split(r"[T ]", text)[0]):
        try:
            if form:
                return datetime.strptime(wanted, form).date()  # noqa: DTZ007 - a day has no time zone
            iso = _DAYS.fullmatch(wanted)
            return date(*map(int, iso.groups())) if iso else datetime.strptime(wanted, "%d.%m.%Y").date()  # noqa: DTZ007 - as above
        except ValueError:
            continue
    return None


def _of_milliseconds(value: float) -> date | None:
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).date()
    except OverflowError:
        return None


def number(value: Any) -> float | None:
    """Return a finite number, also one that a table holds as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def accuracy_m(named: Mapping[str, Any], columns: Columns, default: float) -> float:
    """Return the row's own accuracy in metres if it states a sensible one, else the default."""
    value = number(columns.value(named, Field.ACCURACY))
    return value if value is not None and 0 <= value <= MOST_ACCURACY_M else default


def is_fictional(named: Mapping[str, Any], columns: Columns) -> bool:
    return any(folded(str(value)) in _YES for _, _, value in columns.values(named, Field.FICTIONAL))
