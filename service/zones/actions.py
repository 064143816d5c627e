"""What can be done with zones: keep, look up, warn about."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import shapely

from service.kit import geo
from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.geo import Area
from service.kit.jobs import Job, Queue, defer
from service.operators.actions import record
from service.operators.model import Operator
from service.zones import ending, rules
from service.zones.model import (
    PACKS_JOB,
    CoverageArea,
    Departed,
    HazardClass,
    PublicCoverage,
    PublicZone,
    WarnableZone,
    Zone,
)
from service.zones.records import Along, Filter
from service.zones.store import coverage as coverage_store
from service.zones.store import public as public_store
from service.zones.store import release as release_store
from service.zones.store import zone as store

NOTHING_ALONG = Along()
EVERY_ZONE = Filter()


async def lock(tx: Tx) -> int:
    """Let one change of the record at a time decide; return the version of the public record before it."""
    return await store.lock(tx)


async def version(tx: Tx) -> int:
    """Return the version of all that the public may see; it grows exactly if something of that changes."""
    return await store.version(tx)


async def by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, Zone]:
    """Return the zones of this authority, in this world (R27), under these keys of its source."""
    return await store.by_keys(tx, authority, keys, exercise=exercise)


async def by_feed(tx: Tx, authority: str, feed: str, *, exercise: bool) -> list[Zone]:
    """Return the active zones that came with one list of an authority."""
    return await store.by_feed(tx, authority, feed, exercise=exercise)


async def keep(  # noqa: PLR0913 - what is kept, who keeps it, why and when
    tx: Tx, operator: Operator, *, new: Sequence[Zone], changed: Sequence[Zone], confirmed: Sequence[Zone] = (),
    along: Along = NOTHING_ALONG, why: str, now: datetime
) -> None:  # fmt: skip
    """Keep new and changed zones, each as a revision; of the `confirmed` only the date is newer.

    Readers and packs learn of it if the public can see anything of it. What may be kept is decided by the caller.
    """
    if not (new or changed or confirmed):
        return
    coming = await store.lock(tx) + 1
    changed = await reclaimed(tx, operator, changed, now=now)
    touched = (*new, *changed)
    cells = await asyncio.to_thread(lambda: {zone.id: rules.pack_cells(zone.public) for zone in touched})
    await store.insert(tx, new, version=coming)
    await release_store.descend(tx, along.pairs, act=along.act, now=now)
    await store.update(tx, [*changed, *confirmed], version=coming)
    await public_store.touch(tx, along.recorded, version=coming)
    await store.remember(tx, [zone.id for zone in touched], operator_id=operator.id, why=why, now=now)
    await public_store.add_cells(tx, cells)
    await coverage_store.note_withholding(tx, {zone.authority for zone in touched}, version=coming)
    await announce(tx, coming)


async def reclaimed(tx: Tx, operator: Operator, changed: Sequence[Zone], *, now: datetime) -> list[Zone]:
    """Let no record in force cover ground that a zone grows by: it was not of that ground that it spoke.

    Returns the zones as they have to be kept; whoever keeps grown zones by another way than `keep` asks this first.
    """
    return [await _reclaimed(tx, operator, zone, now=now) for zone in changed]


async def _reclaimed(tx: Tx, operator: Operator, zone: Zone, *, now: datetime) -> Zone:
    before = None if zone.released is None else await store.get(tx, zone.id)
    if before is None or before.official == zone.official:
        return zone
    grown = geo.without(zone.official, before.official)
    records = [one for one in await release_store.of(tx, [zone.id]) if one.stands_at(zone.id)]
    met = [one for one in records if not geo.overlap(one.outline, grown).is_empty]
    if not met:
        return zone
    await release_store.supersede(tx, zone.id, [one.id for one in met], now=now)
    detail = {"releases": [str(one.id) for one in met]}
    await record(tx, operator, "zones.release.supersede", str(zone.id), detail, now=now)
    return ending.uncovered(zone, [one.outline for one in records if one not in met])


async def coverage_by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, CoverageArea]:
    """Return the coverage areas of this authority, in this world (R27), under these keys of its source."""
    return await coverage_store.by_keys(tx, authority, keys, exercise=exercise)


async def keep_coverage(tx: Tx, operator: Operator, areas: Sequence[CoverageArea], *, why: str, now: datetime) -> None:
    """Keep new and changed coverage areas, each as a revision."""
    if not areas:
        return
    coming = await store.lock(tx) + 1
    claimed = await asyncio.to_thread(lambda: [rules.claimed(area) for area in areas])
    await coverage_store.put(tx, claimed, version=coming)
    await coverage_store.remember(tx, [area.id for area in areas], operator_id=operator.id, why=why, now=now)
    for area in claimed:
        cells = await asyncio.to_thread(rules.pack_cells, area.public)
        await coverage_store.add_cells(tx, area.id, cells)
    await coverage_store.note_withholding(tx, {area.authority for area in areas}, version=coming)
    await announce(tx, coming)


async def announce(tx: Tx, coming: int) -> None:
    """Let readers and packs learn of what was kept under a version, with the caller's commit."""
    if await store.bump(tx, coming):
        for exercise, cells in (await public_store.touched(tx, coming)).items():
            await renew_packs(tx, cells, exercise=exercise)


async def renew_packs(tx: Tx, cells: Collection[int], *, exercise: bool) -> None:
    """Have the packs of these cells (resolution 4) made anew, with the caller's commit."""
    told = [geo.cell_text(cell) for cell in sorted(cells)]
    if not told:
        return
    await defer(tx, Job(PACKS_JOB, Queue.SLOW, {"cells": told, "exercise": exercise}))


async def public(tx: Tx) -> list[PublicZone]:
    """Return everything that the public may see, at once: fit for a small record only."""
    return [zone async for batch in public_batches(tx) for zone in batch]


def public_batches(tx: Tx, *, size: int = 10_000) -> AsyncIterator[list[PublicZone]]:
    """Give everything that the public may see, so many zones at a time."""
    return public_store.everything(tx, size=size)


async def public_since(tx: Tx, version: int) -> tuple[list[PublicZone], list[UUID]]:
    """Return the zones that the public saw change after a version, and the ids of those that it no longer sees."""
    return await public_store.since(tx, version)


async def public_coverage(tx: Tx) -> list[PublicCoverage]:
    """Return every coverage area in force, as the public may know it."""
    found = await coverage_store.living(tx)
    return [rules.shown_coverage(area, withholds=withholds) for area, withholds in found if area.public is not None]


async def public_by_pack(tx: Tx, cell: int, *, exercise: bool) -> list[PublicZone]:
    """Return the zones of one pack (a cell of resolution 4), in the order of their ids."""
    return await public_store.by_pack(tx, cell, exercise=exercise)


async def departed_by_pack(tx: Tx, cell: int, *, exercise: bool) -> list[Departed]:
    """Return the zones that left one pack, each with its reason; they stay in this list for good."""
    return await public_store.departed_by_pack(tx, cell, exercise=exercise)


async def coverage_by_pack(tx: Tx, cell: int, *, exercise: bool) -> list[PublicCoverage]:
    """Return the coverage areas that reach into one pack."""
    found = await coverage_store.by_pack(tx, cell, exercise=exercise)
    return [rules.shown_coverage(area, withholds=withholds) for area, withholds in found if area.public is not None]


async def pack_cells(tx: Tx, *, exercise: bool) -> set[int]:
    """Return every cell of resolution 4 whose pack has something to say."""
    return await public_store.pack_cells(tx, exercise=exercise)


async def public_of_class(
    tx: Tx, hazard_class: HazardClass, box: tuple[float, float, float, float], *, exercise: bool
) -> set[UUID]:
    """Return the public zones of one class whose box meets this one, for operators only (R25).

    The box is west, south, east, north; its east is never less than its west.
    """
    west, south, east, north = box
    wanted = {"west": west, "south": south, "east": east, "north": north, "exercise": exercise}
    return await public_store.of_class(tx, {**wanted, "class": hazard_class.value})


async def is_any_public(tx: Tx, ground: Area, *, exercise: bool = False) -> bool:
    """Say whether any public zone meets a ground, in one world (R27). Zones that are not public never count (R8).

    What is read hangs on the zones around the ground's edge, and hardly on the answer.
    """
    west, south, east, north = geo.bounds(ground)
    box = {"west": west, "south": south, "east": east, "north": north, "exercise": exercise}
    boxes = await public_store.boxes(tx, box)
    sure, unsure = await asyncio.to_thread(rules.surely_met, ground, boxes)
    outlines = await public_store.outlines(tx, unsure)
    return sure | bool(shapely.intersects(ground, outlines).any())


async def public_data_of(tx: Tx, *, exercise: bool = False) -> date | None:
    """Return the day that public data is of: of the authorities' newest days the oldest; None while there is none."""
    return await public_store.dated(tx, exercise=exercise)


async def get_public(tx: Tx, zone_id: UUID) -> PublicZone:
    """Return what the public may know of a zone. Refused alike for one that is withheld and one that is not there."""
    shown = rules.shown(await store.get(tx, zone_id))
    if shown is None:
        raise _unknown()
    records = await public_store.releases(tx, [zone_id])
    return replace(shown, releases=records.get(zone_id, ()))


async def get_record(tx: Tx, zone_id: UUID) -> Zone:
    """Return the whole record, for operators. Refused if there is none."""
    zone = await store.get(tx, zone_id)
    if zone is None:
        raise _unknown()
    return zone


async def active_among(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these zones are dangerous now."""
    return await store.active_among(tx, ids)


async def everything(tx: Tx, *, after: UUID | None, limit: int, wanted: Filter = EVERY_ZONE) -> list[Zone]:
    """Return a page of all zones that the filter lets through, for operators."""
    return await store.page(tx, wanted, after=after, limit=limit)


async def to_warn_about(tx: Tx, zone_id: UUID) -> WarnableZone:
    """Return what a warning about a zone stands on. Refused for an unknown zone and for a withheld one."""
    zone = await get_record(tx, zone_id)
    if zone.public is None:
        detail = "This zone is withheld or has ended: a warning about it would show where it lies."
        remedy = "Ask the authority whether the zone may be published."
        raise Refused(Fault.CONFLICT, "zone-withheld", detail, remedy=remedy)
    return WarnableZone(
        id=zone.id,
        revision=zone.revision,
        exercise=zone.exercise,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        name=zone.name,
        public=zone.public,
    )


def _unknown() -> Refused:
    detail = "There is no such zone."
    return Refused(Fault.NOT_FOUND, "zone-unknown", detail, remedy="GET /v1/zones lists the zones.")
