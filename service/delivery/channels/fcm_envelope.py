"""The body of a message to FCM: built and validated by firebase-admin once, then filled with each address."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from firebase_admin import messaging

from service.delivery import payload as bodies
from service.delivery.model import Payload
from service.residents.model import AddressKind

# No text can hold it: nobody knows it before the process starts.
_PLACEHOLDER = f"address-{secrets.token_hex(16)}"
_LABEL = "surefoot"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The body of one message, built and validated by firebase-admin, around the place of the address."""

    before: bytes
    after: bytes

    @classmethod
    def of(cls, payload: Payload, kind: AddressKind, *, now: datetime) -> Self:
        """Encode once for all addresses of a kind; `now` dates Apple's expiration."""
        message = addressless(payload, now=now)
        message.fid = _PLACEHOLDER
        if kind is AddressKind.TOKEN:
            # Phones that still have a deprecated token must be warned all the same; set so, it raises no warning, which
            # could only be silenced for all threads at once.
            message.fid, message.token = None, _PLACEHOLDER
        body = json.dumps({"message": json.loads(str(message))}, ensure_ascii=False, separators=(",", ":"))
        before, after = body.encode().split(_PLACEHOLDER.encode())
        return cls(before, after)

    def addressed(self, address: str) -> bytes:
        return self.before + json.dumps(address)[1:-1].encode() + self.after


def addressless(payload: Payload, *, now: datetime) -> messaging.Message:
    """Return a message that only lacks to whom it goes."""
    return messaging.Message(
        data=dict(payload.data),
        android=_android(payload),
        apns=_apple(payload, now=now),
        fcm_options=messaging.FCMOptions(analytics_label=_LABEL),
    )


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
            alert=messaging.ApsAlert(title=said["alert"]["title"], body=said["alert"].get("body")),
            sound=said["sound"],
            mutable_content=True,
            custom_data={"interruption-level": said["interruption-level"]},
        )
    )
