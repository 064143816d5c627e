"""What can be looked up of the map: a page of zones."""

from uuid import UUID

from service.atlas import rules
from service.atlas.model import Page
from service.kit.db import Tx
from service.zones import actions as zones


async def in_box(tx: Tx, bbox: str, *, exercise: bool, after: UUID | None, limit: int) -> Page:
    """Return a page of public zones whose box meets west,south,east,north, in the order of their ids."""
    found = await zones.in_box(tx, rules.read_box(bbox), exercise=exercise, after=after, limit=limit + 1)
    page = found[:limit]
    return Page(tuple(page), page[-1].id if len(found) > limit else None)
