"""Turning an approved area into batches: page by page, each page one commit, nobody twice and nobody missed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.alerts import composing, rules
from service.alerts.actions import live, plan_job
from service.alerts.model import Alert, Area, Cursor, LiveAlert, Phase, State
from service.alerts.store import messages, plans
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery.model import Message, Severity
from service.i18n.catalogues import Catalogues
from service.kit.db import Tx
from service.kit.house import House
from service.kit.jobs import defer, under_way
from service.residents import actions as residents
from service.residents import rules as who
from service.residents.model import CellRings, Matched, PageOf, Resident


async def plan_page(tx: Tx, house: House, alert_id: UUID) -> bool:
    """Plan one page and move the cursor, all in the caller's transaction; False when there is nothing left to plan.

    The first pass looks at everybody. A registration written while it ran may have been passed over: the second pass
    looks at those, once every transaction that could not yet see the approval has ended.
    """
    cursor = await plans.lock_plan(tx, alert_id)
    alert = await messages.get(tx, alert_id)
    if cursor is None or alert is None or alert.state not in rules.TOLD or cursor.plan_pass == rules.PASS_DONE:
        return False
    if cursor.seen_from is None:
        cursor = await _begin(tx, alert, cursor)
    if cursor.plan_pass == rules.PASS_MEANWHILE and not await plans.settled(tx, cursor.settled_at or "0"):
        return True
    page = await _page(tx, house, alert, cursor)
    await _enqueue(tx, house, alert, ring=cursor.ring, page=page)
    moved = rules.next_place(cursor, [one.number for one in page], limit=house.get(Settings).plan_page)
    await plans.move_plan(tx, alert_id, moved)
    return moved.plan_pass != rules.PASS_DONE


async def _begin(tx: Tx, alert: Alert, cursor: Cursor) -> Cursor:
    seen_from, settled_at = await plans.horizon(tx)
    if alert.state is State.APPROVED:
        await messages.begin(tx, alert.id)
    return replace(cursor, seen_from=seen_from, settled_at=settled_at)


async def _page(tx: Tx, house: House, alert: Alert, cursor: Cursor) -> list[Matched]:
    rings = await plans.rings(tx, alert.id)
    asked = PageOf(
        ring=cursor.ring,
        verified=cursor.verified,
        exercise=alert.draft.exercise,
        after=cursor.after,
        limit=house.get(Settings).plan_page,
        since=cursor.seen_from if cursor.plan_pass == rules.PASS_MEANWHILE else None,
    )
    area = CellRings(list(rings.keys()), list(rings.values()))
    return await residents.page(tx, area, asked=asked, now=house.clock.now())


async def _enqueue(tx: Tx, house: House, alert: Alert, *, ring: int, page: Sequence[Matched]) -> int:
    catalogues = house.get(Catalogues)
    texts, _ = composing.from_json(alert.snapshot or ())
    spoken = [text.language for text in texts]
    chosen: dict[tuple[str, ...], str] = {}
    groups: dict[str, list[int]] = defaultdict(list)
    for one in page:
        if one.languages not in chosen:
            chosen[one.languages] = catalogues.choose(one.languages, available=spoken).tag
        groups[chosen[one.languages]].append(one.number)
    return await delivery.enqueue(tx, alert.bulletin(), ring=ring, groups=groups, clock=house.clock)


async def join(tx: Tx, house: House, resident: Resident, *, now: datetime) -> list[LiveAlert]:
    """Plan a registration that was just written into every live alert of its cells; return what it should know.

    Called after the row is written, in the same transaction: an approval that this transaction cannot see yet finds the
    row in its second pass.
    """
    exercises = (False, True) if resident.tester_until and resident.tester_until > now else (False,)
    told = [one for kind in exercises for one in await live(tx, resident.cells.reveal(), exercise=kind, now=now)]
    for one in told:
        # A correction or an end goes to the first group only (R19), even one that says that the warning stands.
        if one.phase is Phase.LIVE and one.bulletin.message in {Message.WARNING, Message.UPDATE}:
            await _join_one(tx, house, resident, one.bulletin.alert_id, now=now)
    return told


async def _join_one(tx: Tx, house: House, resident: Resident, alert_id: UUID, *, now: datetime) -> None:
    await plans.share_plan(tx, alert_id)
    alert = await messages.get(tx, alert_id)
    if alert is None or alert.state not in rules.TOLD:
        return
    rings = await plans.rings(tx, alert_id)
    ring = who.is_meant(resident, rings, exercise=alert.draft.exercise, now=now)
    if isinstance(ring, int):
        page = [Matched(resident.number, resident.languages)]
        await _enqueue(tx, house, alert, ring=ring, page=page)


async def sweep(tx: Tx, house: House) -> None:
    """Take up every alert whose planning stands still, and call those sent of which nothing waits any more."""
    waiting = await under_way(tx)
    for row in await messages.open_alerts(tx):
        if not row["planned"]:
            if f"plan:{row['id']}" not in waiting:
                await defer(tx, plan_job(row["id"], severity=Severity(row["severity"])), clock=house.clock)
        elif await delivery.finished(tx, row["id"], row["revision"]):
            await messages.finish(tx, row["id"], now=house.clock.now())


async def size(tx: Tx, alert_id: UUID) -> int:
    """Return of how many cells an approved area is made."""
    return sum(cell > 0 for cell in await plans.rings(tx, alert_id))


async def count(tx: Tx, area: Area, *, exercise: bool, now: datetime) -> int:
    """Return exactly how many registrations an area would reach now; whoever shows it blurs it (R26)."""
    rings = CellRings(list(area.rings.keys()), list(area.rings.values()))
    return await residents.count(tx, rings, exercise=exercise, now=now)
