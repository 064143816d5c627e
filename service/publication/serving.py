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
from service.publication.shelf import KEYS, Headers, Shelf, holds, unchanged

_log = structlog.get_logger()
_PACKS = "/v1/packs/"
_KEYS = "/v1/keys.json"
_METHODS = {"GET", "HEAD"}
_OK, _SAME = int(HTTPStatus.OK), int(HTTPStatus.NOT_MODIFIED)
_SUMMED_SECONDS = 1.0
_ASKED = (b"accept-encoding", b"if-none-match", b"x-request-id")


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
        if self.shelf is None or not (path.startswith(_PACKS) or path == _KEYS):
            return False
        began = time.perf_counter()
        accepted, known, given = _asked(scope)
        try:
            answer = await _find(self.shelf, scope, accepted, known)
        except (psycopg.Error, PoolTimeout):
            return False  # the app meets the same, and says so in its own words
        if answer is None:
            return False
        status, headers, body = answer
        stamped = [*headers, (b"x-request-id", sound_id(given).encode())]
        await send({"type": "http.response.start", "status": status, "headers": stamped})
        await send({"type": "http.response.body", "body": body})
        self._tally.note(scope["method"], route_of(path), status, time.perf_counter() - began)
        return True


async def respond(shelf: Shelf, request: Request) -> Response | None:
    """Answer as `PacksInFront` would, for the routes that describe it."""
    accepted, known, _ = _asked(request.scope)
    found = await _find(shelf, request.scope, accepted, known)
    if found is None:
        return None
    status, headers, body = found
    answer = Response(body, status)
    answer.raw_headers = list(headers)
    return answer


async def _find(
    shelf: Shelf, scope: Scope, accepted: bytes | None, known: bytes | None
) -> tuple[int, Headers, bytes] | None:
    """Return status, headers and body of what is asked for; None if there is none."""
    if scope["method"] not in _METHODS:
        return None
    path: str = scope["path"]
    book = await shelf.take(KEYS if path == _KEYS else path.removeprefix(_PACKS))
    if book is None:
        return None
    # Nothing else is acceptable to who refuses even plain bytes; they are sent all the same (RFC 9110, 12.5.3).
    leaf = book.leaves[choose(accepted) or Encoding.IDENTITY]
    if known is not None and holds(known, book.sha256):
        return _SAME, unchanged(leaf.headers), b""
    return _OK, leaf.headers, b"" if scope["method"] == "HEAD" else leaf.body


def _asked(scope: Scope) -> list[bytes | None]:
    """Return what the request says of codings, of what is held already and of its own id, each joined if repeated."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _ASKED:
            found[name] = found[name] + b"," + value if name in found else value
    return [found.get(name) for name in _ASKED]


def route_of(path: str) -> str:
    """Return the template of a path that is served here: no cell stands in figures or logs."""
    if path == _KEYS:
        return path
    world = "exercise/" if path.startswith("exercise/", len(_PACKS)) else ""
    return f"{_PACKS}{world}{'index.json' if path.endswith('/index.json') else '{cell}/{versions}.json'}"
