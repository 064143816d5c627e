"""Fetches a layer of a FeatureServer page by page; whoever is interrupted goes on where the last page ended."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import asdict

from service.config import Settings
from service.imports.records import Kept, Stage
from service.imports.sifting import Watch
from service.imports.store import plans as store
from service.intake import featureserver, gathering
from service.intake.featureserver import Cursor, Page
from service.intake.model import Columns, Layout, Noticed, Record, Remark, Unread
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House


def is_address(origin: str) -> bool:
    return origin.casefold().startswith(("https://", "http://"))


def check(layout: Layout) -> None:
    """Refuse what a mapping states of files and a layer says itself; only the names of attributes count for both."""
    stated = {name: getattr(layout, name) for name in ("format", "layer", "crs", "encoding", "delimiter")}
    said = [name for name, value in stated.items() if value is not None]
    said += ["the columns of a place"] if layout.columns != Columns() else []
    if said:
        detail = f"The mapping's `file` states {', '.join(said)}: a layer of a FeatureServer says that itself."
        remedy = "Leave it out (`names` may stay); if files of this list need it, give the layer a feed of its own."
        raise Refused(Kind.INVALID, "mapping-unfit", detail, where="mapping, file", remedy=remedy)


async def fetch(house: House, kept: Kept, watch: Watch) -> int:
    """Keep every page with the place where it ended, each in a transaction of its own; return how many rows there are.

    Raises Refused.
    """
    settings = house.get(Settings)
    cursor = None if kept.cursor is None else Cursor(**kept.cursor)
    async with transaction(house.pool) as tx:
        number = await store.pieces_kept(tx, kept.id)
    walk = featureserver.read(kept.origin, settings.intake_hosts, cursor=cursor, loopback=settings.loopback_only)
    async with aclosing(walk) as pages:  # type: ignore[type-var]  # an async generator
        async for page in pages:
            async with transaction(house.pool) as tx:
                await store.add_piece(tx, kept.id, number, _written(page))
                if not await store.fetched(tx, kept.id, asdict(page.cursor)):
                    why = "The import was cancelled while it ran; nothing of it was kept."
                    raise Refused(Kind.CONFLICT, "import-cancelled", why, remedy="Import the layer again.")
            number, cursor = number + 1, page.cursor
            watch(Stage.FETCHING, page.cursor.rows, page.total)
    return 0 if cursor is None else cursor.rows


async def rows(house: House, kept: Kept, names: Mapping[str, str]) -> AsyncIterator[Record | Remark]:
    """Yield the rows that were fetched, and what was noticed on the way: each once, however often it was gone on.

    `names` turns the layer's names of attributes into others.
    """
    noticed: set[str] = set()
    async with transaction(house.pool) as tx:
        async for content in store.pieces(tx, kept.id):
            piece = json.loads(content)
            for code, detail, row in piece["remarks"]:
                if code not in noticed:
                    noticed.add(code)
                    yield Remark(Noticed(code), detail, row)
            for row, feature, unread, radius, accuracy in piece["rows"]:
                named = gathering.renamed(feature, names)
                yield Record(row, named, None if unread is None else Unread(unread), radius, accuracy)


def _written(page: Page) -> bytes:
    listed = [[one.row, one.feature, one.unread, one.radius_m, one.accuracy_m] for one in page.records]
    remarks = [[one.code, one.detail, one.row] for one in page.remarks]
    told = json.dumps({"rows": listed, "remarks": remarks}, ensure_ascii=False)
    return told.encode("utf-8", "surrogatepass")
