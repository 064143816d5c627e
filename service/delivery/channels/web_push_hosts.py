"""The servers that are pushed to: each with its own connections, slots, pace and health."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder

from service.delivery.channels.web_push_answers import Fault, ails
from service.delivery.channels.web_push_health import Breaker, Pace
from service.delivery.model import Outcome, TryLater
from service.kit.internet import Names, NamesAway, NameUnknown, is_loopback
from service.residents.web_push import Permitted, Server

LARGE = ("fcm.googleapis.com", "updates.push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")
"""Servers of the browsers' makers: what they say of us is believed, and they take more at a time than a stranger's."""

TIMEOUT = timedelta(seconds=10)
_CONNECTING = timedelta(seconds=5)
_LOOKED_UP_SECONDS = 60.0
_IN_VAIN_SECONDS = 5.0
_MOST_HOSTS = 300  # connections to one take 0.1 MB


@dataclass(frozen=True, slots=True)
class Room:
    """How many requests a server gets at once, and how many a second, from one worker."""

    at_once: int
    per_second: float


OF_THE_LARGE = Room(100, 2000)
OF_STRANGERS = Room(10, 50)
STRANGERS_AT_ONCE = 100
"""All strangers' servers together: however many names lead to a trap, the large ones keep their slots."""


class Unreachable(Exception):  # noqa: N818 - a fault that became an outcome
    """Nobody can be asked there now; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Host:
    """One server."""

    def __init__(self, server: Server, names: Names, *, known: bool, strangers: asyncio.Semaphore) -> None:
        self.known = known
        self.room = OF_THE_LARGE if known else OF_STRANGERS
        self._server = server
        self._names = names
        self._slots = asyncio.Semaphore(self.room.at_once)
        self._strangers = contextlib.nullcontext() if known else strangers
        self._pace = Pace(self.room.per_second)
        self._breaker = Breaker()
        self._opening = asyncio.Lock()
        self._client: Client | None = None
        self._address: str | None = None
        self._look_again_at = 0.0
        self._trouble = Fault.NO_ANSWER

    @contextlib.asynccontextmanager
    async def turn(self, *, until: float) -> AsyncIterator[None]:
        """Hold a slot of the server in one's turn. Raises TimeoutError if there is none until then."""
        if _moment() >= until:
            raise TimeoutError
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout_at(until):
                await stack.enter_async_context(self._slots)
                await stack.enter_async_context(self._strangers)
                await asyncio.sleep(self._pace.wait(_moment()))
            yield

    def left(self) -> float | None:
        """Return for how many seconds the server rests; None if some may ask."""
        return self._breaker.left(_moment())

    def rest(self) -> float | None:
        """Return for how many seconds the server rests; None if the caller may ask, and must say what came of it."""
        return self._breaker.rest(_moment())

    def heard(self, outcome: Outcome) -> None:
        """Learn from an answer, or from its absence, how the server fares."""
        if isinstance(outcome, TryLater) and ails(outcome):
            self._breaker.failed(_moment(), outcome.after)
        else:
            self._breaker.worked()

    async def client(self) -> Client:
        """Return connections bound to an address that DNS gave within the last minute and that may be asked.

        No later answer of DNS can lead them elsewhere. Raises Unreachable.
        """
        async with self._opening:
            if _moment() >= self._look_again_at:
                seconds = _LOOKED_UP_SECONDS if await self._looks_up() else _IN_VAIN_SECONDS
                self._look_again_at = _moment() + seconds
            if self._client is None:
                raise Unreachable(self._trouble)
            return self._client

    async def _looks_up(self) -> bool:
        """Ask DNS and say whether it led somewhere; while it is away, connections stay bound to where it led before."""
        try:
            found = await self._names.address(self._server.host)
        except NamesAway:
            return False
        except NameUnknown:
            self._client, self._trouble = None, Fault.NO_ANSWER
            return False
        if found is None:
            self._client, self._trouble = None, Fault.NOT_PUBLIC
            return False
        if found != self._address or self._client is None:
            # Reading the certificates of all authorities takes 10 ms: other messages need not wait for it.
            self._client = await asyncio.to_thread(_connections, self._server, found)
            self._address = found
        return True


class Hosts:
    """All servers that were asked lately."""

    def __init__(self, names: Names, permitted: Permitted) -> None:
        self._names = names
        self._hosts: OrderedDict[Server, Host] = OrderedDict()
        self._strangers = asyncio.Semaphore(STRANGERS_AT_ONCE)
        self._known = LARGE + tuple(entry.lower().partition(":")[0] for entry in permitted.hosts)

    def of(self, server: Server) -> Host:
        """Return the server's slots and health; of many the one asked longest ago is given up, its health with it."""
        host = self._hosts.get(server)
        if host is None:
            host = Host(server, self._names, known=self._knows(server.host), strangers=self._strangers)
            self._hosts[server] = host
            if len(self._hosts) > _MOST_HOSTS:
                self._hosts.popitem(last=False)
        self._hosts.move_to_end(server)
        return host

    def _knows(self, name: str) -> bool:
        return any(name.endswith(one) if one.startswith(".") else name == one for one in self._known)


def _connections(server: Server, address: str) -> Client:
    # No proxy: it would look the name up by itself, and go where it then leads.
    made = ClientBuilder().no_proxy().follow_redirects(enable=False).referer(enable=False)
    made = made.timeout(TIMEOUT).connect_timeout(_CONNECTING).https_only(enable=server.scheme == "https")
    if not is_loopback(server.host):
        made = made.resolve(server.host, address, server.port)
    return made.build()


def _moment() -> float:
    return asyncio.get_running_loop().time()
