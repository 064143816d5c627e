"""Carries out an import that was put down: in the worker, while operators watch how far it has come."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from service.config import Settings
from service.imports import actions, fetching, mapping
from service.imports.actions import Order
from service.imports.model import Declared, Report
from service.imports.records import Kept, Stage, Step
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
_GIVEN_UP = "import-given-up"
_LONGEST_TROUBLE = timedelta(hours=24)


@dataclass
class _Progress:
    """How far an import has come, told to the database now and then: the import's own transaction shows nothing."""

    house: House
    import_id: UUID
    at: Step = field(default_factory=lambda: Step(Stage.READING))

    def watch(self, stage: Stage, done: int, total: int | None) -> None:
        self.at = replace(self.at, stage=stage, rows=done, rows_total=total)

    def read(self, done: int, total: int) -> None:
        self.at = replace(self.at, bytes=done, bytes_total=total)

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
                await store.step(tx, self.import_id, self.at)
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
            await finish(house, kept, operator, progress.watch, progress.read)
    except Refused as refused:
        if refused.kind is Kind.UNAVAILABLE:
            raise  # tried again: a layer is gone on with where it was left


async def _who(tx: Any, kept: Kept) -> Operator | None:
    staff = await operators.everybody(tx)
    return next((one for one in staff if one.id == kept.operator_id and one.active), None)


async def finish(
    house: House, kept: Kept, operator: Operator | None, watch: Watch, read: reading.Progress | None = None
) -> Report:
    """Run an import that was put down; nothing of it is kept unless all of it is.

    Raises Refused. It has ended then, and the next one begins anew, unless that is for want of something: such a one
    waits and is gone on with where it was left, for a day without any progress.
    """
    try:
        return await _run(house, kept, operator, watch, read)
    except Refused as refused:
        raise await _noted(house, kept, refused) from refused


async def _noted(house: House, kept: Kept, refused: Refused) -> Refused:
    """Write down why an import failed or has to wait; return what its asker is told."""
    now = house.clock.now()
    async with transaction(house.pool) as tx:
        if refused.kind is Kind.UNAVAILABLE:
            since = await store.hold_up(tx, kept.id, _trouble(refused), now=now)
            if now - since < _LONGEST_TROUBLE:
                return refused
            refused = _given_up(refused, since)
        await store.fail(tx, kept.id, _trouble(refused), now=now)
        # What was fetched of a layer is taken over by the next import with the same words.
        if refused.name != _GIVEN_UP or not fetching.is_address(kept.origin):
            await store.drop_file(tx, kept.id)
    return refused


def _given_up(refused: Refused, since: datetime) -> Refused:
    detail = f"It was given up: since {since:%Y-%m-%d %H:%M} UTC no try got any further. {refused.detail}"
    remedy = f"{refused.remedy or ''} Then import it again; what was fetched of a layer is kept.".strip()
    return Refused(Kind.CONFLICT, _GIVEN_UP, detail, where=refused.where, remedy=remedy)


async def _run(
    house: House, kept: Kept, operator: Operator | None, watch: Watch, read: reading.Progress | None
) -> Report:
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
            total = await fetching.fetch(house, kept, watch)
            order = replace(order, watch=lambda stage, done, _: watch(stage, done, total))
            items = fetching.rows(house, kept, mapped.layout.names)
        else:
            file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            items = reading.read(await _restored(house, kept, file), mapped.layout, progress=read)
        tx = await stack.enter_async_context(transaction(house.pool))
        return await actions.run(tx, operator, kept.id, items, order, now=house.clock.now())


async def _restored(house: House, kept: Kept, file: IO[bytes]) -> Path:
    """Write an uploaded file to one without a name: it is gone with this process, however that ends."""
    async with transaction(house.pool) as tx:
        async for piece in store.pieces(tx, kept.id):
            await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(file.flush)
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
