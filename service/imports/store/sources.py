"""What is remembered of sources: their rows as they were taken last, the mappings that they are read by."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import shapely

from service.imports.model import Kind, Remembered, Seen
from service.kit import geo
from service.kit.db import Tx

DIGESTS: LiteralString = """
    SELECT zone_id, digest, kind, waits FROM zone_source_row WHERE authority = %(authority)s AND exercise = %(exercise)s
"""


async def digests(tx: Tx, authority: str, *, exercise: bool) -> dict[bytes, Seen]:
    """Return which row, by its digest, was taken last into which zone."""
    cursor = await tx.execute(DIGESTS, {"authority": authority, "exercise": exercise})
    return {row["digest"]: Seen(row["zone_id"], _kind(row["kind"]), row["waits"]) for row in await cursor.fetchall()}


REMEMBERED: LiteralString = "SELECT zone_id, digest, outline FROM zone_source_row WHERE zone_id = ANY(%(ids)s)"


async def remembered(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Remembered]:
    cursor = await tx.execute(REMEMBERED, {"ids": list(ids)})
    return {row["zone_id"]: Remembered(row["digest"], _area(row["outline"])) for row in await cursor.fetchall()}


REMEMBER: LiteralString = """
    INSERT INTO zone_source_row (zone_id, authority, exercise, digest, outline, kind, waits)
    SELECT zone_id, %(authority)s, %(exercise)s, digest, outline, kind, waits
      FROM unnest(%(ids)s::uuid[], %(digests)s::bytea[], %(outlines)s::bytea[], %(kinds)s::text[], %(waits)s::integer[])
           AS told (zone_id, digest, outline, kind, waits)
    ON CONFLICT (zone_id) DO UPDATE SET digest = excluded.digest, outline = excluded.outline, kind = excluded.kind,
        waits = excluded.waits
"""


async def remember(tx: Tx, authority: str, rows: Mapping[UUID, Remembered], *, exercise: bool) -> None:
    """Note what was taken of rows into zones."""
    told = {
        "authority": authority,
        "exercise": exercise,
        "ids": list(rows),
        "digests": [row.digest for row in rows.values()],
        "kinds": [None if row.kind is None else row.kind.value for row in rows.values()],
        "waits": [row.waits for row in rows.values()],
        "outlines": [None if row.outline is None else shapely.to_wkb(row.outline) for row in rows.values()],
    }
    await tx.execute(REMEMBER, told)


MAPPING: LiteralString = "SELECT text FROM import_mapping WHERE authority = %(authority)s AND feed = %(feed)s"


async def mapping(tx: Tx, authority: str, feed: str) -> str | None:
    row = await (await tx.execute(MAPPING, {"authority": authority, "feed": feed})).fetchone()
    return None if row is None else str(row["text"])


PUT_MAPPING: LiteralString = """
    INSERT INTO import_mapping (authority, feed, text, at, operator_id)
    VALUES (%(authority)s, %(feed)s, %(text)s, %(now)s, %(by)s)
    ON CONFLICT (authority, feed) DO UPDATE
       SET text = excluded.text, at = excluded.at, operator_id = excluded.operator_id
     WHERE import_mapping.text <> excluded.text
"""


async def put_mapping(tx: Tx, source: tuple[str, str], text: str, *, by: UUID, now: datetime) -> bool:
    """Keep the mapping of a source (authority, feed); False if it was so already."""
    wanted = {"authority": source[0], "feed": source[1], "text": text, "by": by, "now": now}
    return bool((await tx.execute(PUT_MAPPING, wanted)).rowcount)


def _kind(text: str | None) -> Kind | None:
    return None if text is None else Kind(text)


def _area(wkb: bytes | None) -> geo.Area | None:
    return None if wkb is None else geo.areal(shapely.from_wkb(wkb))
