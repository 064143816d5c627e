"""Approved areas and the cursor of planning."""

from typing import LiteralString
from uuid import UUID

import shapely

from service.alerts.model import Alert, Area, Cursor
from service.kit import geo
from service.kit.db import Tx
from service.kit.geo import resolution_of
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


RINGS: LiteralString = "SELECT cell, ring FROM alert_cell WHERE alert_id = %(alert_id)s AND ring IS NOT NULL"


async def rings(tx: Tx, alert_id: UUID) -> dict[int, int]:
    rows = await (await tx.execute(RINGS, {"alert_id": alert_id})).fetchall()
    return {row["cell"]: row["ring"] for row in rows}


START_PLAN: LiteralString = "INSERT INTO alert_plan (alert_id, last_ring) VALUES (%(alert_id)s, %(last_ring)s)"


async def start_plan(tx: Tx, alert_id: UUID, *, last_ring: int) -> None:
    await tx.execute(START_PLAN, {"alert_id": alert_id, "last_ring": last_ring})


LOCK_PLAN: LiteralString = """
SELECT pass AS plan_pass, verified, ring, after, last_ring, seen_from::text, settled_at::text
  FROM alert_plan WHERE alert_id = %(alert_id)s FOR UPDATE
"""


async def lock_plan(tx: Tx, alert_id: UUID) -> Cursor | None:
    """Return where planning stands; until the transaction ends nobody else plans anybody into this alert."""
    row = await (await tx.execute(LOCK_PLAN, {"alert_id": alert_id})).fetchone()
    return Cursor(**row) if row else None


SHARE_PLAN: LiteralString = "SELECT 1 FROM alert_plan WHERE alert_id = %(alert_id)s FOR SHARE"


async def share_plan(tx: Tx, alert_id: UUID) -> None:
    """Hold off the pages of this alert's planning, not other joiners."""
    await tx.execute(SHARE_PLAN, {"alert_id": alert_id})


MOVE_PLAN: LiteralString = """
UPDATE alert_plan SET pass = %(plan_pass)s, verified = %(verified)s, ring = %(ring)s, after = %(after)s,
       seen_from = %(seen_from)s::xid8, settled_at = %(settled_at)s::xid8
 WHERE alert_id = %(alert_id)s
"""


async def move_plan(tx: Tx, alert_id: UUID, cursor: Cursor) -> None:
    values = {
        "alert_id": alert_id,
        "plan_pass": cursor.plan_pass,
        "verified": cursor.verified,
        "ring": cursor.ring,
        "after": cursor.after,
        "seen_from": cursor.seen_from,
        "settled_at": cursor.settled_at,
    }
    await tx.execute(MOVE_PLAN, values)


HORIZON: LiteralString = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS seen_from,
       pg_snapshot_xmax(pg_current_snapshot())::text AS settled_at
"""


async def horizon(tx: Tx) -> tuple[str, str]:
    """Return two transaction ids: all before the first are visible here, all after the second began after this."""
    row = await (await tx.execute(HORIZON)).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM gives one row
    return row["seen_from"], row["settled_at"]


SETTLED: LiteralString = """
SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %(mark)s::xid8 AS settled
"""


async def settled(tx: Tx, mark: str) -> bool:
    """Say whether every transaction that had begun to write before the mark has ended."""
    row = await (await tx.execute(SETTLED, {"mark": mark})).fetchone()
    return bool(row and row["settled"])
