"""Which processes send: each shares a provider's budget with the others."""

from typing import LiteralString
from uuid import UUID

from service.kit.db import Tx

BEAT: LiteralString = """
WITH own AS (
    INSERT INTO sender (id, beat_at) VALUES (%(id)s, now()) ON CONFLICT (id) DO UPDATE SET beat_at = now()),
gone AS (
    DELETE FROM sender WHERE beat_at < now() - interval '1 minute' AND id <> %(id)s)
SELECT 1 + count(*)::int AS live FROM sender WHERE id <> %(id)s AND beat_at > now() - interval '10 seconds'
"""


async def beat(tx: Tx, sender: UUID) -> int:
    row = await (await tx.execute(BEAT, {"id": sender})).fetchone()
    return row["live"] if row else 1
