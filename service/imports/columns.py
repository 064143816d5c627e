"""Finds what the columns of a source mean, by a mapping or by the names that are usual in the field."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from service.kit.storable import storable

LONGEST_ID = 200
LONGEST_TEXT = 300
MOST_ATTRIBUTES_BYTES = 16_000
MOST_RECORD_BYTES = 64_000

_JOINTS = re.compile(r"[\s_\-]+")


class Field(StrEnum):
    """What a column can mean. `reported_on` and `surveyed_on` are days; `closed_…` belong to a claimed release."""

    ID = "id"
    NAME = "name"
    CLASS = "class"
    STATUS = "status"
    HAZARDS = "hazards"
    LYING = "lying"
    BASIS = "basis"
    DIRECT = "direct"
    EVIDENCE_PLACE = "evidence_place"
    EVIDENCE_DATE = "evidence_date"
    MARKING = "marking"
    ACCURACY = "accuracy_m"
    DEACTIVATING = "deactivating"
    DEACTIVATES_BY = "deactivates_by"
    REPORTED = "reported_on"
    SURVEYED = "surveyed_on"
    PLACE = "place_code"
    BENCHMARK_LONGITUDE = "benchmark_longitude"
    BENCHMARK_LATITUDE = "benchmark_latitude"
    BENEFICIARIES = "beneficiaries"
    SOURCE = "source"
    FICTIONAL = "fictional"
    CLOSED_AS = "closed_as"
    CLOSED_ON = "closed_on"
    CLOSED_BY = "closed_by"
    DEPTH = "depth_cm"


# The minimum data's words in English, Ukrainian, French, Spanish and Bosnian; the first that a row has is taken.
USUAL: dict[Field, tuple[str, ...]] = {
    Field.ID: ("zone_id", "id", "external_id"),
    Field.NAME: ("name", "zone_name", "title", "назва", "nom", "nombre", "naziv"),
    Field.CLASS: (
        "class", "hazard_class", "classification", "hazard_type", "area_type", "type", "клас", "тип", "classe", "clase",
        "klasa", "tip",
    ),
    Field.STATUS: ("status", "статус", "statut", "estado"),
    Field.HAZARDS: (
        "hazards", "hazard", "device_categories", "devices", "contamination", "забруднення", "engins", "artefactos",
        "kontaminacija",
    ),
    Field.LYING: ("lying", "lies", "emplacement", "розташування_боєприпасів", "disposition", "disposición", "raspored"),
    Field.BASIS: ("basis", "evidence", "evidence_source", "підстава", "preuve", "evidencia", "dokaz"),
    Field.DIRECT: ("direct", "direct_evidence", "evidence_type", "тип_доказу", "type_de_preuve", "tipo_de_evidencia"),
    Field.EVIDENCE_PLACE: ("evidence_place", "evidence_location"),
    Field.EVIDENCE_DATE: ("evidence_date", "evidence_dated"),
    Field.MARKING: ("marking", "marked", "маркування", "marquage", "señalización", "obilježavanje"),
    Field.ACCURACY: ("accuracy_m", "accuracy", "точність_м", "précision_m", "precisión_m", "tačnost_m"),
    Field.DEACTIVATING: ("deactivating", "self_deactivating", "self_destruct"),
    Field.DEACTIVATES_BY: ("deactivates_by", "self_deactivation_date"),
    Field.REPORTED: ("reported_on", "reported", "date_reported", "report_date", "дата_повідомлення", "fecha_reporte"),
    Field.SURVEYED: ("surveyed_on", "surveyed", "survey_date", "дата_обстеження", "date_enquête", "datum_izviđanja"),
    Field.PLACE: ("place_code", "pcode", "p_code", "adm3_pcode", "adm2_pcode", "adm1_pcode", "katottg", "катоттг"),
    Field.BENCHMARK_LONGITUDE: ("benchmark_longitude", "benchmark_lon", "reference_point_longitude"),
    Field.BENCHMARK_LATITUDE: ("benchmark_latitude", "benchmark_lat", "reference_point_latitude"),
    Field.BENEFICIARIES: ("beneficiaries", "бенефіціари", "bénéficiaires", "beneficiarios", "korisnici"),
    Field.SOURCE: ("source", "source_name", "data_source"),
    Field.FICTIONAL: ("fictional", "is_fictional"),
    Field.CLOSED_AS: ("release_method", "release_kind", "closed_as", "метод_вивільнення", "méthode", "metoda"),
    Field.CLOSED_ON: ("release_date", "closed_on", "date_closed", "дата_вивільнення", "date_de_clôture"),
    Field.CLOSED_BY: ("release_authority", "closed_by"),
    Field.DEPTH: ("depth_cm", "clearance_depth_cm", "глибина_см", "profondeur_cm", "profundidad_cm", "dubina_cm"),
}  # fmt: skip  # one line a meaning is easier to check than one a word


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns mean what, what their words mean, how days are written, which columns are left out altogether."""

    names: Mapping[Field, tuple[str, ...]] = field(default_factory=lambda: USUAL)
    words: Mapping[Field, Mapping[str, str]] = field(default_factory=dict)
    day_form: str | None = None
    ignored: frozenset[str] = frozenset()
    guessed: bool = True

    def values(self, named: Mapping[str, Any], *meanings: Field) -> Iterator[tuple[Field, str, Any]]:
        """Yield every value that a row has under columns of these meanings: its meaning, column and value."""
        for meaning in meanings:
            for name in self.names.get(meaning, ()):
                if name in named:
                    yield meaning, name, named[name]

    def value(self, named: Mapping[str, Any], meaning: Field) -> Any:
        return next((value for _, _, value in self.values(named, meaning)), None)

    def among(self, named: Iterable[str]) -> "Columns":
        """Leave only columns that a row has: most rows of a file have the same few of the many usual names."""
        there = frozenset(named)
        found = {meaning: tuple(name for name in names if name in there) for meaning, names in self.names.items()}
        return replace(self, names={meaning: names for meaning, names in found.items() if names})

    def word(self, meaning: Field, text: str) -> str:
        """Translate a source's word, as the mapping says; one that it does not name stays."""
        return self.words.get(meaning, {}).get(plain(text), text)

    def with_id(self, column: str | None) -> "Columns":
        """Take the id from this column only, if one is named."""
        return self if column is None else replace(self, names={**self.names, Field.ID: (column_name(column),)})


def folded(text: str) -> str:
    """Return what two spellings of one word or id have in common: width, letter case and outer spaces aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=4_096)
def column_name(text: str) -> str:
    """Return the form in which two spellings of one column's name are the same."""
    return _JOINTS.sub("_", folded(text))


@lru_cache(maxsize=4_096)
def plain(word: str) -> str:
    """Return the form in which two spellings of one value are the same."""
    return " ".join(re.sub(r"[\s_\-./]+", " ", folded(word)).split())


def by_name(properties: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the properties under folded names, blanks left out; the first of several spellings wins."""
    found: dict[str, Any] = {}
    for name, value in (properties or {}).items():
        if value is not None and (value.strip() if isinstance(value, str) else str(value)):
            found.setdefault(column_name(name), value)
    return found


def identifier(named: Mapping[str, Any], feature_id: Any, columns: Columns, *, chosen: bool) -> str | None:
    """Return the source's own id, trimmed; where a column was chosen for it the feature's own id does not count."""
    wanted = [value for _, _, value in columns.values(named, Field.ID)]
    for value in wanted if chosen else [*wanted, feature_id]:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return storable(_whole(value).strip())[:LONGEST_ID]
    return None


def _whole(value: str | float) -> str:
    """Write 17.0 as 17: tables make decimals of whole numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def line(value: Any) -> str:
    """Return a text of one visible line."""
    visible = "".join(sign for sign in storable(str(value)) if unicodedata.category(sign) not in {"Cc", "Cf"})
    return " ".join(visible.split())[:LONGEST_TEXT]
