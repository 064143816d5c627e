"""All SQL of incidents themselves: the record, its history, and the lock under which both change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.incidents.model import Incident, IncidentKind, Place, Precision, Unit, Victims, When
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


HISTORY: LiteralString = """
    SELECT revision, at, operator_id, why, record FROM incident_revision
     WHERE incident_id = %(id)s AND revision > %(after)s ORDER BY revision LIMIT %(limit)s
"""


async def history(tx: Tx, incident_id: UUID, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Return a page of what an incident was, the oldest revision first."""
    cursor = await tx.execute(HISTORY, {"id": incident_id, "after": after, "limit": limit})
    return await cursor.fetchall()


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
