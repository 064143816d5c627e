"""All SQL of alerts: drafts, events, approved areas and the cursor of planning."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.alerts.model import Alert, Area, Cursor, Draft, Event, State
from service.delivery.model import Severity
from service.kit.db import Tx
from service.kit.geo import resolution_of
from service.zones.model import PACK_RESOLUTION

INSERT: LiteralString = """
INSERT INTO alert (id, exercise, severity, template, zone_id, reach_m, place, place_names, author_id, created_at)
VALUES (%(id)s, %(exercise)s, %(severity)s, %(template)s, %(zone_id)s, %(reach_m)s, %(place)s, %(place_names)s,
        %(author_id)s, %(now)s)
"""


async def insert(tx: Tx, alert_id: UUID, draft: Draft, *, author: UUID, now: datetime) -> None:
    await tx.execute(INSERT, _columns(draft) | {"id": alert_id, "author_id": author, "now": now})


CHANGE: LiteralString = """
UPDATE alert SET severity = %(severity)s, template = %(template)s, zone_id = %(zone_id)s, reach_m = %(reach_m)s,
       place = %(place)s, place_names = %(place_names)s, state = 'draft', content = NULL, submitter_id = NULL
 WHERE id = %(id)s
"""


async def change(tx: Tx, alert_id: UUID, draft: Draft) -> None:
    await tx.execute(CHANGE, _columns(draft) | {"id": alert_id})


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "exercise": draft.exercise,
        "severity": int(draft.severity),
        "template": draft.template,
        "zone_id": draft.zone_id,
        "reach_m": draft.reach_m,
        "place": draft.place,
        "place_names": Jsonb(dict(draft.place_names)),
    }


GET: LiteralString = "SELECT * FROM alert WHERE id = %(id)s"


async def get(tx: Tx, alert_id: UUID) -> Alert | None:
    row = await (await tx.execute(GET, {"id": alert_id})).fetchone()
    return _alert(row) if row else None


GET_LOCKED: LiteralString = "SELECT * FROM alert WHERE id = %(id)s FOR UPDATE"


async def get_locked(tx: Tx, alert_id: UUID) -> Alert | None:
    row = await (await tx.execute(GET_LOCKED, {"id": alert_id})).fetchone()
    return _alert(row) if row else None


LIST: LiteralString = """
SELECT * FROM alert
 WHERE (%(before)s::timestamptz IS NULL OR created_at < %(before)s)
 ORDER BY created_at DESC LIMIT %(limit)s
"""


async def list_newest(tx: Tx, *, before: datetime | None, limit: int) -> list[Alert]:
    rows = await (await tx.execute(LIST, {"before": before, "limit": limit})).fetchall()
    return [_alert(row) for row in rows]


SET_STATE: LiteralString = "UPDATE alert SET state = %(state)s WHERE id = %(id)s"


async def set_state(tx: Tx, alert_id: UUID, state: State) -> None:
    await tx.execute(SET_STATE, {"id": alert_id, "state": state.value})


SUBMIT: LiteralString = """
UPDATE alert SET state = 'submitted', submitter_id = %(submitter_id)s, content = %(content)s WHERE id = %(id)s
"""


async def submit(tx: Tx, alert_id: UUID, *, submitter: UUID, content: bytes) -> None:
    await tx.execute(SUBMIT, {"id": alert_id, "submitter_id": submitter, "content": content})


APPROVE: LiteralString = """
UPDATE alert SET state = 'approved', approver_id = %(approver_id)s, approved_at = %(now)s, expires_at = %(expires_at)s,
       snapshot = %(snapshot)s
 WHERE id = %(id)s
"""


async def approve(tx: Tx, alert_id: UUID, values: dict[str, Any]) -> None:
    """Freeze what was approved; `values` hold approver_id, now, expires_at and snapshot (JSON-ready)."""
    await tx.execute(APPROVE, values | {"id": alert_id, "snapshot": Jsonb(values["snapshot"])})


WITHDRAW: LiteralString = """
UPDATE alert SET state = 'withdrawn', withdrawn_at = %(now)s, correction = %(correction)s WHERE id = %(id)s
"""


async def withdraw(tx: Tx, alert_id: UUID, *, correction: Any, now: datetime) -> None:
    """Take an alert back; `correction` is what phones are told instead, as JSON, None if nothing was told yet."""
    kept = None if correction is None else Jsonb(correction)
    await tx.execute(WITHDRAW, {"id": alert_id, "now": now, "correction": kept})


ADD_EVENT: LiteralString = """
INSERT INTO alert_event (alert_id, at, act, operator_id, reason)
VALUES (%(alert_id)s, %(at)s, %(act)s, %(operator_id)s, %(reason)s)
"""


async def add_event(tx: Tx, alert_id: UUID, values: dict[str, Any]) -> None:
    await tx.execute(ADD_EVENT, values | {"alert_id": alert_id})


EVENTS: LiteralString = """
SELECT alert_event.at, alert_event.act, operator.name AS operator, alert_event.reason
  FROM alert_event LEFT JOIN operator ON operator.id = alert_event.operator_id
 WHERE alert_event.alert_id = %(alert_id)s ORDER BY alert_event.id
"""


async def events(tx: Tx, alert_id: UUID) -> list[Event]:
    rows = await (await tx.execute(EVENTS, {"alert_id": alert_id})).fetchall()
    return [Event(**row) for row in rows]


INSERT_CELLS: LiteralString = """
INSERT INTO alert_cell (cell, alert_id, ring)
SELECT cell, %(alert_id)s, ring FROM unnest(%(cells)s::bigint[], %(rings)s::smallint[]) AS area (cell, ring)
"""


async def insert_cells(tx: Tx, alert_id: UUID, area: Area) -> None:
    cells: list[int] = [*area.rings, *(area.covers - area.rings.keys())]
    rings = [area.rings.get(cell) for cell in cells]
    await tx.execute(INSERT_CELLS, {"alert_id": alert_id, "cells": cells, "rings": rings})


COARSEST: LiteralString = "SELECT cell FROM alert_cell WHERE alert_id = %(alert_id)s AND ring IS NULL"


async def pack_cells(tx: Tx, alert_id: UUID) -> list[int]:
    """Return the cells of the approved area whose packs tell of the alert."""
    rows = await (await tx.execute(COARSEST, {"alert_id": alert_id})).fetchall()
    return [row["cell"] for row in rows if resolution_of(row["cell"]) == PACK_RESOLUTION]


RINGS: LiteralString = "SELECT cell, ring FROM alert_cell WHERE alert_id = %(alert_id)s AND ring IS NOT NULL"


async def rings(tx: Tx, alert_id: UUID) -> dict[int, int]:
    rows = await (await tx.execute(RINGS, {"alert_id": alert_id})).fetchall()
    return {row["cell"]: row["ring"] for row in rows}


TOLD_IN: LiteralString = """
SELECT * FROM alert
 WHERE approved_at IS NOT NULL AND exercise = %(exercise)s
   AND id IN (SELECT alert_id FROM alert_cell WHERE cell = ANY (%(cells)s::bigint[]))
 ORDER BY severity DESC, approved_at DESC
"""


async def told_in(tx: Tx, cells: Sequence[int], *, exercise: bool) -> list[tuple[Alert, Any]]:
    """Return the alerts ever approved whose area meets one of the cells, each with its correction if there is one."""
    rows = await (await tx.execute(TOLD_IN, {"cells": list(cells), "exercise": exercise})).fetchall()
    return [(_alert(row), row["correction"]) for row in rows]


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


OPEN: LiteralString = """
SELECT alert.id, alert.revision, alert.severity, alert.state, alert_plan.pass = 2 AS planned
  FROM alert JOIN alert_plan ON alert_plan.alert_id = alert.id
 WHERE alert.state IN ('approved', 'sending')
"""


async def open_alerts(tx: Tx) -> list[dict[str, Any]]:
    return await (await tx.execute(OPEN)).fetchall()


FINISH: LiteralString = """
WITH sent AS (UPDATE alert SET state = 'sent' WHERE id = %(id)s AND state = 'sending' RETURNING id)
INSERT INTO alert_event (alert_id, at, act) SELECT id, %(now)s, 'finish' FROM sent
"""


async def finish(tx: Tx, alert_id: UUID, *, now: datetime) -> None:
    """Call an alert sent, unless it was withdrawn meanwhile."""
    await tx.execute(FINISH, {"id": alert_id, "now": now})


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(
        id=row["id"],
        revision=row["revision"],
        state=State(row["state"]),
        draft=Draft(
            zone_id=row["zone_id"],
            template=row["template"],
            severity=Severity(row["severity"]),
            exercise=row["exercise"],
            reach_m=row["reach_m"],
            place=row["place"],
            place_names=row["place_names"],
        ),
        author_id=row["author_id"],
        submitter_id=row["submitter_id"],
        approver_id=row["approver_id"],
        created_at=row["created_at"],
        content=row["content"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        snapshot=row["snapshot"],
    )
