"""A flood of inbound texts is answered little by little: warnings find their connections, and memory does not grow."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from service.conversations.hands import MOST_WAITING
from service.conversations.model import Heard, Reply
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from tests.integration.letterbox import Letterbox, Talk, letterbox, own_keys, text

TEXTS, NUMBERS, HANDS = 10_000, 5_000, 3


class SlowTalk(Talk):
    """Holds a connection of the database for each answer, as real answers do."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = self.most = 0

    async def answer(self, house: House, heard: Heard) -> Reply | None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        async with transaction(house.pool) as tx:
            await tx.execute("SELECT pg_sleep(0.002)")
        self.at_once -= 1
        self.heard.append(heard.text.reveal())
        return Reply(Hidden(f"answer {len(self.heard)}"), "talk.test", "en")


@pytest.fixture
async def flooded(house: House, redis_url: str) -> AsyncIterator[tuple[Letterbox, SlowTalk]]:
    talk = SlowTalk()
    box = letterbox(own_keys(house), talk, redis_url, hands=HANDS)
    yield box, talk
    await box.close()


async def test_ten_thousand_texts_hold_no_warning_up(flooded: tuple[Letterbox, SlowTalk], house: House) -> None:
    box, talk = flooded
    refused = 0

    async def write(number: int) -> None:
        nonlocal refused
        try:
            await box.inbox.take(text(f"village {number}", sender=f"+38067{1_000_000 + number % NUMBERS}"))
        except Refused as no:
            assert no.name == "text-put-off"  # noqa: PT017 - each of ten thousand is looked at
            refused += 1

    flood = asyncio.gather(*(write(number) for number in range(TEXTS)))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(2):
        assert await box.inbox.take(text("a mine by the river", sender="+380677777777")) is not None
        assert await box.inbox.take(text("stop", sender="+380677777778")) is not None
    waits = []
    while not flood.done():
        began = time.monotonic()
        async with transaction(house.pool) as tx:
            await tx.execute("SELECT 1")
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    await flood
    assert talk.most <= HANDS, "the other connections are for warnings"
    assert len(talk.heard) + refused == TEXTS + 2, (
        "nobody was passed over in silence: operators deliver the others again"
    )
    assert len(talk.heard) >= MOST_WAITING
    assert sorted(waits)[int(len(waits) * 0.95)] < 0.5
