"""How the public key is kept that browsers and UnifiedPush distributors subscribe with."""

from datetime import datetime
from typing import LiteralString

from service.kit.db import Tx

_KEY: LiteralString = "SELECT public_key FROM web_push_key"


async def key(tx: Tx) -> bytes | None:
    row = await (await tx.execute(_KEY)).fetchone()
    return bytes(row["public_key"]) if row else None


_KEEP_KEY: LiteralString = """
INSERT INTO web_push_key (public_key, since) VALUES (%(public)s, %(now)s)
ON CONFLICT (only_row) DO UPDATE SET public_key = excluded.public_key, since = excluded.since
WHERE web_push_key.public_key <> excluded.public_key
"""


async def keep_key(tx: Tx, public: bytes, *, now: datetime) -> bool:
    """Keep the key; False if it was this one already."""
    return (await tx.execute(_KEEP_KEY, {"public": public, "now": now})).rowcount == 1
