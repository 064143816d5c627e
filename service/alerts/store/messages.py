"""Alerts themselves: drafts, approvals, withdrawals, events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from service.alerts.model import Alert, Draft, Event, State
from service.alerts.store.rows import alert_of
from service.kit.db import Tx

INSERT: LiteralString = """
INSERT INTO alert (id, lineage, exercise, severity, template, zone_id, drawn, units, reach_m, place, place_names,
                   repeat, escalate_minutes, author_id, created_at)
VALUES (%(id)s, %(id)s, %(exercise)s, %(severity)s, %(template)s, %(zone_id)s, %(drawn)s, %(units)s::uuid[],
        %(reach_m)s, %(place)s, %(place_names)s, %(repeat)s, %(escalate_minutes)s, %(author_id)s, %(now)s)
"""


async def insert(tx: Tx, alert_id: UUID, draft: Draft, *, author: UUID, now: datetime) -> None:
    await tx.execute(INSERT, _columns(draft) | {"id": alert_id, "author_id": author, "now": now})


CHANGE: LiteralString = """
UPDATE alert SET severity = %(severity)s, template = %(template)s, zone_id = %(zone_id)s, drawn = %(drawn)s,
       units = %(units)s::uuid[], reach_m = %(reach_m)s, place = %(place)s, place_names = %(place_names)s,
       repeat = %(repeat)s, escalate_minutes = %(escalate_minutes)s, state = 'draft', content = NULL,
       submitter_id = NULL
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
        "drawn": None if draft.drawn is None else shapely.to_wkb(draft.drawn),
        "units": list(draft.units) or None,
        "reach_m": draft.reach_m,
        "place": draft.place,
        "place_names": Jsonb(dict(draft.place_names)),
        "repeat": draft.repeat,
        "escalate_minutes": None if draft.escalate is None else draft.escalate // timedelta(minutes=1),
    }


GET: LiteralString = "SELECT * FROM alert WHERE id = %(id)s"


async def get(tx: Tx, alert_id: UUID) -> Alert | None:
    row = await (await tx.execute(GET, {"id": alert_id})).fetchone()
    return alert_of(row) if row else None


GET_LOCKED: LiteralString = "SELECT * FROM alert WHERE id = %(id)s FOR UPDATE"


async def get_locked(tx: Tx, alert_id: UUID) -> Alert | None:
    row = await (await tx.execute(GET_LOCKED, {"id": alert_id})).fetchone()
    return alert_of(row) if row else None


LIST: LiteralString = """
SELECT * FROM alert
 WHERE (%(before)s::timestamptz IS NULL OR created_at < %(before)s)
 ORDER BY created_at DESC LIMIT %(limit)s
"""


async def list_newest(tx: Tx, *, before: datetime | None, limit: int) -> list[Alert]:
    rows = await (await tx.execute(LIST, {"before": before, "limit": limit})).fetchall()
    return [alert_of(row) for row in rows]


BEGIN: LiteralString = "UPDATE alert SET state = 'sending' WHERE id = %(id)s AND state = 'approved'"


async def begin(tx: Tx, alert_id: UUID) -> None:
    """Call an alert one that is being sent, unless it was stopped or replaced meanwhile."""
    await tx.execute(BEGIN, {"id": alert_id})


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
       snapshot = %(snapshot)s, cells = %(cells)s
 WHERE id = %(id)s
"""


async def approve(tx: Tx, alert_id: UUID, values: dict[str, Any]) -> None:
    """Freeze what was approved; `values` hold approver_id, now, expires_at, snapshot (JSON-ready) and cells."""
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


TOLD_IN: LiteralString = """
SELECT alert.*, earlier.revision AS replaces
  FROM alert LEFT JOIN alert earlier ON earlier.id = alert.follows
 WHERE alert.approved_at IS NOT NULL AND alert.state <> 'replaced' AND alert.exercise = %(exercise)s
   AND alert.id IN (SELECT alert_id FROM alert_cell WHERE cell = ANY (%(cells)s::bigint[]))
 ORDER BY alert.severity DESC, alert.approved_at DESC
"""


async def told_in(tx: Tx, cells: Sequence[int], *, exercise: bool) -> list[tuple[Alert, Any, int | None]]:
    """Return of each lineage the latest told message whose area meets one of the cells.

    With it what phones are told instead if it was withdrawn, and the revision whose place it took.
    """
    rows = await (await tx.execute(TOLD_IN, {"cells": list(cells), "exercise": exercise})).fetchall()
    return [(alert_of(row), row["correction"], row["replaces"]) for row in rows]


OPEN: LiteralString = """
SELECT alert.id, alert.revision, alert.severity, alert.message, pass = 2 AND resume_at IS NULL AS planned,
       pass < 2 OR coalesce(resume_at <= %(now)s, false) AS due
  FROM alert JOIN alert_plan ON alert_plan.alert_id = alert.id
 WHERE alert.state IN ('approved', 'sending')
"""


async def open_alerts(tx: Tx, *, now: datetime) -> list[dict[str, Any]]:
    """Return alerts that are not sent yet: whether they are due to be planned, and whether all of them is."""
    return await (await tx.execute(OPEN, {"now": now})).fetchall()


FINISH: LiteralString = """
WITH sent AS (UPDATE alert SET state = 'sent' WHERE id = %(id)s AND state = 'sending' RETURNING id)
INSERT INTO alert_event (alert_id, at, act) SELECT id, %(now)s, 'finish' FROM sent
"""


async def finish(tx: Tx, alert_id: UUID, *, now: datetime) -> None:
    """Call an alert sent, unless it was withdrawn meanwhile."""
    await tx.execute(FINISH, {"id": alert_id, "now": now})
