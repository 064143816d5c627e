"""Approved areas and the cursor of planning."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import LiteralString
from uuid import UUID

import shapely

from service.alerts.model import Alert, Area
from service.alerts.records import Cursor, Pass
from service.kit import geo
from service.kit.db import Tx
from service.kit.geo import resolution_of
from service.residents.model import CellRings
from service.zones.model import PACK_RESOLUTION

INSERT_CELLS: LiteralString = """
INSERT INTO alert_cell (cell, alert_id, ring)
SELECT cell, %(alert_id)s, ring FROM unnest(%(cells)s::bigint[], %(rings)s::smallint[]) AS area (cell, ring)
"""


async def insert_cells(tx: Tx, alert_id: UUID, area: Area) -> None:
    cells: list[int] = [*area.rings, *(area.covers - area.rings.keys())]
    rings = [area.rings.get(cell) for cell in cells]
    await tx.execute(INSERT_CELLS, {"alert_id": alert_id, "cells": cells, "rings": rings})


EARLIER_CELLS: LiteralString = """
INSERT INTO alert_cell (cell, alert_id)
SELECT earlier.cell, %(alert_id)s FROM alert_cell earlier WHERE earlier.alert_id = %(follows)s
    ON CONFLICT DO NOTHING
"""


async def insert_earlier_cells(tx: Tx, alert_id: UUID, follows: UUID | None) -> None:
    """Let phones find a message wherever they found the one that it follows, even outside its area."""
    await tx.execute(EARLIER_CELLS, {"alert_id": alert_id, "follows": follows})


AREA: LiteralString = "SELECT cell, ring FROM alert_cell WHERE alert_id = %(alert_id)s"


async def area(tx: Tx, told: Alert) -> Area:
    """Return the area of a told message, as it was approved; of its outline only what its few cells show."""
    rows = await (await tx.execute(AREA, {"alert_id": told.id})).fetchall()
    rings = {row["cell"]: row["ring"] for row in rows if row["ring"] is not None}
    shown = told.cells or [cell for cell in rings if cell > 0]
    outline = geo.areal(shapely.union_all([geo.boundary(cell) for cell in shown]))
    return Area(rings, frozenset(row["cell"] for row in rows), told.cells, outline)


COARSEST: LiteralString = "SELECT cell FROM alert_cell WHERE alert_id = %(alert_id)s AND ring IS NULL AND cell > 0"


async def pack_cells(tx: Tx, alert_id: UUID) -> list[int]:
    """Return the cells of the approved area whose packs tell of the alert."""
    rows = await (await tx.execute(COARSEST, {"alert_id": alert_id})).fetchall()
    return [row["cell"] for row in rows if resolution_of(row["cell"]) == PACK_RESOLUTION]


ORDERED: LiteralString = """
SELECT array_agg(cell ORDER BY ring, cell) AS cells, array_agg(ring ORDER BY ring, cell) AS rings
  FROM alert_cell WHERE alert_id = %(alert_id)s AND ring IS NOT NULL
"""


async def ordered(tx: Tx, alert_id: UUID) -> CellRings:
    """Return the approved area, the nearest cells first, always in the same order."""
    row = await (await tx.execute(ORDERED, {"alert_id": alert_id})).fetchone() or {}
    return CellRings(row.get("cells") or (), row.get("rings") or ())


RINGS_OF: LiteralString = """
SELECT cell, ring FROM alert_cell
 WHERE alert_id = %(alert_id)s AND ring IS NOT NULL AND cell = ANY (%(cells)s::bigint[])
"""


async def rings_of(tx: Tx, alert_id: UUID, cells: Sequence[int]) -> dict[int, int]:
    """Return the rings of those of the cells that belong to the approved area."""
    rows = await (await tx.execute(RINGS_OF, {"alert_id": alert_id, "cells": list(cells)})).fetchall()
    return {row["cell"]: row["ring"] for row in rows}


# Who can see the approval was written by this transaction or a later one: the second pass takes them up.
START_PLAN: LiteralString = """
INSERT INTO alert_plan (alert_id, last_ring, pass, seen_from)
SELECT %(alert_id)s, %(last_ring)s, CASE WHEN message = 'warning' THEN 0 ELSE -1 END,
       pg_snapshot_xmin(pg_current_snapshot())
  FROM alert WHERE id = %(alert_id)s
"""


async def start_plan(tx: Tx, alert_id: UUID, *, last_ring: int) -> None:
    await tx.execute(START_PLAN, {"alert_id": alert_id, "last_ring": last_ring})


# Where a worker from before planned rings, the second pass looks at everybody again and passes over whom it planned.
LOCK_PLAN: LiteralString = """
SELECT CASE WHEN rings THEN 1 ELSE pass END AS plan_pass, place, CASE WHEN rings THEN 0 ELSE number END AS number,
       CASE WHEN rings THEN '0' ELSE coalesce(seen_from::text, '0') END AS seen_from, settled_at::text, resume_at
  FROM (SELECT *, pass = 0 AND (NOT verified OR ring > 0 OR after > 0 OR seen_from IS NULL) AS rings
          FROM alert_plan WHERE alert_id = %(alert_id)s FOR UPDATE) AS plan
"""


async def lock_plan(tx: Tx, alert_id: UUID) -> Cursor | None:
    """Return where planning stands; until the transaction ends nobody else plans anybody into this alert."""
    row = await (await tx.execute(LOCK_PLAN, {"alert_id": alert_id})).fetchone()
    return Cursor(**row | {"plan_pass": Pass(row["plan_pass"])}) if row else None


SHARE_PLAN: LiteralString = "SELECT 1 FROM alert_plan WHERE alert_id = %(alert_id)s FOR SHARE"


async def share_plan(tx: Tx, alert_id: UUID) -> None:
    """Hold off the pages of this alert's planning, not other joiners."""
    await tx.execute(SHARE_PLAN, {"alert_id": alert_id})


MOVE_PLAN: LiteralString = """
UPDATE alert_plan SET pass = %(plan_pass)s, place = %(place)s, number = %(number)s, seen_from = %(seen_from)s::xid8,
       settled_at = %(settled_at)s::xid8, resume_at = %(resume_at)s
 WHERE alert_id = %(alert_id)s
"""


async def move_plan(tx: Tx, alert_id: UUID, cursor: Cursor) -> None:
    await tx.execute(MOVE_PLAN, {"alert_id": alert_id, **asdict(cursor)})


HORIZON: LiteralString = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS settled_at"


async def horizon(tx: Tx) -> str:
    """Return a transaction id: all from it on began after this."""
    row = await (await tx.execute(HORIZON)).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM gives one row
    settled_at: str = row["settled_at"]
    return settled_at


SETTLED: LiteralString = """
SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %(mark)s::xid8 AS settled
"""


async def settled(tx: Tx, mark: str) -> bool:
    """Say whether every transaction that had begun to write before the mark has ended."""
    row = await (await tx.execute(SETTLED, {"mark": mark})).fetchone()
    return bool(row and row["settled"])
