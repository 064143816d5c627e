"""Keeps what an import decided, batch by batch, under one version of the record."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from service.kit.db import Tx
from service.operators.model import Operator
from service.zones import actions, rules
from service.zones.model import Known, Zone
from service.zones.store import coverage as coverage_store
from service.zones.store import many as many_store
from service.zones.store import public as public_store
from service.zones.store import zone as store


@dataclass(frozen=True, slots=True)
class Pour:
    """One import that is being kept: by whom, under which version to come, why, when."""

    operator: Operator
    version: int
    why: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What is kept at once. `confirmed` zones get a later day, `missing` ones are marked stale, and only that."""

    new: Sequence[Zone] = ()
    changed: Sequence[Zone] = ()
    confirmed: Collection[UUID] = ()
    dated: date = date.min
    missing: Collection[UUID] = field(default=())


async def known(tx: Tx, authority: str, *, exercise: bool) -> list[Known]:
    """Return the least about every zone of an authority, in one world (R27)."""
    return await many_store.known(tx, authority, exercise=exercise)


async def by_ids(tx: Tx, ids: Collection[UUID]) -> list[Zone]:
    """Return the whole records of these zones."""
    return await store.by_ids(tx, ids)


async def begin(tx: Tx, operator: Operator, *, why: str, now: datetime) -> Pour:
    """Let no one else change the record until the caller's commit."""
    return Pour(operator, await store.lock(tx) + 1, why, now)


async def pour(tx: Tx, pour: Pour, batch: Batch) -> None:
    """Keep a batch; nobody learns of it before `end`."""
    touched = (*batch.new, *batch.changed)
    shown = [(zone.id, zone.public) for zone in touched if zone.public is not None]
    cells = asyncio.to_thread(rules.pack_cells_each, [public for _, public in shown])
    await many_store.copy(tx, batch.new, version=pour.version)
    await store.update(tx, batch.changed, version=pour.version)
    if batch.confirmed:
        await many_store.confirm(tx, batch.confirmed, dated=batch.dated, version=pour.version, now=pour.now)
    if batch.missing:
        await many_store.mark_stale(tx, batch.missing, version=pour.version, now=pour.now)
    ids = [zone.id for zone in touched]
    await store.remember(tx, ids, operator_id=pour.operator.id, why=pour.why, now=pour.now)
    await public_store.add_cells(tx, dict(zip((zone_id for zone_id, _ in shown), await cells, strict=True)))


async def end(tx: Tx, pour: Pour, authorities: Collection[str]) -> None:
    """Let readers and packs learn of all that was kept, with the caller's commit."""
    await coverage_store.note_withholding(tx, authorities, version=pour.version)
    await actions.announce(tx, pour.version)
