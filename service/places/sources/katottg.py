"""Reads KATOTTG, Ukraine's codifier of administrative units, as its Ministry's register exports it: one row a unit."""

import csv
import re
from collections.abc import Sequence
from functools import partial

from service.kit.errors import Fault, Kind, Refused
from service.places import folding
from service.places.model import Category, Code, Name, Reading, Unit
from service.places.sources import fields
from service.places.sources.fields import Gathering, Unfit

SCHEME = "katottg"
PCODE = "pcode"
LICENCE = "CC BY 4.0"
LEVELS = ("Перший рівень", "Другий рівень", "Третій рівень", "Четвертий рівень", "Додатковий рівень")
CATEGORY, NAME = "Категорія об’єкта", "Назва об’єкта"  # noqa: RUF001 - the register's own apostrophe

_CODE = re.compile(r"UA\d{17}")
_CATEGORIES = {
    "O": Category.REGION, "K": Category.SPECIAL_CITY, "P": Category.DISTRICT, "H": Category.COMMUNITY,
    "M": Category.CITY, "T": Category.SETTLEMENT, "X": Category.SETTLEMENT, "C": Category.VILLAGE,
    "B": Category.CITY_DISTRICT,
}  # fmt: skip  # the order of the codifier
_REPUBLIC = "Автономна Республіка"
# OCHA's P-codes are the codifier's first signs; a city that is a region of its own is padded to be one of every level.
_PCODE_SIGNS = {1: 4, 2: 6, 3: 9}


def recognises(text: str) -> bool:
    return text.lstrip().startswith(LEVELS[0])


def read(text: str, file: str) -> Reading:
    """Read every unit. Refused for a table that lacks a column."""
    rows = csv.DictReader(text.splitlines(), delimiter=";", strict=False)
    missing = [column for column in (*LEVELS, CATEGORY, NAME) if column not in (rows.fieldnames or ())]
    if missing:
        detail = f"{file} lacks the columns {', '.join(missing)}."
        remedy = "Export the whole codifier, with semicolons between the columns."
        raise Refused(Kind.INVALID, "places-columns-missing", detail, where=f"{file}, line 1", remedy=remedy)
    gathering = Gathering()
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        codes = [f"{SCHEME}:{value.strip()}" for column in LEVELS if (value := row.get(column)) and value.strip()]
        gathering.take(where, partial(_unit, row, where), codes)
    kept = _with_parents(list(gathering.units.values()), gathering.faults)
    return Reading(
        format="katottg",
        source="KATOTTG",
        licence=LICENCE,
        founds=True,
        units=kept,
        faults=tuple(gathering.faults),
        spoiled=frozenset(gathering.spoiled),
    )


def _unit(row: dict[str, str | None], where: str) -> Unit:
    """Read one row; its chain of codes ends with its own, and a city of its own region stands for all levels."""
    if None in row:
        raise Unfit("The row has more columns than the table.", "Look for a semicolon in a name.")
    chain = [(row[column] or "").strip() for column in LEVELS]
    level = max((at for at, code in enumerate(chain, start=1) if code), default=0)
    wrong = [code for code in chain if code and not _CODE.fullmatch(code)]
    if not level or wrong:
        raise Unfit("The row has no code of UA and 17 digits.", "Copy the code from the register.")
    letter = folding.code(row[CATEGORY] or "")  # some exports have Cyrillic letters of the same shape
    if letter not in _CATEGORIES:
        raise Unfit(f"The category {letter[:20]!r} is unknown.", f"It is one of {', '.join(_CATEGORIES)}.")
    own, name = chain[level - 1], fields.name(row[NAME])
    category = Category.REPUBLIC if name.startswith(_REPUBLIC) else _CATEGORIES[letter]
    above = [code for code in chain[: level - 1] if code and code != own]
    parent = (SCHEME, above[-1]) if above else None
    return Unit(where, _codes(own, level, category), category, level, (Name(name, "uk"),), parent)


def _codes(own: str, level: int, category: Category) -> tuple[Code, ...]:
    if category is Category.SPECIAL_CITY:
        return ((SCHEME, own), *((PCODE, own[:signs]) for signs in _PCODE_SIGNS.values()))
    signs = _PCODE_SIGNS.get(level)
    return ((SCHEME, own), (PCODE, own[:signs])) if signs else ((SCHEME, own),)


def _with_parents(units: Sequence[Unit], faults: list[Fault]) -> tuple[Unit, ...]:
    """Leave out units under a code that the file does not hold: nobody could say where they lie."""
    there = {unit.codes[0] for unit in units}
    for unit in units:
        if unit.parent and unit.parent not in there:
            detail = f"{unit.codes[0][1]} lies in {unit.parent[1]}, which is not in the file."
            faults.append(Fault(unit.where, detail, "Load the whole register, or mend the row of the unit above."))
    return tuple(unit for unit in units if not unit.parent or unit.parent in there)
