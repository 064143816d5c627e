"""What processes share in Redis: asked by scripts that run whole, and left to rest for a while when it fails."""

import time
from collections.abc import Sequence
from typing import Any

import redis.asyncio
import structlog
from redis.exceptions import RedisError

_log = structlog.get_logger()
_TIMEOUT_SECONDS = 0.5
_REST_SECONDS = 5.0
_AWAY = (RedisError, OSError, TimeoutError)


class Away(Exception):  # noqa: N818 - says where Redis is, nothing is at fault
    """Redis is not there, or did not answer in time."""


class Shared:
    """One connection pool to Redis; whoever asks must be able to do without."""

    def __init__(self, redis_url: str | None) -> None:
        self._redis = None if redis_url is None else _connect(redis_url)
        self._scripts: dict[str, Any] = {}
        self._rests_until = 0.0

    @property
    def there(self) -> bool:
        """Whether it is worth asking: configured, and it did not fail just now."""
        return self._redis is not None and time.monotonic() >= self._rests_until

    async def run(self, script: str, keys: Sequence[str], *args: float | str | bytes) -> Any:
        """Run a script of Lua. Raises Away when it cannot be known to have run."""
        if self._redis is None or not self.there:
            raise Away
        if script not in self._scripts:
            self._scripts[script] = self._redis.register_script(script)
        try:
            return await self._scripts[script](keys=keys, args=args)
        except _AWAY as error:
            self._rests_until = time.monotonic() + _REST_SECONDS
            _log.warning("shared.redis_away", error=type(error).__name__)
            raise Away from None  # a driver's error may hold what was sent

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def _connect(url: str) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, retry=None
    )
