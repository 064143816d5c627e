"""Background entries of publication; worker.py gives them the house."""

import procrastinate
from procrastinate import JobContext

from service.kit.db import transaction
from service.kit.house import House
from service.kit.jobs import Persist, Queue
from service.publication import actions, building
from service.publication.model import World

tasks = procrastinate.Blueprint()


@tasks.task(name="due", queue=Queue.SLOW.value, retry=Persist(), pass_context=True)
async def due(context: JobContext, *, cells: list[str], exercise: bool) -> None:
    """Note the packs that a change touches; many changes are then built at once."""
    house: House = context.additional_context["house"]
    async with transaction(house.pool) as tx:
        await actions.note(tx, cells, world=World.of(exercise=exercise), now=house.clock.now())


@tasks.task(name="build", queue=Queue.SLOW.value, retry=Persist(), pass_context=True)
async def build(context: JobContext, *, world: str) -> None:
    """Make what is due in a world until nothing is."""
    house: House = context.additional_context["house"]
    while await building.build(house, World(world)):
        pass


@tasks.task(name="refine", queue=Queue.SLOW.value, retry=Persist(), pass_context=True)
async def refine(context: JobContext) -> None:
    """Make everything as small as it gets."""
    house: House = context.additional_context["house"]
    while await building.refine(house):
        pass
