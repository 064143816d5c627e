"""All SQL of outreach: reports, how they changed, what classes learnt, releases of figures."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from service.kit.db import Tx
from service.outreach.model import (
    Cell,
    Form,
    Kept,
    Learnt,
    Past,
    Release,
    Report,
    Spot,
    Sum,
    Wanted,
    record_of,
    report_of,
)

INSERT: LiteralString = """
INSERT INTO lesson_report
    (id, digest, revision, withdrawn, held_on, record, spot, operator_id, received_at, changed_at)
VALUES (%(id)s, %(digest)s, 1, false, %(held_on)s, %(record)s, %(spot)s, %(operator_id)s, %(now)s, %(now)s)
ON CONFLICT (id) DO NOTHING
RETURNING *
"""


async def insert(  # noqa: PLR0913 - a row
    tx: Tx, report_id: UUID, digest: bytes, report: Report, spot: Spot, *, operator_id: UUID, now: datetime
) -> Kept | None:
    """Keep a report; None if its id is taken, be it a moment ago."""
    values = {"id": report_id, "digest": digest, "operator_id": operator_id, "now": now, **_columns(report, spot)}
    row = await (await tx.execute(INSERT, values)).fetchone()
    return _kept(row) if row else None


GET: LiteralString = "SELECT * FROM lesson_report WHERE id = %(id)s FOR UPDATE"


async def get(tx: Tx, report_id: UUID) -> Kept | None:
    """Return a report; nobody else changes it until the transaction ends."""
    row = await (await tx.execute(GET, {"id": report_id})).fetchone()
    return _kept(row) if row else None


UPDATE: LiteralString = """
UPDATE lesson_report SET revision = %(revision)s, withdrawn = %(withdrawn)s, held_on = %(held_on)s,
       record = %(record)s, spot = %(spot)s, changed_at = %(changed_at)s
 WHERE id = %(id)s
"""


async def update(tx: Tx, kept: Kept) -> None:
    values = {
        "id": kept.id,
        "revision": kept.revision,
        "withdrawn": kept.withdrawn,
        "changed_at": kept.changed_at,
        **_columns(kept.report, kept.spot),
    }
    await tx.execute(UPDATE, values)


REMEMBER: LiteralString = """
INSERT INTO lesson_report_revision (report_id, revision, at, operator_id, why, withdrawn, held_on, record, spot)
VALUES (%(id)s, %(revision)s, %(at)s, %(operator_id)s, %(why)s, %(withdrawn)s, %(held_on)s, %(record)s, %(spot)s)
"""


async def remember(tx: Tx, kept: Kept, *, operator_id: UUID, why: str) -> None:
    """Write down what a report is now, for good."""
    values = {
        "id": kept.id,
        "revision": kept.revision,
        "at": kept.changed_at,
        "operator_id": operator_id,
        "why": why,
        "withdrawn": kept.withdrawn,
        **_columns(kept.report, kept.spot),
    }
    await tx.execute(REMEMBER, values)


PAGE: LiteralString = """
SELECT * FROM lesson_report
 WHERE number > %(after)s
   AND (%(first)s::date IS NULL OR held_on >= %(first)s)
   AND (%(last)s::date IS NULL OR held_on <= %(last)s)
   AND (%(place)s::text IS NULL OR record->>'place' = %(place)s OR spot->>'region' = %(place)s)
 ORDER BY number LIMIT %(limit)s
"""


async def page(tx: Tx, wanted: Wanted) -> list[Kept]:
    values = {
        "after": wanted.after,
        "first": wanted.first,
        "last": wanted.last,
        "place": wanted.place,
        "limit": wanted.limit,
    }
    return [_kept(row) for row in await (await tx.execute(PAGE, values)).fetchall()]


HISTORY: LiteralString = """
SELECT revision, at, operator_id, why, withdrawn, record FROM lesson_report_revision
 WHERE report_id = %(id)s ORDER BY revision
"""


async def history(tx: Tx, report_id: UUID) -> list[Past]:
    rows = await (await tx.execute(HISTORY, {"id": report_id})).fetchall()
    return [Past(report=report_of(row.pop("record")), **row) for row in rows]


LEARNT: LiteralString = """
SELECT gain->>'lesson' AS lesson, gain->>'revision' AS revision, gain->>'form' AS form, count(*) AS classes,
       sum((gain->>'asked')::bigint)::bigint AS asked, sum((gain->>'right_before')::bigint)::bigint AS right_before,
       sum((gain->>'right_after')::bigint)::bigint AS right_after
  FROM lesson_report, jsonb_array_elements(record->'gains') AS gain
 WHERE NOT withdrawn
 GROUP BY 1, 2, 3 HAVING count(DISTINCT id) >= %(fewest)s
 ORDER BY 1, 2, 3
"""


async def learnt(tx: Tx, *, fewest: int) -> list[Learnt]:
    """Return what classes learnt, of each form of each revision that at least so many reports tell of."""
    rows = await (await tx.execute(LEARNT, {"fewest": fewest})).fetchall()
    return [Learnt(**(row | {"form": Form(row["form"])})) for row in rows]


# The newest revision before the cut, of sessions held before the other day. People reached by radio or posters, and
# those who were trained to teach, are told apart and stand in no other dimension.
COUNTED: LiteralString = """
WITH newest AS (
    SELECT report_id, held_on, record, spot FROM lesson_report_revision AS one
     WHERE at < %(cut)s AND held_on < %(held_before)s AND NOT withdrawn AND NOT EXISTS (
        SELECT FROM lesson_report_revision AS later
         WHERE later.report_id = one.report_id AND later.revision > one.revision AND later.at < %(cut)s
     )
), people AS MATERIALIZED (
    SELECT report_id, sex.key AS sex, age.key AS age, age.value::bigint AS people
      FROM newest, jsonb_each(record->'counts') AS sex, jsonb_each_text(sex.value) AS age
     WHERE age.value <> '0'
), reports AS MATERIALIZED (
    SELECT report_id, record->>'delivery' AS delivery, record->>'delivery' = 'direct' AS direct,
           record->>'method' AS method, record->>'place_type' AS place_type, spot->>'region' AS region,
           to_char(held_on, 'YYYY') AS year, people
      FROM newest JOIN (SELECT report_id, sum(people) AS people FROM people GROUP BY 1) AS sums USING (report_id)
), cells AS (
    SELECT cell.dimension, cell.value, people FROM reports, LATERAL (VALUES
        ('delivery', delivery, true), ('all', 'all', direct), ('method', method, direct),
        ('place_type', place_type, direct), ('region', region, direct AND region <> ''), ('year', year, direct)
    ) AS cell (dimension, value, counts) WHERE cell.counts
    UNION ALL
    SELECT 'sex', sex, sum(people.people) FROM people JOIN reports USING (report_id)
     WHERE direct GROUP BY report_id, sex
    UNION ALL
    SELECT 'age', age, sum(people.people) FROM people JOIN reports USING (report_id)
     WHERE direct GROUP BY report_id, age
)
SELECT dimension, value, sum(people)::bigint AS people, count(*) AS reports FROM cells GROUP BY 1, 2
"""


async def counted(tx: Tx, *, cut: datetime, held_before: date) -> dict[Cell, Sum]:
    """Return exact sums of each dimension, as the record stood at a moment."""
    rows = await (await tx.execute(COUNTED, {"cut": cut, "held_before": held_before})).fetchall()
    return {Cell(row["dimension"], row["value"]): Sum(row["people"], row["reports"]) for row in rows}


LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(hashtextextended('surefoot lesson figures', 0)) AS alone"


async def lock(tx: Tx) -> bool:
    """Say whether nobody else makes a release; if so, nobody will until the transaction ends."""
    row = await (await tx.execute(LOCK)).fetchone()
    return row is not None and row["alone"]


LAST_RELEASE: LiteralString = "SELECT * FROM lesson_figures ORDER BY cut DESC LIMIT 1"


async def last_release(tx: Tx) -> Release | None:
    row = await (await tx.execute(LAST_RELEASE)).fetchone()
    return None if row is None else Release(row["cut"], row["held_before"], dict(_cells(row["counted"])))


PUT_RELEASE: LiteralString = """
INSERT INTO lesson_figures (cut, held_before, counted) VALUES (%(cut)s, %(held_before)s, %(counted)s)
"""


async def put_release(tx: Tx, release: Release) -> None:
    rows = [[cell.dimension, cell.value, one.people, one.reports] for cell, one in release.counted.items()]
    values = {"cut": release.cut, "held_before": release.held_before, "counted": Jsonb(rows)}
    await tx.execute(PUT_RELEASE, values)


def _cells(rows: list[list[Any]]) -> Iterator[tuple[Cell, Sum]]:
    for dimension, value, people, reports in rows:
        yield Cell(dimension, value), Sum(people, reports)


def _columns(report: Report, spot: Spot) -> dict[str, Any]:
    told = {
        "place_id": None if spot.place_id is None else str(spot.place_id),
        "region": spot.region,
        "longitude": spot.longitude,
        "latitude": spot.latitude,
    }
    return {"held_on": report.held_on, "record": Jsonb(record_of(report)), "spot": Jsonb(told)}


def _kept(row: dict[str, Any]) -> Kept:
    spot, record = row.pop("spot"), row.pop("record")
    del row["held_on"]
    place_id = None if spot["place_id"] is None else UUID(spot["place_id"])
    return Kept(report=report_of(record), spot=Spot(**(spot | {"place_id": place_id})), **row)
