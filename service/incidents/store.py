"""All SQL of incidents: the record, its history, imports, what waits, what the public may count."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.incidents.model import (
    Declared,
    Figure,
    Incident,
    IncidentKind,
    Place,
    Precision,
    Quarantined,
    Shown,
    Totals,
    Unit,
    Victims,
    When,
)
from service.kit.db import Tx

LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('incident'))"


async def lock(tx: Tx) -> None:
    """Let one import, or one change of totals, at a time decide."""
    await tx.execute(LOCK)


BY_KEYS: LiteralString = """
    SELECT * FROM incident WHERE authority = %(authority)s AND exercise = %(exercise)s AND key = ANY(%(keys)s)
"""


async def by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, Incident]:
    wanted = {"authority": authority, "exercise": exercise, "keys": list(keys)}
    cursor = await tx.execute(BY_KEYS, wanted)
    return {row["key"]: _incident(row) for row in await cursor.fetchall()}


GET: LiteralString = "SELECT * FROM incident WHERE id = %(id)s"


async def get(tx: Tx, incident_id: UUID) -> Incident | None:
    row = await (await tx.execute(GET, {"id": incident_id})).fetchone()
    return None if row is None else _incident(row)


PAGE: LiteralString = """
    SELECT * FROM incident
     WHERE exercise = %(exercise)s
       AND (%(authority)s::text IS NULL OR authority = %(authority)s)
       AND (%(year)s::integer IS NULL OR extract(year FROM happened_on) = %(year)s)
       AND (%(after)s::uuid IS NULL OR id > %(after)s)
     ORDER BY id LIMIT %(limit)s
"""


async def page(tx: Tx, wanted: Mapping[str, Any]) -> list[Incident]:
    """Return a page in the order in which they came; `wanted` names exercise, authority, year, after and limit."""
    cursor = await tx.execute(PAGE, wanted)
    return [_incident(row) for row in await cursor.fetchall()]


OF_YEAR: LiteralString = """
    SELECT * FROM incident
     WHERE NOT exercise AND authority = %(authority)s AND happened_on >= %(first)s AND happened_on < %(next)s
"""


async def of_year(tx: Tx, authority: str, year: int) -> list[Incident]:
    """Return the real incidents of an authority's year."""
    span = {"authority": authority, "first": date(year, 1, 1), "next": date(year + 1, 1, 1)}
    return [_incident(row) for row in await (await tx.execute(OF_YEAR, span)).fetchall()]


INSERT: LiteralString = """
    INSERT INTO incident (
        id, authority, external_id, key, exercise, kind, happened_on, precision, region, district, locality, longitude,
        latitude, device, victims, attributes, data_as_of, content_hash, revision, created_at, changed_at)
    VALUES (
        %(id)s, %(authority)s, %(external_id)s, %(key)s, %(exercise)s, %(kind)s, %(happened_on)s, %(precision)s,
        %(region)s, %(district)s, %(locality)s, %(longitude)s, %(latitude)s, %(device)s, %(victims)s, %(attributes)s,
        %(data_as_of)s, %(content_hash)s, %(revision)s, %(created_at)s, %(changed_at)s)
    ON CONFLICT (id) DO UPDATE SET
        external_id = excluded.external_id, kind = excluded.kind, happened_on = excluded.happened_on, precision =
        excluded.precision, region = excluded.region, district = excluded.district, locality = excluded.locality,
        longitude = excluded.longitude, latitude = excluded.latitude, device = excluded.device, victims =
        excluded.victims, attributes = excluded.attributes, data_as_of = excluded.data_as_of, content_hash =
        excluded.content_hash, revision = excluded.revision, changed_at = excluded.changed_at
"""


async def put(tx: Tx, incidents: Iterable[Incident]) -> None:
    """Keep new and changed incidents."""
    await tx.cursor().executemany(INSERT, [_values(incident) for incident in incidents])


REMEMBER: LiteralString = """
    INSERT INTO incident_revision (incident_id, revision, at, operator_id, why, record)
    SELECT id, revision, %(now)s, %(operator_id)s, %(why)s, to_jsonb(incident) - 'content_hash'
      FROM incident WHERE id = ANY(%(ids)s)
"""


async def remember(tx: Tx, ids: Sequence[UUID], *, operator_id: UUID, why: str, now: datetime) -> None:
    """Write the incidents as they stand now into their histories."""
    await tx.execute(REMEMBER, {"ids": list(ids), "operator_id": operator_id, "why": why, "now": now})


SOURCE_MAP: LiteralString = """
    SELECT source_map FROM incident_import
     WHERE authority = %(authority)s AND exercise = %(exercise)s AND source_map IS NOT NULL ORDER BY id DESC LIMIT 1
"""


async def source_map(tx: Tx, authority: str, *, exercise: bool) -> dict[str, Any] | None:
    """Return what was stated last of the columns of this authority's files."""
    row = await (await tx.execute(SOURCE_MAP, {"authority": authority, "exercise": exercise})).fetchone()
    return None if row is None else row["source_map"]


INSERT_IMPORT: LiteralString = """
    INSERT INTO incident_import (id, authority, dated, exercise, digest, counts, source_map, at, operator_id)
    VALUES (%(id)s, %(authority)s, %(dated)s, %(exercise)s, %(digest)s, %(counts)s, %(source_map)s, %(at)s,
            %(operator_id)s)
"""


async def insert_import(tx: Tx, row: Mapping[str, Any]) -> None:
    stated = None if row["source_map"] is None else Jsonb(row["source_map"])
    await tx.execute(INSERT_IMPORT, {**row, "counts": Jsonb(row["counts"]), "source_map": stated})


QUARANTINE: LiteralString = """
    INSERT INTO incident_quarantine (import_id, row_no, external_id, reason, detail, remedy, record, digest)
    VALUES (%(import_id)s, %(row_no)s, %(external_id)s, %(reason)s, %(detail)s, %(remedy)s, %(record)s, %(digest)s)
    ON CONFLICT (digest) DO NOTHING
"""


async def quarantine(tx: Tx, import_id: UUID, declared: Declared, rows: Iterable[Quarantined]) -> None:
    """Keep what waits for a person; a row that waits already for the same reason is not kept twice."""
    kept = [
        {
            "import_id": import_id,
            "row_no": row.row,
            "external_id": row.external_id,
            "reason": row.reason.value,
            "detail": row.detail,
            "remedy": row.remedy,
            "record": Jsonb(row.record),
            "digest": _digest(declared, row),
        }
        for row in rows
    ]
    await tx.cursor().executemany(QUARANTINE, kept)


TOTALS: LiteralString = "SELECT * FROM incident_totals WHERE authority = %(authority)s AND year = %(year)s FOR UPDATE"


async def totals(tx: Tx, authority: str, year: int) -> Totals | None:
    row = await (await tx.execute(TOTALS, {"authority": authority, "year": year})).fetchone()
    return None if row is None else _totals(row)


PUBLIC_TOTALS: LiteralString = """
    SELECT * FROM incident_totals
     WHERE approved_at IS NOT NULL AND (%(authority)s::text IS NULL OR authority = %(authority)s)
     ORDER BY authority, year
"""


async def public_totals(tx: Tx, authority: str | None) -> list[Totals]:
    cursor = await tx.execute(PUBLIC_TOTALS, {"authority": authority})
    return [_totals(row) for row in await cursor.fetchall()]


PUT_TOTALS: LiteralString = """
    INSERT INTO incident_totals
        (authority, year, data_as_of, figures, asked_by, asked_at, approved_by, approved_at, frozen_at)
    VALUES (%(authority)s, %(year)s, %(data_as_of)s, %(figures)s, %(asked_by)s, %(asked_at)s, %(approved_by)s,
            %(approved_at)s, %(frozen_at)s)
    ON CONFLICT (authority, year) DO UPDATE SET
        data_as_of = excluded.data_as_of, figures = excluded.figures, asked_by = excluded.asked_by, asked_at =
        excluded.asked_at, approved_by = excluded.approved_by, approved_at = excluded.approved_at, frozen_at =
        excluded.frozen_at
"""


async def put_totals(tx: Tx, totals: Totals, *, approved_by: UUID | None = None) -> None:
    row = {name: value for name, value in asdict(totals).items() if name != "figures"}
    figures = Jsonb([asdict(figure) for figure in totals.figures])
    await tx.execute(PUT_TOTALS, {**row, "figures": figures, "approved_by": approved_by})


def _digest(declared: Declared, row: Quarantined) -> bytes:
    said = [declared.authority, declared.exercise, row.reason, row.external_id, row.record]
    return sha256(json.dumps(said, sort_keys=True).encode()).digest()


_SAME = (
    "id", "authority", "external_id", "key", "exercise", "device", "attributes", "data_as_of", "content_hash",
    "revision", "created_at", "changed_at",
)  # fmt: skip  # one name a line would hide that these are all


def _values(incident: Incident) -> dict[str, Any]:
    place = incident.place
    longitude, latitude = place.point or (None, None)
    return {name: getattr(incident, name) for name in _SAME} | {
        "kind": incident.kind.value,
        "happened_on": incident.when.on,
        "precision": incident.when.precision.value,
        "region": [place.region.level, place.region.code, place.region.name],
        "district": [place.district.level, place.district.code, place.district.name],
        "locality": place.locality,
        "longitude": longitude,
        "latitude": latitude,
        "victims": Jsonb(asdict(incident.victims)),
        "attributes": Jsonb(incident.attributes),
    }


def _incident(row: Mapping[str, Any]) -> Incident:
    point = None if row["longitude"] is None else (row["longitude"], row["latitude"])
    return Incident(
        kind=IncidentKind(row["kind"]),
        when=When(row["happened_on"], Precision(row["precision"])),
        place=Place(Unit(*row["region"]), Unit(*row["district"]), row["locality"], point),
        victims=Victims(**row["victims"]),
        **{name: row[name] for name in _SAME},
    )


def _totals(row: Mapping[str, Any]) -> Totals:
    same = {name: row[name] for name in ("authority", "year", "data_as_of", "asked_by", "asked_at")}
    found = tuple(
        Figure(
            None if one["region"] is None else Unit(**one["region"]),
            None if one["district"] is None else Unit(**one["district"]),
            Shown(one["shown"]),
            one["count"],
        )
        for one in row["figures"]
    )
    return Totals(figures=found, approved_at=row["approved_at"], frozen_at=row["frozen_at"], **same)
