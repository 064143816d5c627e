"""Turning an approved area into batches: page by page, each page one commit, nobody twice and nobody missed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.alerts import paging, reach, rules
from service.alerts.actions import live, plan_job
from service.alerts.addressing import Lots, Spoken, text_lot
from service.alerts.model import Alert, Area, LiveAlert, Phase, State
from service.alerts.paging import Mind, Page
from service.alerts.passing import Over
from service.alerts.records import Cursor, Pass, Progress, Skip, Skipped
from service.alerts.store import messages, plans, skips
from service.delivery import actions as delivery
from service.delivery import queueing
from service.delivery.model import CHANNEL_OF, ChannelName, Lot, Message, Severity
from service.kit.db import Tx
from service.kit.house import House
from service.kit.jobs import defer, under_way
from service.residents import audience, phones
from service.residents import rules as who
from service.residents.model import AddressKind, CellRings, Group, Resident, Sorting


async def plan_page(tx: Tx, house: House, alert_id: UUID, mind: Mind) -> Progress:
    """Plan one page and move the cursor, all in the caller's transaction.

    The first pass looks at everybody. A registration written while it ran may have been passed over: the second pass
    looks at those, once every transaction that could not yet see the approval has ended. `mind` is the caller's, kept
    from page to page; after an error it is worth nothing.
    """
    now = house.clock.now()
    cursor = await plans.lock_plan(tx, alert_id)
    alert = await messages.get(tx, alert_id)
    if cursor is None or alert is None or alert.state not in rules.TOLD or not reach.is_due(cursor, now=now):
        return Progress.DONE
    if cursor.settled_at is None:
        cursor = await _begin(tx, alert, cursor)
    if cursor.plan_pass is Pass.MEANWHILE and not await plans.settled(tx, cursor.settled_at or "0"):
        return Progress.WAITS
    if mind.cursor != cursor:
        await paging.remember(tx, house, alert, mind)
    page = await paging.next_page(tx, house, alert, cursor, mind)
    mind.cursor = await _plan(tx, house, alert, page, mind)
    await plans.move_plan(tx, alert_id, mind.cursor)
    return Progress.MORE if reach.is_due(mind.cursor, now=now) else Progress.DONE


async def _begin(tx: Tx, alert: Alert, cursor: Cursor) -> Cursor:
    begun = replace(cursor, settled_at=await plans.horizon(tx))
    if alert.state is State.APPROVED:
        await messages.begin(tx, alert.id)
    await plans.move_plan(tx, alert.id, begun)
    return begun


async def _plan(tx: Tx, house: House, alert: Alert, page: Page, mind: Mind) -> Cursor:
    """Write batches for those of a page who are told, and the reasons of the others; return where planning goes on."""
    now, told = house.clock.now(), alert.bulletin()
    over, lots, spoken = Over(), Lots(), Spoken.of(house, alert)
    due_at = reach.look_again(page.first_at or now, now=now)
    wanted, warned = _parted(page, mind)
    for number in warned:
        over.add(Skip.ALREADY_WARNED, page.wanted[number], [number])
    how = Sorting(exercise=told.exercise, since=page.moved.seen_from, capped=page.told_before)
    for group in await _new_groups(tx, alert, wanted, how, now=now):
        if group.reason is not None:
            over.add(group.reason, group.ring, group.numbers)
            continue
        tired, fresh = mind.tired.part(group.numbers) if due_at and mind.tired and not page.told_before else ([], None)
        over.add(Skip.DELAYED, group.ring, tired)
        _put(lots, over, spoken, group if fresh is None else replace(group, numbers=fresh))
    await _beside(tx, house, alert, page, (lots, over))
    await queueing.enqueue(tx, told, lots.whole(), clock=house.clock)
    delayed = await over.note(tx, alert.id, at=page.first_at or now, due_at=due_at)
    if page.first_at is None and not delayed:
        return page.moved
    return replace(page.moved, resume_at=await skips.next_due(tx, alert.id))


async def _beside(tx: Tx, house: House, alert: Alert, page: Page, into: tuple[Lots, Over]) -> None:
    """Let whoever had the text of an earlier message have this one by text too, beside the push (R19)."""
    lots, over = into
    if not page.texted:
        return
    numbered = set(await phones.with_number(tx, [*page.texted]))
    for number in page.texted.keys() - numbered:
        over.add(Skip.NO_NUMBER, page.texted[number], [number], ChannelName.SMS)
    wanted = {number: ring for number, ring in page.texted.items() if number in numbered}
    how, spoken = Sorting(exercise=alert.draft.exercise, since="0", capped=True), Spoken.of(house, alert)
    for group in await audience.sort(tx, wanted, how, now=house.clock.now()):
        if group.kind is None or group.kind is AddressKind.SMS:
            continue  # a text is how they are told anyway
        language = spoken.language(group.languages, ChannelName.SMS)
        if language is None or group.reason is not None:
            reason = Skip.NO_TEXT if language is None else group.reason
            over.add(str(reason), group.ring, group.numbers, ChannelName.SMS)
        else:
            lots.add(text_lot(group.ring, language), group.numbers)


def _parted(page: Page, mind: Mind) -> tuple[Mapping[int, int], Sequence[int]]:
    """Part those who may be told from those who were warned of the same thing already (R21)."""
    if page.told_before or not mind.warned:
        return page.wanted, ()
    warned, others = mind.warned.part(page.wanted)
    return {number: page.wanted[number] for number in others}, warned


async def _new_groups(tx: Tx, alert: Alert, wanted: Mapping[int, int], how: Sorting, *, now: datetime) -> list[Group]:
    """Group those of a page; who was written lately may have been planned by somebody else, and is looked up."""
    groups = []
    for group in await audience.sort(tx, wanted, how, now=now):
        if group.late:
            known = await queueing.planned_already(tx, alert.bulletin(), group.numbers)
            groups.append(replace(group, numbers=[number for number in group.numbers if number not in known]))
        else:
            groups.append(group)
    return groups


def _put(lots: Lots, over: Over, spoken: Spoken, group: Group) -> None:
    """Put a group together with others who are told in the same way, or note that nothing can be said to it."""
    if group.kind is None:
        return  # no address: it has a reason, and is not among those who are told
    channel = CHANNEL_OF[group.kind]
    language = spoken.language(group.languages, channel)
    if language is None:
        over.add(Skip.NO_TEXT, group.ring, group.numbers)
    else:
        lots.add(Lot(group.ring, group.verified, channel, language), group.numbers)


async def join(tx: Tx, house: House, resident: Resident, *, now: datetime) -> list[LiveAlert]:
    """Plan a registration that was just written into every live alert of its cells; return what it should know.

    Called after the row is written, in the same transaction: an approval that this transaction cannot see yet finds the
    row in its second pass.
    """
    exercises = (False, True) if resident.tester_until and resident.tester_until > now else (False,)
    told = [one for kind in exercises for one in await live(tx, resident.cells.reveal(), exercise=kind, now=now)]
    for one in told:
        # A correction or an end goes to the first group only (R19), even one that says that the warning stands.
        if one.phase is Phase.LIVE and one.bulletin.message in reach.WIDENS:
            await _join_one(tx, house, resident, one.bulletin.alert_id, now=now)
    return told


async def _join_one(tx: Tx, house: House, resident: Resident, alert_id: UUID, *, now: datetime) -> None:
    await plans.share_plan(tx, alert_id)
    alert = await messages.get(tx, alert_id)
    if alert is None or alert.state not in rules.TOLD:
        return
    rings = await plans.rings_of(tx, alert_id, resident.cells.reveal())
    ring = who.is_meant(resident, rings, exercise=alert.draft.exercise, now=now)
    if not isinstance(ring, int) or await _passed_over(tx, alert, resident.number, ring, now=now):
        return
    how = Sorting(exercise=alert.draft.exercise, since="0")
    lots, over, spoken = Lots(), Over(), Spoken.of(house, alert)
    for group in await _new_groups(tx, alert, {resident.number: ring}, how, now=now):
        _put(lots, over, spoken, group)
    await queueing.enqueue(tx, alert.bulletin(), lots.whole(), clock=house.clock)
    await over.note(tx, alert.id, at=now)


async def _passed_over(tx: Tx, alert: Alert, number: int, ring: int, *, now: datetime) -> bool:
    """Say whether somebody who joins was warned of the same thing already, and keep that (R21)."""
    if not reach.asks_who_was_warned(alert.message, alert.draft.repeat):
        return False
    told = alert.bulletin()
    warned = [one async for numbers in queueing.warned(tx, told, number=number, now=now) for one in numbers]
    if number not in warned:
        return False
    if await skips.why_skipped(tx, alert.id, [number]) is None:
        await skips.insert(tx, alert.id, [Skipped(Skip.ALREADY_WARNED, ring, [number], now)])
    return True


async def sweep(tx: Tx, house: House) -> None:
    """Take up every alert whose planning stands still, and call those sent of which nothing waits any more."""
    waiting, now = await under_way(tx), house.clock.now()
    for row in await messages.open_alerts(tx, now=now):
        if row["due"] and f"plan:{row['id']}" not in waiting:
            await defer(tx, plan_job(row["id"], Severity(row["severity"]), Message(row["message"])), clock=house.clock)
        elif row["planned"] and await delivery.finished(tx, row["id"], row["revision"]):
            await messages.finish(tx, row["id"], now=now)


async def size(tx: Tx, alert_id: UUID) -> int:
    """Return of how many cells an approved area is made."""
    return sum(cell > 0 for cell in (await plans.ordered(tx, alert_id)).cells)


async def count(tx: Tx, area: Area, *, exercise: bool, now: datetime) -> int:
    """Return exactly how many registrations an area would reach now; whoever shows it blurs it (R26)."""
    rings = CellRings(list(area.rings.keys()), list(area.rings.values()))
    return await audience.count(tx, rings, exercise=exercise, now=now)
