"""Segments a second: a provider gets no more than was agreed, however many workers send, with Redis or without."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from service.delivery import providers
from service.delivery.channels.sms_rates import Rates
from service.delivery.providers import Provider

PER_SECOND = 60
FILE = """
[[provider]]
name = "{name}"
protocol = "http"
sender = "INFO"
per_second = {per_second}
price = "0.03"
[provider.http]
url = "https://gateway.example/send"
form = {{to = "{{to}}", text = "{{text}}"}}
id = {{json = "id"}}
answers = [{{status = [200], means = "taken"}}]
at_once = 100
"""


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    file = tmp_path / "providers.toml"
    file.write_text(FILE.format(name=f"t{uuid4().hex[:12]}", per_second=PER_SECOND))
    return providers.read(file)[0]


async def sent(rates: list[Rates], provider: Provider, *, segments: int, seconds: float) -> list[float]:
    """Send long texts by all workers for a while; return when each segment went."""
    moments: list[float] = []
    began = time.monotonic()

    async def one(mine: Rates) -> None:
        while time.monotonic() < began + seconds:
            async with mine.turn(provider.name, segments, rank=1):
                moments.extend([time.monotonic() - began] * segments)

    async with asyncio.TaskGroup() as group:
        for each in rates:
            for _ in range(5):
                group.create_task(one(each))
    return moments


@pytest.mark.parametrize("shared", [True, False])
async def test_three_workers_together_keep_to_the_rate_and_use_it(
    provider: Provider, redis_url: str, *, shared: bool
) -> None:
    workers = [Rates([provider], redis_url=redis_url if shared else None) for _ in range(3)]
    for each in workers:
        each.divide(3)
    moments = await sent(workers, provider, segments=3, seconds=3.0)
    per_second = Counter(int(moment) for moment in moments if moment < 3)
    assert all(0.7 * PER_SECOND <= per_second[second] <= 1.15 * PER_SECOND for second in range(1, 3)), per_second
    for each in workers:
        await each.close()


async def test_a_turn_that_is_not_used_costs_the_next_nothing(provider: Provider) -> None:
    rates = Rates([provider])
    began = time.monotonic()
    for _ in range(200):
        async with rates.turn(provider.name, 3, rank=1) as turn:
            turn.unused = True
    assert time.monotonic() - began < 1
    await rates.close()


async def test_a_provider_that_finds_it_too_much_gets_less_for_a_while(provider: Provider) -> None:
    rates = Rates([provider])
    for _ in range(3):
        rates.slow_down(provider.name)
        async with rates.turn(provider.name, 1, rank=1):
            await asyncio.sleep(1.01)
    moments = await sent([rates], provider, segments=1, seconds=1.0)
    assert len(moments) < 0.9 * PER_SECOND
    await rates.close()
