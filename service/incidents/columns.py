"""Finds what the columns of a source mean, and reads their values."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from service.incidents.model import Field, IncidentKind, Precision, SourceMap, Unit, When
from service.intake import letters
from service.kit.storable import storable

LONGEST_ID = 200
LONGEST_TEXT = 300
_LONGEST_READ = 4 * LONGEST_TEXT
MOST_ATTRIBUTES_BYTES = 16_000
OLDEST_YEAR = 1900

_USUAL: dict[Field, tuple[str, ...]] = {
    Field.ID: ("incident_id", "accident_id", "event_id", "id", "external_id", "id_evento"),
    Field.KIND: ("kind", "incident_type", "event_type", "tipo_evento", "type", "тип_події"),
    Field.DATE: ("date", "incident_date", "accident_date", "event_date", "fecha", "дата"),
    Field.YEAR: ("year", "año", "ano", "anio", "рік", "год"),
    Field.MONTH: ("month", "mes", "місяць", "месяц"),
    Field.REGION: ("region", "adm1_name", "adm1_en", "admin1", "province", "departamento", "область"),
    Field.REGION_CODE: ("adm1_pcode", "region_code", "codigo_departamento", "cod_dane_depto"),
    Field.DISTRICT: ("district", "adm2_name", "adm2_en", "admin2", "municipality", "municipio", "район"),
    Field.DISTRICT_CODE: ("adm2_pcode", "district_code", "codigo_municipio", "cod_dane_mpio", "divipola"),
    Field.LOCALITY: ("locality", "settlement", "village", "vereda", "населений_пункт"),
    Field.DEVICE: ("device", "device_category", "device_type", "artefacto", "tipo_artefacto"),
    Field.KILLED: ("killed", "deaths", "fatalities", "muertos", "загинуло"),
    Field.INJURED: ("injured", "wounded", "heridos", "поранено"),
    Field.AGE_GROUP: ("age_group", "age", "grupo_edad", "rango_edad"),
    Field.SEX: ("sex", "gender", "sexo", "genero", "género", "стать"),
    Field.CONDITION: ("condition", "victim_condition", "victim_status", "condicion", "condición"),
    Field.FICTIONAL: ("fictional", "is_fictional"),
}
_KINDS: dict[IncidentKind, frozenset[str]] = {
    IncidentKind.ACCIDENT: frozenset({"accident", "explosion", "accidente", "нещасний випадок", "вибух", "взрыв"}),
    IncidentKind.FIND: frozenset({"find", "found", "hallazgo", "знахідка", "находка"}),
    IncidentKind.OTHER: frozenset({"other", "otro", "інше", "другое"}),
    IncidentKind.UNKNOWN: frozenset({"unknown", "desconocido", "невідомо", "неизвестно"}),
}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?")
_DOTTED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:\s.*)?")


class BadDate(ValueError):  # noqa: N818 - names what is wrong
    """No date can be read from the text that this error holds."""


def folded(text: str) -> str:
    """Return what two spellings share: width, case, outer spaces and the accents of Latin letters aside."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept: list[str] = []
    for sign in apart:
        if not (unicodedata.combining(sign) and kept and kept[-1].isascii()):
            kept.append(sign)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


class Row:
    """The properties of one row, asked for by what they say."""

    def __init__(self, properties: Mapping[str, Any], source_map: SourceMap) -> None:
        self._map = source_map
        self.mended = False
        self._found: dict[str, tuple[str, Any]] = {}
        for name, value in properties.items():
            if value is not None and str(value).strip():
                self._found.setdefault(_plain(name), (name, value))

    def text(self, field: Field) -> str:
        """Return the value as one line; garbled text is mended, and a value that the map translates is translated."""
        _, value = self._value(field)
        line = self._line(value)
        return self._map.values.get(field, {}).get(line, line)

    def unit(self, name: Field, code: Field) -> Unit:
        level, _ = self._value(name)
        return Unit(self._line(level), self.text(code), self.text(name))

    def count(self, field: Field) -> int | None:
        """Return a number of people. Raises ValueError for what is none."""
        text = self.text(field)
        if not text:
            return None
        number = float(text.replace(",", "."))
        if not (number.is_integer() and 0 <= number <= 10_000):  # noqa: PLR2004 - more is no incident's toll
            raise ValueError(text)
        return int(number)

    def _value(self, field: Field) -> tuple[str, Any]:
        stated = self._map.columns.get(field)
        names = (stated,) if stated is not None else _USUAL[field]
        return next((self._found[_plain(name)] for name in names if _plain(name) in self._found), ("", ""))

    def _line(self, value: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # spreadsheets write every number as a fraction
        text = storable(str(value)[:_LONGEST_READ])
        meant = _meant(text)
        if meant is not None:
            self.mended, text = True, meant
        visible = "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cf"} or sign in "\t\n")
        return " ".join(visible.split())[:LONGEST_TEXT]


@lru_cache(maxsize=4_096)
def _meant(text: str) -> str | None:
    """Return what a garbled text was meant to be; a file says the same few words in every row."""
    return letters.suspected(text)


@lru_cache(maxsize=4_096)
def _plain(name: str) -> str:
    meant = letters.suspected(name) or name
    return re.sub(r"[\s_\-]+", "_", " ".join(unicodedata.normalize("NFKC", meant).casefold().split()))


def kind(word: str) -> IncidentKind | None:
    """Return what a word says, None for one that nobody knows."""
    plain = " ".join(unicodedata.normalize("NFKC", word).casefold().split())
    return next((kind for kind, words in _KINDS.items() if plain in words), None)


def when(text: str) -> tuple[When, bool]:
    """Read a date, and say whether day and month could be either. Raises BadDate."""
    found = _ISO.fullmatch(text)
    if found:
        year, month, day = found.groups()
        return _made(text, year, month, day), False
    found = _DOTTED.fullmatch(text)
    if not found:
        raise BadDate(text[:60])
    one, mark, other, year = found.groups()
    if mark == "." or int(one) > 12:  # noqa: PLR2004 - no such month; and dots stand in dates that begin with the day
        return _made(text, year, other, one), False
    if int(other) > 12:  # noqa: PLR2004 - as above
        return _made(text, year, one, other), False
    if int(one) == int(other):
        return _made(text, year, one, other), False
    return _made(text, year, None, None), True


def _made(text: str, year: str, month: str | None, day: str | None) -> When:
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    try:
        on = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise BadDate(text[:60]) from None
    if on.year < OLDEST_YEAR:
        raise BadDate(text[:60])
    return When(on, precision)


def unit_key(unit: Unit) -> str:
    """Return what makes two spellings the same unit: the code where there is one, else the folded name."""
    return f"#{unit.code.casefold()}" if unit.code else folded(unit.name)
