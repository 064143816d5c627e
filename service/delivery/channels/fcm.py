"""Firebase Cloud Messaging, HTTP v1: firebase-admin builds and authorises, our own pooled HTTP/2 client sends."""

import asyncio
import ipaddress
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

import structlog
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import RequestError

from service.config import Settings
from service.delivery.channels import fcm_figures as figures
from service.delivery.channels.breaker import Breaker
from service.delivery.channels.budget import Budget
from service.delivery.channels.fcm_access import Access
from service.delivery.channels.fcm_answers import PROVIDER_FAILS, Fault, judge, later
from service.delivery.channels.fcm_envelope import Envelope
from service.delivery.channels.turnstile import Turnstile
from service.delivery.model import Accepted, ChannelName, Outcome, Parcel, TryLater
from service.kit.clock import Clock
from service.kit.errors import Kind, Refused

_log = structlog.get_logger()

# A client holds one HTTP/2 connection, and servers commonly allow 100 requests at a time on one: what exceeds that
# would wait inside the client, where no pause reaches it.
_CONNECTIONS = 10
_STREAMS = 100
_TIMEOUT = timedelta(seconds=10)


class FcmChannel:
    """Sends pushes; one encoded body for each payload and kind of address, with the address filled in."""

    name = ChannelName.FCM
    batch_size = 500

    def __init__(self, url: str, access: Access, *, clients: Sequence[Client], budget: Budget, clock: Clock) -> None:
        self._url = url
        self._access = access
        self._clock = clock
        self._clients = clients
        # Each client as often as it has streams: whoever came through the turnstile finds one.
        self._lanes = deque(list(clients) * _STREAMS)
        self._budget = budget
        self._turnstile = Turnstile(budget, places=len(self._lanes))
        self._breaker = Breaker()
        self._fault = Fault.UNAVAILABLE

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock, budget: Budget | None = None) -> Self:
        """Build the channel. Refused when project or credentials are missing, or when something could leak.

        With loopback only, neither messages nor credentials may leave this machine; without TLS they may not either.
        Without a `budget` of several workers it has one of its own.
        """
        if settings.fcm_project is None or settings.fcm_credentials is None:
            detail = "FCM is not configured, so nothing could be pushed."
            remedy = "Set SUREFOOT_FCM_PROJECT and GOOGLE_APPLICATION_CREDENTIALS; `surefoot check` tells more."
            raise Refused(Kind.INVALID, "fcm-not-configured", detail, remedy=remedy)
        proxies = not settings.loopback_only
        try:
            account = json.loads(settings.fcm_credentials.read_text())
            access = Access(account, proxies=proxies)
        except (OSError, ValueError, TypeError) as error:
            detail = "The service account's file cannot be used."
            remedy = "GOOGLE_APPLICATION_CREDENTIALS must name the JSON file of a service account."
            raise Refused(Kind.INVALID, "fcm-credentials-unusable", detail, remedy=remedy) from error
        endpoint = settings.fcm_endpoint.rstrip("/")
        _refuse_leaks(endpoint, account.get("token_uri", ""), loopback_only=settings.loopback_only)
        url = f"{endpoint}/v1/projects/{settings.fcm_project}/messages:send"
        clients = [_client(proxies=proxies) for _ in range(_CONNECTIONS)]
        return cls(url, access, clients=clients, budget=budget or budget_of(settings), clock=clock)

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Send each parcel once and return one outcome each, in order; a shut gate leaves the rest unsent."""
        now = self._clock.now()
        envelopes: dict[tuple[int, str], Envelope] = {}
        for one in parcels:
            key = id(one.payload), one.address.kind  # a batch shares its payload; hashing it for each would cost more
            if key not in envelopes:
                envelopes[key] = Envelope.of(one.payload, one.address.kind, now=now)
        outcomes: dict[int, Outcome] = {}
        waiting = iter(enumerate(parcels))

        async def work() -> None:
            for place, parcel in waiting:
                payload, address = parcel.payload, parcel.address
                body = envelopes[id(payload), address.kind].addressed(address.value.reveal())
                outcomes[place] = await self._send(body, payload.rank, shut)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(len(parcels), len(self._clients) * _STREAMS)):
                group.create_task(work())
        _log_counts(outcomes.values())
        return [outcomes[place] for place in range(len(parcels))]

    async def post(self, body: bytes, *, rank: int, shut: Callable[[], bool]) -> Outcome:
        """Send one body that is ready, on a lane and within the budget as all others."""
        return await self._send(body, rank, shut)

    async def _send(self, body: bytes, rank: int, shut: Callable[[], bool]) -> Outcome:
        if self._breaker.is_open(self._clock.now()):
            return self._unsent(self._refused())
        await self._turnstile.enter(rank)
        client, unused = self._lanes.popleft(), True
        try:
            # A token can die before its time; where a new one is refused too, the fault lies in our account.
            for _ in range(2):
                token = await self._access.token()
                if isinstance(token, TryLater):
                    return self._unsent(self._noted(token))
                if (why := self._why_not(shut)) is not None:
                    return self._unsent(why)
                unused = False
                outcome = await self._dial(client, token, body)
                if not _is_refused_token(outcome) or not self._access.forget(token):
                    break
            return self._answered(self._noted(outcome))
        finally:
            self._lanes.append(client)
            self._turnstile.leave(unused=unused)

    def _why_not(self, shut: Callable[[], bool]) -> TryLater | None:
        """Return why a message that has its turn is not sent after all; a look that lets it go may use up a probe."""
        if shut():
            return later(Fault.HELD)
        return None if self._breaker.is_closed else self._refused()

    def _refused(self) -> TryLater | None:
        wait = self._breaker.admit(self._clock.now())
        return None if wait is None else later(self._fault, wait)

    async def _dial(self, client: Client, token: str, body: bytes) -> Outcome:
        try:
            response = await client.post(self._url).bearer_auth(token).body_bytes(body).build().send()
            said = bytes(await response.bytes())
        except RequestError as error:
            return later(Fault.CERTIFICATE if "certificate" in repr(error.details).lower() else Fault.NO_ANSWER)
        outcome = judge(response.status, response.headers, said, now=self._clock.now())
        if outcome == later(Fault.UNKNOWN):
            _log.warning("fcm.unknown_answer", status=response.status, size=len(said))
        return outcome

    def _noted(self, outcome: Outcome) -> Outcome:
        """Learn from an answer how the provider fares; a message that met an open breaker waits as long as it."""
        fault = Fault(outcome.reason) if isinstance(outcome, TryLater) else None
        now, bad = self._clock.now(), fault in PROVIDER_FAILS
        self._fault = fault if fault is not None and bad else self._fault
        was_closed = self._breaker.is_closed
        self._breaker.note(now, good=not bad, wish=outcome.after if isinstance(outcome, TryLater) else None)
        if self._breaker.is_closed is not was_closed:
            self._turned()
        if fault is Fault.QUOTA:
            self._budget.slow_down()
        if not bad or not isinstance(outcome, TryLater) or outcome.after is not None:
            return outcome
        until = self._breaker.until
        return replace(outcome, after=until - now) if until is not None and until > now else outcome

    def _turned(self) -> None:
        is_open = not self._breaker.is_closed
        figures.BREAKER.set(is_open)
        say = _log.error if is_open else _log.info
        say("fcm.breaker_opened" if is_open else "fcm.breaker_closed", fault=self._fault.value)

    def _answered(self, outcome: Outcome) -> Outcome:
        figures.answered(outcome)
        return outcome

    def _unsent(self, outcome: Outcome | None) -> Outcome:
        waits = outcome or later(self._fault)
        figures.unsent(waits)
        return waits

    async def close(self) -> None:
        """Close the connections."""
        self._access.close()
        await self._budget.close()
        for client in self._clients:
            await client.close()


def budget_of(settings: Settings) -> Budget:
    """Return the budget of a project's messages, shared by all workers that name the same Redis."""
    url = None if settings.redis_url is None else settings.redis_url.get_secret_value()
    return Budget(f"fcm:{settings.fcm_project}", settings.fcm_per_minute, redis_url=url)


def _client(*, proxies: bool) -> Client:
    # Prior knowledge: with TLS only HTTP/2 is offered, so that a first burst shares a connection instead of opening one
    # each; without TLS, as with a stub on this machine, there is nothing to agree on.
    made = ClientBuilder().http2_prior_knowledge().timeout(_TIMEOUT).follow_redirects(enable=False)
    made = made.default_headers({"content-type": "application/json"})
    made = made.http2_keep_alive_interval(_TIMEOUT).http2_keep_alive_timeout(_TIMEOUT)
    made = made.http2_keep_alive_while_idle(enabled=True)
    return (made if proxies else made.no_proxy()).build()


def _is_refused_token(outcome: Outcome) -> bool:
    return isinstance(outcome, TryLater) and outcome.reason == Fault.CREDENTIALS


def _log_counts(outcomes: Iterable[Outcome]) -> None:
    troubles = Counter(one.reason for one in outcomes if not isinstance(one, Accepted))
    if troubles:
        _log.info("fcm.not_accepted", **troubles)


def _refuse_leaks(*urls: str, loopback_only: bool) -> None:
    for url in urls:
        parts = urlsplit(url)
        if _is_loopback(parts.hostname or ""):
            continue
        if loopback_only:
            detail = f"With SUREFOOT_LOOPBACK_ONLY nothing may be sent to {parts.hostname or 'an unnamed host'}."
            raise Refused(Kind.FORBIDDEN, "loopback-only", detail, where=url, remedy="Name an address of this machine.")
        if parts.scheme != "https":
            detail = "Without TLS anybody on the way could read the credentials and every address."
            raise Refused(Kind.FORBIDDEN, "fcm-not-encrypted", detail, where=url, remedy="Use an https address.")


def _is_loopback(host: str) -> bool:
    # A name could lead anywhere: only a number says where it is.
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
