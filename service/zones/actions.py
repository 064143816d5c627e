"""What can be done with zones: take in, look up, warn about, answer about a place."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.kit.clock import Clock
from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import geojson, rules, store
from service.zones.answering import Answer, Atlas, Chart, Place, answer
from service.zones.model import (
    Change,
    Declared,
    Kind,
    Page,
    Plan,
    PublicZone,
    Report,
    WarnableZone,
    Zone,
)

_log = structlog.get_logger()
_LOOK_SECONDS = 1.0
_STALE_SECONDS = 10.0


async def plan_import(tx: Tx, content: bytes, declared: Declared, *, now: datetime) -> Report:
    """Say what an import would do; nothing is written. Raises Refused for a file or a statement that is unfit."""
    declared = rules.check_declared(declared, now=now)
    return Report(None, declared, await _plan(tx, content, declared, now=now), dry_run=True)


async def run_import(tx: Tx, operator: Operator, content: bytes, declared: Declared, *, now: datetime) -> Report:
    """Take in what adds danger, keep in quarantine what has to wait, all in the caller's transaction or none of it.

    One import at a time. Raises Refused for a file or a statement that is unfit.
    """
    declared = rules.check_declared(declared, now=now)
    await store.lock(tx)
    report = Report(new_id(now=now), declared, await _plan(tx, content, declared, now=now), dry_run=False)
    await _keep(tx, operator, report, sha256(content).digest(), now=now)
    return report


async def _plan(tx: Tx, content: bytes, declared: Declared, *, now: datetime) -> Plan:
    """Read, mend and compare in a thread: a large file must not hold up the process's other callers."""
    surveys, so_far = await asyncio.to_thread(lambda: rules.survey(geojson.read(content), declared))
    known = await store.by_keys(tx, declared, [one.key for one in surveys])
    run = rules.Run(declared, now, partial(new_id, now=now))
    return await asyncio.to_thread(rules.plan, surveys, known, so_far, run)


async def _keep(tx: Tx, operator: Operator, report: Report, digest: bytes, *, now: datetime) -> None:
    plan, declared = report.plan, report.declared
    counts = rules.counts(plan)
    row = {
        "id": report.import_id,
        "authority": declared.authority,
        "dated": declared.dated,
        "exercise": declared.exercise,
        "digest": digest,
        "counts": counts,
        "at": now,
        "operator_id": operator.id,
    }
    await store.insert_import(tx, row)
    if report.import_id is not None:
        await store.quarantine(tx, report.import_id, declared, plan.quarantined)
    await _apply(tx, operator, plan, why=f"import {report.import_id}", now=now)
    detail = {"authority": declared.authority, "exercise": declared.exercise, **counts}
    await operators.record(tx, operator, "zones.import", str(report.import_id), detail, now=now)


async def _apply(tx: Tx, operator: Operator, plan: Plan, *, why: str, now: datetime) -> None:
    new, changed, confirmed = (_zones(plan.of(kind)) for kind in (Kind.NEW, Kind.CHANGED, Kind.CONFIRMED))
    if not (new or changed or confirmed):
        return
    touched = [zone.id for zone in (*new, *changed)]
    cells = await asyncio.to_thread(lambda: {zone.id: store.cells_of(zone) for zone in (*new, *changed)})
    await store.insert(tx, new)
    await store.update(tx, [*changed, *confirmed])
    await store.remember(tx, touched, operator_id=operator.id, why=why, now=now)
    await store.drop_cells(tx, touched)
    await store.insert_cells(tx, cells)
    await store.bump(tx)


def _zones(changes: Sequence[Change]) -> list[Zone]:
    return [change.zone for change in changes]


async def in_box(tx: Tx, bbox: str, *, exercise: bool, after: UUID | None, limit: int) -> Page:
    """Return a page of public zones whose box meets west,south,east,north, in the order of their ids."""
    west, south, east, north = rules.read_box(bbox)
    wanted = {"west": west, "south": south, "east": east, "north": north, "exercise": exercise}
    found = await store.in_box(tx, {**wanted, "after": after, "limit": limit + 1})
    page = found[:limit]
    return Page(tuple(page), page[-1].id if len(found) > limit else None)


async def get_public(tx: Tx, zone_id: UUID) -> PublicZone:
    """Return what the public may know of a zone. Refused alike for one that is withheld and one that is not there."""
    shown = rules.shown(await store.get(tx, zone_id))
    if shown is None:
        raise _unknown()
    return shown


async def get_record(tx: Tx, zone_id: UUID) -> Zone:
    """Return the whole record, for operators. Refused if there is none."""
    zone = await store.get(tx, zone_id)
    if zone is None:
        raise _unknown()
    return zone


async def everything(tx: Tx, *, after: UUID | None, limit: int) -> list[Zone]:
    """Return a page of all zones, for operators."""
    return await store.page(tx, after=after, limit=limit)


async def to_warn_about(tx: Tx, zone_id: UUID) -> WarnableZone:
    """Return what a warning about a zone stands on. Refused for an unknown zone and for a withheld one."""
    zone = await get_record(tx, zone_id)
    if zone.public is None:
        detail = "This zone is withheld: a warning about it would show where it lies."
        remedy = "Ask the authority whether the zone may be published."
        raise Refused(Fault.CONFLICT, "zone-withheld", detail, remedy=remedy)
    return WarnableZone(
        id=zone.id,
        revision=zone.revision,
        exercise=zone.exercise,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        name=zone.name,
        public=zone.public,
    )


def _unknown() -> Refused:
    detail = "There is no such zone."
    return Refused(Fault.NOT_FOUND, "zone-unknown", detail, remedy="GET /v1/zones lists the zones.")


class ZoneIndex:
    """All public zones in this process's memory, read anew within about a second of a change.

    Answers need no database; when its version could not be read for ten seconds they say that they may be old.
    """

    def __init__(self) -> None:
        self._atlas = Atlas(version=-1)
        self._seen: float | None = None

    @property
    def stale(self) -> bool:
        return self._seen is None or _monotonic() - self._seen > _STALE_SECONDS

    @property
    def version(self) -> int:
        """The version of the record that answers stand on; -1 before the first reading."""
        return self._atlas.version

    def check(self, place: Place, *, today: date, old_after_days: int) -> Answer:
        """Answer about a place after R5; older data than that counts as stale."""
        return answer(self._atlas, place, today=today, old_after_days=old_after_days, unread=self.stale)

    async def look(self, pool: Pool) -> None:
        """Read the version, and all zones if it moved; what is in use meanwhile stays whole."""
        async with asyncio.timeout(_STALE_SECONDS), transaction(pool) as tx:
            version = await store.version(tx)
            if version != self._atlas.version:
                self._atlas = await _read(tx, version)
        self._seen = _monotonic()

    @asynccontextmanager
    async def following(self, pool: Pool, clock: Clock) -> AsyncIterator[None]:
        """Keep up with the record while the block runs. A database that is away is waited for."""
        del clock  # staleness is a matter of real seconds, however fast a test's clock runs
        await self._try(pool)
        task = asyncio.create_task(self._follow(pool))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self, pool: Pool) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._try(pool)

    async def _try(self, pool: Pool) -> None:
        try:
            await self.look(pool)
        except (psycopg.Error, PoolTimeout, TimeoutError) as error:
            _log.warning("zones.index_not_read", error=type(error).__name__)


async def _read(tx: Tx, version: int) -> Atlas:
    zones = await store.public(tx)

    def drawn() -> Atlas:
        live = Chart.of([zone for zone in zones if not zone.exercise])
        return Atlas(version, live, Chart.of([zone for zone in zones if zone.exercise]))

    return await asyncio.to_thread(drawn)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
