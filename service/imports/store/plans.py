"""Imports and their plans: what was stated, what each row would do, how far it has come."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.imports.model import Finding, Kind, Line
from service.imports.reasons import Note
from service.imports.records import Kept, Stage, State, Step
from service.kit.db import Tx

INSERT: LiteralString = """
    INSERT INTO zone_import (id, authority, feed, dated, exercise, dry_run, state, stated, mapping, origin,
        counts, at, operator_id)
    VALUES (%(id)s, %(authority)s, %(feed)s, %(dated)s, %(exercise)s, %(dry_run)s, %(state)s, %(stated)s, %(mapping)s,
        %(origin)s, '{}', %(at)s, %(operator_id)s)
"""


async def insert(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.execute(INSERT, {**row, "stated": Jsonb(row["stated"])})


GET: LiteralString = "SELECT * FROM zone_import WHERE id = %(id)s"


async def get(tx: Tx, import_id: UUID) -> Kept | None:
    row = await (await tx.execute(GET, {"id": import_id})).fetchone()
    return None if row is None else _kept(row)


NEWEST: LiteralString = """
    SELECT * FROM zone_import WHERE %(before)s::timestamptz IS NULL OR at < %(before)s ORDER BY at DESC LIMIT %(limit)s
"""


async def newest(tx: Tx, *, before: datetime | None, limit: int) -> list[Kept]:
    """Return a page of imports, the newest first."""
    cursor = await tx.execute(NEWEST, {"before": before, "limit": limit})
    return [_kept(row) for row in await cursor.fetchall()]


LOCK: LiteralString = """
    SELECT pg_advisory_xact_lock(hashtextextended('surefoot import ' || %(exercise)s::text || ' ' || %(authority)s, 0))
"""


async def lock(tx: Tx, authority: str, *, exercise: bool) -> None:
    """Let one import of an authority's data run at a time, until the caller's commit."""
    await tx.execute(LOCK, {"authority": authority, "exercise": exercise})


STEP: LiteralString = """
    UPDATE zone_import SET state = 'running', stage = %(stage)s, rows_done = %(rows)s, rows_total = %(rows_total)s,
        bytes_done = %(bytes)s, bytes_total = %(bytes_total)s
     WHERE id = %(id)s AND state IN ('waiting', 'running')
"""


async def step(tx: Tx, import_id: UUID, at: Step) -> None:
    """Note how far a running import has come."""
    await tx.execute(STEP, {"id": import_id, **asdict(at)})


END: LiteralString = """
    UPDATE zone_import SET state = %(state)s, stage = '', counts = %(counts)s, rows_done = %(rows)s,
        rows_total = %(rows)s, remarks = %(remarks)s, trouble = NULL, finished_at = %(now)s
     WHERE id = %(id)s AND state IN ('waiting', 'running')
"""


async def end(tx: Tx, import_id: UUID, values: Mapping[str, Any]) -> bool:
    """Note what an import did; False where it has ended already."""
    wanted = {"id": import_id, **values, "counts": Jsonb(values["counts"]), "remarks": Jsonb(values["remarks"])}
    return bool((await tx.execute(END, wanted)).rowcount)


FAIL: LiteralString = """
    UPDATE zone_import SET state = 'failed', trouble = %(trouble)s, finished_at = %(now)s
     WHERE id = %(id)s AND state IN ('waiting', 'running')
"""


async def fail(tx: Tx, import_id: UUID, trouble: Mapping[str, Any], *, now: datetime) -> None:
    await tx.execute(FAIL, {"id": import_id, "trouble": Jsonb(dict(trouble)), "now": now})


COPY_LINES: LiteralString = """
    COPY import_line (import_id, line_no, row_no, kind, external_id, zone_id, detail, waits, outline) FROM STDIN
"""


async def add_lines(tx: Tx, import_id: UUID, lines: Iterable[Line]) -> None:
    """Keep the lines of a plan, in their order."""
    async with tx.cursor().copy(COPY_LINES) as copying:
        for number, line in enumerate(lines):
            told = (line.row, line.kind.value, line.external_id, line.zone_id, line.detail, line.waits, line.outline)
            await copying.write_row((import_id, number, *told))


COPY_FINDINGS: LiteralString = """
    COPY import_finding (import_id, finding_no, row_no, external_id, note, detail) FROM STDIN
"""


async def add_findings(tx: Tx, import_id: UUID, findings: Iterable[Finding]) -> None:
    """Keep what was noticed, in its order."""
    async with tx.cursor().copy(COPY_FINDINGS) as copying:
        for number, one in enumerate(findings):
            await copying.write_row((import_id, number, one.row, one.external_id, one.note.value, one.detail))


LINES: LiteralString = """
    SELECT line_no, row_no, kind, external_id, zone_id, detail, waits, outline FROM import_line
     WHERE import_id = %(id)s AND line_no > %(after)s ORDER BY line_no LIMIT %(limit)s
"""


async def lines(tx: Tx, import_id: UUID, *, page: int = 2_000) -> AsyncIterator[Line]:
    """Yield the lines of a plan in their order."""
    after = -1
    while rows := await (await tx.execute(LINES, {"id": import_id, "after": after, "limit": page})).fetchall():
        after = rows[-1]["line_no"]
        for row in rows:
            same = {name: row[name] for name in ("external_id", "zone_id", "detail", "waits", "outline")}
            yield Line(row=row["row_no"], kind=Kind(row["kind"]), **same)


FINDINGS: LiteralString = """
    SELECT row_no, external_id, note, detail FROM import_finding
     WHERE import_id = %(id)s ORDER BY finding_no LIMIT %(limit)s
"""


async def findings(tx: Tx, import_id: UUID, *, limit: int) -> list[Finding]:
    cursor = await tx.execute(FINDINGS, {"id": import_id, "limit": limit})
    return [
        Finding(row["row_no"], row["external_id"], Note(row["note"]), row["detail"]) for row in await cursor.fetchall()
    ]


HOLD_UP: LiteralString = """
    UPDATE zone_import SET state = 'waiting', stage = '', trouble = %(trouble)s,
        troubled_since = coalesce(troubled_since, %(now)s)
     WHERE id = %(id)s AND state IN ('waiting', 'running')
 RETURNING troubled_since
"""


async def hold_up(tx: Tx, import_id: UUID, trouble: Mapping[str, Any], *, now: datetime) -> datetime:
    """Note why an import waits for another try; return since when no try has brought anything."""
    row = await (await tx.execute(HOLD_UP, {"id": import_id, "trouble": Jsonb(dict(trouble)), "now": now})).fetchone()
    return now if row is None else row["troubled_since"]


ADD_PIECE: LiteralString = """
    INSERT INTO import_file (import_id, piece, content) VALUES (%(id)s, %(piece)s, %(content)s)
"""


async def add_piece(tx: Tx, import_id: UUID, piece: int, content: bytes) -> None:
    await tx.execute(ADD_PIECE, {"id": import_id, "piece": piece, "content": content})


PIECE: LiteralString = "SELECT content FROM import_file WHERE import_id = %(id)s AND piece = %(piece)s"


async def pieces(tx: Tx, import_id: UUID) -> AsyncIterator[bytes]:
    """Yield an uploaded file, piece by piece."""
    number = 0
    while row := await (await tx.execute(PIECE, {"id": import_id, "piece": number})).fetchone():
        yield row["content"]
        number += 1


GO_ON: LiteralString = """
    SELECT * FROM zone_import
     WHERE operator_id = %(operator_id)s AND authority = %(authority)s AND feed = %(feed)s AND origin = %(origin)s
       AND dated = %(dated)s AND exercise = %(exercise)s AND dry_run = %(dry_run)s AND state IN ('waiting', 'running')
     ORDER BY at DESC LIMIT 1
"""


async def begun(tx: Tx, row: Mapping[str, Any]) -> Kept | None:
    """Return an import that was begun with the same words and has not ended."""
    found = await (await tx.execute(GO_ON, row)).fetchone()
    return None if found is None else _kept(found)


FETCHED: LiteralString = """
    UPDATE zone_import SET cursor = %(cursor)s, trouble = NULL, troubled_since = NULL
     WHERE id = %(id)s AND state IN ('waiting', 'running')
"""


async def fetched(tx: Tx, import_id: UUID, cursor: Mapping[str, Any]) -> bool:
    """Note how far a layer was fetched, in the transaction that keeps its rows; the next trouble is a new one.

    False where the import has ended.
    """
    return bool((await tx.execute(FETCHED, {"id": import_id, "cursor": Jsonb(dict(cursor))})).rowcount)


ABANDONED: LiteralString = """
    SELECT * FROM zone_import
     WHERE operator_id = %(operator_id)s AND authority = %(authority)s AND feed = %(feed)s AND origin = %(origin)s
       AND dated = %(dated)s AND exercise = %(exercise)s AND dry_run = %(dry_run)s AND state = 'failed'
       AND cursor IS NOT NULL AND EXISTS (SELECT FROM import_file WHERE import_id = zone_import.id)
     ORDER BY at DESC LIMIT 1
"""


async def abandoned(tx: Tx, row: Mapping[str, Any]) -> Kept | None:
    """Return the import of a layer with the same words that was given up, if what it fetched is still there."""
    found = await (await tx.execute(ABANDONED, row)).fetchone()
    return None if found is None else _kept(found)


TAKE_OVER: LiteralString = "UPDATE import_file SET import_id = %(id)s WHERE import_id = %(old)s"


async def take_over(tx: Tx, import_id: UUID, old: Kept) -> None:
    """Go on where an import that was given up had come to."""
    await tx.execute(TAKE_OVER, {"id": import_id, "old": old.id})
    await fetched(tx, import_id, old.cursor or {})


PIECES: LiteralString = "SELECT count(*) AS number FROM import_file WHERE import_id = %(id)s"


async def pieces_kept(tx: Tx, import_id: UUID) -> int:
    row = await (await tx.execute(PIECES, {"id": import_id})).fetchone()
    return 0 if row is None else int(row["number"])


DROP_FILE: LiteralString = "DELETE FROM import_file WHERE import_id = %(id)s"


async def drop_file(tx: Tx, import_id: UUID) -> None:
    """Forget an uploaded file: its rows are kept where they belong."""
    await tx.execute(DROP_FILE, {"id": import_id})


def _kept(row: Mapping[str, Any]) -> Kept:
    same: Sequence[str] = (
        "id", "authority", "feed", "dated", "exercise", "dry_run", "rows_done", "rows_total", "bytes_done",
        "bytes_total", "stated", "mapping", "origin", "cursor", "counts", "remarks", "trouble", "at",
        "finished_at", "operator_id",
    )  # fmt: skip  # one a line would hide that these are all
    stage = Stage(row["stage"]) if row["stage"] else None
    return Kept(**{name: row[name] for name in same}, state=State(row["state"]), stage=stage)
