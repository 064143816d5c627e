"""Background entries of delivery; worker.py gives them the house."""

import random
from functools import partial
from uuid import UUID

import procrastinate
from procrastinate import JobContext

from service.config import Settings
from service.delivery import actions, posting, proving
from service.delivery.model import Channels
from service.delivery.outcomes import OutcomeBook
from service.delivery.topics import TopicWay
from service.kit.db import transaction
from service.kit.house import House
from service.kit.jobs import Persist, Queue

tasks = procrastinate.Blueprint()


class Unanswered(Exception):  # noqa: N818 - the provider's answer is missing, nothing is at fault
    """The provider did not take a message now."""


@tasks.task(name="send", queue=Queue.DELIVERY.value, retry=Persist(), pass_context=True)
async def send(context: JobContext, *, batch: int) -> None:
    """Commit the claim, dial with no transaction open, commit what came of it."""
    house: House = context.additional_context["house"]
    channels = house.get(Channels)
    if channels.gate.held:
        return  # stays waiting: the sweep finds it once sending is resumed
    async with transaction(house.pool) as tx:
        claimed = await actions.claim(tx, house, batch)
    if claimed is None:
        return
    shut = partial(channels.gate.shut_for, claimed.bulletin)
    outcomes = await channels.by(claimed.channel).send(claimed.parcels(), shut=shut)
    house.get(OutcomeBook).note(claimed.channel, outcomes)
    answers = dict(zip(claimed.destinations, outcomes, strict=True))
    # Jitter spreads retries; nothing secret hangs on it.
    jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
    async with transaction(house.pool) as tx:
        await actions.settle(tx, house, claimed, answers, jitter=jitter)


@tasks.task(name="send_topics", queue=Queue.URGENT.value, retry=Persist(), pass_context=True)
async def send_topics(context: JobContext) -> None:
    """Send letters to topics, 20 at a time, until none is due; the lock of the job lets one worker do it."""
    house: House = context.additional_context["house"]
    gate, channel, patience = house.get(Channels).gate, house.get(TopicWay).channel, house.get(Settings).patience
    while not gate.held:
        async with transaction(house.pool) as tx:
            claimed = await posting.claim(tx, house)
        if claimed is None:
            return
        outcomes = await channel.send(claimed.letters, shut=partial(gate.shut_for, claimed.bulletin))
        jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
        async with transaction(house.pool) as tx:
            now = house.clock.now()
            await posting.settle(tx, claimed, outcomes, patience=patience, jitter=jitter, now=now)


@tasks.task(name="verify", queue=Queue.DELIVERY.value, retry=Persist(), pass_context=True)
async def verify(context: JobContext, *, registration: str) -> None:
    """Push the code that proves an address to the address itself."""
    waits = await proving.prove(context.additional_context["house"], UUID(registration), tries=context.job.attempts)
    if waits is not None:
        raise Unanswered(waits.reason)  # Persist tries again


@tasks.task(name="code_by_text", queue=Queue.DELIVERY.value, retry=Persist(), pass_context=True)
async def code_by_text(context: JobContext, *, registration: str) -> None:
    """Text the code that proves a number to the number itself."""
    waits = await proving.prove_number(context.additional_context["house"], UUID(registration))
    if waits is not None:
        raise Unanswered(waits.reason)


@tasks.task(name="ask_by_text", queue=Queue.DELIVERY.value, retry=Persist(), pass_context=True)
async def ask_by_text(context: JobContext, *, registration: str) -> None:
    """Ask at a number of which nothing was heard for long whether it is in use."""
    waits = await proving.ask_number(context.additional_context["house"], UUID(registration))
    if waits is not None:
        raise Unanswered(waits.reason)
