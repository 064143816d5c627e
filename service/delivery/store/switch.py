"""The switch that stops sending."""

from datetime import datetime
from typing import Any, LiteralString

from service.kit.db import Tx

SENDING: LiteralString = "SELECT paused, reason, epoch, trouble, changed_at FROM sending"


async def sending(tx: Tx) -> dict[str, Any]:
    row = await (await tx.execute(SENDING)).fetchone()
    assert row is not None  # noqa: S101 - the migration writes the only row
    return row


SWITCH: LiteralString = """
UPDATE sending SET paused = %(paused)s, reason = %(reason)s, changed_at = %(now)s, epoch = coalesce(%(epoch)s, epoch),
       trouble = CASE WHEN %(paused)s THEN trouble ELSE '' END
"""


async def switch(tx: Tx, *, paused: bool, reason: str, epoch: str | None, now: datetime) -> None:
    await tx.execute(SWITCH, {"paused": paused, "reason": reason, "epoch": epoch, "now": now})


NOTE_TROUBLE: LiteralString = "UPDATE sending SET trouble = %(trouble)s WHERE trouble <> %(trouble)s"


async def note_trouble(tx: Tx, trouble: str) -> None:
    await tx.execute(NOTE_TROUBLE, {"trouble": trouble})
