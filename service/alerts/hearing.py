"""Receipts of phones that nobody knows: counts by coarse cell, which prove nothing and stand apart."""

from uuid import UUID

from service.alerts.store import looks
from service.config import Settings
from service.kit.db import Tx
from service.kit.house import House


async def hear(tx: Tx, house: House, lineage: UUID, revision: int, *, cell: int) -> None:
    """Count one more, if this message was told to the cell and the cell's ceiling is not reached.

    Nobody learns which: whether it counted is told to no caller.
    """
    await looks.hear(tx, lineage, revision, cell=cell, most=house.get(Settings).unverified_per_cell)
