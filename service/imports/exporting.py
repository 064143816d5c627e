"""Writes zones and release records back in their source's own columns, so that importing them changes nothing."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from service.imports import describing, tables, values
from service.imports.columns import Columns, Field, by_name, column_name, line
from service.imports.mapping import Mapped
from service.kit.db import Tx
from service.kit.geo import Area
from service.zones import actions as zones
from service.zones import releasing
from service.zones.model import Basis, Evidence, Particulars, State, Zone
from service.zones.records import Filter, Release

FORMS = ("geojson", "csv")
_PAGE = 500
_FARTHEST = date(2199, 12, 31)
_WKT = "wkt"
_ENDED = frozenset({State.ANNULLED, State.REPLACED})


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its source would write it."""

    properties: Mapping[str, Any]
    outline: Area


async def rows(
    tx: Tx, source: tuple[str, str], mapped: Mapped, *, exercise: bool
) -> AsyncIterator[tuple[Row, list[Row]]]:
    """Yield a row for each zone of one list (authority, feed) that has not been annulled or replaced.

    Beside it stand the rows of the release records that are in force on it.
    """
    authority, feed = source
    after = None
    while page := await zones.everything(tx, after=after, limit=_PAGE, wanted=Filter(authority=authority)):
        after = page[-1].id
        for zone in page:
            if zone.exercise is exercise and zone.feed == feed and zone.state not in _ENDED:
                records = [] if zone.released is None else await releasing.living(tx, zone.id)
                yield _zone_row(zone, records, mapped.columns), _release_rows(zone, records, mapped.columns)


def _zone_row(zone: Zone, records: Sequence[Release], columns: Columns) -> Row:
    """Return the attributes as they came, but for those that say something else than the record."""
    writer = _Writer(columns, dict(zone.attributes))
    named = by_name(zone.attributes)
    said = values.classify(named, columns)
    told = describing.describe(named, said.claim, columns, _FARTHEST)
    writer.put(Field.ID, zone.external_id, line(columns.value(named, Field.ID) or ""))
    writer.put(Field.NAME, zone.name, describing.legible(str(columns.value(named, Field.NAME) or ""))[0])
    writer.put(Field.SOURCE, zone.source, line(columns.value(named, Field.SOURCE) or ""))
    writer.put(Field.ACCURACY, zone.accuracy_m, values.accuracy_m(named, columns, zone.accuracy_m))
    writer.put(Field.CLASS, zone.hazard_class, said.said or zone.hazard_class)
    if zone.state is State.RELEASED and records and not said.claim:
        _put_release(writer, records[-1])
    _put_particulars(writer, zone.particulars, told.particulars)
    return Row(writer.properties, zone.official)


def _put_particulars(writer: "_Writer", kept: Particulars, said: Particulars) -> None:
    for meaning, name in (
        (Field.LYING, "lying"),
        (Field.MARKING, "marking"),
        (Field.DEACTIVATES_BY, "deactivates_by"),
        (Field.REPORTED, "reported_on"),
        (Field.SURVEYED, "surveyed_on"),
        (Field.BENEFICIARIES, "beneficiaries"),
    ):
        writer.put(meaning, getattr(kept, name), getattr(said, name))
    if kept.hazards != said.hazards:
        writer.put(Field.HAZARDS, "; ".join(sorted(map(writer.of(Field.HAZARDS), kept.hazards))), None)
    if kept.deactivating is not said.deactivating and kept.deactivating is not None:
        writer.put(Field.DEACTIVATING, "yes" if kept.deactivating else "no", None)
    if kept.benchmark != said.benchmark and kept.benchmark is not None:
        writer.put(Field.BENCHMARK_LONGITUDE, kept.benchmark[0], None)
        writer.put(Field.BENCHMARK_LATITUDE, kept.benchmark[1], None)
    newest = kept.evidence[-1] if kept.evidence else Evidence(Basis.UNKNOWN)
    before = said.evidence[-1] if said.evidence else Evidence(Basis.UNKNOWN)
    direct = {True: "direct", False: "indirect", None: None}
    writer.put(Field.BASIS, newest.basis, before.basis)
    writer.put(Field.DIRECT, direct[newest.direct], direct[before.direct])
    writer.put(Field.EVIDENCE_PLACE, newest.place, before.place)
    writer.put(Field.EVIDENCE_DATE, newest.dated, before.dated)


def _put_release(writer: "_Writer", release: Release) -> None:
    status = Field.STATUS if Field.STATUS in writer.columns.names else Field.CLASS
    writer.put(status, release.kind, None)
    writer.put(Field.CLOSED_AS, release.kind, None)
    writer.put(Field.CLOSED_ON, release.dated, None)
    writer.put(Field.CLOSED_BY, release.authority, None)
    writer.put(Field.DEPTH, release.depth_cm, None)


def _release_rows(zone: Zone, records: Sequence[Release], columns: Columns) -> list[Row]:
    found = []
    for number, release in enumerate(records, start=1):
        writer = _Writer(columns, {})
        writer.put(Field.ID, release.external_id or f"{zone.external_id}/{number}", None)
        _put_release(writer, release)
        found.append(Row(writer.properties, release.outline))
    return found


class _Writer:
    """Puts values under the columns that mean them, in the words of the source."""

    def __init__(self, columns: Columns, properties: dict[str, Any]) -> None:
        self.columns = columns
        self.properties = properties
        self._spelled = {column_name(name): name for name in reversed(list(properties))}

    def put(self, meaning: Field, kept: Any, said: Any) -> None:
        """Write what is on record unless the row says it already, or no column means it."""
        names = self.columns.names.get(meaning, ())
        if kept == said or not names or kept is None or kept == "":
            return
        there = next((name for name in names if name in self._spelled), names[0])
        value = kept.isoformat() if isinstance(kept, date) else kept
        self.properties[self._spelled.get(there, there)] = self.of(meaning)(value) if isinstance(value, str) else value

    def of(self, meaning: Field) -> Any:
        """Return what turns a value back into the source's word for it."""
        words = {meant: word for word, meant in reversed(list(self.columns.words.get(meaning, {}).items()))}
        return lambda value: words.get(value, str(value))


def as_geojson(found: Iterable[Row]) -> str:
    """Write rows as a FeatureCollection, corners as they are on record."""
    features = [
        {
            "type": "Feature",
            "properties": dict(row.properties),
            "geometry": json.loads(shapely.to_geojson(row.outline)),
        }
        for row in found
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)


def as_csv(found: Sequence[Row], place: str | None) -> str:
    """Write rows as CSV, the outline as WKT, texts so that no program takes them for formulas."""
    names = list(dict.fromkeys(name for row in found for name in row.properties))
    head = [*names, place or _WKT]
    cells = ([*(_cell(row.properties.get(name)) for name in names), _wkt(row)] for row in found)
    return tables.csv_text([head, *cells])


def _cell(value: Any) -> Any:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, dict | list) else value


def _wkt(row: Row) -> str:
    return str(shapely.to_wkt(row.outline, rounding_precision=-1))
