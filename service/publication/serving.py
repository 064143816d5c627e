"""Serves packs in front of the framework: bytes that are ready are sent as they are."""

import time

import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from service.kit.asgi import Metrics, Scope, Send
from service.kit.representations import answer
from service.kit.tally import Tally
from service.publication.actions import KEYS, TOPICS
from service.publication.model import World
from service.publication.shelf import GUIDANCE, LESSONS, Shelf

_PACKS = "/v1/packs/"
_GUIDANCE = ("/v1/guidance/bundle/", "/v1/guidance/pictures/")
_LESSONS = "/v1/lessons/bundle/"
_WAYS = (_PACKS, *_GUIDANCE, _LESSONS)
# What lies beside the packs, by its path.
_BESIDE = {
    "/v1/keys.json": KEYS,
    "/v1/topics": f"{TOPICS}{World.LIVE}",
    "/v1/topics/exercise": f"{TOPICS}{World.EXERCISE}",
}
_METHODS = {"GET", "HEAD"}


class PacksInFront:
    """Answers what is on the shelf before the framework is asked; says whether it did.

    Whatever else is asked is the app's, which says no in its own words. It has no shelf until the app has opened.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.shelf: Shelf | None = None
        self._tally = Tally(metrics)

    async def answers(self, scope: Scope, send: Send) -> bool:
        path: str = scope["path"]
        if self.shelf is None or not (path.startswith(_WAYS) or path in _BESIDE) or scope["method"] not in _METHODS:
            return False
        began = time.perf_counter()
        # What is here for good is answered without a detour through the event loop.
        name = _name(path)
        book = self.shelf.ready(name)
        if book is None:
            try:
                book = await self.shelf.take(name)
            except (psycopg.Error, PoolTimeout):
                return False  # the app meets the same, and says so in its own words
        if book is None:
            return False
        status, headers, body, request_id = answer(book, scope)
        await send({"type": "http.response.start", "status": status, "headers": [*headers, request_id]})
        await send({"type": "http.response.body", "body": body})
        self._tally.note(scope["method"], route_of(path), status, time.perf_counter() - began)
        return True


async def respond(shelf: Shelf, request: Request) -> Response | None:
    """Answer as `PacksInFront` would, for the routes that describe it."""
    book = await shelf.take(_name(request.scope["path"]))
    if book is None:
        return None
    status, headers, body, _ = answer(book, request.scope)
    response = Response(body, status)
    response.raw_headers = list(headers)
    return response


def _name(path: str) -> str:
    """Return the name that the shelf knows; what lies under one prefix is never found under another."""
    if path.startswith(_PACKS):
        name = path[len(_PACKS) :]
        return "" if name.startswith((GUIDANCE, LESSONS)) else name
    return _BESIDE.get(path) or path.removeprefix("/v1/")


def route_of(path: str) -> str:
    """Return the template of a path that is served here: no cell stands in figures or logs."""
    if path in _BESIDE:
        return path
    if path.startswith(_GUIDANCE):
        picture = path.startswith(_GUIDANCE[1])
        return f"{_GUIDANCE[picture]}{'{name}/{sha256}.{kind}' if picture else '{language}/{versions}.json'}"
    if path.startswith(_LESSONS):
        return f"{_LESSONS}{{course}}/{{language}}/{{versions}}.json"
    world = "exercise/" if path.startswith("exercise/", len(_PACKS)) else ""
    return f"{_PACKS}{world}{'index.json' if path.endswith('/index.json') else '{cell}/{versions}.json'}"
