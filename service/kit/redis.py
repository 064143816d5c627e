"""A Redis that may be away at any moment, and then costs nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis.asyncio
import structlog
from redis.exceptions import RedisError

T = TypeVar("T")

_log = structlog.get_logger()
_TIMEOUT_SECONDS = 0.2
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 10.0


class Redis:
    """Commands through `attempt`; after a failure nobody waits for it until a pause of 1, 2, 4 … 10 s is over."""

    def __init__(self, url: str | None) -> None:
        self._client = _connect(url) if url else None
        self._pause = 0.0
        self._closed_until = 0.0

    @property
    def client(self) -> redis.asyncio.Redis | None:
        """The connection itself, for who can bear its errors; None when no Redis is configured."""
        return self._client

    async def attempt(self, command: Callable[[redis.asyncio.Redis], Awaitable[T]]) -> T | None:
        """Return what the command returns, or None when Redis is away; raises nothing for that."""
        if self._client is None or _monotonic() < self._closed_until:
            return None
        # Whoever comes while this one tries is sent away at once, if the last try failed.
        pause = self._pause
        self._closed_until = _monotonic() + pause
        try:
            answer = await command(self._client)
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error, seen=pause)
            return None
        if self._pause:
            _log.info("redis.back")
        self._pause = self._closed_until = 0.0
        return answer

    def _failed(self, error: Exception, *, seen: float) -> None:
        if self._pause != seen:
            return  # one of many that failed together: the pause has grown already
        self._pause = min(_LONGEST_PAUSE_SECONDS, seen * 2 or _FIRST_PAUSE_SECONDS)
        self._closed_until = _monotonic() + self._pause
        _log.warning("redis.away", error=type(error).__name__, pause=self._pause)

    async def hint(self, channel: str) -> None:
        """Tell other processes that something changed; they would notice by themselves, later."""

        async def publish(client: redis.asyncio.Redis) -> int:
            return int(await client.publish(channel, b""))

        await self.attempt(publish)

    async def reachable(self) -> bool:
        async def ping(client: redis.asyncio.Redis) -> bool:
            return bool(await client.ping())

        return await self.attempt(ping) is True

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


def _connect(url: str) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=None,
        health_check_interval=0,
    )


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
