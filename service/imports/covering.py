"""Takes coverage areas from a source's file: read as zones are, outlines only as they stand."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.imports import rules
from service.imports.columns import Columns, Field, by_name, identifier, line
from service.imports.model import Declared
from service.imports.reasons import Reason
from service.imports.words import QUARANTINE
from service.intake.model import Record, Remark
from service.kit.db import Tx
from service.kit.errors import Fault, Kind, Refused
from service.operators.model import Operator
from service.zones import coverage, geojson
from service.zones.model import CoverageArea
from service.zones.records import Covered

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Covering:
    """What a file of coverage areas said: the areas as they are kept now, rows that were left out and why."""

    areas: tuple[CoverageArea, ...]
    left: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What is stated of the file: whose it is and of when, which column means what, whether all was surveyed, why."""

    declared: Declared
    columns: Columns
    surveyed: bool
    why: str


async def take_in(
    tx: Tx, operator: Operator, items: AsyncIterable[Record | Remark], said: Said, *, now: datetime
) -> Covering:
    """Keep each row as a coverage area; a row under a known id replaces what was said.

    A row that is unfit is left out and told: an area that is missing claims less. No outline is mended, as mending
    claims more. Raises Refused for a file that is unfit as a whole.
    """
    declared = rules.check_declared(said.declared, now=now)
    areas, left, rows = [], [], 0
    async for item in items:
        if not isinstance(item, Record):
            continue
        rows += 1
        if rows > _MOST:
            detail = f"The file has more than {_MOST:,} rows."
            raise Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")
        try:
            wanted = _covered(item, declared, said)
            areas.append(await coverage.put(tx, operator, wanted, why=said.why, now=now))
        except Refused as refused:
            left.append(Fault(f"row {item.row}", refused.detail, refused.remedy or ""))
    return Covering(tuple(areas), tuple(left))


def _covered(record: Record, declared: Declared, said: Said) -> Covered:
    if record.unread is not None:
        raise _unfit(record.unread, str(record.feature.get("why", "")))
    named: Mapping[str, Any] = by_name(record.feature.get("properties"))
    external_id = identifier(named, record.feature.get("id"), said.columns, chosen=not said.columns.guessed)
    if external_id is None:
        raise _unfit(Reason.NO_ID)
    return Covered(
        authority=declared.authority,
        external_id=external_id,
        exercise=declared.exercise,
        surveyed=said.surveyed,
        data_as_of=declared.dated,
        outline=geojson.exact(record.feature.get("geometry")),
        name=line(said.columns.value(named, Field.NAME) or ""),
    )


def _unfit(reason: Any, why: str = "") -> Refused:
    detail, remedy = QUARANTINE[reason]
    return Refused(Kind.INVALID, str(reason), detail.format(why=why), remedy=remedy)
