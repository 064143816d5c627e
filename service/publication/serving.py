"""Serves packs in front of the framework: bytes that are ready are sent as they are."""

import time
from http import HTTPStatus

import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from service.kit.asgi import App, Metrics, Receive, Scope, Send, request_id_of
from service.kit.encodings import Encoding, choose
from service.publication.shelf import KEYS, Headers, Shelf, holds, unchanged

_PACKS = "/v1/packs/"
_KEYS = "/v1/keys.json"
_METHODS = {"GET", "HEAD"}
_OK, _SAME = int(HTTPStatus.OK), int(HTTPStatus.NOT_MODIFIED)


class PacksInFront:
    """Answers what is on the shelf; whatever else is asked goes on to the app, which says no in its own words."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if not (path.startswith(_PACKS) or path == _KEYS) or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        try:
            answer = await find(scope)
        except (psycopg.Error, PoolTimeout):
            answer = None  # the app meets the same, and says so in its own words
        if answer is None:
            await self._app(scope, receive, send)
            return
        status, headers, body = answer
        request_id = request_id_of(scope)
        stamped = [*headers, (b"x-request-id", request_id.encode())]
        await send({"type": "http.response.start", "status": status, "headers": stamped})
        await send({"type": "http.response.body", "body": body})
        self._metrics.note(scope["method"], route_of(path), status, time.perf_counter() - began, request_id=request_id)


async def find(scope: Scope) -> tuple[int, Headers, bytes] | None:
    """Return status, headers and body of what is asked for; None if there is none."""
    if scope["method"] not in _METHODS:
        return None
    shelf: Shelf = scope["app"].state.shelf
    path: str = scope["path"]
    book = await shelf.take(KEYS if path == _KEYS else path.removeprefix(_PACKS))
    if book is None:
        return None
    asked, known = _asked(scope)
    # Nothing else is acceptable to who refuses even plain bytes; they are sent all the same (RFC 9110, 12.5.3).
    leaf = book.leaves[choose(asked) or Encoding.IDENTITY]
    if known is not None and holds(known, book.sha256):
        return _SAME, unchanged(leaf.headers), b""
    return _OK, leaf.headers, b"" if scope["method"] == "HEAD" else leaf.body


def _asked(scope: Scope) -> tuple[str | None, bytes | None]:
    accepted = known = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value if accepted is None else accepted + b"," + value
        elif name == b"if-none-match":
            known = value if known is None else known + b"," + value
    return None if accepted is None else accepted.decode("latin-1"), known


def route_of(path: str) -> str:
    """Return the template of a path that is served here: no cell stands in figures or logs."""
    if path == _KEYS:
        return path
    *folders, name = path.removeprefix(_PACKS).split("/")
    world = "exercise/" if folders[:1] == ["exercise"] else ""
    if name == "index.json":
        return f"{_PACKS}{world}index.json"
    return f"{_PACKS}{world}{{cell}}/{{versions}}.json"


async def respond(request: Request) -> Response | None:
    """Answer as `PacksInFront` would, for the routes that describe it."""
    found = await find(request.scope)
    if found is None:
        return None
    status, headers, body = found
    answer = Response(body, status)
    answer.raw_headers = list(headers)
    return answer
