"""Serves packs in front of the framework: bytes that are ready are sent as they are."""

import asyncio
import time
from http import HTTPStatus

import psycopg
import structlog
from prometheus_client import Counter, Histogram
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from service.kit.asgi import Metrics, Scope, Send, sound_id
from service.kit.encodings import Encoding, choose
from service.publication.actions import KEYS, TOPICS
from service.publication.model import World
from service.publication.shelf import Book, Headers, Shelf, holds, unchanged

_log = structlog.get_logger()
_PACKS = "/v1/packs/"
# What lies beside the packs, by its path.
_BESIDE = {
    "/v1/keys.json": KEYS,
    "/v1/topics": f"{TOPICS}{World.LIVE}",
    "/v1/topics/exercise": f"{TOPICS}{World.EXERCISE}",
}
_METHODS = {"GET", "HEAD"}
_OK, _SAME = int(HTTPStatus.OK), int(HTTPStatus.NOT_MODIFIED)
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


class PacksInFront:
    """Answers what is on the shelf before the framework is asked; says whether it did.

    Whatever else is asked is the app's, which says no in its own words. It has no shelf until the app has opened.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.shelf: Shelf | None = None
        self._tally = Tally(metrics)

    async def answers(self, scope: Scope, send: Send) -> bool:
        path: str = scope["path"]
        if self.shelf is None or not (path.startswith(_PACKS) or path in _BESIDE) or scope["method"] not in _METHODS:
            return False
        began = time.perf_counter()
        # What is here for good is answered without a detour through the event loop.
        book = self.shelf.ready(path[len(_PACKS) :])
        if book is None:
            try:
                book = await self.shelf.take(_name(path))
            except (psycopg.Error, PoolTimeout):
                return False  # the app meets the same, and says so in its own words
        if book is None:
            return False
        status, headers, body, request_id = _answer(book, scope)
        await send({"type": "http.response.start", "status": status, "headers": [*headers, request_id]})
        await send({"type": "http.response.body", "body": body})
        self._tally.note(scope["method"], route_of(path), status, time.perf_counter() - began)
        return True


async def respond(shelf: Shelf, request: Request) -> Response | None:
    """Answer as `PacksInFront` would, for the routes that describe it."""
    book = await shelf.take(_name(request.scope["path"]))
    if book is None:
        return None
    status, headers, body, _ = _answer(book, request.scope)
    answer = Response(body, status)
    answer.raw_headers = list(headers)
    return answer


def _name(path: str) -> str:
    return _BESIDE.get(path) or path.removeprefix(_PACKS)


def _answer(book: Book, scope: Scope) -> tuple[int, Headers, bytes, tuple[bytes, bytes]]:
    """Return status, headers, body, and the header with the request's id."""
    accepted = known = given = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value if accepted is None else accepted + b"," + value
        elif name == b"if-none-match":
            known = value if known is None else known + b"," + value
        elif name == b"x-request-id":
            given = value
    # Nothing else is acceptable to who refuses even plain bytes; they are sent all the same (RFC 9110, 12.5.3).
    leaf = book.leaves[choose(accepted) or Encoding.IDENTITY]
    request_id = (b"x-request-id", sound_id(given).encode())
    if known is not None and holds(known, book.sha256):
        return _SAME, unchanged(leaf.headers), b"", request_id
    return _OK, leaf.headers, b"" if scope["method"] == "HEAD" else leaf.body, request_id


def route_of(path: str) -> str:
    """Return the template of a path that is served here: no cell stands in figures or logs."""
    if path in _BESIDE:
        return path
    world = "exercise/" if path.startswith("exercise/", len(_PACKS)) else ""
    return f"{_PACKS}{world}{'index.json' if path.endswith('/index.json') else '{cell}/{versions}.json'}"
