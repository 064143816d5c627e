"""The records of zones: read, written, remembered."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import DictRow

from service.kit.db import Tx
from service.zones.model import Zone
from service.zones.records import Filter
from service.zones.store import rows

LOCK: LiteralString = "SELECT version FROM zones_version FOR UPDATE"


async def lock(tx: Tx) -> int:
    """Let one change of the record at a time decide; return the version before it."""
    return await _one_version(await tx.execute(LOCK))


VERSION: LiteralString = "SELECT version FROM zones_version"


async def version(tx: Tx) -> int:
    return await _one_version(await tx.execute(VERSION))


BUMP: LiteralString = """
    UPDATE zones_version SET version = %(version)s
     WHERE EXISTS (SELECT FROM zone WHERE version = %(version)s)
        OR EXISTS (SELECT FROM coverage_area WHERE version = %(version)s)
"""


async def bump(tx: Tx, version: int) -> bool:
    """Tell every process that what the public may see has changed, if anything was kept under this version."""
    return bool((await tx.execute(BUMP, {"version": version})).rowcount)


BY_KEYS: LiteralString = """
    SELECT * FROM zone WHERE authority = %(authority)s AND exercise = %(exercise)s AND key = ANY(%(keys)s)
"""


async def by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, Zone]:
    wanted = {"authority": authority, "exercise": exercise, "keys": list(keys)}
    cursor = await tx.execute(BY_KEYS, wanted)
    return {row["key"]: rows.zone(row) for row in await cursor.fetchall()}


GET: LiteralString = "SELECT * FROM zone WHERE id = %(id)s"


async def get(tx: Tx, zone_id: UUID) -> Zone | None:
    row = await (await tx.execute(GET, {"id": zone_id})).fetchone()
    return None if row is None else rows.zone(row)


BY_IDS: LiteralString = "SELECT * FROM zone WHERE id = ANY(%(ids)s) ORDER BY id"


async def by_ids(tx: Tx, ids: Collection[UUID]) -> list[Zone]:
    cursor = await tx.execute(BY_IDS, {"ids": list(ids)})
    return [rows.zone(row) for row in await cursor.fetchall()]


ACTIVE_AMONG: LiteralString = "SELECT id FROM zone WHERE id = ANY(%(ids)s) AND state = 'active'"


async def active_among(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    cursor = await tx.execute(ACTIVE_AMONG, {"ids": list(ids)})
    return {row["id"] for row in await cursor.fetchall()}


BY_FEED: LiteralString = """
    SELECT * FROM zone
     WHERE authority = %(authority)s AND exercise = %(exercise)s AND feed = %(feed)s AND state = 'active'
"""


async def by_feed(tx: Tx, authority: str, feed: str, *, exercise: bool) -> list[Zone]:
    """Return the active zones that came with one list of an authority."""
    cursor = await tx.execute(BY_FEED, {"authority": authority, "feed": feed, "exercise": exercise})
    return [rows.zone(row) for row in await cursor.fetchall()]


FRESH: LiteralString = """
    SELECT * FROM zone
     WHERE authority = %(authority)s AND exercise = %(exercise)s AND state = 'active' AND NOT stale
       AND (%(feed)s::text IS NULL OR feed = %(feed)s)
     ORDER BY id
"""


async def fresh(tx: Tx, authority: str, feed: str | None, *, exercise: bool) -> list[Zone]:
    """Return the active zones of an authority, or of one of its lists, that are not marked stale."""
    cursor = await tx.execute(FRESH, {"authority": authority, "feed": feed, "exercise": exercise})
    return [rows.zone(row) for row in await cursor.fetchall()]


NEWEST: LiteralString = """
    SELECT * FROM zone
     WHERE (%(after)s::uuid IS NULL OR id > %(after)s)
       AND (%(state)s::text IS NULL OR state = %(state)s)
       AND (%(class)s::text IS NULL OR class = %(class)s)
       AND (%(authority)s::text IS NULL OR authority = %(authority)s)
       AND (%(stale)s::boolean IS NULL OR stale = %(stale)s)
     ORDER BY id LIMIT %(limit)s
"""


async def page(tx: Tx, wanted: Filter, *, after: UUID | None, limit: int) -> list[Zone]:
    """Return a page of all zones that the filter lets through, the withheld ones too, in the order they came in."""
    named = {"state": wanted.state, "class": wanted.hazard_class, "authority": wanted.authority, "stale": wanted.stale}
    cursor = await tx.execute(NEWEST, {**named, "after": after, "limit": limit})
    return [rows.zone(row) for row in await cursor.fetchall()]


INSERT: LiteralString = """
    INSERT INTO zone (
        id, authority, external_id, key, exercise, class, claim, hazards, name, source, data_as_of,
        accuracy_m, publication, official, public, west, south, east, north, attributes, given,
        content_hash, revision, stale, created_at, changed_at, feed, state, lying, marking, evidence,
        deactivating, deactivates_by, reported_on, surveyed_on, benchmark, beneficiaries, released, whole, version)
    VALUES (
        %(id)s, %(authority)s, %(external_id)s, %(key)s, %(exercise)s, %(class)s, %(claim)s, %(hazards)s,
        %(name)s, %(source)s, %(data_as_of)s, %(accuracy_m)s, %(publication)s, %(official)s, %(public)s,
        %(west)s, %(south)s, %(east)s, %(north)s, %(attributes)s, %(given)s, %(content_hash)s, %(revision)s,
        %(stale)s, %(created_at)s, %(changed_at)s, %(feed)s, %(state)s, %(lying)s, %(marking)s,
        %(evidence)s, %(deactivating)s, %(deactivates_by)s, %(reported_on)s, %(surveyed_on)s, %(benchmark)s,
        %(beneficiaries)s, %(released)s, %(whole)s, CASE WHEN %(public)s::bytea IS NULL THEN 0 ELSE %(version)s END)
"""


async def insert(tx: Tx, zones: Iterable[Zone], *, version: int) -> None:
    """Keep new zones; `version` is that of the public record to come."""
    await tx.cursor().executemany(INSERT, [{**rows.values(zone), "version": version} for zone in zones])


# What the public can see of a zone; where any of it changes the zone gets the version to come.
UPDATE: LiteralString = """
    UPDATE zone SET
        external_id = %(external_id)s, class = %(class)s, claim = %(claim)s, hazards = %(hazards)s, name =
        %(name)s, source = %(source)s, data_as_of = %(data_as_of)s, accuracy_m = %(accuracy_m)s, publication
        = %(publication)s, official = %(official)s, public = %(public)s, west = %(west)s, south = %(south)s,
        east = %(east)s, north = %(north)s, attributes = %(attributes)s, given = %(given)s, content_hash =
        %(content_hash)s, revision = %(revision)s, stale = %(stale)s, changed_at = %(changed_at)s, feed =
        %(feed)s, state = %(state)s, lying = %(lying)s, marking = %(marking)s, evidence = %(evidence)s,
        deactivating = %(deactivating)s, deactivates_by = %(deactivates_by)s, reported_on = %(reported_on)s,
        surveyed_on = %(surveyed_on)s, benchmark = %(benchmark)s, beneficiaries = %(beneficiaries)s,
        released = %(released)s, whole = %(whole)s, departure = %(departure)s, departed_at = %(departed_at)s,
        public_revision = public_revision + seen.changed::integer,
        version = CASE WHEN seen.changed THEN %(version)s ELSE version END
      FROM (SELECT (public IS NOT NULL OR %(public)s::bytea IS NOT NULL) AND
                   (public, data_as_of, accuracy_m, stale, released) IS DISTINCT FROM
                   (%(public)s::bytea, %(data_as_of)s, %(accuracy_m)s, %(stale)s, %(released)s::bytea) AS changed
              FROM zone WHERE id = %(id)s) AS seen
     WHERE id = %(id)s
"""


async def update(tx: Tx, zones: Iterable[Zone], *, version: int) -> None:
    """Keep changed zones; those of which the public sees something new get `version` and one more public revision."""
    await tx.cursor().executemany(UPDATE, [{**rows.values(zone), "version": version} for zone in zones])


REMEMBER: LiteralString = """
    INSERT INTO zone_revision (zone_id, revision, at, operator_id, why, record)
    SELECT id, revision, %(at)s, %(operator_id)s, %(why)s, to_jsonb(zone) FROM zone WHERE id = ANY(%(ids)s)
"""


async def remember(tx: Tx, ids: Sequence[UUID], *, operator_id: UUID, why: str, now: datetime) -> None:
    """Keep the zones as they are now as their newest revision."""
    await tx.execute(REMEMBER, {"ids": list(ids), "at": now, "operator_id": operator_id, "why": why})


async def _one_version(cursor: AsyncCursor[DictRow]) -> int:
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the table has exactly one row
    return int(row["version"])
