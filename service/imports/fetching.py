"""Fetches a layer of a FeatureServer page by page; whoever is interrupted goes on where the last page ended."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from service.config import Settings
from service.imports.records import Kept, Stage
from service.imports.sifting import Watch
from service.imports.store import plans as store
from service.intake import featureserver
from service.intake.featureserver import Cursor
from service.intake.model import Record, Unread
from service.kit.db import transaction
from service.kit.house import House


def is_address(origin: str) -> bool:
    return origin.casefold().startswith(("https://", "http://"))


async def fetch(house: House, kept: Kept, watch: Watch) -> None:
    """Keep every page with the place where it ended, each in a transaction of its own. Raises Refused."""
    settings = house.get(Settings)
    cursor = None if kept.cursor is None else Cursor(**kept.cursor)
    async with transaction(house.pool) as tx:
        number = await store.pieces_kept(tx, kept.id)
    pages = featureserver.read(kept.origin, settings.intake_hosts, cursor=cursor, loopback=settings.loopback_only)
    async for page in pages:
        async with transaction(house.pool) as tx:
            await store.add_piece(tx, kept.id, number, _written(page.records))
            await store.fetched(tx, kept.id, asdict(page.cursor))
        number += 1
        watch(Stage.FETCHING, page.cursor.rows, page.total)


async def rows(house: House, kept: Kept) -> AsyncIterator[Record]:
    """Yield the rows that were fetched."""
    async with transaction(house.pool) as tx:
        async for piece in store.pieces(tx, kept.id):
            for row, feature, unread, radius, accuracy in json.loads(piece):
                yield Record(row, feature, None if unread is None else Unread(unread), radius, accuracy)


def _written(records: tuple[Record, ...]) -> bytes:
    listed = [[one.row, one.feature, one.unread, one.radius_m, one.accuracy_m] for one in records]
    return json.dumps(listed, ensure_ascii=False).encode("utf-8", "surrogatepass")
