"""How often one network may ask: counted in Redis, in this process alone while Redis is away."""

import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import redis.asyncio
from fastapi import Depends
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from service.kit.clock import Clock
from service.kit.errors import Kind, Refused
from service.kit.http import HouseDep
from service.kit.network import NetworkDep
from service.kit.redis import Redis

_WALL = Clock()


class TooSoon(Refused):
    """A "no" that time mends: `wait` says how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            Kind.TOO_MANY,
            "too-many-requests",
            "Too many such requests came from this network.",
            remedy=f"Wait {math.ceil(wait.total_seconds())} seconds, then try again.",
        )
        self.wait = wait


class Limiter:
    """Counts requests in fixed windows. It counts afresh whenever Redis goes or comes back, and never fails."""

    def __init__(self, shared: Redis) -> None:
        self._redis = shared
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._shared = _shared(shared.client)

    async def take(self, rate: RateLimitItem, name: str, who: str) -> timedelta | None:
        """Count one request; None if it may pass, else how long to wait."""
        wait = await self._redis.attempt(lambda _: _take(self._shared, rate, name, who)) if self._shared else None
        if wait is None:
            wait = await _take(self._alone, rate, name, who)
        return timedelta(seconds=wait) if wait else None


def limited(name: str, rate: str) -> Any:
    """Make a dependency that lets one network pass at a rate such as "60/minute"; `name` tells counts apart.

    Used as `dependencies=[limited("registrations", "60/minute")]`. Refuses with 429 and Retry-After.
    """
    return Depends(_dependency(name, parse(rate)))


def _dependency(name: str, rate: RateLimitItem) -> Callable[..., Awaitable[None]]:
    async def check(house: HouseDep, network: NetworkDep) -> None:
        wait = await house.get(Limiter).take(rate, name, network.hex())
        if wait is not None:
            raise TooSoon(wait)

    return check


async def _take(counter: FixedWindowRateLimiter | None, rate: RateLimitItem, name: str, who: str) -> float:
    """Return 0 if the request may pass, else the seconds until the window ends."""
    if counter is None or await counter.hit(rate, name, who):
        return 0.0
    window = await counter.get_window_stats(rate, name, who)
    return max(1.0, window.reset_time - _WALL.now().timestamp())


def _shared(client: redis.asyncio.Redis | None) -> FixedWindowRateLimiter | None:
    if client is None:
        return None
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="surefoot:limits",
        connection_pool=client.connection_pool,  # type: ignore[arg-type]  # the library's own way in, mistyped
    )
    return FixedWindowRateLimiter(storage)
