"""All SQL of zones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from service.kit import geo
from service.kit.db import Tx
from service.kit.geo import Area
from service.zones.model import (
    INDEX_RESOLUTION,
    Hazard,
    HazardClass,
    Publication,
    PublicZone,
    Zone,
)

LOCK: LiteralString = "SELECT version FROM zones_version FOR UPDATE"


async def lock(tx: Tx) -> int:
    """Let one import at a time decide; return the version before it."""
    return await _one_version(await tx.execute(LOCK))


VERSION: LiteralString = "SELECT version FROM zones_version"


async def version(tx: Tx) -> int:
    return await _one_version(await tx.execute(VERSION))


BUMP: LiteralString = "UPDATE zones_version SET version = version + 1"


async def bump(tx: Tx) -> None:
    """Tell every process that holds the zones in memory to read them anew."""
    await tx.execute(BUMP)


BY_KEYS: LiteralString = """
    SELECT * FROM zone WHERE authority = %(authority)s AND exercise = %(exercise)s AND key = ANY(%(keys)s)
"""


async def by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, Zone]:
    wanted = {"authority": authority, "exercise": exercise, "keys": list(keys)}
    cursor = await tx.execute(BY_KEYS, wanted)
    return {row["key"]: _zone(row) for row in await cursor.fetchall()}


GET: LiteralString = "SELECT * FROM zone WHERE id = %(id)s"


async def get(tx: Tx, zone_id: UUID) -> Zone | None:
    row = await (await tx.execute(GET, {"id": zone_id})).fetchone()
    return None if row is None else _zone(row)


PUBLIC: LiteralString = """
    SELECT id, revision, exercise, authority, data_as_of, accuracy_m, stale, public
    FROM zone WHERE public IS NOT NULL
"""


async def public(tx: Tx) -> list[PublicZone]:
    """Return everything that the public may see."""
    return [_public(row) for row in await (await tx.execute(PUBLIC)).fetchall()]


# An outline over the antimeridian has an east beyond 180, and so has a box: each is compared one turn either way.
IN_BOX: LiteralString = """
    SELECT id, revision, exercise, authority, data_as_of, accuracy_m, stale, public
    FROM zone
    WHERE public IS NOT NULL AND exercise = %(exercise)s
      AND south <= %(north)s AND north >= %(south)s
      AND (west <= %(east)s AND east >= %(west)s
        OR west <= %(east)s + 360 AND east >= %(west)s + 360
        OR west <= %(east)s - 360 AND east >= %(west)s - 360)
      AND (%(after)s::uuid IS NULL OR id > %(after)s)
    ORDER BY id LIMIT %(limit)s
"""


async def in_box(tx: Tx, wanted: Mapping[str, Any]) -> list[PublicZone]:
    """Return a page of public zones whose box meets west, south, east, north; east is greater than west."""
    return [_public(row) for row in await (await tx.execute(IN_BOX, wanted)).fetchall()]


NEWEST: LiteralString = """
    SELECT * FROM zone WHERE %(after)s::uuid IS NULL OR id > %(after)s ORDER BY id LIMIT %(limit)s
"""


async def page(tx: Tx, *, after: UUID | None, limit: int) -> list[Zone]:
    """Return a page of all zones, the withheld ones too, in the order in which they came."""
    cursor = await tx.execute(NEWEST, {"after": after, "limit": limit})
    return [_zone(row) for row in await cursor.fetchall()]


INSERT: LiteralString = """
    INSERT INTO zone (id, authority, external_id, key, exercise, class, claim, hazards, name, source, data_as_of,
        accuracy_m, publication, official, public, west, south, east, north, attributes, given, content_hash,
        revision, stale, created_at, changed_at)
    VALUES (%(id)s, %(authority)s, %(external_id)s, %(key)s, %(exercise)s, %(class)s, %(claim)s, %(hazards)s,
        %(name)s, %(source)s, %(data_as_of)s, %(accuracy_m)s, %(publication)s, %(official)s, %(public)s, %(west)s,
        %(south)s, %(east)s, %(north)s, %(attributes)s, %(given)s, %(content_hash)s, %(revision)s, %(stale)s,
        %(created_at)s, %(changed_at)s)
"""


async def insert(tx: Tx, zones: Iterable[Zone]) -> None:
    await tx.cursor().executemany(INSERT, [_row(zone) for zone in zones])


UPDATE: LiteralString = """
    UPDATE zone SET external_id = %(external_id)s, class = %(class)s, claim = %(claim)s, hazards = %(hazards)s,
        name = %(name)s, source = %(source)s, data_as_of = %(data_as_of)s, accuracy_m = %(accuracy_m)s,
        official = %(official)s, public = %(public)s, west = %(west)s, south = %(south)s, east = %(east)s,
        north = %(north)s, attributes = %(attributes)s, given = %(given)s, content_hash = %(content_hash)s,
        revision = %(revision)s, stale = %(stale)s, changed_at = %(changed_at)s
    WHERE id = %(id)s
"""


async def update(tx: Tx, zones: Iterable[Zone]) -> None:
    await tx.cursor().executemany(UPDATE, [_row(zone) for zone in zones])


REMEMBER: LiteralString = """
    INSERT INTO zone_revision (zone_id, revision, at, operator_id, why, record)
    SELECT id, revision, %(at)s, %(operator_id)s, %(why)s, to_jsonb(zone) FROM zone WHERE id = ANY(%(ids)s)
"""


async def remember(tx: Tx, ids: Sequence[UUID], *, operator_id: UUID, why: str, now: datetime) -> None:
    """Keep the zones as they are now as their newest revision."""
    await tx.execute(REMEMBER, {"ids": list(ids), "at": now, "operator_id": operator_id, "why": why})


DROP_CELLS: LiteralString = "DELETE FROM zone_cell WHERE zone_id = ANY(%(ids)s)"


async def drop_cells(tx: Tx, ids: Sequence[UUID]) -> None:
    await tx.execute(DROP_CELLS, {"ids": list(ids)})


INSERT_CELLS: LiteralString = """
    INSERT INTO zone_cell (cell, zone_id)
    SELECT * FROM unnest(%(cells)s::bigint[], %(ids)s::uuid[])
"""


async def insert_cells(tx: Tx, cells: Mapping[UUID, Iterable[int]]) -> None:
    """Keep which cells each zone's public outline lies in, at INDEX_RESOLUTION."""
    pairs = [(cell, zone_id) for zone_id, covered in cells.items() for cell in covered]
    await tx.execute(INSERT_CELLS, {"cells": [cell for cell, _ in pairs], "ids": [zone_id for _, zone_id in pairs]})


def cells_of(zone: Zone) -> frozenset[int]:
    return frozenset() if zone.public is None else geo.cover(zone.public, INDEX_RESOLUTION)


async def _one_version(cursor: Any) -> int:
    return int((await cursor.fetchone())["version"])


def _area(wkb: bytes) -> Area:
    return geo.areal(shapely.from_wkb(wkb))


def _public(row: Mapping[str, Any]) -> PublicZone:
    fields = {name: row[name] for name in PublicZone.__slots__ if name != "outline"}
    return PublicZone(**fields, outline=_area(row["public"]))


_BOX = ("west", "south", "east", "north")


def _zone(row: Mapping[str, Any]) -> Zone:
    plain = {name: value for name, value in row.items() if name not in {*_BOX, "class"}}
    typed = {
        "hazard_class": HazardClass(row["class"]),
        "hazards": frozenset(map(Hazard, row["hazards"])),
        "publication": Publication(row["publication"]),
        "official": _area(row["official"]),
        "public": None if row["public"] is None else _area(row["public"]),
    }
    return Zone(**{**plain, **typed})


def _row(zone: Zone) -> dict[str, Any]:
    box = (None,) * 4 if zone.public is None else geo.bounds(zone.public)
    return {
        **{name: getattr(zone, name) for name in Zone.__slots__},
        "class": zone.hazard_class.value,
        "hazards": sorted(hazard.value for hazard in zone.hazards),
        "publication": zone.publication.value,
        "official": shapely.to_wkb(zone.official),
        "public": None if zone.public is None else shapely.to_wkb(zone.public),
        "attributes": Jsonb(zone.attributes),
        "given": None if zone.given is None else Jsonb(zone.given),
        **dict(zip(_BOX, box, strict=True)),
    }
