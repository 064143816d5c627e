"""How often one network may call a route: counted in Redis for all processes, in memory while Redis is gone."""

import ipaddress
import time
from collections.abc import Awaitable, Callable, Collection, Mapping

import redis.asyncio
import structlog
from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from service.kit.clock import Clock
from service.kit.crypto import Keyring
from service.kit.errors import Kind, Refused
from service.kit.http import HouseDep

_log = structlog.get_logger()
_REST_SECONDS = 5.0
_TIMEOUT_SECONDS = 0.2
# The library counts by the wall's clock, whatever the house's shows.
_WALL = Clock()
_AWAY = (RedisError, OSError, TimeoutError)
_NETWORK_BITS = {4: 24, 6: 48}
_PLACE_BITS = {4: 32, 6: 64}


class Limits:
    """Counts calls by network; the network is kept as a keyed hash only, and only while its window lasts."""

    def __init__(self, redis_url: str | None, keyring: Keyring, *, trusted_proxies: Collection[str] = ()) -> None:
        self._keyring = keyring
        self._trusted = [ipaddress.ip_network(proxy) for proxy in trusted_proxies]
        self._near = FixedWindowRateLimiter(MemoryStorage())
        self._redis = None if redis_url is None else _connect(redis_url)
        self._far = None if self._redis is None else _in_redis(self._redis)
        self._rest_until = 0.0

    async def take(self, name: str, item: RateLimitItem, client: str) -> int | None:
        """Count one call of a network; None if it is within the limit, else the seconds until the next one may be."""
        return await self.count(name, item, network_of(client))

    async def count(self, name: str, item: RateLimitItem, whose: str) -> int | None:
        """Count one call of whoever it is, as `take` does."""
        key = self._keyring.mac("limits", whose.encode()).hex()
        if self._far is not None and not self._resting:
            try:
                return await _hit(self._far, item, name, key)
            except _AWAY as error:
                self._rest(error)
        return await _hit(self._near, item, name, key)

    async def spent(self, name: str, item: RateLimitItem, whose: str) -> int | None:
        """Say whether one more call would be refused, as `count` does, and count none."""
        key = self._keyring.mac("limits", whose.encode()).hex()
        if self._far is not None and not self._resting:
            try:
                return await _look(self._far, item, name, key)
            except _AWAY as error:
                self._rest(error)
        return await _look(self._near, item, name, key)

    @property
    def has_redis(self) -> bool:
        return self._redis is not None

    async def redis_answers(self) -> bool:
        """Say whether Redis is configured and answers; one that just failed is not asked again so soon."""
        if self._redis is None or self._resting:
            return False
        try:
            await self._redis.ping()
        except _AWAY as error:
            self._rest(error)
            return False
        return True

    @property
    def _resting(self) -> bool:
        return time.monotonic() < self._rest_until

    def _rest(self, error: Exception) -> None:
        """Let Redis rest, so that a dead one costs no caller anything."""
        self._rest_until = time.monotonic() + _REST_SECONDS
        _log.warning("limits.redis_away", error=type(error).__name__)

    def client_of(self, request: Request) -> str:
        """Return the caller's address: the last one that no trusted proxy has, as far as such proxies tell."""
        client = request.client.host if request.client else ""
        # A header may come several times: what the caller wrote stands before what the proxy added.
        told = ",".join(request.headers.getlist("x-forwarded-for"))
        forwarded = [part.strip() for part in told.split(",") if part.strip()]
        while forwarded and self._trusts(client):
            client = forwarded.pop()
        return client

    def _trusts(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def _connect(url: str) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, retry=None
    )


def _in_redis(client: redis.asyncio.Redis) -> FixedWindowRateLimiter:
    shared = {"connection_pool": client.connection_pool}
    storage = RedisStorage("async+redis://", implementation="redispy", **shared)  # type: ignore[arg-type]  # its way in
    return FixedWindowRateLimiter(storage)


async def _hit(limiter: FixedWindowRateLimiter, item: RateLimitItem, name: str, key: str) -> int | None:
    return None if await limiter.hit(item, name, key) else await _wait(limiter, item, name, key)


async def _look(limiter: FixedWindowRateLimiter, item: RateLimitItem, name: str, key: str) -> int | None:
    return None if await limiter.test(item, name, key) else await _wait(limiter, item, name, key)


async def _wait(limiter: FixedWindowRateLimiter, item: RateLimitItem, name: str, key: str) -> int:
    stats = await limiter.get_window_stats(item, name, key)
    return max(1, round(stats.reset_time - _WALL.now().timestamp()))


def network_of(client: str) -> str:
    """Return the caller's network, IPv4 by /24 and IPv6 by /48; the text itself if it is no address."""
    return _cut(client, _NETWORK_BITS)


def place_of(client: str) -> str:
    """Return the caller's own address, IPv6 by /64; the text itself if it is no address."""
    return _cut(client, _PLACE_BITS)


def _cut(client: str, bits: Mapping[int, int]) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((mapped, bits[mapped.version]), strict=False))


def limited(name: str, often: str, *, each: str | None = None) -> Callable[..., Awaitable[None]]:
    """Return the dependency that refuses a network's calls of this name beyond `often`, such as "60/minute".

    `each` holds for every single address (of IPv6, for its /64: a household has one).
    """
    item = parse(often)
    finer = parse(each) if each else None

    async def within(request: Request, house: HouseDep) -> None:
        limits = house.get(Limits)
        client = limits.client_of(request)
        wait = None if finer is None else await limits.count(f"{name}/each", finer, place_of(client))
        _refuse(wait, "address")
        await demand_within(limits, name, item, client)

    return within


async def demand_within(limits: Limits, name: str, item: RateLimitItem, client: str) -> None:
    """Count one call of a network, or of whoever else is named; Refused beyond the limit."""
    _refuse(await limits.take(name, item, client), "network")


def _refuse(wait: int | None, whose: str) -> None:
    if wait is not None:
        detail = f"Too many calls came from this {whose}."
        raise Refused(Kind.TOO_MANY, "too-many-calls", detail, remedy=f"Wait {wait} seconds.", after=wait)
