"""What can be done with a source's file: say what it would do, take it in."""

import asyncio
from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from service.imports import merging, placing, rules
from service.imports.columns import Columns
from service.imports.model import Decided, Declared, Finding, Kind, Line, Plan, Quarantined, Report, Survey
from service.imports.planning import Planner, Shares, parted
from service.imports.reasons import REMOVING, Reason
from service.imports.records import Stage, State
from service.imports.sifting import BATCH, Sifted, Watch, sifted
from service.imports.store import plans as store
from service.imports.store import quarantine as waiting_store
from service.imports.store import sources as source_store
from service.imports.surveying import Surveyed, Terms
from service.intake.model import Record, Remark
from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.geo import Area
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import actions as zones
from service.zones import pouring, releasing
from service.zones.model import Known, Zone
from service.zones.pouring import Batch, Pour


def unwatched(_stage: Stage, _done: int, _total: int | None) -> None:
    """Let nobody watch."""


@dataclass(frozen=True, slots=True)
class Order:
    """One import as it was asked for: what is stated, which column means what, where rows should lie, who watches."""

    declared: Declared
    columns: Columns = field(default_factory=Columns)
    mapping: str | None = None
    area: Sequence[placing.Box] = ()
    origin: str = ""
    dry_run: bool = False
    watch: Watch = unwatched


@dataclass
class _Running:
    """An import under way: what it found so far."""

    import_id: UUID
    order: Order
    operator: Operator
    planner: Planner
    by_id: Mapping[UUID, Known]
    now: datetime
    pour: Pour | None = None
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    shrunk: dict[int, tuple[Area, Survey]] = field(default_factory=dict)


async def run_import(
    tx: Tx, operator: Operator, items: AsyncIterable[Record | Remark], order: Order, *, now: datetime
) -> Report:
    """Plan an import and, unless it is only tried, keep it: all in the caller's transaction or none of it.

    What adds danger is kept at once, what would remove some waits for a second person. One import of an authority's
    data runs at a time. Raises Refused for a file or a statement that is unfit.
    """
    order = replace(order, declared=rules.check_declared(order.declared, now=now))
    import_id = new_id(now=now)
    await store.insert(tx, row_of(import_id, operator, order, State.RUNNING, now=now))
    return await run(tx, operator, import_id, items, order, now=now)


async def run(  # noqa: PLR0913 - which import of what, by whom
    tx: Tx, operator: Operator, import_id: UUID, items: AsyncIterable[Record | Remark], order: Order, *, now: datetime
) -> Report:
    """Run an import that has been put down already."""
    declared = order.declared
    table = order.origin.casefold().endswith((".csv", ".tsv", ".txt"))
    terms = Terms.of(declared, order.columns, today=rules.latest_day(now), table=table)
    await store.lock(tx, declared.authority, exercise=declared.exercise)
    seen = await source_store.digests(tx, declared.authority, exercise=declared.exercise)
    async with sifted(items, terms, seen, order.watch) as found:
        running = await _begun(tx, operator, import_id, found, order, now=now)
        await _same(tx, running, found)
        done = len(found.same)
        async with aclosing(_Keeping(tx, running)) as keeping:
            async for surveyed in found.surveyed():
                await keeping.after(await _judged(tx, running, surveyed, keeping))
                done += len(surveyed.surveys) + len(surveyed.quarantined)
                order.watch(Stage.KEEPING, done, found.rows)
            await keeping.after(())
        await _missing(tx, running)
        return await _ended(tx, running, found)


async def _begun(  # noqa: PLR0913 - which import of what, by whom
    tx: Tx, operator: Operator, import_id: UUID, found: Sifted, order: Order, *, now: datetime
) -> _Running:
    declared = order.declared
    pour = None if order.dry_run else await pouring.begin(tx, operator, why=f"import {import_id}", now=now)
    known = await pouring.known(tx, declared.authority, exercise=declared.exercise)
    run = rules.Run(declared, now, partial(new_id, now=now), order.columns.ignored)
    home = placing.Home.of(order.area, found.middles)
    planner = Planner(run, home, {zone.key: zone for zone in known})
    return _Running(import_id, order, operator, planner, {zone.id: zone for zone in known}, now, pour)


async def _same(tx: Tx, running: _Running, found: Sifted) -> None:
    lines = running.planner.unchanged(found.same, running.by_id)
    running.lines += lines
    if running.pour is not None and lines:
        newer = [line.zone_id for line in lines if line.newer and line.zone_id is not None]
        await pouring.pour(tx, running.pour, Batch(confirmed=newer, dated=running.order.declared.dated))
        listed = [line.zone_id for line in lines if line.zone_id is not None]
        await _settle(tx, running, listed, {Reason.MISSING}, ())


@dataclass
class _Keeping:
    """Keeps one batch while the next is being judged."""

    tx: Tx
    running: _Running
    under_way: asyncio.Task[None] | None = None

    async def after(self, decided: Sequence[tuple[Decided, Survey | None]]) -> None:
        """Keep a batch once the one before it has been kept."""
        if self.under_way is not None:
            await self.under_way
        self.under_way = asyncio.create_task(_keep(self.tx, self.running, decided)) if decided else None

    async def aclose(self) -> None:
        """Let nothing use the connection any more, whatever went wrong."""
        if self.under_way is not None:
            self.under_way.cancel()
            await asyncio.gather(self.under_way, return_exceptions=True)


async def _judged(
    tx: Tx, running: _Running, surveyed: Surveyed, keeping: _Keeping
) -> Sequence[tuple[Decided, Survey | None]]:
    declared, planner = running.order.declared, running.planner
    keys = planner.keys(surveyed)
    known = await zones.by_keys(tx, declared.authority, keys, exercise=declared.exercise) if keys else {}
    remembered = await source_store.remembered(tx, [zone.id for zone in known.values()]) if known else {}
    said = (declared.dated, running.planner.run.ignored)
    claimed = [
        (survey, known[survey.key])
        for survey in surveyed.surveys
        if survey.key in known and merging.claims_again(survey, known[survey.key], remembered, said)
    ]
    if claimed:
        await keeping.after(())  # what they change is announced with all that was kept before
    reclaimed = await _reclaimed(tx, running, claimed)
    decided = await asyncio.to_thread(planner.plan, surveyed, {**known, **reclaimed}, remembered, reclaimed.keys())
    for one, survey in decided:
        if survey is not None and one.line.kind in {Kind.SHRUNK, Kind.MOVED}:
            running.shrunk[len(running.lines)] = (known[survey.key].official, survey)
        running.lines.append(one.line)
        running.findings += one.findings
    return decided


async def _reclaimed(tx: Tx, running: _Running, claimed: Sequence[tuple[Survey, Zone]]) -> dict[str, Zone]:
    """Let newer rows overrule release records; return the zones as they are then: dangerous where they were."""
    if running.pour is None or not claimed:
        return {survey.key: zone for survey, zone in claimed}
    back = {}
    for survey, zone in claimed:
        why, dated = f"import {running.import_id}, row {survey.row}", running.order.declared.dated
        if await releasing.claimed_again(
            tx, running.operator, zone.id, survey.official, dated=dated, why=why, now=running.now
        ):
            back[survey.key] = await zones.get_record(tx, zone.id)
    # Each of them was a change of the record of its own: what is kept from now on comes after them.
    running.pour = await pouring.begin(tx, running.operator, why=running.pour.why, now=running.now)
    return back


async def _keep(tx: Tx, running: _Running, decided: Sequence[tuple[Decided, Survey | None]]) -> None:
    """Keep what a batch adds; the records of what waits go to the database, not into the report."""
    doubts = [doubt for one, _ in decided for doubt in one.doubts]
    running.quarantined += [replace(doubt, record={}) for doubt in doubts]
    if running.pour is None:
        return
    declared = running.order.declared
    kept = [(one.zone, one.line) for one, _ in decided if one.zone is not None]
    await pouring.pour(
        tx,
        running.pour,
        Batch(
            new=[zone for zone, line in kept if line.kind is Kind.NEW],
            changed=[zone for zone, line in kept if line.kind not in {Kind.NEW, Kind.UNCHANGED}],
            confirmed=[zone.id for zone, line in kept if line.kind is Kind.UNCHANGED],
            dated=declared.dated,
        ),
    )
    await waiting_store.add(tx, running.import_id, declared, doubts)
    await _settle_judged(tx, running, [one for one, _ in decided], doubts)
    taken = {one.line.zone_id: one.taken for one, _ in decided if one.taken is not None and one.line.zone_id}
    await source_store.remember(tx, declared.authority, taken, exercise=declared.exercise)


async def _settle_judged(tx: Tx, running: _Running, decided: Sequence[Decided], doubts: Sequence[Quarantined]) -> None:
    """Close what older files asked about these zones and this one does not; a claimed end stays while it is claimed."""
    lines = [one.line for one in decided if one.line.zone_id in running.by_id]
    same = [line.zone_id for line in lines if line.kind is Kind.UNCHANGED and line.zone_id]
    told = [line.zone_id for line in lines if line.kind not in {Kind.UNCHANGED, Kind.IN_DOUBT} and line.zone_id]
    await _settle(tx, running, same, REMOVING - {Reason.CLOSED}, ())
    await _settle(tx, running, told, REMOVING, doubts)


async def _settle(
    tx: Tx, running: _Running, ids: Sequence[UUID], reasons: Collection[Reason], still: Sequence[Quarantined]
) -> None:
    if ids:
        settling = waiting_store.Settling(running.import_id, running.order.declared, reasons, still)
        await waiting_store.settle(tx, ids, settling, by=running.operator.id, now=running.now)


async def _missing(tx: Tx, running: _Running) -> None:
    """Note which zones of this list a complete file no longer holds: they are stale now, and only that (R6)."""
    shares = Shares(running.planner.given)
    for at, (before, survey) in running.shrunk.items():
        own = (survey.external_id, survey.official)
        running.lines[at] = parted(running.lines[at], shares.of(before, own))
    ids = running.planner.unlisted() if running.order.declared.complete else []
    for start in range(0, len(ids), BATCH):
        gone = await pouring.by_ids(tx, ids[start : start + BATCH])
        decided = [rules.missing(zone, running.planner.run) for zone in gone]
        running.lines += [parted(one.line, shares.of(zone.official)) for one, zone in zip(decided, gone, strict=True)]
        doubts = [doubt for one in decided for doubt in one.doubts]
        running.quarantined += doubts
        if running.pour is not None:
            await pouring.pour(tx, running.pour, Batch(missing=[zone.id for zone in gone]))
            await waiting_store.add(tx, running.import_id, running.order.declared, doubts)


async def _ended(tx: Tx, running: _Running, found: Sifted) -> Report:
    order, declared, import_id, now = running.order, running.order.declared, running.import_id, running.now
    running.lines.sort(key=lambda line: (line.row == 0, line.row))
    plan = Plan(tuple(running.lines), tuple(running.quarantined), tuple(running.findings))
    counts = rules.counts(plan)
    if running.pour is not None:
        await pouring.end(tx, running.pour, {declared.authority})
        await _keep_mapping(tx, running)
    lines = [replace(line, zone_id=None) if order.dry_run and line.kind is Kind.NEW else line for line in plan.lines]
    await store.add_lines(tx, import_id, lines)
    await store.add_findings(tx, import_id, plan.findings)
    remarks = [{"code": one.code.value, "detail": one.detail, "row": one.row} for one in found.remarks]
    state = State.PLANNED if order.dry_run else State.APPLIED
    told = {"state": state.value, "counts": counts, "rows": found.rows, "remarks": remarks, "now": now}
    if not await store.end(tx, import_id, told):
        why = "The import was cancelled while it ran; nothing of it was kept."
        raise Refused(Fault.CONFLICT, "import-cancelled", why, remedy="Import the file again.")
    await store.drop_file(tx, import_id)
    detail = {"authority": declared.authority, "feed": declared.feed, "exercise": declared.exercise, **counts}
    detail |= {"points_buffer_m": declared.buffer_m} if declared.buffer_m else {}
    act = "zones.import.plan" if order.dry_run else "zones.import"
    await operators.record(tx, running.operator, act, str(import_id), detail, now=now)
    return Report(import_id, declared, plan, order.dry_run, found.rows, tuple(found.remarks))


async def _keep_mapping(tx: Tx, running: _Running) -> None:
    declared, text = running.order.declared, running.order.mapping
    if text is not None:
        source = (declared.authority, declared.feed)
        await source_store.put_mapping(tx, source, text, by=running.operator.id, now=running.now)


def row_of(import_id: UUID, operator: Operator, order: Order, state: State, *, now: datetime) -> dict[str, Any]:
    """Return an import as it is put down."""
    declared = order.declared
    stated = {name: getattr(declared, name) for name in Declared.__slots__}
    return {
        "id": import_id,
        "authority": declared.authority,
        "feed": declared.feed,
        "dated": declared.dated,
        "exercise": declared.exercise,
        "dry_run": order.dry_run,
        "state": state.value,
        "stated": {**stated, "dated": declared.dated.isoformat()},
        "mapping": order.mapping,
        "origin": order.origin,
        "at": now,
        "operator_id": operator.id,
    }
