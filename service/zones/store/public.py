"""What the public may see of zones: the map, the packs, what changed since."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import shapely
from psycopg.rows import DictRow

from service.kit import geo
from service.kit.db import Tx
from service.kit.geo import Area
from service.zones.model import Box, Departed, Departure, PublicRelease, PublicZone, ReleaseKind
from service.zones.store import rows

PUBLIC: LiteralString = """
    SELECT id, public_revision, exercise, authority, data_as_of, accuracy_m, stale, public, version
    FROM zone WHERE public IS NOT NULL
"""


async def everything(tx: Tx, *, size: int) -> AsyncIterator[list[PublicZone]]:
    """Give everything that the public may see, so many zones at a time: a whole country is too much at once."""
    few = await _with_any_release(tx)
    async with tx.cursor("public_zones") as cursor:
        await cursor.execute(PUBLIC, binary=True)
        while found := await cursor.fetchmany(size):
            yield await _with_releases(tx, found, few)


WITH_ANY_RELEASE: LiteralString = "SELECT DISTINCT zone_id FROM release_zone"


async def _with_any_release(tx: Tx) -> frozenset[UUID]:
    """Return the zones of which any record took ground: few of all, so that nothing need be sought for the others."""
    return frozenset(row["zone_id"] for row in await (await tx.execute(WITH_ANY_RELEASE)).fetchall())


SINCE: LiteralString = """
    SELECT id, public_revision, exercise, authority, data_as_of, accuracy_m, stale, public, version
    FROM zone WHERE version > %(version)s
"""


async def since(tx: Tx, version: int) -> tuple[list[PublicZone], list[UUID]]:
    """Return the zones of which the public saw something change after that version, and those it no longer sees."""
    found = await (await tx.execute(SINCE, {"version": version})).fetchall()
    shown = await _with_releases(tx, [row for row in found if row["public"] is not None])
    return shown, [row["id"] for row in found if row["public"] is None]


# An outline over the antimeridian has an east beyond 180, and so has a box: each is compared one turn either way.
OF_CLASS: LiteralString = """
    SELECT id FROM zone
    WHERE public IS NOT NULL AND exercise = %(exercise)s AND class = %(class)s
      AND south <= %(north)s AND north >= %(south)s
      AND (west <= %(east)s AND east >= %(west)s
        OR west <= %(east)s + 360 AND east >= %(west)s + 360
        OR west <= %(east)s - 360 AND east >= %(west)s - 360)
"""


async def of_class(tx: Tx, wanted: Mapping[str, Any]) -> set[UUID]:
    """Return the public zones of one class whose box meets west, south, east, north; east is greater than west."""
    return {row["id"] for row in await (await tx.execute(OF_CLASS, wanted)).fetchall()}


# An outline over the antimeridian has an east beyond 180, as above.
BOXES: LiteralString = """
    SELECT id, west, south, east, north FROM zone
    WHERE public IS NOT NULL AND exercise = %(exercise)s
      AND south <= %(north)s AND north >= %(south)s
      AND (west <= %(east)s AND east >= %(west)s
        OR west <= %(east)s + 360 AND east >= %(west)s + 360
        OR west <= %(east)s - 360 AND east >= %(west)s - 360)
"""


async def boxes(tx: Tx, wanted: Mapping[str, Any]) -> list[tuple[UUID, Box]]:
    """Return the boxes of the public zones that meet west, south, east, north; east is greater than west."""
    found = await (await tx.execute(BOXES, wanted)).fetchall()
    return [(row["id"], (row["west"], row["south"], row["east"], row["north"])) for row in found]


OUTLINES: LiteralString = "SELECT public FROM zone WHERE public IS NOT NULL AND id = ANY(%(ids)s)"


async def outlines(tx: Tx, ids: Collection[UUID]) -> list[Area]:
    """Return what the public sees of these zones' ground."""
    found = await (await tx.execute(OUTLINES, {"ids": list(ids)})).fetchall()
    return [geo.areal(outline) for outline in shapely.from_wkb([row["public"] for row in found])]


DATED: LiteralString = """
    SELECT min(newest) AS dated FROM (
        SELECT max(data_as_of) AS newest FROM (
            SELECT authority, data_as_of FROM zone WHERE public IS NOT NULL AND exercise = %(exercise)s
            UNION ALL
            SELECT authority, data_as_of FROM coverage_area WHERE ended_at IS NULL AND exercise = %(exercise)s
        ) AS told GROUP BY authority
    ) AS ages
"""


async def dated(tx: Tx, *, exercise: bool) -> date | None:
    """Return the oldest of the days that the authorities' newest data is of; None while there is none."""
    row = await (await tx.execute(DATED, {"exercise": exercise})).fetchone()
    return None if row is None else row["dated"]


BY_PACK: LiteralString = """
    SELECT id, public_revision, exercise, authority, data_as_of, accuracy_m, stale, public, version
    FROM zone JOIN zone_pack_cell ON zone_id = id
    WHERE cell = %(cell)s AND exercise = %(exercise)s AND public IS NOT NULL
    ORDER BY id
"""


async def by_pack(tx: Tx, cell: int, *, exercise: bool) -> list[PublicZone]:
    """Return the public zones of one pack, in the order of their ids."""
    found = await (await tx.execute(BY_PACK, {"cell": cell, "exercise": exercise})).fetchall()
    return await _with_releases(tx, found)


DEPARTED: LiteralString = """
    SELECT id, exercise, departure, departed_at,
           ARRAY(SELECT child_id FROM zone_lineage WHERE parent_id = id ORDER BY child_id) AS replaced_by
    FROM zone JOIN zone_pack_cell ON zone_id = id
    WHERE cell = %(cell)s AND exercise = %(exercise)s AND departure IS NOT NULL
    ORDER BY id
"""


async def departed_by_pack(tx: Tx, cell: int, *, exercise: bool) -> list[Departed]:
    """Return the zones that left one pack, each with the reason."""
    found = await (await tx.execute(DEPARTED, {"cell": cell, "exercise": exercise})).fetchall()
    records = await releases(tx, [row["id"] for row in found if row["departure"] == Departure.RELEASED])
    return [
        Departed(
            id=row["id"],
            exercise=row["exercise"],
            reason=Departure(row["departure"]),
            at=row["departed_at"],
            replaced_by=tuple(row["replaced_by"]) if row["departure"] == Departure.REPLACED else (),
            releases=records.get(row["id"], ()),
        )
        for row in found
    ]


# Of a record only the part in the zone's own public outline is shown: the rest may lie in zones that are not public.
# Of a zone whose own outline is not public no record's outline is either: it would give the zone away.
RELEASES: LiteralString = """
    SELECT release_zone.zone_id, release.id, kind, release.authority, dated, depth_cm,
           CASE WHEN publication = 'outline' THEN taken END AS outline
    FROM release_zone
    JOIN release ON release.id = release_id
    JOIN zone ON zone.id = release_zone.zone_id
    WHERE release_zone.zone_id = ANY(%(ids)s) AND publication <> 'withheld'
      AND revoked_at IS NULL AND superseded_at IS NULL
    ORDER BY release.id
"""


async def releases(tx: Tx, ids: Collection[UUID]) -> dict[UUID, tuple[PublicRelease, ...]]:
    """Return what the public may know of the records in force on these zones."""
    found: dict[UUID, tuple[PublicRelease, ...]] = {}
    for row in await (await tx.execute(RELEASES, {"ids": list(ids)})).fetchall():
        record = PublicRelease(
            id=row["id"],
            kind=ReleaseKind(row["kind"]),
            authority=row["authority"],
            dated=row["dated"],
            depth_cm=row["depth_cm"],
            outline=rows.maybe_area(row["outline"]),
        )
        found[row["zone_id"]] = (*found.get(row["zone_id"], ()), record)
    return found


async def _with_releases(tx: Tx, found: list[DictRow], few: Collection[UUID] | None = None) -> list[PublicZone]:
    """Read zones with their release records; only those among the `few` have any, where that is known."""
    sought = [row["id"] for row in found if few is None or row["id"] in few]
    records = await releases(tx, sought) if sought else {}
    outlines = shapely.from_wkb([row["public"] for row in found])
    return [
        PublicZone(
            id=row["id"],
            revision=row["public_revision"],
            exercise=row["exercise"],
            authority=row["authority"],
            data_as_of=row["data_as_of"],
            accuracy_m=row["accuracy_m"],
            stale=row["stale"],
            outline=geo.areal(outline),
            releases=records.get(row["id"], ()),
            version=row["version"],
        )
        for row, outline in zip(found, outlines, strict=True)
    ]


TOUCH: LiteralString = """
    UPDATE zone SET version = %(version)s, public_revision = public_revision + 1
     WHERE id = ANY(%(ids)s) AND version <> %(version)s AND (public IS NOT NULL OR departure = 'released')
"""


async def touch(tx: Tx, ids: Collection[UUID], *, version: int) -> None:
    """Note that the public is shown other release records with these zones than before."""
    await tx.execute(TOUCH, {"ids": list(ids), "version": version})


ADD_CELLS: LiteralString = """
    INSERT INTO zone_pack_cell (cell, zone_id)
    SELECT * FROM unnest(%(cells)s::bigint[], %(ids)s::uuid[])
    ON CONFLICT DO NOTHING
"""


async def add_cells(tx: Tx, cells: Mapping[UUID, Collection[int]]) -> None:
    """Note in whose packs zones stand from now on; none is ever taken out."""
    pairs = [(cell, zone_id) for zone_id, covered in cells.items() for cell in covered]
    await tx.execute(ADD_CELLS, {"cells": [cell for cell, _ in pairs], "ids": [zone_id for _, zone_id in pairs]})


CELLS: LiteralString = """
    SELECT cell FROM zone_pack_cell JOIN zone ON id = zone_id WHERE exercise = %(exercise)s
    UNION
    SELECT cell FROM coverage_pack_cell JOIN coverage_area ON id = coverage_id
     WHERE exercise = %(exercise)s AND ended_at IS NULL
"""


async def pack_cells(tx: Tx, *, exercise: bool) -> set[int]:
    """Return every cell that has something to say in its pack."""
    return {row["cell"] for row in await (await tx.execute(CELLS, {"exercise": exercise})).fetchall()}


TOUCHED: LiteralString = """
    SELECT cell, exercise FROM zone_pack_cell JOIN zone ON id = zone_id WHERE version = %(version)s
    UNION
    SELECT cell, exercise FROM coverage_pack_cell JOIN coverage_area ON id = coverage_id WHERE version = %(version)s
"""


async def touched(tx: Tx, version: int) -> dict[bool, list[int]]:
    """Return the pack cells of all that was kept under a version, parted into exercise and real."""
    found: dict[bool, list[int]] = {}
    for row in await (await tx.execute(TOUCHED, {"version": version})).fetchall():
        found.setdefault(row["exercise"], []).append(row["cell"])
    return found
