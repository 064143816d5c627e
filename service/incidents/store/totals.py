"""All SQL of the totals that the public sees, or is asked to be shown."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.incidents.model import Figure, Shown, Totals, Unit
from service.kit.db import Tx

TOTALS: LiteralString = "SELECT * FROM incident_totals WHERE authority = %(authority)s AND year = %(year)s FOR UPDATE"


async def totals(tx: Tx, authority: str, year: int) -> Totals | None:
    row = await (await tx.execute(TOTALS, {"authority": authority, "year": year})).fetchone()
    return None if row is None else _totals(row)


PUBLIC_TOTALS: LiteralString = """
    SELECT * FROM incident_totals
     WHERE approved_at IS NOT NULL AND (%(authority)s::text IS NULL OR authority = %(authority)s)
     ORDER BY authority, year
"""


async def public_totals(tx: Tx, authority: str | None) -> list[Totals]:
    cursor = await tx.execute(PUBLIC_TOTALS, {"authority": authority})
    return [_totals(row) for row in await cursor.fetchall()]


PUT_TOTALS: LiteralString = """
    INSERT INTO incident_totals
        (authority, year, data_as_of, figures, asked_by, asked_at, approved_by, approved_at, frozen_at)
    VALUES (%(authority)s, %(year)s, %(data_as_of)s, %(figures)s, %(asked_by)s, %(asked_at)s, %(approved_by)s,
            %(approved_at)s, %(frozen_at)s)
    ON CONFLICT (authority, year) DO UPDATE SET
        data_as_of = excluded.data_as_of, figures = excluded.figures, asked_by = excluded.asked_by, asked_at =
        excluded.asked_at, approved_by = excluded.approved_by, approved_at = excluded.approved_at, frozen_at =
        excluded.frozen_at
"""


async def put_totals(tx: Tx, totals: Totals, *, approved_by: UUID | None = None) -> None:
    row = {name: value for name, value in asdict(totals).items() if name != "figures"}
    figures = Jsonb([asdict(figure) for figure in totals.figures])
    await tx.execute(PUT_TOTALS, {**row, "figures": figures, "approved_by": approved_by})


def _totals(row: Mapping[str, Any]) -> Totals:
    same = {name: row[name] for name in ("authority", "year", "data_as_of", "asked_by", "asked_at")}
    found = tuple(
        Figure(
            None if one["region"] is None else Unit(**one["region"]),
            None if one["district"] is None else Unit(**one["district"]),
            Shown(one["shown"]),
            one["count"],
        )
        for one in row["figures"]
    )
    return Totals(figures=found, approved_at=row["approved_at"], frozen_at=row["frozen_at"], **same)
