"""Many zones at once: whole lists of an authority, kept or touched in few statements."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx
from service.zones.model import Known, State, Zone
from service.zones.store import rows

KNOWN: LiteralString = """
    SELECT id, key, feed, state, data_as_of, stale FROM zone
     WHERE authority = %(authority)s AND exercise = %(exercise)s
"""


async def known(tx: Tx, authority: str, *, exercise: bool) -> list[Known]:
    """Return the least about every zone of an authority, in one world."""
    cursor = await tx.execute(KNOWN, {"authority": authority, "exercise": exercise})
    return [Known(**{**row, "state": State(row["state"])}) for row in await cursor.fetchall()]


COPY: LiteralString = """
    COPY zone (
        id, authority, external_id, key, exercise, class, claim, hazards, name, source, data_as_of,
        accuracy_m, publication, official, public, west, south, east, north, attributes, given,
        content_hash, revision, stale, created_at, changed_at, feed, state, lying, marking, evidence,
        deactivating, deactivates_by, reported_on, surveyed_on, benchmark, beneficiaries, version)
    FROM STDIN
"""
_COPIED = (
    "id", "authority", "external_id", "key", "exercise", "class", "claim", "hazards", "name", "source", "data_as_of",
    "accuracy_m", "publication", "official", "public", "west", "south", "east", "north", "attributes", "given",
    "content_hash", "revision", "stale", "created_at", "changed_at", "feed", "state", "lying", "marking", "evidence",
    "deactivating", "deactivates_by", "reported_on", "surveyed_on", "benchmark", "beneficiaries",
)  # fmt: skip  # in the order of the statement


async def copy(tx: Tx, zones: Sequence[Zone], *, version: int) -> None:
    """Keep new zones, ten times as fast as one by one; `version` is that of the public record to come."""
    async with tx.cursor().copy(COPY) as copying:
        for zone, values in zip(zones, rows.values_each(zones), strict=True):
            await copying.write_row([*(values[name] for name in _COPIED), 0 if zone.public is None else version])


CONFIRM: LiteralString = """
    UPDATE zone SET data_as_of = greatest(data_as_of, %(dated)s), stale = false, changed_at = %(now)s,
        public_revision = public_revision + (public IS NOT NULL)::integer,
        version = CASE WHEN public IS NULL THEN version ELSE %(version)s END
     WHERE id = ANY(%(ids)s) AND (stale OR data_as_of < %(dated)s)
"""


async def confirm(tx: Tx, ids: Collection[UUID], *, dated: date, version: int, now: datetime) -> None:
    """Note that a source says of these zones, on a later day, what it said before."""
    await tx.execute(CONFIRM, {"ids": list(ids), "dated": dated, "version": version, "now": now})


MARK_STALE: LiteralString = """
    UPDATE zone SET stale = true, changed_at = %(now)s,
        public_revision = public_revision + (public IS NOT NULL)::integer,
        version = CASE WHEN public IS NULL THEN version ELSE %(version)s END
     WHERE id = ANY(%(ids)s) AND NOT stale
"""


async def mark_stale(tx: Tx, ids: Collection[UUID], *, version: int, now: datetime) -> None:
    """Note that a source no longer lists these zones: nothing else of them changes (R6)."""
    wanted: dict[str, Any] = {"ids": list(ids), "version": version, "now": now}
    await tx.execute(MARK_STALE, wanted)
