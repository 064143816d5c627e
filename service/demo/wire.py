"""HTTP as apps and operators speak it, to this machine only."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import RequestError

from service.kit.errors import Kind, Refused

_PATIENCE = timedelta(seconds=30)
_MOST_CONNECTIONS = 64
_TRIES = 8
_LONGEST_PAUSE = 5.0
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


class Unreachable(Refused):
    """The other side did not answer in several tries."""

    def __init__(self, what: str) -> None:
        super().__init__(Kind.UNAVAILABLE, "demo-unreachable", what, remedy="Read the .log files in the data folder.")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body; None where the body is empty or no JSON."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return self.status < 300  # noqa: PLR2004 - HTTP's successes


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. A body of bytes goes as it is, any other as JSON; `query` may name a key more than once."""

    method: str
    path: str
    body: Any = None
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] | None = None


class Wire:
    """A pool of connections to one address of this machine; `ask` waits and tries again as an app would."""

    def __init__(self, base: str) -> None:
        if urlsplit(base).hostname != "127.0.0.1":
            raise ValueError(f"the demo speaks to this machine only, not to {base}")
        self.base = base
        self._gate = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._client: Client = ClientBuilder().no_proxy().http1_only().timeout(_PATIENCE).build()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def ask(self, ask: Ask) -> Answer:
        """Return the answer; a busy, failing or absent server is asked again up to 8 times. Raises Unreachable."""
        pause = 0.1
        for _ in range(_TRIES):
            try:
                async with self._gate:
                    answer = await self._once(ask)
            except RequestError:
                answer = None
            if answer is not None and answer.status not in _TRY_AGAIN:
                return answer
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        raise Unreachable(f"{ask.method} {ask.path} at {self.base} found no answer: {answer}")

    async def _once(self, ask: Ask) -> Answer:
        request = self._client.request(ask.method, self.base + ask.path).query(list(ask.query))
        if ask.headers:
            request = request.headers(dict(ask.headers))
        if isinstance(ask.body, bytes):
            request = request.body_bytes(ask.body)
        elif ask.body is not None:
            request = request.body_json(ask.body)
        response = await request.build().send()
        text = await response.bytes()
        return Answer(response.status, _read(bytes(text)))


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
