"""Firebase Cloud Messaging, HTTP v1: firebase-admin builds and authorises, our own pooled HTTP/2 client sends."""

import asyncio
import ipaddress
import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

import structlog
from firebase_admin import messaging
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import RequestError

from service.config import Settings
from service.delivery import payload as bodies
from service.delivery.channels.fcm_access import Access
from service.delivery.channels.fcm_answers import Fault, judge, later
from service.delivery.model import Accepted, ChannelName, Outcome, Parcel, Payload, TryLater
from service.kit.clock import Clock
from service.kit.errors import Kind, Refused
from service.residents.model import AddressKind

_log = structlog.get_logger()

# A client holds one HTTP/2 connection, and servers commonly allow 100 requests at a time on one: what exceeds that
# would wait inside the client, where no pause reaches it.
_CONNECTIONS = 5
_STREAMS = 100
_TIMEOUT = timedelta(seconds=10)
# No text can hold it: nobody knows it before the process starts.
_PLACEHOLDER = f"address-{secrets.token_hex(16)}"
LABEL = "surefoot"


class FcmChannel:
    """Sends pushes; one encoded body for each payload and kind of address, with the address filled in."""

    name = ChannelName.FCM
    batch_size = 500

    def __init__(self, url: str, access: Access, *, clients: Sequence[Client], clock: Clock) -> None:
        self._url = url
        self._access = access
        self._clock = clock
        self._clients = clients
        self._lanes: asyncio.Queue[Client] = asyncio.Queue()
        for client in list(clients) * _STREAMS:
            self._lanes.put_nowait(client)

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock) -> Self:
        """Build the channel. Refused when project or credentials are missing, or when something could leak.

        With loopback only, neither messages nor credentials may leave this machine; without TLS they may not either.
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
        clients = [_client(proxies=proxies) for _ in range(_CONNECTIONS)]
        url = f"{endpoint}/v1/projects/{settings.fcm_project}/messages:send"
        return cls(url, access, clients=clients, clock=clock)

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Send each parcel once and return one outcome each, in order; a shut gate leaves the rest unsent."""
        now = self._clock.now()
        envelopes = {
            (payload, kind): Envelope.of(payload, kind, now=now)
            for payload, kind in {(one.payload, one.address.kind) for one in parcels}
        }
        outcomes: dict[int, Outcome] = {}
        waiting = iter(enumerate(parcels))

        async def work() -> None:
            for place, parcel in waiting:
                body = envelopes[parcel.payload, parcel.address.kind].addressed(parcel.address.value.reveal())
                outcomes[place] = await self._send(body, shut)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(len(parcels), self._most_at_once)):
                group.create_task(work())
        _log_counts(outcomes.values())
        return [outcomes[place] for place in range(len(parcels))]

    async def post(self, body: bytes, *, shut: Callable[[], bool]) -> Outcome:
        """Send one body that is ready, on a lane as all others."""
        return await self._send(body, shut)

    @property
    def _most_at_once(self) -> int:
        return len(self._clients) * _STREAMS

    async def _send(self, body: bytes, shut: Callable[[], bool]) -> Outcome:
        client = await self._lanes.get()
        try:
            # A token can die before its time; where a new one is refused too, the fault lies in our account.
            first = await self._dial(client, body, shut)
            return first or await self._dial(client, body, shut) or later(Fault.CREDENTIALS)
        finally:
            self._lanes.put_nowait(client)

    async def _dial(self, client: Client, body: bytes, shut: Callable[[], bool]) -> Outcome | None:
        """Return what came of one try; None if the token was refused and another may be had."""
        token = await self._access.token()
        if isinstance(token, TryLater):
            return token
        if shut():
            return later(Fault.HELD)
        try:
            response = await client.post(self._url).bearer_auth(token).body_bytes(body).build().send()
            said = bytes(await response.bytes())
        except RequestError as error:
            return later(Fault.CERTIFICATE if "certificate" in repr(error.details).lower() else Fault.NO_ANSWER)
        outcome = judge(response.status, response.headers, said, now=self._clock.now())
        if outcome == later(Fault.CREDENTIALS) and self._access.forget(token):
            return None
        if outcome == later(Fault.UNKNOWN):
            _log.warning("fcm.unknown_answer", status=response.status, size=len(said))
        return outcome

    async def close(self) -> None:
        """Close the connections."""
        self._access.close()
        for client in self._clients:
            await client.close()


@dataclass(frozen=True, slots=True)
class Envelope:
    """The body of one message, built and validated by firebase-admin, around the place of the address."""

    before: bytes
    after: bytes

    @classmethod
    def of(cls, payload: Payload, kind: AddressKind, *, now: datetime) -> Self:
        """Encode once for all addresses of a kind; `now` dates Apple's expiration."""
        message = messaging.Message(
            data=dict(payload.data),
            android=android(payload),
            apns=apple(payload, now=now),
            fcm_options=messaging.FCMOptions(analytics_label=LABEL),
            fid=_PLACEHOLDER,
        )
        if kind is AddressKind.TOKEN:
            # Phones that still have a deprecated token must be warned all the same; set so, it raises no warning, which
            # could only be silenced for all threads at once.
            message.fid, message.token = None, _PLACEHOLDER
        body = json.dumps({"message": json.loads(str(message))}, ensure_ascii=False, separators=(",", ":"))
        before, after = body.encode().split(_PLACEHOLDER.encode())
        return cls(before, after)

    def addressed(self, address: str) -> bytes:
        return self.before + json.dumps(address)[1:-1].encode() + self.after


def android(payload: Payload) -> messaging.AndroidConfig:
    """Say it in data only: the app draws it, refines it, drops repeats, and shows it on a locked phone."""
    return messaging.AndroidConfig(
        priority="high" if payload.urgent else "normal",
        ttl=payload.ttl,
        direct_boot_ok=True,
        bandwidth_constrained_ok=True,
        restricted_satellite_ok=True,
    )


def apple(payload: Payload, *, now: datetime) -> messaging.APNSConfig:
    kind = "alert" if payload.title else "background"
    headers = {
        "apns-push-type": kind,
        "apns-priority": "10" if payload.title else "5",
        "apns-expiration": str(int((now + payload.ttl).timestamp())),
    }
    if payload.title:
        headers["apns-collapse-id"] = payload.collapse
    return messaging.APNSConfig(headers=headers, payload=_aps(payload))


def _aps(payload: Payload) -> messaging.APNSPayload:
    said = bodies.aps(payload)
    if "alert" not in said:
        return messaging.APNSPayload(messaging.Aps(content_available=True))
    return messaging.APNSPayload(
        messaging.Aps(
            alert=messaging.ApsAlert(title=said["alert"]["title"], body=said["alert"].get("body")),
            sound=said["sound"],
            mutable_content=True,
            custom_data={"interruption-level": said["interruption-level"]},
        )
    )


def _client(*, proxies: bool) -> Client:
    # Prior knowledge: with TLS only HTTP/2 is offered, so that a first burst shares a connection instead of opening one
    # each; without TLS, as with a stub on this machine, there is nothing to agree on.
    made = ClientBuilder().http2_prior_knowledge().timeout(_TIMEOUT).follow_redirects(enable=False)
    made = made.default_headers({"content-type": "application/json"})
    made = made.http2_keep_alive_interval(_TIMEOUT).http2_keep_alive_timeout(_TIMEOUT)
    made = made.http2_keep_alive_while_idle(enabled=True)
    return (made if proxies else made.no_proxy()).build()


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
