"""Coverage areas: where an authority keeps the record."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx
from service.zones.model import CoverageArea
from service.zones.store import rows

BY_KEYS: LiteralString = """
    SELECT * FROM coverage_area WHERE authority = %(authority)s AND exercise = %(exercise)s AND key = ANY(%(keys)s)
"""


async def by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, CoverageArea]:
    wanted = {"authority": authority, "exercise": exercise, "keys": list(keys)}
    return {row["key"]: rows.coverage(row) for row in await (await tx.execute(BY_KEYS, wanted)).fetchall()}


GET: LiteralString = "SELECT * FROM coverage_area WHERE id = %(id)s"


async def get(tx: Tx, coverage_id: UUID) -> CoverageArea | None:
    row = await (await tx.execute(GET, {"id": coverage_id})).fetchone()
    return None if row is None else rows.coverage(row)


EVERYTHING: LiteralString = "SELECT * FROM coverage_area ORDER BY authority, key, id"


async def everything(tx: Tx) -> list[CoverageArea]:
    return [rows.coverage(row) for row in await (await tx.execute(EVERYTHING)).fetchall()]


LIVING: LiteralString = "SELECT * FROM coverage_area WHERE ended_at IS NULL ORDER BY id"


async def living(tx: Tx) -> list[tuple[CoverageArea, bool]]:
    """Return the areas in force, each with whether its authority withholds any zone."""
    return [(rows.coverage(row), row["withholds"]) for row in await (await tx.execute(LIVING)).fetchall()]


BY_PACK: LiteralString = """
    SELECT coverage_area.* FROM coverage_area JOIN coverage_pack_cell ON coverage_id = id
     WHERE cell = %(cell)s AND exercise = %(exercise)s AND ended_at IS NULL ORDER BY id
"""


async def by_pack(tx: Tx, cell: int, *, exercise: bool) -> list[tuple[CoverageArea, bool]]:
    """Return the areas in force that reach into one pack, each with whether its authority withholds any zone."""
    found = await (await tx.execute(BY_PACK, {"cell": cell, "exercise": exercise})).fetchall()
    return [(rows.coverage(row), row["withholds"]) for row in found]


PUT: LiteralString = """
    INSERT INTO coverage_area (id, authority, external_id, key, exercise, name, surveyed, data_as_of, outline, public,
        revision, ended_at, changed_at, version)
    VALUES (%(id)s, %(authority)s, %(external_id)s, %(key)s, %(exercise)s, %(name)s, %(surveyed)s, %(data_as_of)s,
        %(outline)s, %(public)s, %(revision)s, %(ended_at)s, %(changed_at)s, %(version)s)
    ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id, name = excluded.name,
        surveyed = excluded.surveyed, data_as_of = excluded.data_as_of, outline = excluded.outline,
        public = excluded.public, revision = excluded.revision, ended_at = excluded.ended_at,
        changed_at = excluded.changed_at, version = excluded.version
"""


async def put(tx: Tx, areas: Iterable[CoverageArea], *, version: int) -> None:
    """Keep new and changed areas; `version` is that of the public record to come."""
    await tx.cursor().executemany(PUT, [{**_values(area), "version": version} for area in areas])


def _values(kept: CoverageArea) -> dict[str, Any]:
    plain = {name: getattr(kept, name) for name in CoverageArea.__slots__}
    return {**plain, "outline": rows.wkb(kept.outline), "public": rows.wkb(kept.public)}


REMEMBER: LiteralString = """
    INSERT INTO coverage_revision (coverage_id, revision, at, operator_id, why, record)
    SELECT id, revision, %(at)s, %(operator_id)s, %(why)s, to_jsonb(coverage_area)
      FROM coverage_area WHERE id = ANY(%(ids)s)
"""


async def remember(tx: Tx, ids: Sequence[UUID], *, operator_id: UUID, why: str, now: datetime) -> None:
    """Keep the areas as they are now as their newest revision."""
    await tx.execute(REMEMBER, {"ids": list(ids), "at": now, "operator_id": operator_id, "why": why})


ADD_CELLS: LiteralString = """
    INSERT INTO coverage_pack_cell (cell, coverage_id)
    SELECT * FROM unnest(%(cells)s::bigint[], %(ids)s::uuid[])
    ON CONFLICT DO NOTHING
"""


async def add_cells(tx: Tx, coverage_id: UUID, cells: Collection[int]) -> None:
    await tx.execute(ADD_CELLS, {"cells": list(cells), "ids": [coverage_id] * len(cells)})


# Whether an authority withholds a zone is the one thing that the public sees of withheld zones (R5).
WITHHOLDING: LiteralString = """
    UPDATE coverage_area SET withholds = now.withholds, version = %(version)s
      FROM (SELECT area.id, EXISTS (
                   SELECT FROM zone
                    WHERE zone.authority = area.authority AND zone.exercise = area.exercise
                      AND publication = 'withheld' AND state = 'active') AS withholds
              FROM coverage_area AS area WHERE area.authority = ANY(%(authorities)s)) AS now
     WHERE coverage_area.id = now.id AND coverage_area.withholds IS DISTINCT FROM now.withholds
"""


async def note_withholding(tx: Tx, authorities: Collection[str], *, version: int) -> None:
    """Note of which areas the authority withholds a zone now."""
    await tx.execute(WITHHOLDING, {"authorities": list(authorities), "version": version})
