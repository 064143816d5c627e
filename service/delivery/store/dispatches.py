"""What is said, once and for all: dispatches and their texts."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.delivery.model import Bulletin, Message, Severity, Text
from service.kit.db import Tx

INSERT_DISPATCH: LiteralString = """
INSERT INTO dispatch (alert_id, lineage, revision, message, severity, exercise, zone_id, reach_m, issued_at, expires_at,
                      cells)
VALUES (%(alert_id)s, %(lineage)s, %(revision)s, %(message)s, %(severity)s, %(exercise)s, %(zone_id)s, %(reach_m)s,
        %(issued_at)s, %(expires_at)s, %(cells)s)
"""


async def insert_dispatch(tx: Tx, bulletin: Bulletin) -> None:
    await tx.execute(
        INSERT_DISPATCH,
        {
            "alert_id": bulletin.alert_id,
            "lineage": bulletin.lineage,
            "revision": bulletin.revision,
            "message": bulletin.message.value,
            "severity": int(bulletin.severity),
            "exercise": bulletin.exercise,
            "zone_id": bulletin.zone_id,
            "reach_m": bulletin.reach_m,
            "issued_at": bulletin.issued_at,
            "expires_at": bulletin.expires_at,
            "cells": list(bulletin.cells),
        },
    )


INSERT_TEXT: LiteralString = """
INSERT INTO dispatch_text (alert_id, revision, language, direction, title, body, sms)
VALUES (%(alert_id)s, %(revision)s, %(language)s, %(direction)s, %(title)s, %(body)s, %(sms)s)
"""


async def insert_text(tx: Tx, bulletin: Bulletin, text: Text) -> None:
    await tx.execute(
        INSERT_TEXT,
        {
            "alert_id": bulletin.alert_id,
            "revision": bulletin.revision,
            "language": text.language,
            "direction": text.direction,
            "title": text.title,
            "body": text.body,
            "sms": text.sms,
        },
    )


STOP: LiteralString = """
UPDATE dispatch SET stopped_at = %(now)s
 WHERE alert_id = %(alert_id)s AND revision = %(revision)s AND stopped_at IS NULL
"""


async def stop(tx: Tx, alert_id: UUID, revision: int, *, now: datetime) -> None:
    await tx.execute(STOP, {"alert_id": alert_id, "revision": revision, "now": now})


IS_STOPPED: LiteralString = """
SELECT stopped_at IS NOT NULL AS stopped FROM dispatch WHERE alert_id = %(alert_id)s AND revision = %(revision)s
"""


async def is_stopped(tx: Tx, alert_id: UUID, revision: int) -> bool:
    row = await (await tx.execute(IS_STOPPED, {"alert_id": alert_id, "revision": revision})).fetchone()
    return bool(row and row["stopped"])


PROLONG: LiteralString = """
UPDATE dispatch SET expires_at = %(until)s WHERE alert_id = %(alert_id)s AND revision = %(revision)s
"""


async def prolong(tx: Tx, alert_id: UUID, revision: int, *, until: datetime) -> None:
    await tx.execute(PROLONG, {"alert_id": alert_id, "revision": revision, "until": until})


STOPPED: LiteralString = """
SELECT alert_id, revision FROM dispatch WHERE stopped_at IS NOT NULL AND expires_at > %(now)s
"""


async def stopped(tx: Tx, *, now: datetime) -> frozenset[tuple[UUID, int]]:
    rows = await (await tx.execute(STOPPED, {"now": now})).fetchall()
    return frozenset((row["alert_id"], row["revision"]) for row in rows)


def bulletin_of(row: dict[str, Any]) -> Bulletin:
    return Bulletin(
        alert_id=row["alert_id"],
        lineage=row["lineage"],
        revision=row["revision"],
        message=Message(row["message"]),
        severity=Severity(row["severity"]),
        exercise=row["exercise"],
        zone_id=row["zone_id"],
        reach_m=row["reach_m"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        cells=tuple(row["cells"]),
    )
