"""Alerts themselves: drafts, approvals, withdrawals, events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from service.alerts.model import Alert, Draft, Event, State
from service.delivery.model import Message, Severity
from service.kit import geo
from service.kit.db import Tx

INSERT: LiteralString = """
INSERT INTO alert (id, lineage, exercise, severity, template, zone_id, drawn, units, reach_m, place, place_names,
                   repeat, author_id, created_at)
VALUES (%(id)s, %(id)s, %(exercise)s, %(severity)s, %(template)s, %(zone_id)s, %(drawn)s, %(units)s::uuid[],
        %(reach_m)s, %(place)s, %(place_names)s, %(repeat)s, %(author_id)s, %(now)s)
"""


async def insert(tx: Tx, alert_id: UUID, draft: Draft, *, author: UUID, now: datetime) -> None:
    await tx.execute(INSERT, _columns(draft) | {"id": alert_id, "author_id": author, "now": now})


FOLLOW: LiteralString = """
INSERT INTO alert (id, lineage, revision, message, follows, release_id, exercise, severity, template, zone_id, drawn,
                   units, reach_m, place, place_names, author_id, created_at)
SELECT %(id)s, lineage, (SELECT max(revision) + 1 FROM alert WHERE alert.lineage = earlier.lineage), %(message)s, id,
       %(release_id)s, exercise, %(severity)s, %(template)s, zone_id, drawn, units, reach_m, place, place_names,
       %(author_id)s, %(now)s
  FROM alert earlier WHERE id = %(follows)s
"""


async def follow(tx: Tx, alert_id: UUID, values: dict[str, Any]) -> None:
    """Write a draft that follows a message and says the same but for what `values` name (see FOLLOW)."""
    await tx.execute(FOLLOW, {"release_id": None} | values | {"id": alert_id})


LATEST: LiteralString = """
SELECT * FROM alert WHERE lineage = %(lineage)s AND approved_at IS NOT NULL ORDER BY revision DESC LIMIT 1
"""


async def latest(tx: Tx, lineage: UUID) -> Alert | None:
    """Return the latest message of a lineage that was told."""
    row = await (await tx.execute(LATEST, {"lineage": lineage})).fetchone()
    return _alert(row) if row else None


OPEN_FOLLOWER: LiteralString = """
SELECT id FROM alert
 WHERE lineage = %(lineage)s AND message IN ('update', 'end') AND state IN ('draft', 'submitted', 'returned')
"""


async def open_follower(tx: Tx, lineage: UUID) -> UUID | None:
    """Return the draft of a lineage that is being written or waits for a second person."""
    row = await (await tx.execute(OPEN_FOLLOWER, {"lineage": lineage})).fetchone()
    return row["id"] if row else None


RENEW: LiteralString = "UPDATE alert SET expires_at = %(until)s WHERE id = %(id)s"


async def renew(tx: Tx, alert_id: UUID, *, until: datetime) -> None:
    await tx.execute(RENEW, {"id": alert_id, "until": until})


# `warns` of rules.py, in SQL.
EXPIRING: LiteralString = """
SELECT * FROM alert
 WHERE state IN ('approved', 'sending', 'sent') AND expires_at <= %(until)s
   AND (message IN ('warning', 'update') OR template = %(taken_back)s)
 ORDER BY expires_at, id LIMIT %(limit)s
"""


async def expiring(tx: Tx, *, until: datetime, taken_back: str, limit: int) -> list[Alert]:
    """Return what warns now and is out of date by then, or already, the first to fall due first."""
    asked = {"until": until, "taken_back": taken_back, "limit": limit}
    return [_alert(row) for row in await (await tx.execute(EXPIRING, asked)).fetchall()]


REMIND: LiteralString = """
INSERT INTO alert_event (alert_id, at, act)
SELECT id, %(now)s, 'remind' FROM alert
 WHERE id = ANY (%(ids)s)
   AND NOT EXISTS (SELECT FROM alert_event WHERE alert_id = alert.id AND act = 'remind'
                      AND at > alert.expires_at - %(before)s::interval)
RETURNING alert_id
"""


async def remind(tx: Tx, ids: Sequence[UUID], *, before: timedelta, now: datetime) -> list[UUID]:
    """Note once for each expiry that it is near; return those for which it was not noted yet."""
    rows = await (await tx.execute(REMIND, {"ids": list(ids), "before": before, "now": now})).fetchall()
    return [row["alert_id"] for row in rows]


CHANGE: LiteralString = """
UPDATE alert SET severity = %(severity)s, template = %(template)s, zone_id = %(zone_id)s, drawn = %(drawn)s,
       units = %(units)s::uuid[], reach_m = %(reach_m)s, place = %(place)s, place_names = %(place_names)s,
       repeat = %(repeat)s, state = 'draft', content = NULL, submitter_id = NULL
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
    return [(_alert(row), row["correction"], row["replaces"]) for row in rows]


OPEN: LiteralString = """
SELECT alert.id, alert.revision, alert.severity, alert.message,
       alert_plan.pass < 2 OR coalesce(alert_plan.resume_at <= %(now)s, false) AS due,
       alert_plan.pass = 2 AND alert_plan.resume_at IS NULL AS planned
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


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(
        id=row["id"],
        lineage=row["lineage"],
        revision=row["revision"],
        message=Message(row["message"]),
        follows=row["follows"],
        state=State(row["state"]),
        draft=Draft(
            zone_id=row["zone_id"],
            template=row["template"],
            severity=Severity(row["severity"]),
            exercise=row["exercise"],
            reach_m=row["reach_m"],
            place=row["place"],
            place_names=row["place_names"],
            repeat=row["repeat"],
            drawn=None if row["drawn"] is None else geo.areal(shapely.from_wkb(row["drawn"])),
            units=tuple(map(str, row["units"] or ())),
        ),
        author_id=row["author_id"],
        submitter_id=row["submitter_id"],
        approver_id=row["approver_id"],
        created_at=row["created_at"],
        content=row["content"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        snapshot=row["snapshot"],
        release_id=row["release_id"],
        cells=tuple(row["cells"]),
    )
