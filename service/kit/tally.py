"""Counts answers that are sent in front of the framework, and logs them by the second."""

import asyncio

import structlog
from prometheus_client import Counter, Histogram

from service.kit.asgi import Metrics

_log = structlog.get_logger()
_SUMMED_SECONDS = 1.0


class Tally:
    """Counts answers as `Metrics` does, and logs them by the second.

    A line for each would say to the millisecond when somebody fetched, and cost more than the answer itself.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._summed: dict[tuple[str, str, int], int] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        if key not in self._counters:
            metrics = self._metrics
            self._counters[key] = (metrics.requests.labels(*key), metrics.seconds.labels(route))
        requests, times = self._counters[key]
        requests.inc()
        times.observe(seconds)
        if not self._summed:
            asyncio.get_running_loop().call_later(_SUMMED_SECONDS, self._log)
        self._summed[key] = self._summed.get(key, 0) + 1

    def _log(self) -> None:
        summed, self._summed = self._summed, {}
        for (method, route, status), count in summed.items():
            _log.info("http.requests", method=method, route=route, status=status, count=count)
