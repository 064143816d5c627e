"""What operators were shown of an alert last, and receipts of phones that nobody knows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.kit.db import Tx

LAST: LiteralString = "SELECT number, at, counts FROM alert_look WHERE alert_id = %(alert_id)s"


async def last(tx: Tx, alert_id: UUID) -> dict[str, Any] | None:
    return await (await tx.execute(LAST, {"alert_id": alert_id})).fetchone()


# Whoever counted at the same time keeps the figures that were shown first.
KEEP: LiteralString = """
INSERT INTO alert_look AS kept (alert_id, number, at, counts) VALUES (%(alert_id)s, 1, %(now)s, %(counts)s)
    ON CONFLICT (alert_id) DO UPDATE SET at = excluded.at, counts = excluded.counts,
       number = kept.number + CASE WHEN kept.counts IS DISTINCT FROM excluded.counts THEN 1 ELSE 0 END
 WHERE NOT kept.at BETWEEN %(now)s::timestamptz - %(age)s::interval AND %(now)s
"""


async def keep(tx: Tx, alert_id: UUID, counts: Mapping[str, Any] | None, *, age: timedelta, now: datetime) -> None:
    """Show these figures from now on, unless those that are shown are not `age` old yet."""
    values = {"alert_id": alert_id, "counts": None if counts is None else Jsonb(dict(counts)), "age": age, "now": now}
    await tx.execute(KEEP, values)


EXPIRING: LiteralString = """
SELECT count(*) AS soon FROM alert
 WHERE state IN ('approved', 'sending', 'sent') AND expires_at <= %(before)s
   AND (message IN ('warning', 'update') OR template = 'taken_back')
"""


async def expiring(tx: Tx, *, before: datetime) -> int:
    row = await (await tx.execute(EXPIRING, {"before": before})).fetchone()
    return int(row["soon"]) if row else 0


# Only from cells that the alert was told to, and of each no more than the ceiling.
HEAR: LiteralString = """
INSERT INTO unverified_receipt AS kept (alert_id, cell, heard)
SELECT alert.id, alert_cell.cell, 1
  FROM alert JOIN alert_cell ON alert_cell.alert_id = alert.id
 WHERE alert.lineage = %(lineage)s AND alert.revision = %(revision)s AND alert.approved_at IS NOT NULL
   AND alert_cell.cell = %(cell)s
    ON CONFLICT (alert_id, cell) DO UPDATE SET heard = kept.heard + 1 WHERE kept.heard < %(most)s
"""


async def hear(tx: Tx, lineage: UUID, revision: int, *, cell: int, most: int) -> None:
    await tx.execute(HEAR, {"lineage": lineage, "revision": revision, "cell": cell, "most": most})


HEARD: LiteralString = """
SELECT coalesce(sum(heard), 0)::bigint AS heard FROM unverified_receipt WHERE alert_id = %(alert_id)s
"""


async def heard(tx: Tx, alert_id: UUID) -> int:
    row = await (await tx.execute(HEARD, {"alert_id": alert_id})).fetchone()
    return int(row["heard"]) if row else 0
