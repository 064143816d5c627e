"""How often one network may call, with a Redis that goes and comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from limits import parse

from service.kit import limits
from service.kit.crypto import Keyring
from service.kit.limits import Limits
from tests.e2e.relay import Relay

KEYRING = Keyring(bytes(32))
TWO = parse("2/hour")


@pytest.fixture
def relay(redis_url: str) -> Relay:
    return Relay(urlsplit(redis_url).port)


@pytest.fixture
async def shared(relay: Relay, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Limits, Limits]]:
    """Two processes' limits over one Redis."""
    monkeypatch.setattr(limits, "_REST_SECONDS", 0.2)
    both = Limits(relay.url(redis_url), KEYRING), Limits(relay.url(redis_url), KEYRING)
    with relay:
        yield both
        for one in both:
            await one.close()


async def test_processes_count_together(shared: tuple[Limits, Limits]) -> None:
    one, other = shared
    name = uuid4().hex
    assert await one.take(name, TWO, "192.0.2.1") is None
    assert await other.take(name, TWO, "192.0.2.2") is None
    assert await one.take(name, TWO, "192.0.2.3") is not None
    assert await one.take(name, TWO, "192.0.3.1") is None
    assert await one.take(uuid4().hex, TWO, "192.0.2.1") is None


async def test_while_redis_is_gone_each_process_counts_alone_and_then_together_again(
    shared: tuple[Limits, Limits], relay: Relay
) -> None:
    one, other = shared
    name, target = uuid4().hex, relay.target
    await one.take(name, TWO, "192.0.2.1")
    relay.turn(None)
    assert [await one.take(name, TWO, "192.0.2.1") for _ in range(2)] == [None, None]
    assert await one.take(name, TWO, "192.0.2.1") is not None
    assert not await one.redis_answers()
    relay.turn(target)
    await asyncio.sleep(0.3)
    assert await one.redis_answers()
    assert await other.take(name, TWO, "192.0.2.1") is None
    assert await one.take(name, TWO, "192.0.2.1") is not None


async def test_a_redis_that_hangs_costs_a_moment_once(
    relay: Relay, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_REST_SECONDS", 60)
    with socket.create_server(("127.0.0.1", 0)) as silent, relay:
        relay.turn(silent.getsockname()[1])
        stuck = Limits(relay.url(redis_url), KEYRING)
        began = asyncio.get_running_loop().time()
        assert [await stuck.take("hangs", parse("200/hour"), "192.0.2.1") for _ in range(100)] == [None] * 100
        assert asyncio.get_running_loop().time() - began < 1
        await stuck.close()
