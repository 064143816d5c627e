"""Firebase Cloud Messaging, HTTP v1: firebase-admin builds and authorises, our own pooled HTTP/2 client sends."""

import asyncio
import ipaddress
import json
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Self
from urllib.parse import urlsplit

from firebase_admin import credentials, messaging
from google.auth.exceptions import GoogleAuthError
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from service.config import Settings
from service.delivery import payload as bodies
from service.delivery.channels.fcm_answers import Fault, judge, later
from service.delivery.model import Outcome, Parcel, Payload
from service.kit.clock import Clock
from service.kit.errors import Kind, Refused
from service.residents.model import AddressKind

_CONNECTIONS = 4
_IN_FLIGHT = 400
_TIMEOUT = timedelta(seconds=10)
_PLACEHOLDER = b"{the-address-goes-here}"
_LABEL = "surefoot"
_FRESH = timedelta(minutes=5)
_REST = timedelta(seconds=5)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class FcmChannel:
    """Sends pushes; one encoded body for each payload and kind of address, with the address filled in."""

    name = "fcm"
    batch_size = 500

    def __init__(self, endpoint: str, project: str, token: "TokenSource", *, clock: Clock) -> None:
        self._url = f"{endpoint}/v1/projects/{project}/messages:send"
        self._token = token
        self._clock = clock
        self._clients = [_client(endpoint) for _ in range(_CONNECTIONS)]
        self._next = cycle(self._clients)
        self._room = asyncio.Semaphore(_IN_FLIGHT)

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock) -> Self:
        """Build the channel. Refused when project or credentials are missing or, with loopback only, lead outside."""
        if settings.fcm_project is None or settings.fcm_credentials is None:
            detail = "FCM is not configured, so nothing could be pushed."
            remedy = "Set SUREFOOT_FCM_PROJECT and GOOGLE_APPLICATION_CREDENTIALS; `surefoot check` tells more."
            raise Refused(Kind.INVALID, "fcm-not-configured", detail, remedy=remedy)
        try:
            account = json.loads(settings.fcm_credentials.read_text())
            source = TokenSource(credentials.Certificate(account))
        except (OSError, ValueError) as error:
            detail = "The service account's file cannot be used."
            remedy = "GOOGLE_APPLICATION_CREDENTIALS must name the JSON file of a service account."
            raise Refused(Kind.INVALID, "fcm-credentials-unusable", detail, remedy=remedy) from error
        if settings.loopback_only:
            _refuse_outside(settings.fcm_endpoint, account.get("token_uri", ""))
        return cls(settings.fcm_endpoint.rstrip("/"), settings.fcm_project, source, clock=clock)

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Send each parcel once and return one outcome each, in order; a shut gate leaves the rest unsent."""
        made: dict[tuple[int, AddressKind], bytes] = {}
        for parcel in parcels:
            key = (id(parcel.payload), parcel.address.kind)
            if key not in made:
                made[key] = encode(parcel.payload, parcel.address.kind, now=self._clock.now())
        sends = [self._send(made[id(one.payload), one.address.kind], one, shut) for one in parcels]
        return await asyncio.gather(*sends)

    async def _send(self, body: bytes, parcel: Parcel, shut: Callable[[], bool]) -> Outcome:
        async with self._room:
            if shut():
                return later(Fault.HELD)
            return await self._dial(body.replace(_PLACEHOLDER, _json_text(parcel.address.value.reveal())))

    async def _dial(self, body: bytes) -> Outcome:
        try:
            token = await self._token.get()
        except GoogleAuthError as error:
            return later(Fault.NO_ANSWER if error.retryable else Fault.CREDENTIALS)
        try:
            request = next(self._next).post(self._url).bearer_auth(token).body_bytes(body).build()
            response = await request.send()
            said = bytes(await response.bytes())
        except PyreqwestError as error:
            return later(Fault.CERTIFICATE if "certificate" in repr(error).lower() else Fault.NO_ANSWER)
        if response.status == 401:  # noqa: PLR2004 - HTTP's own number
            self._token.forget(token)
        return judge(response.status, response.headers, said, now=self._clock.now())

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.close()


class TokenSource:
    """Google's access token: fetched off the event loop by one caller at a time, kept until shortly before its end."""

    def __init__(self, certificate: credentials.Certificate) -> None:
        self._certificate = certificate
        self._lock = asyncio.Lock()
        self._token = ""
        self._ends = _LONG_AGO
        self._failed: tuple[datetime, GoogleAuthError] | None = None

    async def get(self) -> str:
        """Return a token that is good for some minutes. Raises GoogleAuthError; for 5 s after one failed, the same."""
        async with self._lock:
            now = datetime.now(UTC)
            if now + _FRESH < self._ends:
                return self._token
            if self._failed is not None and now < self._failed[0]:
                raise self._failed[1]
            try:
                found = await asyncio.to_thread(self._certificate.get_access_token)
            except GoogleAuthError as error:
                self._failed = (now + _REST, error)
                raise
            self._token, self._ends = found.access_token, found.expiry.replace(tzinfo=UTC)
            return self._token

    def forget(self, token: str) -> None:
        """Fetch a new token next time: this one was refused."""
        if token == self._token:
            self._ends = _LONG_AGO


def encode(payload: Payload, kind: AddressKind, *, now: datetime) -> bytes:
    """Return the body of one message with a placeholder for the address, built and validated by firebase-admin."""
    placeholder = _PLACEHOLDER.decode()
    with warnings.catch_warnings():
        # firebase-admin deprecates `token` in favour of `fid`; phones that still have one must be warned all the same.
        warnings.simplefilter("ignore", DeprecationWarning)
        message = messaging.Message(
            data=dict(payload.data),
            android=_android(payload),
            apns=_apple(payload, now=now),
            fcm_options=messaging.FCMOptions(analytics_label=_LABEL),
            **{kind.value: placeholder},
        )
        body = f'{{"message":{message}}}'.encode()
    if body.count(_PLACEHOLDER) != 1:
        raise ValueError("the placeholder of the address stands in the text")
    return body


def _android(payload: Payload) -> messaging.AndroidConfig:
    """Say it in data only: the app draws it, refines it, drops repeats, and shows it on a locked phone."""
    return messaging.AndroidConfig(
        priority="high" if payload.urgent else "normal",
        ttl=payload.ttl,
        direct_boot_ok=True,
        bandwidth_constrained_ok=True,
        restricted_satellite_ok=True,
    )


def _apple(payload: Payload, *, now: datetime) -> messaging.APNSConfig:
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
            alert=messaging.ApsAlert(title=said["alert"]["title"], body=said["alert"]["body"]),
            sound=said["sound"],
            mutable_content=True,
            custom_data={"interruption-level": said["interruption-level"]},
        )
    )


def _json_text(value: str) -> bytes:
    """Return a text as it stands between JSON's quotation marks."""
    return json.dumps(value)[1:-1].encode()


def _client(endpoint: str) -> Client:
    made = ClientBuilder().timeout(_TIMEOUT).no_proxy().follow_redirects(enable=False)
    made = made.http2_keep_alive_interval(_TIMEOUT).http2_keep_alive_while_idle(enabled=True)
    # A stub on this machine speaks HTTP/2 without TLS; Google agrees on it by ALPN.
    return (made.http2_prior_knowledge() if endpoint.startswith("http://") else made.https_only(enable=True)).build()


def _refuse_outside(*urls: str) -> None:
    for url in urls:
        host = urlsplit(url).hostname or ""
        try:
            inside = ipaddress.ip_address(host).is_loopback
        except ValueError:
            inside = host == "localhost"
        if not inside:
            detail = f"With SUREFOOT_LOOPBACK_ONLY nothing may be sent to {host or 'an unnamed host'}."
            raise Refused(Kind.FORBIDDEN, "loopback-only", detail, where=url, remedy="Name an address of this machine.")
