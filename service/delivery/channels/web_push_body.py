"""The body of a push: encrypted for one phone (RFC 8291) and padded, so that its length tells little."""

import secrets
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.residents.web_push import PUBLIC_BYTES, Subscription

LONGEST = 4096
"""Bytes of a body that every push service takes (RFC 8030, 7.2)."""

STEP = 1024
"""A body is as long as a multiple of this: verification, news and warnings in most languages look alike."""

_SALT_BYTES = 16
_KEY_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_LAST = b"\x02"  # RFC 8188, 2: ends the text of the last record, padding follows
_HEAD_BYTES = _SALT_BYTES + 4 + 1 + PUBLIC_BYTES
MOST_SAID = LONGEST - _HEAD_BYTES - _TAG_BYTES - len(_LAST)
_derived = partial(HKDF, algorithm=SHA256())


def encrypt(said: bytes, to: Subscription) -> bytes:
    """Return one record of aes128gcm, with a key for this message only. Raises ValueError if it is too long."""
    own, salt = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(_SALT_BYTES)
    return seal(said, to, own=own, salt=salt)


def seal(said: bytes, to: Subscription, *, own: ec.EllipticCurvePrivateKey, salt: bytes, step: int = STEP) -> bytes:
    """Encrypt with this key and salt, which must never serve twice: RFC 8291's example needs them given."""
    if len(said) > MOST_SAID:
        raise ValueError(f"a push says at most {MOST_SAID} bytes, not {len(said)}")
    phone = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to.p256dh)
    public = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), phone)
    both = b"WebPush: info\0" + to.p256dh + public
    secret = _derived(length=32, salt=to.auth.reveal(), info=both).derive(shared)
    key = _derived(length=_KEY_BYTES, salt=salt, info=b"Content-Encoding: aes128gcm\0").derive(secret)
    nonce = _derived(length=_NONCE_BYTES, salt=salt, info=b"Content-Encoding: nonce\0").derive(secret)
    head = salt + LONGEST.to_bytes(4, "big") + bytes([len(public)]) + public
    whole = len(head) + len(said) + len(_LAST) + _TAG_BYTES
    padding = bytes(-whole % step)
    return head + AESGCM(key).encrypt(nonce, said + _LAST + padding, None)
