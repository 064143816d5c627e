"""What can be learned of imports: how far they have come, what they planned, what waits because of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from service.imports.model import Finding, Line
from service.imports.records import Kept, Waiting
from service.imports.store import plans as store
from service.imports.store import quarantine as waiting_store
from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused


async def get(tx: Tx, import_id: UUID) -> Kept:
    """Return an import. Refused if there is none."""
    found = await store.get(tx, import_id)
    if found is None:
        raise Refused(Fault.NOT_FOUND, "import-unknown", "There is no such import.", remedy="List the imports.")
    return found


async def newest(tx: Tx, *, before: datetime | None, limit: int) -> list[Kept]:
    """Return a page of imports, the newest first."""
    return await store.newest(tx, before=before, limit=limit)


def lines(tx: Tx, import_id: UUID) -> AsyncIterator[Line]:
    """Yield an import's plan, line by line."""
    return store.lines(tx, import_id)


async def findings(tx: Tx, import_id: UUID, *, limit: int) -> list[Finding]:
    """Return what was noticed about the rows that an import took, the first ones."""
    return await store.findings(tx, import_id, limit=limit)


async def waiting(tx: Tx, wanted: Mapping[str, Any]) -> list[Waiting]:
    """Return a page of the quarantine: `after` an id, of a `reason` or an `import_id`, `decided` ones too."""
    return await waiting_store.page(tx, wanted)


async def entries(tx: Tx, ids: Sequence[int]) -> list[Waiting]:
    """Return these entries of the quarantine."""
    return await waiting_store.by_ids(tx, ids)
