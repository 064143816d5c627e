"""Lets an API process take in what gateways bring; it answers in responses, or leaves answers to a worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from service.config import Settings
from service.conversations import gateways
from service.conversations.gateways import Gateways
from service.conversations.opening import open_inbox
from service.delivery import providers
from service.kit import log
from service.kit.house import House

_log = structlog.get_logger()
_LOOK_SECONDS = 5.0


@asynccontextmanager
async def receiving(house: House) -> AsyncIterator[None]:
    """Know the gateways and hold an inbox while the block runs. Refused where the file of providers is wrong."""
    settings = house.get(Settings)
    known = providers.of(settings)
    house.put(Gateways.open(known))
    async with open_inbox(house, known, alone=settings.api_processes == 1):
        task = asyncio.create_task(_follow(house))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _follow(house: House) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await gateways.settle(house)
        except Exception as error:  # noqa: BLE001 - a single text must not end the answers to all others
            _log.error("inbound.look_failed", error=type(error).__name__, at=log.places(error))
