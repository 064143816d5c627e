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


TOLD_TO: LiteralString = """
SELECT alert.id FROM alert JOIN alert_cell ON alert_cell.alert_id = alert.id
 WHERE alert.lineage = %(lineage)s AND alert.revision = %(revision)s AND alert.approved_at IS NOT NULL
   AND alert_cell.cell = %(cell)s
"""


async def told_to(tx: Tx, lineage: UUID, revision: int, *, cell: int) -> UUID | None:
    """Return the alert that is this message, if the cell lies in its area."""
    asked = {"lineage": lineage, "revision": revision, "cell": cell}
    row = await (await tx.execute(TOLD_TO, asked)).fetchone()
    return row["id"] if row else None


HEAR: LiteralString = """
INSERT INTO unverified_receipt AS kept (alert_id, cell, heard) VALUES (%(alert_id)s, %(cell)s, 1)
    ON CONFLICT (alert_id, cell) DO UPDATE SET heard = kept.heard + 1 WHERE kept.heard < %(most)s
"""


async def hear(tx: Tx, alert_id: UUID, *, cell: int, most: int) -> None:
    """Count one more of a cell, unless that are the most."""
    await tx.execute(HEAR, {"alert_id": alert_id, "cell": cell, "most": most})


HEARD: LiteralString = """
SELECT coalesce(sum(heard), 0)::bigint AS heard FROM unverified_receipt WHERE alert_id = %(alert_id)s
"""


async def heard(tx: Tx, alert_id: UUID) -> int:
    row = await (await tx.execute(HEARD, {"alert_id": alert_id})).fetchone()
    return int(row["heard"]) if row else 0
