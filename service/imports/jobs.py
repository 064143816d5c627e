"""Background entries of imports; worker.py gives them the house."""

from uuid import UUID

import procrastinate
from procrastinate import JobContext

from service.imports import carrying
from service.kit.house import House
from service.kit.jobs import Persist, Queue

tasks = procrastinate.Blueprint()


@tasks.task(name="run", queue=Queue.SLOW.value, retry=Persist(), pass_context=True)
async def run(context: JobContext, *, import_id: str) -> None:
    """Run an import that waits; a killed worker's successor begins it anew, as nothing of it was kept."""
    house: House = context.additional_context["house"]
    await carrying.carry_out(house, UUID(import_id))
