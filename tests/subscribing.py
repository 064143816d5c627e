"""What a phone with Web Push does: subscribes with a key of its own, opens what is pushed by code that is not ours."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.residents.model import Address
from service.residents.web_push import address_of, encoded


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Subscriber:
    """A browser or a UnifiedPush distributor."""

    endpoint: str = "https://push.example.org/one"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def address(self) -> Address:
        return address_of(self.endpoint, encoded(self.public), encoded(self.auth))

    def as_json(self) -> dict[str, Any]:
        """Return what a browser's `toJSON()` gives, with the kind that the service asks for."""
        keys = {"p256dh": encoded(self.public), "auth": encoded(self.auth)}
        return {"kind": "webpush", "endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def open(self, body: bytes) -> bytes:
        opened: bytes = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        return opened

    def read(self, body: bytes) -> dict[str, str]:
        said: dict[str, str] = json.loads(self.open(body))
        return said
