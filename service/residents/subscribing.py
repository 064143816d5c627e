"""What a registration wants to hear about: its cells and units of places, kept side by side."""

from collections.abc import Sequence
from uuid import UUID

from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.house import House
from service.places import actions as places
from service.places.following import PlaceIndex
from service.residents import rules
from service.residents.model import MOST_PLACES, NO_PLACES
from service.residents.store import registrations as store

Cells = Hidden[tuple[int, ...]]
Places = Hidden[tuple[UUID, ...]]


async def subscribe(tx: Tx, house: House, number: int, cells: Cells | None, units: Places | None) -> None:
    """Give a registration these cells and units; None leaves what it had of them.

    Refused, before anything is written, when it would be left with neither, or for a unit that cannot be subscribed to.
    """
    if cells is None and units is None:
        return
    had = () if cells is not None and units is not None else await store.cells(tx, number)
    numbers = rules.cells_of(had) if cells is None else cells.reveal()
    numbers += rules.units_of(had) if units is None else await _numbers(tx, house, units.reveal())
    rules.demand_any(numbers)
    await store.set_cells(tx, number, numbers)


async def _numbers(tx: Tx, house: House, units: Sequence[UUID]) -> tuple[int, ...]:
    """Return the negative numbers by which units stand among cells."""
    if not units:
        return ()
    rules.check_units(units, house.get(PlaceIndex).gazetteer)
    found = await places.numbers(tx, units)
    return tuple(-found[unit] for unit in units)


async def wanted(tx: Tx, number: int) -> tuple[Cells, Places]:
    """Return what is kept for a registration: cells, among them the negative numbers of units, and these units."""
    kept = await store.cells(tx, number)
    units = [-one for one in rules.units_of(kept)]
    return Hidden(kept), Hidden(tuple(await places.by_number(tx, units))) if units else NO_PLACES


async def inherit(tx: Tx, past: int, *, heir: int) -> None:
    """Add to what an heir hears about the places of a registration that goes into it, as many as there is room for."""
    mine = await store.cells(tx, heir)
    theirs = [one for one in rules.units_of(await store.cells(tx, past)) if one not in mine]
    room = max(0, MOST_PLACES - len(rules.units_of(mine)))
    await store.set_cells(tx, heir, [*mine, *theirs[:room]])


async def add(tx: Tx, house: House, number: int, units: Sequence[UUID]) -> None:
    """Add places to what a registration hears about. Refused for what cannot be subscribed to, and for too many."""
    had = await places.by_number(tx, [-one for one in rules.units_of(await store.cells(tx, number))])
    wished = tuple(dict.fromkeys([*had, *units]))
    await subscribe(tx, house, number, None, Hidden(rules.read_places(wished)))
