"""Texts by way of a gateway that is asked over HTTP, as the file of providers describes it."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Self
from uuid import uuid4

import structlog
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestError
from pyreqwest.http import Url
from pyreqwest.response import ResponseBodyReader

from service.delivery import providers
from service.delivery.channels import sms_gateway_request as requests
from service.delivery.channels.sms_gateway_answers import Fault, Said, doubtful, judge
from service.delivery.channels.sms_gateway_request import Filled, Unfillable
from service.delivery.channels.web_push_health import Breaker
from service.delivery.provider_ways import HttpWay, Method
from service.delivery.providers import Provider
from service.delivery.sms import Answer, NotNow, NumberDead, Report, Sms, Unanswered
from service.kit.clock import Clock
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden

_log = structlog.get_logger()
_CONNECTING = timedelta(seconds=5)
_IDLE = timedelta(seconds=3)  # shorter than gateways keep theirs: what is sent as they close is in doubt
_MOST_READ = 64 * 1024
_READING_SECONDS = 5.0
_AILING = frozenset({Fault.TOO_MANY, Fault.UNAVAILABLE, Fault.NO_CONNECTION, Fault.CERTIFICATE, Fault.REFUSES_US})
_FIRST_REST, _LONGEST_REST, _LONGEST_WISH = 2.0, 30.0, 300.0
"""A warning waits for its provider: one that comes back is found within half a minute."""

_SOON = 1.0
_SAMPLE = Sms(Hidden("+10000000000"), Hidden("x"), timedelta(hours=1))


class GatewayCarrier:
    """One gateway; so many requests at once, and none for a while when it fails several times in a row."""

    def __init__(
        self, provider: Provider, way: HttpWay, secrets: Mapping[str, Hidden[str]], client: Client, *, clock: Clock
    ) -> None:
        self.name = provider.name
        self._sender = provider.sender
        self._way = way
        self._secrets = secrets
        self._client = client
        self._clock = clock
        self._slots = asyncio.Semaphore(way.at_once)
        self._breaker = Breaker(first_rest=_FIRST_REST, longest_rest=_LONGEST_REST, longest_wish=_LONGEST_WISH)

    @classmethod
    def open(cls, provider: Provider, *, clock: Clock) -> Self:
        """Build the carrier. Refused when a secret is missing or cannot stand where the file puts it."""
        way = provider.way
        if not isinstance(way, HttpWay):
            raise TypeError(f"{provider.name} is no gateway")
        secrets = {
            name: providers.secret(one, of=f"{name} of the provider {provider.name}")
            for name, one in way.secrets.items()
        }
        made = cls(provider, way, secrets, _client(way, provider.name), clock=clock)
        try:
            Url(made._filled(_SAMPLE, "sample").url)
        except Unfillable as unfillable:
            detail = f"The {unfillable.hole} of the provider {provider.name} cannot stand in a header."
            remedy = "Only letters of ASCII can; look for an end of line in it."
            raise Refused(Kind.INVALID, "sms-secret-unusable", detail, remedy=remedy) from None
        except ValueError:
            detail = f"The url of the provider {provider.name} is none."
            raise Refused(Kind.INVALID, "sms-url-unusable", detail, remedy="Look at its host and port.") from None
        return made

    @property
    def ready(self) -> bool:
        """Whether the gateway may be asked: not while it rests, nor while one text tries whether it is back."""
        return self._breaker.left(_moment()) is None and not self._breaker.probing

    async def submit(self, sms: Sms) -> Answer:
        """Hand over a text, which the gateway splits itself."""
        our_id = uuid4().hex
        try:
            filled = self._filled(sms, our_id)
        except Unfillable:
            return NumberDead(Fault.NUMBER_DEAD.value)
        async with self._slots:
            rest = self._breaker.rest(_moment())
            if rest is not None:
                return NotNow(timedelta(seconds=min(rest, _SOON)), Fault.RESTING.value)
            try:
                answer = await self._dial(filled, our_id)
            except BaseException:
                self._breaker.failed(_moment(), None)  # whoever was let through to try must say what came of it
                raise
        self._heard(answer)
        return answer

    async def ask(self, ids: tuple[str, ...]) -> Report | None:
        """Say nothing: gateways tell by their reports."""
        del ids
        return None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _filled(self, sms: Sms, our_id: str) -> Filled:
        held = requests.values(self._way, sms, sender=self._sender, our_id=our_id, secrets=self._secrets)
        return requests.fill(self._way, held)

    async def _dial(self, filled: Filled, our_id: str) -> Answer:
        get = self._way.request.method is Method.GET
        request = (self._client.get if get else self._client.post)(filled.url).headers(filled.headers)
        if filled.body is not None:
            request = request.body_bytes(filled.body)
        try:
            async with request.build_streamed() as response:
                said = Said(response.status, response.headers, await _beginning(response.body_reader))
        except RequestError as error:
            return self._unheard(error, our_id)
        answer = judge(self._way, said, our_id=our_id, now=self._clock.now())
        if _reason(answer) == Fault.UNKNOWN:
            _log.warning("sms.unknown_answer", provider=self.name, status=said.status, size=len(said.body))
        return answer

    def _unheard(self, error: RequestError, our_id: str) -> Answer:
        """Say what a broken request means: only what never had a connection was surely not sent."""
        # The class alone does not tell: a connection that is lost after the request counts as ConnectError too.
        causes = [cause["message"] for cause in (error.details or {}).get("causes") or ()]
        if "client error (Connect)" not in causes:
            return doubtful(self._way, Fault.NO_ANSWER, our_id)
        if any("certificate" in cause.lower() for cause in causes):
            return NotNow(None, Fault.CERTIFICATE.value, ours=True)
        return NotNow(None, Fault.NO_CONNECTION.value)

    def _heard(self, answer: Answer) -> None:
        """Learn how the gateway fares: one number's or one text's trouble is none of its own."""
        if isinstance(answer, Unanswered):
            self._breaker.failed(_moment(), None)
        elif isinstance(answer, NotNow) and answer.reason in _AILING:
            self._breaker.failed(_moment(), answer.after)
        else:
            self._breaker.worked()


def _reason(answer: Answer) -> str:
    return getattr(answer, "reason", "")


async def _beginning(reader: ResponseBodyReader) -> bytes:
    """Return how an answer begins; what is lost of it later is missing, and the status stands already."""
    said = b""
    try:
        async with asyncio.timeout(_READING_SECONDS):
            while len(said) < _MOST_READ and (more := await reader.read(_MOST_READ - len(said))):
                said += bytes(more)
    except (PyreqwestError, TimeoutError):
        pass
    return said


def _client(way: HttpWay, name: str) -> Client:
    made = ClientBuilder().no_proxy().follow_redirects(enable=False).referer(enable=False)
    # Connecting gives up well before the whole does: then it is known that nothing was sent.
    patience = timedelta(seconds=way.timeout_s)
    made = made.timeout(patience).connect_timeout(min(_CONNECTING, patience / 2)).pool_idle_timeout(_IDLE)
    if way.ca is not None:
        try:
            made = made.add_root_certificate_pem(way.ca.read_bytes())
        except (OSError, PyreqwestError, ValueError) as error:
            detail = f"The authority's certificate of the provider {name} cannot be used."
            remedy = "`ca` must name a file of certificates in PEM."
            raise Refused(Kind.INVALID, "sms-certificate-unusable", detail, where=str(way.ca), remedy=remedy) from error
    return made.build()


def _moment() -> float:
    return time.monotonic()  # a worker's figures are read from another thread, which has no loop
