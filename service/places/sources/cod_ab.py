"""Reads lists of administrative units as OCHA's COD-AB gives them: P-code, names in three languages, centroid."""

import json
from functools import partial
from typing import Any

from service.kit.errors import Kind, Refused
from service.places.model import Name, Reading, Unit
from service.places.sources import fields
from service.places.sources.fields import Gathering, Unfit
from service.places.sources.katottg import PCODE

LICENCE = "CC BY-IGO"
LANGUAGES = {"ua": "uk", "ru": "ru", "en": "en"}
_LEVELS = {4: 1, 6: 2, 9: 3}


def recognises(parsed: Any) -> bool:
    return (
        isinstance(parsed, list) and bool(parsed) and isinstance(parsed[0], dict) and {"iso", "ua"} <= parsed[0].keys()
    )


def read(parsed: list[Any], file: str) -> Reading:
    """Read every unit. It only adds to places of a register: its P-codes are the codifier's first signs."""
    gathering = Gathering()
    for number, row in enumerate(parsed, start=1):
        where = f"{file}, entry {number}"
        keys = [f"{PCODE}:{row['iso']}"] if isinstance(row, dict) and "iso" in row else []
        gathering.take(where, partial(_unit, row, where), keys)
    levels = sorted({unit.level for unit in gathering.units.values() if unit.level is not None})
    return Reading(
        format="cod-ab",
        source=f"OCHA COD-AB, level {'-'.join(map(str, levels))}",
        licence=LICENCE,
        founds=False,
        units=tuple(gathering.units.values()),
        faults=tuple(gathering.faults),
        spoiled=frozenset(gathering.spoiled),
    )


def _unit(row: Any, where: str) -> Unit:
    if not isinstance(row, dict):
        raise Unfit("The entry is no object.", "Give iso, ua, ru, en, lat_centroid, lon_centroid.")
    code = fields.code(row.get("iso"))
    level = _LEVELS.get(len(code))
    if level is None:
        raise Unfit(f"{code!r} is no P-code of 4, 6 or 9 signs.", "Copy it from the source.")
    names = tuple(Name(fields.name(row[key]), language) for key, language in LANGUAGES.items() if row.get(key))
    if not names:
        raise Unfit("The entry has no name.", "Give it one in ua, ru or en.")
    stated = row.get("lon_centroid"), row.get("lat_centroid")
    centre = fields.centre(*stated) if any(stated) else None
    return Unit(where, ((PCODE, code),), None, level, names, centre=centre)


def parse(text: str, file: str) -> Any:
    """Parse JSON as text from outside. Refused where it is broken or nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f"{file}, line {error.lineno}" if isinstance(error, json.JSONDecodeError) else file
        remedy = "A file that broke off in transfer has to be fetched again."
        raise Refused(Kind.INVALID, "json-broken", f"{file} is not JSON.", where=at, remedy=remedy) from None
