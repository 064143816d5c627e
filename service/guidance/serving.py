"""Serves guidance in front of the framework: what was asked for once is sent as it is, ready in every coding."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from service.guidance.bundles import Asked
from service.guidance.lists import COUNTRY
from service.guidance.model import Audience, Guidance, Situation
from service.guidance.shelf import Chosen, Shelf
from service.i18n.rules import TAG
from service.kit.asgi import Metrics, Scope, Send
from service.kit.house import House
from service.kit.representations import Book, answer
from service.kit.tally import Tally

GUIDANCE, CONTACTS = "/v1/guidance", "/v1/contacts"
_NAMES = {GUIDANCE: {"topic", "audience", "situation", "lang"}, CONTACTS: {"country", "lang"}}
_METHODS = {"GET", "HEAD"}
_MOST_KEPT = 2_048
# Longer ones are read each time: what is kept must not grow with what somebody sends.
_LONGEST = 300
_NOTHING = Chosen("")


class GuidanceInFront:
    """Answers what is asked as it should be; whatever else comes goes on to the route, which says no as all do.

    Both give the same bytes: a test compares them. It has no house until the app has opened.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.house: House | None = None
        self._tally = Tally(metrics)
        self._kept: OrderedDict[tuple[str, bytes, bytes], Book] = OrderedDict()
        self._of: object = None

    def open(self, house: House) -> None:
        """Begin to answer with what this house holds."""
        house.put(Shelf())
        self.house = house

    async def answers(self, scope: Scope, send: Send) -> bool:
        path: str = scope["path"]
        if path not in _NAMES or self.house is None or scope["method"] not in _METHODS:
            return False
        began = time.perf_counter()
        book = self._book(self.house, path, scope)
        if book is None:
            return False
        status, headers, body, request_id = answer(book, scope)
        await send({"type": "http.response.start", "status": status, "headers": [*headers, request_id]})
        await send({"type": "http.response.body", "body": body})
        self._tally.note(scope["method"], path, status, time.perf_counter() - began)
        return True

    def _book(self, house: House, path: str, scope: Scope) -> Book | None:
        texts = house.get(Shelf).texts(house)
        if texts is not self._of:
            self._of = texts
            self._kept.clear()
        key = (path, scope["query_string"], wish_of(scope))
        book = self._kept.get(key)
        if book is None:
            chosen, book = _found(house, path, scope)
            # With a note there is an answer for each language that anybody may wish for: the shelf counts their bytes.
            if book is not None and not chosen.notes and len(key[1]) + len(key[2]) <= _LONGEST:
                self._kept[key] = book
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return book


def wish_of(scope: Scope) -> bytes:
    """Return the Accept-Language header, however many there are."""
    found = b""
    for name, value in scope["headers"]:
        if name == b"accept-language":
            found = found + b"," + value if found else value
    return found


def respond(book: Book, request: Request) -> Response:
    """Answer as `GuidanceInFront` would, for the routes that describe it."""
    status, headers, body, _ = answer(book, request.scope)
    response = Response(body, status)
    response.raw_headers = list(headers)
    return response


def _found(house: House, path: str, scope: Scope) -> tuple[Chosen, Book | None]:
    asked = _asked(path, scope["query_string"])
    if asked is None:
        return _NOTHING, None
    shelf = house.get(Shelf)
    chosen = shelf.chosen(house, asked.get("lang"), wish_of(scope).decode("latin-1"))
    if path == CONTACTS:
        country = asked.get("country")
        fit = country is None or COUNTRY.fullmatch(country)
        return chosen, shelf.contacts(house, chosen, country) if fit else None
    wanted = _part(asked)
    if wanted is None or (wanted.topic is not None and wanted.topic not in house.get(Guidance).topics):
        return chosen, None
    return chosen, shelf.guidance(house, chosen, wanted)


def _part(asked: Mapping[str, str]) -> Asked | None:
    try:
        return Asked(
            topic=asked.get("topic"),
            audience=Audience(asked["audience"]) if "audience" in asked else None,
            situation=Situation(asked["situation"]) if "situation" in asked else None,
        )
    except ValueError:
        return None


def _asked(path: str, query: bytes) -> dict[str, str] | None:
    """Read a query that holds each of the names at most once; None for any other, which the route reads."""
    if not query:
        return {}
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=8)
    except ValueError:
        return None
    asked = dict(pairs)
    if len(asked) < len(pairs) or not asked.keys() <= _NAMES[path]:
        return None
    return asked if TAG.fullmatch(asked.get("lang", "en")) else None
