"""Answers checks in front of the framework: thousands a second ask, and all of them are asked alike."""

from functools import lru_cache

from pydantic import ValidationError

from service.atlas import actions, routes, schemas
from service.atlas.revalidation import spoken
from service.atlas.schemas import CheckIn
from service.i18n.catalogues import Catalogues, remembered
from service.i18n.model import Language
from service.i18n.routes import wished
from service.i18n.rules import parse_accept_language
from service.kit.asgi import App, Message, Receive, Scope, Send
from service.kit.errors import Refused
from service.kit.house import House

_PATH = "/v1/check"
_JSON = b"application/json"
# Longer ones are read each time: what is kept must not grow with what somebody sends.
_LONGEST_WISH = 200


class CheckInFront:
    """Answers what the public asks as it should; whatever else comes goes on to the route, which says no as all do.

    Both give the same answer, word for word: a test compares them.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != _PATH or scope.get("method") != "POST" or not _plain(scope):
            await self._app(scope, receive, send)
            return
        messages = await _whole(receive)
        content = _answered(scope, b"".join(one.get("body", b"") for one in messages))
        if content is None:
            await self._app(scope, _again(messages, receive), send)
            return
        scope["endpoint"] = routes.check  # for the figures and the log, as if it had been routed
        language, body = content
        headers = [*_headers(language), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _plain(scope: Scope) -> bool:
    """Tell whether JSON comes, and no key: operators take the route."""
    headers = dict(scope["headers"])
    return headers.get(b"content-type") == _JSON and b"authorization" not in headers


async def _whole(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Give what was received once more, and then what comes after it."""
    left = iter(messages)

    async def once_more() -> Message:
        return next(left, None) or await receive()

    return once_more


def _answered(scope: Scope, body: bytes) -> tuple[Language, bytes] | None:
    house: House = scope["app"].state.house
    try:
        asked = CheckIn.model_validate_json(body).asked()
    except (ValidationError, Refused):
        return None
    catalogues = house.get(Catalogues)
    language, wishes = _asked(catalogues, scope)
    found = actions.check(house, asked, today=house.clock.now().date())
    shown = schemas.checked(found, catalogues, language.tag, exact=False, wishes=wishes)
    return language, schemas.as_json(shown)


def _asked(catalogues: Catalogues, scope: Scope) -> tuple[Language, tuple[str, ...]]:
    header = next((value for name, value in scope["headers"] if name == b"accept-language"), b"").decode("latin-1")
    return _kept(catalogues, header) if len(header) <= _LONGEST_WISH else _read(catalogues, header)


def _read(catalogues: Catalogues, header: str) -> tuple[Language, tuple[str, ...]]:
    return wished(catalogues, header), parse_accept_language(header).tags


_kept = remembered(1_024)(_read)


@lru_cache(maxsize=256)
def _headers(language: Language) -> tuple[tuple[bytes, bytes], ...]:
    told = {"content-type": _JSON.decode(), **spoken(language)}
    return tuple((name.lower().encode(), value.encode()) for name, value in told.items())
