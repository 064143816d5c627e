"""Serves packages in front of the framework: a file that was sent once is sent as it is."""

import time

from starlette.requests import Request
from starlette.responses import Response

from service.kit.asgi import Metrics, Scope, Send
from service.kit.house import House
from service.kit.representations import Book, answer
from service.kit.tally import Tally
from service.lessons.shelf import WAY, Lessons

ROUTE = WAY + "{course}/{lang}/{form}/{name}"
_METHODS = {"GET", "HEAD"}


class LessonsInFront:
    """Answers what is here; whatever else is asked is the app's, which makes it or says no in its own words.

    It has no house until the app has opened.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.house: House | None = None
        self._tally = Tally(metrics)

    def open(self, house: House) -> None:
        """Begin to answer with what this house holds."""
        house.put(Lessons())
        self.house = house

    async def answers(self, scope: Scope, send: Send) -> bool:
        path: str = scope["path"]
        if self.house is None or not path.startswith(WAY) or scope["method"] not in _METHODS:
            return False
        began = time.perf_counter()
        book = self.house.get(Lessons).ready(self.house, path)
        if book is None:
            return False
        status, headers, body, request_id = answer(book, scope)
        await send({"type": "http.response.start", "status": status, "headers": [*headers, request_id]})
        await send({"type": "http.response.body", "body": body})
        self._tally.note(scope["method"], ROUTE, status, time.perf_counter() - began)
        return True


def respond(book: Book, request: Request) -> Response:
    """Answer as `LessonsInFront` would, for the routes that describe it."""
    status, headers, body, _ = answer(book, request.scope)
    response = Response(body, status)
    response.raw_headers = list(headers)
    return response
