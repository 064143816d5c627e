"""What can be looked up: a place, a walk, a page of zones, a tile."""

import asyncio
from datetime import date
from uuid import UUID

from service.atlas import rules, tiles
from service.atlas.chart import Atlas
from service.atlas.index import ZoneIndex
from service.atlas.model import Answer, Page, Place, Tile, Walk, Wanted
from service.config import Settings
from service.kit.db import transaction
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.house import House
from service.operators.model import Operator
from service.zones import actions as zones


def check(house: House, asked: Place | Walk, *, today: date) -> Answer:
    """Say what is on record around a place or along a walk (R5)."""
    return house.get(ZoneIndex).check(asked, today=today, old_after_days=house.get(Settings).stale_days)


async def page(house: House, wanted: Wanted, operator: Operator | None, *, after: UUID | None, limit: int) -> Page:
    """Return a page of public zones in the order of their ids. Refused: the public asks for a class (R25)."""
    await house.get(ZoneIndex).look_now(house.pool)
    atlas, only = _read(house), None
    if wanted.hazard_class is not None:
        if operator is None:
            detail = "Which areas are suspected and which confirmed is for operators."
            remedy = "Leave `class` out: what to do is the same in both."
            raise Refused(Fault.UNAUTHENTICATED, "class-for-operators", detail, where="class", remedy=remedy)
        async with transaction(house.pool) as tx:
            only = await zones.public_of_class(tx, wanted.hazard_class, wanted.box, exercise=wanted.exercise)
    chart = atlas.chart(exercise=wanted.exercise)
    return chart.page(wanted, only=only, after=after, limit=limit, version=atlas.version)


async def tile(house: House, wanted: Tile) -> tuple[int, bytes]:
    """Return a vector tile and the version of the record that it shows. Refused: there is no such tile."""
    rules.checked_tile(wanted)
    atlas, cache = _read(house), house.get(tiles.TileCache)
    kept = cache.get(atlas.version, wanted)
    if kept is None:
        kept = await asyncio.to_thread(tiles.drawn, atlas.chart(exercise=wanted.exercise), wanted)
        cache.put(atlas.version, wanted, kept)
    return atlas.version, kept


def _read(house: House) -> Atlas:
    """Refuse a map before the record was read for the first time: an empty one would lie."""
    atlas = house.get(ZoneIndex).atlas
    if atlas.version < 0:
        detail = "The record of zones has not been read yet."
        raise Refused(Fault.UNAVAILABLE, "record-unread", detail, remedy="Ask again in a moment.", after=5)
    return atlas
