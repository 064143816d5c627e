"""All SQL of guidance: bundles as phones keep them, of lessons too, and the documents that are served of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from service.guidance.model import BundleEntry, Kept
from service.kit.db import Tx
from service.kit.documents import Document
from service.kit.encodings import SMALLER

LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('guidance_bundle', 0))"


async def lock(tx: Tx) -> None:
    """Let one build at a time make bundles; who only reads is not held up."""
    await tx.execute(LOCK)


ENTRIES: LiteralString = """
SELECT course, language, version, size, sha256, deltas_from FROM guidance_bundle
 WHERE offered OR NOT %(offered)s ORDER BY course, language
"""


async def entries(tx: Tx, *, offered: bool) -> list[BundleEntry]:
    """Return the bundles that are offered, or all that there ever were."""
    cursor = await tx.execute(ENTRIES, {"offered": offered})
    return [BundleEntry(**row) for row in await cursor.fetchall()]


MADE_AT: LiteralString = "SELECT max(made_at) AS at FROM guidance_bundle"


async def made_at(tx: Tx) -> datetime | None:
    """Return when a bundle changed last."""
    row: Any = await (await tx.execute(MADE_AT)).fetchone()
    at: datetime | None = row["at"]
    return at


SET_ENTRY: LiteralString = """
INSERT INTO guidance_bundle (course, language, version, size, sha256, deltas_from, offered, made_at)
VALUES (%(course)s, %(language)s, %(version)s, %(size)s, %(sha256)s, %(deltas_from)s, true, %(now)s)
ON CONFLICT (course, language) DO UPDATE SET version = EXCLUDED.version, size = EXCLUDED.size, sha256 = EXCLUDED.sha256,
    deltas_from = EXCLUDED.deltas_from, offered = true, made_at = EXCLUDED.made_at
"""


async def set_entry(tx: Tx, entry: BundleEntry, *, now: datetime) -> None:
    values = {name: getattr(entry, name) for name in BundleEntry.__slots__}
    await tx.execute(SET_ENTRY, values | {"now": now})


WITHDRAW: LiteralString = """
UPDATE guidance_bundle SET offered = false, made_at = %(now)s
 WHERE offered AND NOT (CASE course WHEN '' THEN language ELSE course || '/' || language END) = ANY(%(owners)s::text[])
"""


async def withdraw(tx: Tx, owners: Sequence[str], *, now: datetime) -> None:
    """Stop offering all bundles but these."""
    await tx.execute(WITHDRAW, {"owners": list(owners), "now": now})


GET: LiteralString = "SELECT path, sha256, size, br, zstd, gzip FROM guidance_document WHERE path = %(path)s"


async def get(tx: Tx, path: str) -> Document | None:
    row = await (await tx.execute(GET, {"path": path})).fetchone()
    return None if row is None else _document(row)


OF: LiteralString = """
SELECT path, owner, since, until, sha256, size, br, zstd, gzip FROM guidance_document
 WHERE owner = %(owner)s AND until = %(until)s ORDER BY since DESC NULLS FIRST
"""


async def documents_of(tx: Tx, owner: str, *, until: int) -> list[Kept]:
    """Return a version of a bundle, then its deltas, from the newest version on."""
    cursor = await tx.execute(OF, {"owner": owner, "until": until})
    return [Kept(row["owner"], row["since"], row["until"], _document(row)) for row in await cursor.fetchall()]


ADD: LiteralString = """
INSERT INTO guidance_document (path, owner, since, until, sha256, size, br, zstd, gzip)
VALUES (%(path)s, %(owner)s, %(since)s, %(until)s, %(sha256)s, %(size)s, %(br)s, %(zstd)s, %(gzip)s)
ON CONFLICT (path) DO UPDATE SET superseded_at = NULL WHERE guidance_document.sha256 = EXCLUDED.sha256
"""


async def add(tx: Tx, documents: Sequence[Kept]) -> None:
    """Keep documents; a picture that is there already is the same by its name and is only in use again."""
    await tx.cursor().executemany(ADD, [_row(one) for one in documents])


SUPERSEDE: LiteralString = """
UPDATE guidance_document SET superseded_at = %(now)s
 WHERE owner = %(owner)s AND until < %(version)s AND superseded_at IS NULL
"""


async def supersede(tx: Tx, owner: str, *, version: int, now: datetime) -> None:
    """Note when a version took the place of all before it."""
    await tx.execute(SUPERSEDE, {"owner": owner, "version": version, "now": now})


SUPERSEDE_OTHERS: LiteralString = """
UPDATE guidance_document SET superseded_at = %(now)s
 WHERE owner = %(owner)s AND NOT path = ANY(%(paths)s::text[]) AND superseded_at IS NULL
"""


async def supersede_others(tx: Tx, owner: str, paths: Sequence[str], *, now: datetime) -> None:
    """Note that of one owner's documents only these are in use."""
    await tx.execute(SUPERSEDE_OTHERS, {"owner": owner, "paths": list(paths), "now": now})


FORGET: LiteralString = "DELETE FROM guidance_document WHERE superseded_at < %(before)s"


async def forget(tx: Tx, *, before: datetime) -> None:
    """Drop what no index in use names any more."""
    await tx.execute(FORGET, {"before": before})


CURRENT: LiteralString = """
SELECT path, octet_length(br) AS small FROM guidance_document
 WHERE superseded_at IS NULL AND (owner = 'pictures' OR owner IN (
    SELECT CASE course WHEN '' THEN language ELSE course || '/' || language END FROM guidance_bundle WHERE offered))
 ORDER BY path
"""


async def current(tx: Tx) -> dict[str, int]:
    """Return the path of everything that an index names, deltas and pictures too, and how many bytes it has as br."""
    return {row["path"]: row["small"] for row in await (await tx.execute(CURRENT)).fetchall()}


def _document(row: Mapping[str, Any]) -> Document:
    bodies = {encoding: bytes(row[encoding.value]) for encoding in SMALLER}
    return Document(row["path"], row["sha256"], row["size"], bodies, final=True)


def _row(one: Kept) -> dict[str, Any]:
    document = one.document
    bodies = {encoding.value: document.bodies[encoding] for encoding in SMALLER}
    place = {"owner": one.owner, "since": one.since, "until": one.until}
    return {name: getattr(document, name) for name in ("path", "sha256", "size")} | bodies | place
