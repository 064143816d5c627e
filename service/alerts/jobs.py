"""Background entries of alerts; worker.py gives them the house."""

import asyncio
from uuid import UUID

import procrastinate
from procrastinate import JobContext

from service.alerts import planning, spreading
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.kit.db import transaction
from service.kit.house import House
from service.kit.jobs import Persist, Queue

tasks = procrastinate.Blueprint()
_BREATH_SECONDS = 0.05
_PATIENCE_SECONDS = 1.0  # then the sweep takes it up again: no hand is kept idle for somebody's long transaction


@tasks.task(name="plan", queue=Queue.URGENT.value, retry=Persist(), pass_context=True)
async def plan(context: JobContext, *, alert: str) -> None:
    """Plan page by page; a killed worker's successor goes on from the cursor."""
    house: House = context.additional_context["house"]
    mind, waited = Mind(), 0.0
    while waited < _PATIENCE_SECONDS:
        async with transaction(house.pool) as tx:
            progress = await planning.plan_page(tx, house, UUID(alert), mind)
        if progress is Progress.DONE:
            return
        if progress is Progress.WAITS:
            waited += _BREATH_SECONDS
            await asyncio.sleep(_BREATH_SECONDS)


@tasks.task(name="spread", queue=Queue.URGENT.value, retry=Persist(), pass_context=True)
async def spread(context: JobContext, *, alert: str) -> None:
    """Write the letters of an alert to topics, for phones that nobody knows."""
    house: House = context.additional_context["house"]
    await spreading.spread(house, UUID(alert))
