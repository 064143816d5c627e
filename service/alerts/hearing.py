"""Receipts of phones that nobody knows: counts by coarse cell, which prove nothing and stand apart."""

from uuid import UUID

from service.alerts.store import looks
from service.config import Settings
from service.delivery import posting
from service.kit.db import Tx
from service.kit.house import House


async def hear(tx: Tx, house: House, lineage: UUID, revision: int, *, cell: int) -> None:
    """Count one more, if this message went to topics, to this cell too, and the cell's ceiling is not reached.

    Whether it counted is told to no caller.
    """
    alert_id = await looks.told_to(tx, lineage, revision, cell=cell)
    if alert_id is not None and await posting.is_sent(tx, alert_id, revision):
        await looks.hear(tx, alert_id, cell=cell, most=house.get(Settings).unverified_per_cell)
