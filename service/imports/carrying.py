"""Carries out an import that was put down: in the worker, while operators watch how far it has come."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from service.config import Settings
from service.imports import actions, fetching, mapping
from service.imports.actions import Order
from service.imports.model import Declared, Report
from service.imports.records import Kept, Stage
from service.imports.sifting import Watch
from service.imports.store import plans as store
from service.intake import reading
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones.model import HazardClass, Publication

_TELL_SECONDS = 0.5


@dataclass
class _Progress:
    """How far an import has come, told to the database now and then: the import's own transaction shows nothing."""

    house: House
    import_id: UUID
    at: tuple[Stage, int, int | None] = (Stage.READING, 0, None)

    def watch(self, stage: Stage, done: int, total: int | None) -> None:
        self.at = (stage, done, total)

    @contextlib.asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        telling = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling

    async def _tell(self) -> None:
        while True:
            async with transaction(self.house.pool) as tx:
                await store.step(tx, self.import_id, *self.at)
            await asyncio.sleep(_TELL_SECONDS)


async def carry_out(house: House, import_id: UUID) -> None:
    """Run an import that waits, or one that a killed worker left: nothing of that one was kept."""
    async with transaction(house.pool) as tx:
        kept = await store.get(tx, import_id)
        if kept is None or kept.finished_at is not None:
            return
        operator = await _who(tx, kept)
    progress = _Progress(house, kept.id)
    try:
        async with progress.told():
            await finish(house, kept, operator, progress.watch)
    except Refused as refused:
        if refused.kind is Kind.UNAVAILABLE:
            raise  # tried again: a layer is gone on with where it was left


async def _who(tx: Any, kept: Kept) -> Operator | None:
    staff = await operators.everybody(tx)
    return next((one for one in staff if one.id == kept.operator_id and one.active), None)


async def finish(house: House, kept: Kept, operator: Operator | None, watch: Watch) -> Report:
    """Run an import that was put down; nothing of it is kept unless all of it is.

    Raises Refused. It has ended then, and the next one begins anew, unless that is for want of something: such a one
    waits, and is gone on with where it was left.
    """
    try:
        return await _run(house, kept, operator, watch)
    except Refused as refused:
        if refused.kind is not Kind.UNAVAILABLE:
            async with transaction(house.pool) as tx:
                await store.fail(tx, kept.id, _trouble(refused), now=house.clock.now())
                await store.drop_file(tx, kept.id)
        raise


async def _run(house: House, kept: Kept, operator: Operator | None, watch: Watch) -> Report:
    if operator is None:
        detail = "Whoever asked for this import is no operator any more."
        raise Refused(Kind.FORBIDDEN, "asker-gone", detail, remedy="Have somebody else import the file.")
    mapped = mapping.load(kept.mapping, kept.origin)
    order = Order(
        _declared(kept.stated),
        mapped.columns,
        kept.mapping,
        house.get(Settings).area,
        kept.origin,
        dry_run=kept.dry_run,
        watch=watch,
    )
    async with AsyncExitStack() as stack:
        if fetching.is_address(kept.origin):
            await fetching.fetch(house, kept, watch)
            items = fetching.rows(house, kept)
        else:
            file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            items = reading.read(await _restored(house, kept, file), mapped.layout)
        tx = await stack.enter_async_context(transaction(house.pool))
        return await actions.run(tx, operator, kept.id, items, order, now=house.clock.now())


async def _restored(house: House, kept: Kept, file: IO[bytes]) -> Path:
    """Write an uploaded file to one without a name: it is gone with this process, however that ends."""
    async with transaction(house.pool) as tx:
        async for piece in store.pieces(tx, kept.id):
            file.write(piece)
    file.flush()
    return Path(f"/dev/fd/{file.fileno()}")


def _declared(stated: Mapping[str, Any]) -> Declared:
    """Read a statement back as it was kept."""
    hazard_class = None if stated["hazard_class"] is None else HazardClass(stated["hazard_class"])
    read = {
        "dated": date.fromisoformat(stated["dated"]),
        "hazard_class": hazard_class,
        "publication": Publication(stated["publication"]),
    }
    return Declared(**{**stated, **read})


def _trouble(refused: Refused) -> dict[str, Any]:
    return {"name": refused.name, "detail": refused.detail, "where": refused.where, "remedy": refused.remedy}
