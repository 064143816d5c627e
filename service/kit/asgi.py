"""What every request passes: an id, a log line without a person in it, a limit of size, safe headers."""

import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPMethod
from secrets import token_hex
from typing import Any, TypeAlias

import structlog
from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import Request
from starlette.responses import Response

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Surprise: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]

_log = structlog.get_logger()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
# A caller may invent methods; figures and logs must not grow with them.
_METHODS = frozenset(HTTPMethod)
SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
)
_NOT_KEPT = (b"cache-control", b"no-store")
PROBLEM = b"application/problem+json"


class Metrics:
    """Counts requests by route template and status: no path, no address, nobody."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ("method", "route", "status")
        self.requests = Counter("surefoot_http_requests_total", "Requests", names, registry=self.registry)
        self.seconds = Histogram("surefoot_http_seconds", "Time to answer", ("route",), registry=self.registry)

        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def note(self, method: str, route: str, status: int, seconds: float, **more: str) -> None:
        """Count a request that was answered, and log it with whatever more may be said of it."""
        known = method if method in _METHODS else "other"
        key = known, route, status
        if key not in self._counters:
            self._counters[key] = self.requests.labels(*key)
            self._timers[route] = self.seconds.labels(route)
        self._counters[key].inc()
        self._timers[route].observe(seconds)
        _log.info("http.request", method=known, route=route, status=status, ms=round(seconds * 1000, 1), **more)


class Envelope:
    """Gives each request an id, logs and counts it, and sets the headers that every answer carries."""

    def __init__(self, app: App, metrics: Metrics, surprise: Surprise) -> None:
        self._app = app
        self._metrics = metrics
        self._surprise = surprise
        self._templates: dict[Any, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        began, seen = time.perf_counter(), {"status": 0}

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                message["headers"] = _with(message.get("headers", ()), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, stamped)
            except Exception as error:  # noqa: BLE001 - the API's one broad handler: nobody is left without an answer
                answer = await self._surprise(Request(scope), error)
                if not seen["status"]:
                    await answer(scope, receive, stamped)
            finally:
                self._note(scope, seen["status"], time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        self._metrics.note(scope["method"], self._template(scope), status, seconds)

    def _template(self, scope: Scope) -> str:
        """Return the whole template of the route taken; `scope["route"]` lacks the prefix of its router."""
        endpoint = scope.get("endpoint")
        if endpoint is None:
            return "unknown"
        if endpoint not in self._templates:
            known = iter_route_contexts(scope["app"].routes)
            self._templates |= {endpoint: "unknown"} | {one.endpoint: one.path or "unknown" for one in known}
        return self._templates[endpoint]


def request_id_of(scope: Scope) -> str:
    """Return the caller's own id of the request where it has a sound one, or a new one."""
    return sound_id(dict(scope["headers"]).get(b"x-request-id"))


def sound_id(given: bytes | None) -> str:
    """Return an id that a caller gave if it is a sound one, or a new one."""
    return given.decode() if given is not None and _REQUEST_ID.fullmatch(given) else token_hex(16)


def _with(headers: Any, request_id: str) -> list[tuple[bytes, bytes]]:
    kept = [(bytes(name).lower(), bytes(value)) for name, value in headers]
    named = {name for name, _ in kept}
    more = [(b"x-request-id", request_id.encode()), *(one for one in (*SAFE, _NOT_KEPT) if one[0] not in named)]
    return kept + more


class TooLarge(Exception):  # noqa: N818 - names what is wrong
    """More bytes came than the route takes."""


class BodyLimit:
    """Refuses bodies over the limit while they stream in, whatever length was announced."""

    def __init__(self, app: App, *, limit: int, exceptions: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._exceptions = exceptions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._exceptions.get(scope["path"], self._limit)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await _refuse(send, limit)
            return
        await self._counting(scope, receive, send, limit)

    async def _counting(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            # Frameworks turn any trouble with a body into an answer of their own: it must not hide the true one.
            if seen > limit and not started:
                raise TooLarge
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except TooLarge:
            if started:
                raise
            await _refuse(send, limit)


async def _refuse(send: Send, limit: int) -> None:
    problem = {
        "type": "/problems/body-too-large",
        "title": "Content Too Large",
        "status": 413,
        "detail": f"The body is larger than the {limit} bytes that this route takes.",
        "remedy": "Send less at once.",
    }
    headers = [(b"content-type", PROBLEM)]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
