"""Web Push and UnifiedPush (RFC 8030, 8291, 8292): each message encrypted for one phone, each server asked apart."""

import asyncio
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

import structlog
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.http import Url
from pyreqwest.response import ResponseBodyReader

from service.config import Settings
from service.delivery.channels.web_push_answers import Fault, judge, later
from service.delivery.channels.web_push_body import MOST_SAID, encrypt
from service.delivery.channels.web_push_hosts import Host, Hosts, Unreachable
from service.delivery.channels.web_push_vapid import Vapid
from service.delivery.model import Accepted, ChannelName, MessageRefused, Outcome, Parcel, Payload, TryLater
from service.kit.clock import Clock
from service.kit.errors import Refused
from service.kit.internet import Names
from service.residents import web_push as subscriptions
from service.residents.admitting import permitted
from service.residents.web_push import Permitted, Server, Subscription, encoded

_log = structlog.get_logger()
PATIENCE_SECONDS = 15.0
"""What had no turn at its server within so long waits for the next try: a slow server keeps no batch from its end."""

_TOPIC_BYTES = 24  # 32 characters of base64url, the most that RFC 8030 allows
_MOST_READ = 4096
_READING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way: `place` is its parcel's."""

    place: int
    server: Server
    url: Url
    to: Subscription
    payload: Payload
    said: bytes


class WebPushChannel:
    """Sends pushes to whatever server a phone named, as long as it is one of the open internet."""

    name = ChannelName.WEB_PUSH
    batch_size = 500

    def __init__(self, vapid: Vapid, names: Names, permitted: Permitted, *, clock: Clock) -> None:
        self.vapid = vapid
        self._permitted = permitted
        self._hosts = Hosts(names, permitted)
        self._clock = clock

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock) -> Self:
        """Build the channel. Refused when its key or contact is missing or malformed."""
        names = Names(loopback_only=settings.loopback_only)
        return cls(Vapid.of(settings), names, permitted(settings), clock=clock)

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Send each parcel once and return one outcome each, in order; a shut gate leaves the rest unsent."""
        outcomes: dict[int, Outcome] = {}
        mail: dict[Server, list[Letter]] = {}
        bodies = {payload: text_of(payload) for payload in {parcel.payload for parcel in parcels}}
        for place, parcel in enumerate(parcels):
            letter = self._letter(place, parcel, bodies[parcel.payload])
            if isinstance(letter, Letter):
                mail.setdefault(letter.server, []).append(letter)
            else:
                outcomes[place] = letter
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        async with asyncio.TaskGroup() as group:
            for server, letters in mail.items():
                host, waiting = self._hosts.of(server), iter(letters)
                for _ in range(min(len(letters), host.room.at_once)):
                    group.create_task(self._carry(host, waiting, outcomes, until=until, shut=shut))
        _log_counts(outcomes.values())
        return _soonest([outcomes[place] for place in range(len(parcels))])

    def _letter(self, place: int, parcel: Parcel, said: bytes) -> Letter | Outcome:
        """Return what is to be sent, or why it never can be."""
        if len(said) > MOST_SAID:
            return MessageRefused(Fault.TOO_LARGE.value)
        to = subscriptions.subscription(parcel.address)
        try:
            server, url = subscriptions.server_of(parcel.address, self._permitted), Url(to.endpoint.reveal())
        except (Refused, ValueError):
            return later(Fault.NOT_ALLOWED)
        if url.host_str != server.host:
            return later(Fault.NOT_ALLOWED)  # the client would go elsewhere than was looked at
        return Letter(place, server, url, to, parcel.payload, said)

    async def _carry(
        self,
        host: Host,
        waiting: Iterable[Letter],
        outcomes: dict[int, Outcome],
        *,
        until: float,
        shut: Callable[[], bool],
    ) -> None:
        for letter in waiting:
            spared = _spared(host.left(), shut)
            if spared is not None:
                outcomes[letter.place] = spared
                continue
            try:
                async with host.turn(until=until):
                    outcomes[letter.place] = await self._in_turn(host, letter, shut)
            except TimeoutError:
                outcomes[letter.place] = later(Fault.CROWDED)

    async def _in_turn(self, host: Host, letter: Letter, shut: Callable[[], bool]) -> Outcome:
        # Looked at once more: much may have happened while it waited for its turn.
        if shut():
            return later(Fault.HELD)
        rest = host.rest()
        if rest is not None:
            return later(Fault.RESTING, timedelta(seconds=rest))
        try:
            outcome = await self._dial(host, letter)
        except Unreachable as unreachable:
            outcome = later(unreachable.fault)
        except (PyreqwestError, TimeoutError) as error:
            certificate = "certificate" in repr(getattr(error, "details", error)).lower()
            outcome = later(Fault.CERTIFICATE if certificate else Fault.NO_ANSWER)
        host.heard(outcome)
        return outcome

    async def _dial(self, host: Host, letter: Letter) -> Outcome:
        client, now = await host.client(), self._clock.now()
        request = client.post(letter.url).headers(
            {
                "authorization": self.vapid.authorization(letter.server.origin, now=now),
                "content-encoding": "aes128gcm",
                "content-type": "application/octet-stream",
                "ttl": str(max(0, int(letter.payload.ttl.total_seconds()))),
                "urgency": "high" if letter.payload.urgent else "normal",
                "topic": topic(letter.payload, letter.to),
            }
        )
        async with request.body_bytes(encrypt(letter.said, letter.to)).build_streamed() as response:
            said = await _beginning(response.body_reader)
            return judge(response.status, response.headers, said, known=host.known, now=now)

    async def close(self) -> None:
        """Close the connections, which nobody holds then."""
        self._hosts = Hosts(Names(), self._permitted)


async def _beginning(reader: ResponseBodyReader) -> bytes:
    """Return how an answer begins; the status stands already, and a stranger's answer may have no end."""
    try:
        async with asyncio.timeout(_READING_SECONDS):
            return bytes(await reader.read(_MOST_READ) or b"")
    except (PyreqwestError, TimeoutError):
        return b""


def text_of(payload: Payload) -> bytes:
    """Return what the phone reads once it opened a push: the same fields as by FCM."""
    return json.dumps(dict(payload.data), ensure_ascii=False, separators=(",", ":")).encode()


def topic(payload: Payload, to: Subscription) -> str:
    """Return what a later message of the same lineage replaces an earlier one by, if that still waits at the server.

    The subscription's own secret makes it, so that no server learns from it which phones are told the same.
    """
    made = hmac.digest(to.auth.reveal(), b"surefoot topic\0" + payload.collapse.encode(), hashlib.sha256)
    return encoded(made[:_TOPIC_BYTES])


def _spared(rest: float | None, shut: Callable[[], bool]) -> TryLater | None:
    """Return why a message is not sent now; None if it may be."""
    if shut():
        return later(Fault.HELD)
    return None if rest is None else later(Fault.RESTING, timedelta(seconds=rest))


def _soonest(outcomes: list[Outcome]) -> list[Outcome]:
    """Let no server's wish for rest hold back another's phones: a batch is tried again when its first may be.

    The others' servers are rested by their own health meanwhile, and answer so without being asked.
    """
    waits = [one.after for one in outcomes if isinstance(one, TryLater)]
    soonest = min((wait for wait in waits if wait is not None), default=None) if None not in waits else None
    return [replace(one, after=soonest) if isinstance(one, TryLater) else one for one in outcomes]


def _log_counts(outcomes: Iterable[Outcome]) -> None:
    """Log reasons only: a server that one person runs is as good as a name."""
    troubles = Counter(one.reason for one in outcomes if not isinstance(one, Accepted))
    if troubles:
        _log.info("web_push.not_accepted", **troubles)
