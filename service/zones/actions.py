"""What can be done with zones: keep, look up, warn about."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.operators.model import Operator
from service.zones import rules, store
from service.zones.model import PublicZone, WarnableZone, Zone


async def lock(tx: Tx) -> None:
    """Let one change of the record at a time decide."""
    await store.lock(tx)


async def version(tx: Tx) -> int:
    """Return the version of all that the public may see; it only grows."""
    return await store.version(tx)


async def by_keys(tx: Tx, authority: str, keys: Sequence[str], *, exercise: bool) -> dict[str, Zone]:
    """Return the zones of this authority, in this world (R27), under these keys of its source."""
    return await store.by_keys(tx, authority, keys, exercise=exercise)


async def keep(  # noqa: PLR0913 - what is kept, who keeps it, why and when
    tx: Tx, operator: Operator, *, new: Sequence[Zone], changed: Sequence[Zone], confirmed: Sequence[Zone] = (),
    why: str, now: datetime
) -> None:  # fmt: skip
    """Keep new and changed zones, each as a revision; of the `confirmed` only the date is newer."""
    if not (new or changed or confirmed):
        return
    touched = [zone.id for zone in (*new, *changed)]
    cells = await asyncio.to_thread(lambda: {zone.id: store.cells_of(zone) for zone in (*new, *changed)})
    await store.insert(tx, new)
    await store.update(tx, [*changed, *confirmed])
    await store.remember(tx, touched, operator_id=operator.id, why=why, now=now)
    await store.drop_cells(tx, touched)
    await store.insert_cells(tx, cells)
    await store.bump(tx)


async def public(tx: Tx) -> list[PublicZone]:
    """Return everything that the public may see."""
    return await store.public(tx)


async def in_box(
    tx: Tx, box: tuple[float, float, float, float], *, exercise: bool, after: UUID | None, limit: int
) -> list[PublicZone]:
    """Return public zones whose box meets west, south, east, north; east is never less than west."""
    west, south, east, north = box
    wanted = {"west": west, "south": south, "east": east, "north": north, "exercise": exercise}
    return await store.in_box(tx, {**wanted, "after": after, "limit": limit})


async def get_public(tx: Tx, zone_id: UUID) -> PublicZone:
    """Return what the public may know of a zone. Refused alike for one that is withheld and one that is not there."""
    shown = rules.shown(await store.get(tx, zone_id))
    if shown is None:
        raise _unknown()
    return shown


async def get_record(tx: Tx, zone_id: UUID) -> Zone:
    """Return the whole record, for operators. Refused if there is none."""
    zone = await store.get(tx, zone_id)
    if zone is None:
        raise _unknown()
    return zone


async def everything(tx: Tx, *, after: UUID | None, limit: int) -> list[Zone]:
    """Return a page of all zones, for operators."""
    return await store.page(tx, after=after, limit=limit)


async def to_warn_about(tx: Tx, zone_id: UUID) -> WarnableZone:
    """Return what a warning about a zone stands on. Refused for an unknown zone and for a withheld one."""
    zone = await get_record(tx, zone_id)
    if zone.public is None:
        detail = "This zone is withheld: a warning about it would show where it lies."
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
