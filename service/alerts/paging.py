"""Whom a page of planning looks at: those told before, who stands in the area, who was written meanwhile, who waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.alerts import reach
from service.alerts.model import Alert
from service.alerts.records import Cursor, Pass
from service.alerts.store import plans, skips
from service.config import Settings
from service.delivery import queueing
from service.delivery.model import BATCH_SIZE
from service.kit.db import Tx
from service.kit.house import House
from service.kit.marks import Marks
from service.residents import audience
from service.residents.model import CellRings

SKIPS_TOGETHER = 1000
"""How many of those passed over stand in one row: so few that one of them is found quickly."""

CELLS_TOGETHER = 5_000
"""How many cells a page looks into at most; a country has a hundred thousand."""


@dataclass(slots=True)
class Mind:
    """What a planner remembers between pages; read anew where somebody else planned a page meanwhile."""

    cursor: Cursor | None = None
    area: CellRings = field(default_factory=lambda: CellRings((), ()))
    seen: Marks = field(default_factory=Marks)
    texted: Marks = field(default_factory=Marks)
    warned: Marks = field(default_factory=Marks)
    tired: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class Page:
    """Those whom a page looks at, with their rings, and where the next begins.

    `told_before`: they heard an earlier message, so they hear this one whatever else holds (R19). `first_at`: since
    when they wait, if they were delayed. `texted`: whom an earlier message reached by text.
    """

    wanted: Mapping[int, int]
    moved: Cursor
    told_before: bool = False
    first_at: datetime | None = None
    texted: Mapping[int, int] = field(default_factory=dict)


async def remember(tx: Tx, house: House, alert: Alert, mind: Mind) -> None:
    """Read anew who was planned or passed over already, who was warned of the same thing, who heard enough lately."""
    told, now, settings = alert.bulletin(), house.clock.now(), house.get(Settings)
    mind.area = await plans.ordered(tx, alert.id)
    mind.seen, mind.texted, mind.warned, mind.tired = Marks(), Marks(), Marks(), Marks()
    async for numbers in queueing.planned(tx, told):
        mind.seen.add(numbers)
    async for numbers in queueing.texted(tx, told.alert_id, told.revision):
        mind.texted.add(numbers)
    async for numbers in skips.skipped(tx, alert.id):
        mind.seen.add(numbers)
    if reach.asks_who_was_warned(told.message, alert.draft.repeat):
        async for numbers in queueing.warned(tx, told, now=now):
            mind.warned.add(numbers)
    budget = reach.budget(settings.messages_a_day, settings.messages_a_week, told.severity, told.message)
    if budget is not None:
        mind.tired.add(await queueing.tired(tx, told, (budget.a_day, budget.a_week), now=now))


async def next_page(tx: Tx, house: House, alert: Alert, cursor: Cursor, mind: Mind) -> Page:
    """Return the next page; the caller holds the plan's lock."""
    limit = reach.page_size(cursor, house.get(Settings).plan_page)
    match cursor.plan_pass:
        case Pass.EARLIER:
            return await _earlier(tx, alert, cursor, mind, limit=max(1, limit // BATCH_SIZE))
        case Pass.ALL:
            return await _standing(tx, alert, cursor, mind, limit=limit)
        case Pass.MEANWHILE:
            return await _written(tx, alert, cursor, mind, limit=limit)
        case Pass.DONE:
            return await _delayed(tx, alert, cursor, limit=limit, now=house.clock.now())


async def _earlier(tx: Tx, alert: Alert, cursor: Cursor, mind: Mind, *, limit: int) -> Page:
    """Return those whom an earlier message of the lineage may have reached, wherever they are now (R19)."""
    rows = await queueing.earlier(tx, alert.bulletin(), after=cursor.number, limit=limit)
    present = await audience.present(tx, [number for one in rows for number in one.numbers])
    wanted: dict[int, int] = {}
    texted: dict[int, int] = {}
    for one in rows:
        numbers = [present[number] for number in one.numbers if number in present]
        wanted.update(dict.fromkeys(mind.seen.take(numbers), one.ring))
        texted.update(dict.fromkeys(mind.texted.take(numbers) if one.by_text else (), one.ring))
    last = (0, rows[-1].id) if len(rows) == limit else None
    return Page(wanted, reach.next_page(cursor, last, alert.message), told_before=True, texted=texted)


async def _standing(tx: Tx, alert: Alert, cursor: Cursor, mind: Mind, *, limit: int) -> Page:
    """Return those who stand in the next cells, each in its nearest, as cells come nearest first."""
    end = cursor.place + CELLS_TOGETHER
    cells, rings = mind.area.cells[cursor.place : end], mind.area.rings[cursor.place : end]
    rows = await audience.standing(tx, cells, after=cursor.number, limit=limit)
    wanted: dict[int, int] = {}
    for place, numbers in rows:
        wanted.update(dict.fromkeys(mind.seen.take(numbers), rings[place]))
    last = (end, 0) if end < len(mind.area.cells) else None
    if sum(len(numbers) for _, numbers in rows) >= limit:
        last = cursor.place + rows[-1][0], rows[-1][1][-1]
    return Page(wanted, reach.next_page(cursor, last, alert.message))


async def _written(tx: Tx, alert: Alert, cursor: Cursor, mind: Mind, *, limit: int) -> Page:
    """Return those who were written meanwhile; who was seen before may have been passed over for what is no more."""
    rows = await audience.written(tx, mind.area, cursor.seen_from, after=cursor.number, limit=limit)
    wanted = {number: ring for number, ring in rows if ring is not None}
    last = (0, rows[-1][0]) if len(rows) == limit else None
    return Page(wanted, reach.next_page(cursor, last, alert.message))


async def _delayed(tx: Tx, alert: Alert, cursor: Cursor, *, limit: int, now: datetime) -> Page:
    """Return delayed ones who are due, out of the record of the passed over."""
    parts = await skips.take_due(tx, alert.id, limit=max(1, limit // SKIPS_TOGETHER), now=now)
    wanted = {number: part.ring for part in parts for number in part.numbers}
    return Page(wanted, cursor, first_at=min((part.at for part in parts), default=now))
