"""What follows what: the messages of one lineage, and until when they are up to date."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from service.alerts.model import Alert
from service.alerts.store.rows import alert_of
from service.kit.db import Tx

FOLLOW: LiteralString = """
INSERT INTO alert (id, lineage, revision, message, follows, release_id, exercise, severity, template, zone_id, drawn,
                   units, reach_m, place, place_names, escalate_minutes, code, author_id, created_at)
SELECT %(id)s, lineage, (SELECT max(revision) + 1 FROM alert WHERE alert.lineage = earlier.lineage), %(message)s, id,
       %(release_id)s, exercise, %(severity)s, %(template)s, zone_id, drawn, units, reach_m, place, place_names,
       escalate_minutes, code, %(author_id)s, %(now)s
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
    return alert_of(row) if row else None


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
    return [alert_of(row) for row in await (await tx.execute(EXPIRING, asked)).fetchall()]


REMIND: LiteralString = """
INSERT INTO alert_event (alert_id, at, act)
SELECT id, %(now)s, 'remind' FROM alert
 WHERE id = ANY (%(ids)s)
   AND NOT EXISTS (SELECT FROM alert_event WHERE alert_id = alert.id AND act = 'remind'
                      AND (alert.message = 'end' OR at > alert.expires_at - %(before)s::interval))
RETURNING alert_id
"""


async def remind(tx: Tx, ids: Sequence[UUID], *, before: timedelta, now: datetime) -> list[UUID]:
    """Note once that an end is overtaken, and once for each expiry that it is near; return those newly noted."""
    rows = await (await tx.execute(REMIND, {"ids": list(ids), "before": before, "now": now})).fetchall()
    return [row["alert_id"] for row in rows]


# `phase` of rules.py, in SQL: what is live now.
LIVE_CODES: LiteralString = """
SELECT code, created_at FROM alert
 WHERE state IN ('approved', 'sending', 'sent') AND NOT exercise AND expires_at > %(now)s
   AND (message IN ('warning', 'update') OR template = 'taken_back')
 ORDER BY created_at DESC, code DESC
"""


async def live_codes(tx: Tx, *, now: datetime) -> list[dict[str, Any]]:
    """Return the short numbers of the warnings that are live, with when their latest message was written."""
    return await (await tx.execute(LIVE_CODES, {"now": now})).fetchall()


ENDS: LiteralString = """
SELECT * FROM alert WHERE message = 'end' AND state IN ('approved', 'sending', 'sent') ORDER BY approved_at
"""


async def ends(tx: Tx) -> list[Alert]:
    """Return the ends that stand: the latest messages of warnings that release records ended."""
    return [alert_of(row) for row in await (await tx.execute(ENDS)).fetchall()]
