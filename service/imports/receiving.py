"""What can be done with imports that run later: put one down, go on with one, cancel one."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.imports import actions, fetching, mapping, rules
from service.imports.actions import Order
from service.imports.model import IMPORT_JOB
from service.imports.records import Kept, State
from service.imports.store import plans as store
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.ids import new_id
from service.kit.jobs import Job, Queue, defer
from service.operators import actions as operators
from service.operators.model import Operator


async def put_down(tx: Tx, operator: Operator, order: Order, *, now: datetime) -> Kept:
    """Put an import down, or return the one that was begun with the same words and has not ended.

    What such a one had fetched of a layer when it was given up is taken over. Raises Refused for a statement or a
    mapping that is unfit.
    """
    order = replace(order, declared=rules.check_declared(order.declared, now=now))
    if fetching.is_address(order.origin):
        fetching.check(mapping.load(order.mapping, order.origin).layout)
    row = actions.row_of(new_id(now=now), operator, order, State.WAITING, now=now)
    begun = await store.begun(tx, row) if order.origin else None
    if begun is not None and begun.cursor is not None:
        _demand_same(begun, row)
        return begun
    await store.insert(tx, row)
    left = await store.abandoned(tx, row) if order.origin else None
    if left is not None:
        await store.take_over(tx, row["id"], left)
    kept = await store.get(tx, row["id"])
    assert kept is not None  # noqa: S101 - it was put down just now
    return kept


def _demand_same(begun: Kept, row: Mapping[str, Any]) -> None:
    """Refuse other statements for a layer that is half fetched: its import would go on by the first ones."""
    stated = {**begun.stated, "mapping": begun.mapping}
    other = {**row["stated"], "mapping": row["mapping"]}
    differing = sorted(name for name in other if other[name] != stated.get(name))
    if differing:
        detail = f"An import of this layer is under way that states otherwise: {', '.join(differing)}."
        remedy = f"Say what it says, wait until it has ended, or cancel it ({begun.id})."
        raise Refused(Kind.CONFLICT, "import-begun-otherwise", detail, where=differing[0], remedy=remedy)


async def receive(tx: Tx, operator: Operator, pieces: AsyncIterable[bytes], order: Order, *, now: datetime) -> Kept:
    """Keep a file and have it imported with the caller's commit; a layer that is named has no pieces."""
    kept = await put_down(tx, operator, order, now=now)
    number = 0
    async for piece in pieces:
        await store.add_piece(tx, kept.id, number, piece)
        number += 1
    await defer(tx, Job(IMPORT_JOB, Queue.SLOW, {"import_id": str(kept.id)}))
    return kept


async def cancel(tx: Tx, operator: Operator, import_id: UUID, *, now: datetime) -> Kept:
    """Cancel an import that waits or runs; nothing of it is kept. Refused for one that has ended."""
    found = await store.get(tx, import_id)
    if found is None:
        raise Refused(Kind.NOT_FOUND, "import-unknown", "There is no such import.", remedy="List the imports.")
    if found.finished_at is not None:
        detail = f"The import has ended already: {found.state.value}."
        raise Refused(Kind.CONFLICT, "import-ended", detail, remedy="What it added is taken back zone by zone.")
    trouble = {"name": "import-cancelled", "detail": "It was cancelled.", "where": None, "remedy": None}
    await store.fail(tx, import_id, trouble, now=now)
    await store.drop_file(tx, import_id)
    await operators.record(tx, operator, "zones.import.cancel", str(import_id), {}, now=now)
    cancelled = await store.get(tx, import_id)
    assert cancelled is not None  # noqa: S101 - it was there
    return cancelled
