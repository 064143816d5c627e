"""Lets pages of other origins hand reports in, and nothing else: the offline page of lessons has no origin."""

from starlette.middleware.cors import CORSMiddleware

from service.kit.asgi import App, Receive, Scope, Send
from service.outreach.model import HAND_IN

_METHODS = frozenset({"POST", "OPTIONS"})
_KEPT_SECONDS = 600


class FromPages:
    """Answers a browser's question whether a page may hand in; every other route stays closed to other origins.

    Any origin is let in, as a page from a USB stick says `null`: what counts is the key that a person typed. Cookies,
    of which this API has none, are not let through.
    """

    def __init__(self, app: App) -> None:
        self._plain = app
        self._open = CORSMiddleware(
            app,
            allow_origins=("*",),
            allow_methods=("POST",),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key"),
            max_age=_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        crosses = scope["type"] == "http" and scope["path"] in HAND_IN and scope["method"] in _METHODS
        await (self._open if crosses else self._plain)(scope, receive, send)
