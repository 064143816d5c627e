"""Whom an area means and how each of them is told, in pages: what planning asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.residents.model import CellRings, Group, Resident, Sorting
from service.residents.store import audience as store
from service.residents.store import registrations


async def standing(tx: Tx, cells: Sequence[int], *, after: int, limit: int) -> list[tuple[int, list[int]]]:
    """Return the next of those who stand in the cells, cell by cell; in the first cell only numbers above `after`.

    Each cell is given by its index. Fewer than `limit` in all means that nobody else stands there.
    """
    return await store.standing(tx, cells, after=after, limit=limit)


async def written(tx: Tx, area: CellRings, since: str, *, after: int, limit: int) -> list[tuple[int, int | None]]:
    """Return the next that a transaction (`since`, as text) or a later one wrote, with their nearest ring or None."""
    return await store.written(tx, area, since, after=after, limit=limit)


async def present(tx: Tx, numbers: Sequence[int]) -> dict[int, int]:
    """Return the present number of each that is still registered; several may have become one."""
    return await store.present(tx, numbers)


async def sort(tx: Tx, wanted: Mapping[int, int], how: Sorting, *, now: datetime) -> list[Group]:
    """Group registrations, given with their rings, by how they are told or why they are not."""
    return await store.sort(tx, wanted, how, now=now)


async def count(tx: Tx, area: CellRings, *, exercise: bool, now: datetime) -> int:
    """Return exactly how many registrations an area would reach now; whoever shows it blurs it (R26)."""
    return await store.count(tx, area.cells, exercise=exercise, now=now)


async def count_texted(tx: Tx, area: CellRings, *, exercise: bool, now: datetime) -> tuple[int, int]:
    """Return exactly how many an area would reach by text alone, and by text; whoever shows it blurs it (R26)."""
    return await store.count_texted(tx, area.cells, exercise=exercise, now=now)


async def resident(tx: Tx, registration: UUID) -> tuple[Resident, list[int]] | None:
    """Return what planning knows of a registration, and the numbers that its phone had before."""
    found = await registrations.find(tx, registration)
    if found is None:
        return None
    cells = Hidden(await registrations.cells(tx, found.number))
    return Resident.of(found, cells), await store.pasts(tx, found.number)
