"""Whom an area means: found by cells in pages, and sorted by how each is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from service.kit.db import Tx, array
from service.residents.model import AddressKind, CellRings, Group, Reason, Sorting

# LATERAL, so that each cell is read by its index from where the page before ended, whatever the statistics say.
_STANDING: LiteralString = """
SELECT page.place::int - 1 AS place, array_agg(page.number ORDER BY page.number) AS numbers
FROM (SELECT area.place, near.number
      FROM unnest(%(cells)s::bigint[]) WITH ORDINALITY AS area(cell, place)
      CROSS JOIN LATERAL (SELECT rc.number FROM registration_cell rc
                          WHERE rc.cell = area.cell AND rc.number > CASE WHEN area.place = 1 THEN %(after)s ELSE 0 END
                          ORDER BY rc.number LIMIT %(limit)s) AS near
      ORDER BY area.place, near.number LIMIT %(limit)s) AS page
GROUP BY page.place ORDER BY page.place
"""


async def standing(tx: Tx, cells: Sequence[int], *, after: int, limit: int) -> list[tuple[int, list[int]]]:
    """Return who stands in the cells, cell by cell in their order, each with its index; `after` is for the first."""
    asked = {"cells": array(cells), "after": after, "limit": limit}
    # prepare=False: a plan made for three cells must not serve three thousand.
    rows = await (await tx.execute(_STANDING, asked, prepare=False)).fetchall()
    return [(row["place"], row["numbers"]) for row in rows]


_WRITTEN: LiteralString = """
SELECT r.number, min(area.ring) AS ring
FROM (SELECT number FROM registration
      WHERE written >= %(since)s::xid8 AND number > %(after)s ORDER BY number LIMIT %(limit)s) AS r
LEFT JOIN registration_cell USING (number)
LEFT JOIN unnest(%(cells)s::bigint[], %(rings)s::int[]) AS area(cell, ring) USING (cell)
GROUP BY r.number ORDER BY r.number
"""


async def written(tx: Tx, area: CellRings, since: str, *, after: int, limit: int) -> list[tuple[int, int | None]]:
    """Return who was written by a transaction or later, by number, each with its nearest ring, None if outside."""
    asked = {"since": since, "after": after, "limit": limit, "cells": array(area.cells), "rings": array(area.rings)}
    rows = await (await tx.execute(_WRITTEN, asked, prepare=False)).fetchall()
    return [(row["number"], row["ring"]) for row in rows]


_PRESENT: LiteralString = """
SELECT asked.number AS past, r.number
FROM unnest(%(numbers)s::bigint[]) AS asked(number)
LEFT JOIN registration_past p ON p.past = asked.number
JOIN registration r ON r.number = coalesce(p.number, asked.number)
"""


async def present(tx: Tx, numbers: Sequence[int]) -> dict[int, int]:
    """Return the present number of each that is still registered; several may have become one."""
    rows = await (await tx.execute(_PRESENT, {"numbers": array(numbers)})).fetchall()
    return {row["past"]: row["number"] for row in rows}


# LATERAL and OFFSET 0: each row by its index, never the whole table read for one page. Who has a number is texted where
# nothing can be pushed. One that nobody proved is never texted, whatever was said there before (R19): it may be another
# person's.
_SORTED: LiteralString = """
SELECT wanted.ring, one.reason, one.kind, one.verified, one.late, one.languages, array_agg(wanted.number) AS numbers
FROM unnest(%(numbers)s::bigint[], %(rings)s::int[]) AS wanted(number, ring)
CROSS JOIN LATERAL (
    SELECT CASE WHEN %(exercise)s::boolean AND NOT coalesce(r.tester_until > %(now)s, false) THEN 'not-a-tester'
                WHEN r.numbered THEN NULL
                WHEN r.address_kind IS NULL THEN 'no-address'
                WHEN r.capped AND (NOT %(capped)s::boolean OR r.address_kind = 'sms') THEN 'capped' END AS reason,
           CASE WHEN r.numbered AND (r.address_kind IS NULL OR r.capped) THEN 'sms' ELSE r.address_kind END AS kind,
           r.verified OR r.numbered AND (r.address_kind IS NULL OR r.capped) AS verified,
           r.written >= %(since)s::xid8 AS late, r.languages
    FROM registration r WHERE r.number = wanted.number
    OFFSET 0) AS one
GROUP BY wanted.ring, one.reason, one.kind, one.verified, one.late, one.languages
"""


async def sort(tx: Tx, wanted: Mapping[int, int], how: Sorting, *, now: datetime) -> list[Group]:
    """Group registrations, given with their rings, by what decides how they are told; the forgotten are absent."""
    values: dict[str, Any] = {
        "numbers": array(wanted),
        "rings": array(wanted.values()),
        "exercise": how.exercise,
        "capped": how.capped,
        "since": how.since,
        "now": now,
    }
    rows = await (await tx.execute(_SORTED, values, prepare=False)).fetchall()
    return [_group(row) for row in rows]


def _group(row: Mapping[str, Any]) -> Group:
    told = {
        "reason": Reason(row["reason"]) if row["reason"] else None,
        "kind": AddressKind(row["kind"]) if row["kind"] else None,
        "languages": tuple(row["languages"]),
    }
    return Group(**{**row, **told})


_COUNT: LiteralString = """
SELECT count(*) AS meant
FROM (SELECT DISTINCT near.number
      FROM unnest(%(cells)s::bigint[]) AS area(cell) JOIN registration_cell near USING (cell)) AS candidate
JOIN registration r USING (number)
WHERE (r.numbered OR (r.address_kind IS NOT NULL AND NOT r.capped))
    AND (NOT %(exercise)s::boolean OR r.tester_until > %(now)s)
"""


async def count(tx: Tx, cells: Sequence[int], *, exercise: bool, now: datetime) -> int:
    asked = {"cells": list(cells), "exercise": exercise, "now": now}
    row = await (await tx.execute(_COUNT, asked, prepare=False)).fetchone()
    return int(row["meant"]) if row else 0


_COUNT_TEXTED: LiteralString = """
SELECT count(*)::int AS numbered,
       count(*) FILTER (WHERE r.address_kind IS NULL OR r.address_kind = 'sms' OR r.capped)::int AS only_by_text
FROM (SELECT DISTINCT near.number
      FROM unnest(%(cells)s::bigint[]) AS area(cell) JOIN registration_cell near USING (cell)) AS candidate
JOIN registration r USING (number)
WHERE r.numbered AND (NOT %(exercise)s::boolean OR r.tester_until > %(now)s)
"""


async def count_texted(tx: Tx, cells: Sequence[int], *, exercise: bool, now: datetime) -> tuple[int, int]:
    """Return how many are texted as nothing else reaches them, and how many can be texted."""
    asked = {"cells": list(cells), "exercise": exercise, "now": now}
    row = await (await tx.execute(_COUNT_TEXTED, asked, prepare=False)).fetchone()
    return (row["only_by_text"], row["numbered"]) if row else (0, 0)


_PASTS: LiteralString = "SELECT past FROM registration_past WHERE number = %(number)s"


async def pasts(tx: Tx, number: int) -> list[int]:
    """Return the numbers that a registration's phone had before."""
    return [row["past"] for row in await (await tx.execute(_PASTS, {"number": number})).fetchall()]
