"""All SQL of publication."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from service.kit.db import Tx
from service.kit.documents import Document
from service.kit.encodings import SMALLER
from service.publication.model import Kept, PackEntry, Standing, World

KEY_SET: LiteralString = "SELECT document FROM publication_key_set ORDER BY version DESC LIMIT 1"


async def key_set(tx: Tx) -> bytes | None:
    row = await (await tx.execute(KEY_SET)).fetchone()
    return None if row is None else bytes(row["document"])


ADD_KEY_SET: LiteralString = """
INSERT INTO publication_key_set (version, document, sha256, at) VALUES (%(version)s, %(document)s, %(sha256)s, %(at)s)
"""


async def add_key_set(tx: Tx, wanted: Mapping[str, Any]) -> None:
    await tx.execute(ADD_KEY_SET, wanted)


NOTE: LiteralString = """
INSERT INTO publication_due (world, cell, noted_at) SELECT %(world)s, unnest(%(cells)s::text[]), %(now)s
ON CONFLICT (world, cell) DO NOTHING
"""


async def note(tx: Tx, cells: Collection[str], *, world: World, now: datetime) -> None:
    """Note packs that must be made anew; one that waits already keeps its place."""
    await tx.execute(NOTE, {"world": world.value, "cells": sorted(cells), "now": now})


# Who notes a cell that is just being built waits for the build and then notes it again: no change is lost between.
TAKE_DUE: LiteralString = """
DELETE FROM publication_due WHERE world = %(world)s AND cell IN (
    SELECT cell FROM publication_due WHERE world = %(world)s ORDER BY noted_at, cell LIMIT %(limit)s FOR UPDATE)
RETURNING cell
"""


async def take_due(tx: Tx, *, world: World, limit: int) -> list[str]:
    """Take the cells that have waited longest; they wait again if the transaction fails."""
    cursor = await tx.execute(TAKE_DUE, {"world": world.value, "limit": limit})
    return sorted(row["cell"] for row in await cursor.fetchall())


OLDEST_DUE: LiteralString = "SELECT min(noted_at) AS at FROM publication_due WHERE world = %(world)s"


async def oldest_due(tx: Tx, *, world: World) -> datetime | None:
    row = await (await tx.execute(OLDEST_DUE, {"world": world.value})).fetchone()
    return row["at"] if row else None


STANDING: LiteralString = "SELECT world, version, made, labels, guidance FROM publication_index ORDER BY world"


async def standing(tx: Tx) -> list[Standing]:
    return [_standing(row) for row in await (await tx.execute(STANDING)).fetchall()]


LOCK_STANDING: LiteralString = """
SELECT world, version, made, labels, guidance FROM publication_index WHERE world = %(world)s FOR UPDATE
"""


async def lock_standing(tx: Tx, world: World) -> Standing:
    """Let one build at a time make an index of this world."""
    row: Any = await (await tx.execute(LOCK_STANDING, {"world": world.value})).fetchone()
    return _standing(row)


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(World(row["world"]), row["version"], row["made"], row["labels"], row["guidance"])


SET_INDEX: LiteralString = """
UPDATE publication_index SET version = %(version)s, made = %(made)s, labels = %(labels)s, guidance = %(guidance)s,
       document = %(document)s, sha256 = %(sha256)s WHERE world = %(world)s
"""


async def set_index(tx: Tx, wanted: Mapping[str, Any]) -> None:
    await tx.execute(SET_INDEX, wanted)


INDEX: LiteralString = """
SELECT document FROM publication_index WHERE world = %(world)s AND document IS NOT NULL
"""


async def index(tx: Tx, world: World) -> bytes | None:
    row = await (await tx.execute(INDEX, {"world": world.value})).fetchone()
    return None if row is None else bytes(row["document"])


MADE: LiteralString = "SELECT world, made FROM publication_index WHERE made IS NOT NULL"


async def made(tx: Tx) -> dict[World, datetime]:
    return {World(row["world"]): row["made"] for row in await (await tx.execute(MADE)).fetchall()}


HEADS: LiteralString = """
SELECT world AS name, sha256 FROM publication_index WHERE document IS NOT NULL
UNION ALL SELECT 'topics:' || world, sha256 FROM publication_topics
UNION ALL (SELECT 'keys', sha256 FROM publication_key_set ORDER BY version DESC LIMIT 1)
"""


async def heads(tx: Tx) -> dict[str, str]:
    """Return the hash of each document that changes in its place: `keys`, a world's index, and `topics:` of a world."""
    return {row["name"]: row["sha256"] for row in await (await tx.execute(HEADS)).fetchall()}


TOPICS: LiteralString = "SELECT document, sha256 FROM publication_topics WHERE world = %(world)s"


async def topics(tx: Tx, world: World) -> tuple[bytes, str] | None:
    """Return what phones of a world are told of topics, and its hash."""
    row = await (await tx.execute(TOPICS, {"world": world.value})).fetchone()
    return None if row is None else (bytes(row["document"]), row["sha256"])


SET_TOPICS: LiteralString = """
INSERT INTO publication_topics (world, document, sha256) VALUES (%(world)s, %(document)s, %(sha256)s)
    ON CONFLICT (world) DO UPDATE SET document = EXCLUDED.document, sha256 = EXCLUDED.sha256
"""


async def set_topics(tx: Tx, world: World, document: bytes, sha256: str) -> None:
    await tx.execute(SET_TOPICS, {"world": world.value, "document": document, "sha256": sha256})


DROP_TOPICS: LiteralString = "DELETE FROM publication_topics WHERE world = %(world)s"


async def drop_topics(tx: Tx, world: World) -> None:
    await tx.execute(DROP_TOPICS, {"world": world.value})


ENTRIES: LiteralString = """
SELECT cell, version, size, sha256, deltas_from FROM publication_pack WHERE world = %(world)s ORDER BY cell
"""


async def entries(tx: Tx, world: World) -> list[PackEntry]:
    return [PackEntry(**row) for row in await (await tx.execute(ENTRIES, {"world": world.value})).fetchall()]


SET_ENTRY: LiteralString = """
INSERT INTO publication_pack (world, cell, version, size, sha256, deltas_from)
VALUES (%(world)s, %(cell)s, %(version)s, %(size)s, %(sha256)s, %(deltas_from)s)
ON CONFLICT (world, cell) DO UPDATE SET version = EXCLUDED.version, size = EXCLUDED.size, sha256 = EXCLUDED.sha256,
    deltas_from = EXCLUDED.deltas_from
"""


async def set_entry(tx: Tx, entry: PackEntry, *, world: World) -> None:
    values = {name: getattr(entry, name) for name in PackEntry.__slots__}
    await tx.execute(SET_ENTRY, values | {"world": world.value})


GET: LiteralString = "SELECT path, sha256, size, br, zstd, gzip, final FROM publication_document WHERE path = %(path)s"


async def get(tx: Tx, path: str) -> Document | None:
    row = await (await tx.execute(GET, {"path": path})).fetchone()
    return None if row is None else _document(row)


OF: LiteralString = """
SELECT path, world, cell, since, until, sha256, size, br, zstd, gzip, final FROM publication_document
 WHERE world = %(world)s AND cell = %(cell)s AND until = %(until)s ORDER BY since DESC NULLS FIRST
"""


async def documents_of(tx: Tx, *, world: World, cell: str, until: int) -> list[Kept]:
    """Return a version of a pack, then its deltas, from the newest version on."""
    cursor = await tx.execute(OF, {"world": world.value, "cell": cell, "until": until})
    return [_kept(row) for row in await cursor.fetchall()]


ADD: LiteralString = """
INSERT INTO publication_document (path, world, cell, since, until, sha256, size, br, zstd, gzip, final)
VALUES (%(path)s, %(world)s, %(cell)s, %(since)s, %(until)s, %(sha256)s, %(size)s, %(br)s, %(zstd)s, %(gzip)s,
        %(final)s)
"""


async def add(tx: Tx, documents: Sequence[Kept]) -> None:
    rows = [_row(one.document) | {"since": one.since, "until": one.until} | _place(one) for one in documents]
    await tx.cursor().executemany(ADD, rows)


SUPERSEDE: LiteralString = """
UPDATE publication_document SET superseded_at = %(now)s
 WHERE world = %(world)s AND cell = %(cell)s AND until < %(version)s AND superseded_at IS NULL
"""


async def supersede(tx: Tx, cell: str, *, world: World, version: int, now: datetime) -> None:
    """Note when a version took the place of all before it."""
    await tx.execute(SUPERSEDE, {"world": world.value, "cell": cell, "version": version, "now": now})


FORGET: LiteralString = "DELETE FROM publication_document WHERE superseded_at < %(before)s"


async def forget(tx: Tx, *, before: datetime) -> None:
    """Drop what no index in use names any more."""
    await tx.execute(FORGET, {"before": before})


ROUGH: LiteralString = """
SELECT path, sha256, size, br, zstd, gzip, final FROM publication_document
 WHERE NOT final AND superseded_at IS NULL ORDER BY path LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


async def rough(tx: Tx, *, limit: int) -> list[Document]:
    """Return documents that can still be made smaller."""
    return [_document(row) for row in await (await tx.execute(ROUGH, {"limit": limit})).fetchall()]


REFINE: LiteralString = """
UPDATE publication_document SET br = %(br)s, zstd = %(zstd)s, gzip = %(gzip)s, final = true
 WHERE path = %(path)s AND sha256 = %(sha256)s
"""


async def refine(tx: Tx, documents: Sequence[Document]) -> None:
    """Put smaller bodies in the place of larger ones: the same bytes once they are unpacked."""
    await tx.cursor().executemany(REFINE, [_row(one) for one in documents])


CURRENT: LiteralString = """
SELECT path, octet_length(br) AS small FROM publication_document
 WHERE world = %(world)s AND superseded_at IS NULL ORDER BY path
"""


async def current(tx: Tx, world: World) -> dict[str, int]:
    """Return the path of everything that the index of a world names, deltas too, and how many bytes it has as br."""
    return {row["path"]: row["small"] for row in await (await tx.execute(CURRENT, {"world": world.value})).fetchall()}


def _document(row: Mapping[str, Any]) -> Document:
    bodies = {encoding: bytes(row[encoding.value]) for encoding in SMALLER}
    return Document(row["path"], row["sha256"], row["size"], bodies, row["final"])


def _kept(row: Mapping[str, Any]) -> Kept:
    return Kept(World(row["world"]), row["cell"], row["since"], row["until"], _document(row))


def _place(one: Kept) -> dict[str, str]:
    return {"world": one.world.value, "cell": one.cell}


def _row(document: Document) -> dict[str, Any]:
    bodies = {encoding.value: document.bodies[encoding] for encoding in SMALLER}
    return {name: getattr(document, name) for name in ("path", "sha256", "size", "final")} | bodies
