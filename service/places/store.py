"""All SQL of places: sources, what they say, and the version that readers follow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from service.kit import geo
from service.kit.db import Tx
from service.places.model import Category, Centre, Name, NameKind, Source, Statement, Unit

_MOST_STATEMENTS = 5_000
_MOST_CORNERS = 200_000
LOCK: LiteralString = "SELECT version FROM places_version FOR UPDATE"


async def lock(tx: Tx) -> None:
    """Let one load at a time decide."""
    await tx.execute(LOCK)


VERSION: LiteralString = "SELECT version FROM places_version"


async def version(tx: Tx) -> int:
    row = await (await tx.execute(VERSION)).fetchone()
    assert row is not None  # noqa: S101 - the table has exactly one row
    return int(row["version"])


BUMP: LiteralString = "UPDATE places_version SET version = version + 1"


async def bump(tx: Tx) -> None:
    """Tell every process, with the caller's commit, that places have changed."""
    await tx.execute(BUMP)


SOURCES: LiteralString = """
    SELECT id, country, exercise, name, format, founds, licence, data_as_of FROM place_source ORDER BY country, name
"""


async def sources(tx: Tx) -> list[Source]:
    return [Source(**row) for row in await (await tx.execute(SOURCES)).fetchall()]


PUT_SOURCE: LiteralString = """
    INSERT INTO place_source
        (id, country, exercise, name, format, founds, licence, data_as_of, loaded_at, operator_id)
    VALUES (%(id)s, %(country)s, %(exercise)s, %(name)s, %(format)s, %(founds)s, %(licence)s, %(data_as_of)s, %(now)s,
        %(operator_id)s)
    ON CONFLICT (id) DO UPDATE SET format = excluded.format, founds = excluded.founds, licence = excluded.licence,
        data_as_of = excluded.data_as_of, loaded_at = excluded.loaded_at, operator_id = excluded.operator_id
"""


async def put_source(tx: Tx, source: Source, *, operator_id: UUID, now: datetime) -> None:
    """Keep a source as it is after this load."""
    plain = {name: getattr(source, name) for name in Source.__slots__}
    await tx.execute(PUT_SOURCE, {**plain, "operator_id": operator_id, "now": now})


STATEMENTS: LiteralString = """
    SELECT place_id, source_id, codes, category, level, names, parent, longitude, latitude, radius_m, outline, digest,
           missing_since, number
      FROM place_statement JOIN place ON place.id = place_id
     WHERE %(country)s::text IS NULL OR (country = %(country)s AND exercise = %(exercise)s)
"""


async def statements(tx: Tx, *, country: str | None = None, exercise: bool = False) -> list[Statement]:
    """Return all that is said of places, of one country in one world (R27) or of all."""
    cursor = await tx.execute(STATEMENTS, {"country": country, "exercise": exercise})
    return [_statement(row) for row in await cursor.fetchall()]


def _statement(row: Mapping[str, Any]) -> Statement:
    centre = None if row["longitude"] is None else Centre(row["longitude"], row["latitude"])
    unit = Unit(
        where="",
        codes=tuple((scheme, code) for scheme, code in row["codes"]),
        category=None if row["category"] is None else Category(row["category"]),
        level=row["level"],
        names=tuple(Name(text, language, NameKind(kind)) for text, language, kind in row["names"]),
        parent=None if row["parent"] is None else (row["parent"][0], row["parent"][1]),
        centre=centre,
        radius_m=row["radius_m"],
        outline=None if row["outline"] is None else geo.areal(shapely.from_wkb(row["outline"])),
    )
    return Statement(row["place_id"], row["source_id"], unit, row["digest"], row["missing_since"], row["number"])


INSERT_PLACES: LiteralString = """
    INSERT INTO place (id, country, exercise, created_at)
    SELECT unnest(%(ids)s::uuid[]), %(country)s, %(exercise)s, %(now)s
"""


async def insert_places(tx: Tx, ids: Iterable[UUID], source: Source, *, now: datetime) -> None:
    wanted = {"ids": list(ids), "country": source.country, "exercise": source.exercise, "now": now}
    await tx.execute(INSERT_PLACES, wanted)


PUT_STATEMENTS: LiteralString = """
    INSERT INTO place_statement (source_id, key, place_id, codes, category, level, names, parent, longitude, latitude,
        radius_m, outline, digest, missing_since, changed_at)
    SELECT source_id, key, place_id, codes, category, level, names, parent, longitude, latitude, radius_m,
           decode(outline, 'hex'), decode(digest, 'hex'), NULL, %(now)s
      FROM jsonb_to_recordset(%(said)s) AS said (source_id uuid, key text, place_id uuid, codes jsonb, category text,
        level smallint, names jsonb, parent jsonb, longitude double precision, latitude double precision,
        radius_m double precision, outline text, digest text)
    ON CONFLICT (source_id, key) DO UPDATE SET codes = excluded.codes, category = excluded.category,
        level = excluded.level, names = excluded.names, parent = excluded.parent, longitude = excluded.longitude,
        latitude = excluded.latitude, radius_m = excluded.radius_m, outline = excluded.outline,
        digest = excluded.digest, missing_since = NULL, changed_at = excluded.changed_at
"""


async def put_statements(tx: Tx, said: Sequence[Statement], *, now: datetime) -> None:
    """Keep what a source says now, in place of what it said of the same units before.

    Many go in one statement: one each took five times as long for a register of 31,748.
    """
    for batch in _batches(said):
        await tx.execute(PUT_STATEMENTS, {"said": Jsonb([_values(one) for one in batch]), "now": now})


def _batches(said: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    """Cut them up by number and by corners of outlines, so that no batch is too large for one value."""
    batch: list[Statement] = []
    corners = 0
    for one in said:
        batch.append(one)
        corners += 0 if one.unit.outline is None else int(shapely.get_num_coordinates(one.unit.outline))
        if len(batch) >= _MOST_STATEMENTS or corners >= _MOST_CORNERS:
            yield batch
            batch, corners = [], 0
    if batch:
        yield batch


def _values(one: Statement) -> dict[str, Any]:
    unit = one.unit
    return {
        "source_id": str(one.source_id),
        "key": unit.key,
        "place_id": str(one.place_id),
        "codes": unit.codes,
        "category": unit.category,
        "level": unit.level,
        "names": [(name.text, name.language, name.kind) for name in unit.names],
        "parent": unit.parent,
        "longitude": None if unit.centre is None else unit.centre.longitude,
        "latitude": None if unit.centre is None else unit.centre.latitude,
        "radius_m": unit.radius_m,
        "outline": None if unit.outline is None else shapely.to_wkb(unit.outline, hex=True),
        "digest": one.digest.hex(),
    }


MARK_MISSING: LiteralString = """
    UPDATE place_statement SET missing_since = %(now)s, changed_at = %(now)s
     WHERE source_id = %(source_id)s AND key = ANY(%(keys)s)
"""


async def mark_missing(tx: Tx, source_id: UUID, keys: Sequence[str], *, now: datetime) -> None:
    """Note that a source's newest file no longer names these; what it said of them stays."""
    await tx.execute(MARK_MISSING, {"source_id": source_id, "keys": list(keys), "now": now})


NAMED: LiteralString = """
    SELECT DISTINCT asked.text, place.id, place.exercise
      FROM place_statement CROSS JOIN jsonb_array_elements(codes) AS code
      JOIN unnest(%(texts)s::text[]) AS asked (text) ON asked.text IN (code->>1, place_id::text)
      JOIN place ON place.id = place_id
"""


async def named(tx: Tx, texts: Sequence[str]) -> list[tuple[str, UUID, bool]]:
    """Return text, id and world of each place that has one of these texts as its id or a code."""
    rows = await (await tx.execute(NAMED, {"texts": list(texts)})).fetchall()
    return [(row["text"], row["id"], row["exercise"]) for row in rows]


NUMBERS: LiteralString = "SELECT id, number FROM place WHERE id = ANY(%(ids)s::uuid[])"


async def numbers(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = await (await tx.execute(NUMBERS, {"ids": list(ids)})).fetchall()
    return {row["id"]: row["number"] for row in rows}


BY_NUMBER: LiteralString = "SELECT id FROM place WHERE number = ANY(%(numbers)s::bigint[]) ORDER BY number"


async def by_number(tx: Tx, numbers: Sequence[int]) -> list[UUID]:
    rows = await (await tx.execute(BY_NUMBER, {"numbers": list(numbers)})).fetchall()
    return [row["id"] for row in rows]
