"""One budget of messages a minute for all workers: in Redis while it answers, else divided by the live workers."""

import time
from dataclasses import replace
from typing import Any

import redis.asyncio
import structlog
from redis.exceptions import RedisError

from service.delivery.channels.pacing import RAMP_SECONDS, Bucket, Pace

_log = structlog.get_logger()
_TIMEOUT_SECONDS = 0.2
_REST_SECONDS = 5.0
_LONGEST_WAIT = 1.0
_KEPT_MS = 600_000
_AWAY = (RedisError, OSError, TimeoutError)

# As Bucket.take, over one key for all workers and by Redis's own clock; a key that is gone begins as warm as the caller
# says that it was.
_TAKE = """
local full, ramp, gentle = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted, warm, slowed = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'at', 'warm', 'left', 'slowed_at')
local first = math.max(1, full * 0.05)
local at, left, slowed_at = now, first, 0
if held[1] then
  at, warm, left, slowed_at = tonumber(held[1]), tonumber(held[2]), tonumber(held[3]), tonumber(held[4])
end
local passed = math.max(0, now - at)
local speed = math.max(gentle, full * math.sqrt(warm / ramp))
local most = math.max(first, speed * tonumber(ARGV[8]))
local filled = left + passed * speed
local rested = math.min(passed, math.max(0, filled - most) / speed)
warm = math.min(ramp, math.max(0, warm + passed - tonumber(ARGV[9]) * rested))
if slowed and math.abs(now - slowed_at) >= 1 then
  warm, slowed_at = warm * 0.7, now
end
left = math.min(filled, most)
local granted = math.min(wanted, math.floor(left))
left = left - granted
redis.call('HSET', KEYS[1], 'at', string.format('%.6f', now), 'warm', warm, 'left', left,
           'slowed_at', string.format('%.6f', slowed_at))
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[7]))
local wait = math.max(0, 1 - left) / math.max(gentle, full * math.sqrt(warm / ramp))
return {granted, math.ceil(wait * 1000), math.floor(warm * 1000)}
"""


class Budget:
    """Says how many messages may go now. Whoever was told a number may send as many within a quarter of a second.

    Without `ramp` it needs no slow start (`Pace`); what it counts, messages or their segments, is the caller's affair.
    """

    def __init__(self, name: str, per_minute: int, *, ramp: bool = True, redis_url: str | None = None) -> None:
        self._key = f"surefoot:budget:{{{name}}}"
        self._whole = Pace(per_minute, ramp=ramp)
        self._own = Bucket(self._whole, at=time.monotonic())
        self._slowed = False
        self._rests_until = 0.0
        self._redis = None if redis_url is None else _connect(redis_url)
        self._take: Any = None if self._redis is None else self._redis.register_script(_TAKE)

    @property
    def lease(self) -> int:
        """How many to ask for at most, so that no message needs a journey of its own and none are hoarded."""
        return self._whole.lease

    @property
    def speed(self) -> float:
        """Messages a second that may go now, of all workers together as far as this one knows."""
        return self._own.pace.speed(self._own.warm) * (self._own.pace.parts if self.is_divided else 1)

    @property
    def is_divided(self) -> bool:
        """Whether each worker keeps to its own share, as there is no Redis to ask."""
        return self._redis is None or time.monotonic() < self._rests_until

    def divide(self, workers: int) -> None:
        """Learn how many workers send; only their shares count while Redis is away."""
        if workers != self._own.pace.parts:
            self._own.pace = replace(self._whole, parts=workers)
            self._own.left = min(self._own.left, self._own.pace.most(self._own.warm))

    def slow_down(self) -> None:
        """Take to heart that the provider was asked for too much."""
        self._slowed = True

    async def grant(self, wanted: int) -> tuple[int, float]:
        """Return how many may go, and after how many seconds asking for more is worth while."""
        slowed, self._slowed = self._slowed, False
        if not self.is_divided:
            try:
                return await self._ask(wanted, slowed=slowed)
            except _AWAY as error:
                self._rests_until = time.monotonic() + _REST_SECONDS
                _log.warning("budget.redis_away", error=type(error).__name__)
        if slowed:
            self._own.slow_down(now=time.monotonic())
        granted = self._own.take(wanted, now=time.monotonic())
        return granted, min(_LONGEST_WAIT, self._own.wait())

    async def _ask(self, wanted: int, *, slowed: bool) -> tuple[int, float]:
        whole = self._whole
        speeds = (whole.full, RAMP_SECONDS, whole.gentle)
        said = (*speeds, wanted, self._own.warm, int(slowed), _KEPT_MS, whole.pile_seconds, whole.cooling)
        granted, wait_ms, warm_ms = await self._take(keys=[self._key], args=said)
        self._own.follow(warm=warm_ms / 1000, now=time.monotonic())
        return granted, min(_LONGEST_WAIT, wait_ms / 1000)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def _connect(url: str) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, retry=None
    )
