"""Background entries of alerts; worker.py gives them the house."""

import asyncio
from uuid import UUID

import procrastinate
from procrastinate import JobContext

from service.alerts import planning, spreading
from service.kit.db import transaction
from service.kit.house import House
from service.kit.jobs import Persist, Queue

tasks = procrastinate.Blueprint()
_BREATH_SECONDS = 0.05


@tasks.task(name="plan", queue=Queue.URGENT.value, retry=Persist(), pass_context=True)
async def plan(context: JobContext, *, alert: str) -> None:
    """Plan page by page; a killed worker's successor goes on from the cursor."""
    house: House = context.additional_context["house"]
    more = True
    while more:
        async with transaction(house.pool) as tx:
            more = await planning.plan_page(tx, house, UUID(alert))
        await asyncio.sleep(_BREATH_SECONDS if more else 0)


@tasks.task(name="spread", queue=Queue.URGENT.value, retry=Persist(), pass_context=True)
async def spread(context: JobContext, *, alert: str) -> None:
    """Write the letters of an alert to topics, for phones that nobody knows."""
    house: House = context.additional_context["house"]
    await spreading.spread(house, UUID(alert))
