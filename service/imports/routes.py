"""The doors to imports: take in a file, follow it, read its plan, decide what waits."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from service.config import Settings
from service.imports import actions, deciding, looking, mapping, mappings, receiving, tables
from service.imports.actions import Order
from service.imports.reasons import Reason
from service.imports.schemas import (
    MOST_LISTED,
    DecidedOut,
    ImportOut,
    MappingIn,
    MappingOut,
    QuarantineOut,
    UploadIn,
    VerdictIn,
    WaitingOut,
)
from service.intake import reading
from service.kit.db import Tx, transaction
from service.kit.house import House
from service.kit.http import HouseDep, NowDep, TxDep
from service.operators.model import STAFF, Operator, Role
from service.operators.routes import needs
from service.zones.proposals import DECIDERS

router = APIRouter(tags=["imports"])

Anybody = Annotated[Operator, Depends(needs(*STAFF))]
Editor = Annotated[Operator, Depends(needs(Role.EDITOR, Role.ADMIN))]
Decider = Annotated[Operator, Depends(needs(*DECIDERS))]
Limit = Annotated[int, Query(ge=1, le=1_000)]
_PIECE = 4 * 1024 * 1024
_FILE = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _FILE}}}
_YAML = {"requestBody": {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}}
_ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"model": ImportOut, "description": "it waits: ask its address"}}
_FORMS = {
    tables.MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
    tables.MEDIA_TYPES["geojson"]: {"schema": {"type": "object"}},
}
_PLAN: dict[int | str, dict[str, Any]] = {200: {"content": _FORMS}}


@router.post("/zones/imports", status_code=202, responses=_ACCEPTED, openapi_extra=_BODY)
async def take_in(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies
    request: Request, operator: Editor, stated: Annotated[UploadIn, Query()], tx: TxDep, house: HouseDep,
    answer: Response,
) -> ImportOut:  # fmt: skip
    """Take in a file of zones as the body, in any format; the answer names the import, which runs in the background.

    With `wait` the answer comes when it has ended; with `dry_run` it is only planned. Points wait unless a buffer is
    stated; what would take danger off the list waits for a second person.
    """
    order = await _order(tx, house, stated)
    if not stated.wait or stated.url is not None:
        kept = await receiving.receive(tx, operator, _pieces(request), order, now=house.clock.now())
        answer.headers["Location"] = f"/v1/zones/imports/{kept.id}"
        return ImportOut.kept(kept)
    with tempfile.TemporaryFile() as file:
        items = reading.read(await _saved(request, file), mapping.load(order.mapping, order.origin).layout)
        report = await actions.run_import(tx, operator, items, order, now=house.clock.now())
    answer.status_code = 200
    return ImportOut.of(report)


async def _order(tx: Tx, house: House, stated: UploadIn) -> Order:
    settings = house.get(Settings)
    declared = stated.declared(usual_error_m=settings.survey_error_m)
    text = await mappings.get(tx, stated.source)
    columns = mapping.load(text).columns
    return Order(declared, columns, text, settings.area, stated.url or stated.name, dry_run=stated.dry_run)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body in pieces of a size that a row of the database holds well."""
    piece = bytearray()
    async for chunk in request.stream():
        piece += chunk
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


async def _saved(request: Request, file: IO[bytes]) -> Path:
    """Write the body to a file without a name; return a path by which this process can open it."""
    async for piece in _pieces(request):
        await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(file.flush)
    return Path(f"/dev/fd/{file.fileno()}")


@router.get("/zones/imports")
async def newest(_: Anybody, tx: TxDep, before: datetime | None = None, limit: Limit = 50) -> list[ImportOut]:
    """List imports, the newest first; `before` is the time of the last one seen."""
    return [ImportOut.kept(one) for one in await looking.newest(tx, before=before, limit=limit)]


@router.get("/zones/imports/{import_id}")
async def get(import_id: UUID, _: Anybody, tx: TxDep) -> ImportOut:
    """Return how far an import has come and what it did; of what waits, what waits because of it."""
    kept = await looking.get(tx, import_id)
    waits = await looking.waiting(tx, {"import_id": import_id, "limit": MOST_LISTED, "decided": True})
    return ImportOut.kept(kept, waits, await looking.findings(tx, import_id, limit=MOST_LISTED))


@router.post("/zones/imports/{import_id}/cancel")
async def cancel(import_id: UUID, operator: Editor, tx: TxDep, now: NowDep) -> ImportOut:
    """Cancel an import that waits or runs; nothing of it is kept."""
    return ImportOut.kept(await receiving.cancel(tx, operator, import_id, now=now))


@router.get("/zones/imports/{import_id}/plan.{form}", responses=_PLAN, response_class=StreamingResponse)
async def plan(
    import_id: UUID, form: Literal["csv", "geojson"], _: Anybody, tx: TxDep, house: HouseDep
) -> StreamingResponse:
    """Return the whole plan, line by line, for a spreadsheet or a map."""
    await looking.get(tx, import_id)
    headers = {"Content-Disposition": f'attachment; filename="plan-{import_id}.{form}"'}
    return StreamingResponse(_plan(house, import_id, form), headers=headers, media_type=tables.MEDIA_TYPES[form])


async def _plan(house: House, import_id: UUID, form: str) -> AsyncIterator[bytes]:
    write = tables.plan_csv if form == "csv" else tables.plan_geojson
    async with transaction(house.pool) as tx:
        async for piece in write(looking.lines(tx, import_id)):
            yield piece


@router.get("/zones/mapping")
async def get_mapping(_: Anybody, stated: Annotated[MappingIn, Query()], tx: TxDep) -> MappingOut:
    """Return the mapping that a source's files are read by, as YAML."""
    return MappingOut(text=await mappings.get(tx, stated.source))


@router.put("/zones/mapping", status_code=204, openapi_extra=_YAML)
async def put_mapping(
    request: Request, operator: Editor, stated: Annotated[MappingIn, Query()], tx: TxDep, now: NowDep
) -> None:
    """Keep the mapping (YAML, the body) that a source's files are read by from now on."""
    await mappings.put(tx, operator, stated.source, await request.body(), now=now)


@router.get("/zones/quarantine")
async def quarantine(  # noqa: PLR0913 - FastAPI's parameters
    _: Anybody, tx: TxDep, after: int = 0, reason: Reason | None = None, import_id: UUID | None = None,
    limit: Limit = 100, *, decided: bool = False,
) -> QuarantineOut:  # fmt: skip
    """List what waits for a second person, the oldest first; with `decided` what was decided too."""
    wanted = {"after": after, "reason": reason, "import_id": import_id, "limit": limit, "decided": decided}
    found = await looking.waiting(tx, wanted)
    last = found[-1].id if len(found) == limit else None
    return QuarantineOut(waiting=[WaitingOut.of(one) for one in found], next=last)


@router.post("/zones/quarantine/decisions")
async def decide(wanted: VerdictIn, operator: Decider, tx: TxDep, now: NowDep) -> DecidedOut:
    """Decide about entries as the second person, all of them or none; never about those of one's own import."""
    found = await deciding.decide(tx, operator, wanted.ids, wanted.verdict(), now=now)
    return DecidedOut(decided=[WaitingOut.of(one) for one in found])
