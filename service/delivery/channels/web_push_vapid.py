"""Who sends: the token by which push services know this installation (RFC 8292)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.config import Settings
from service.kit.crypto import KEY_BYTES
from service.kit.errors import Kind, Refused
from service.residents.web_push import encoded

_LIFE = timedelta(hours=12)  # RFC 8292 allows 24
_RENEWED = timedelta(hours=1)  # so long before its end
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class _Token:
    header: str
    until: datetime


class Vapid:
    """A key of P-256 from its 32 private bytes; keeps one token for each server."""

    def __init__(self, private: bytes, contact: str) -> None:
        """Refused for the few numbers that are no key of the curve."""
        try:
            self._key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())
        except ValueError:
            detail = "The setting SUREFOOT_VAPID_KEY is no private key of P-256."
            remedy = "Make one with `surefoot keys vapid`."
            where = "SUREFOOT_VAPID_KEY"
            raise Refused(Kind.INVALID, "setting-malformed", detail, where=where, remedy=remedy) from None
        self.public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._contact = contact
        self._tokens: dict[str, _Token] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Vapid":
        """Refused when key or contact is missing or malformed."""
        return cls(settings.need_vapid_key(), settings.need_vapid_contact())

    def authorization(self, origin: str, *, now: datetime) -> str:
        """Return the header that tells a server who asks; no other server can use it."""
        kept = self._tokens.get(origin)
        if kept is None or not now < kept.until - _RENEWED <= now + _LIFE:
            if len(self._tokens) >= _MOST_KEPT:
                self._tokens.clear()
            kept = self._tokens[origin] = self._made(origin, now=now)
        return kept.header

    def _made(self, origin: str, *, now: datetime) -> _Token:
        until = now + _LIFE
        claims = {"aud": origin, "exp": int(until.timestamp()), "sub": self._contact}
        token = jwt.encode(claims, self._key, algorithm="ES256")
        return _Token(f"vapid t={token}, k={encoded(self.public)}", until)


def create() -> bytes:
    """Make a private key."""
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    return numbers.private_value.to_bytes(KEY_BYTES, "big")
