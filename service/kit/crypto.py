"""Keys, seals and signatures; every key is derived for one purpose."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(Exception):  # noqa: N818 - says what the sealed value is
    """A sealed value was made with another key, or was changed."""


class Keyring:
    """One server key; from it a key for each purpose (HKDF-SHA-256), so that no two uses share one."""

    def __init__(self, server_key: bytes) -> None:
        if len(server_key) < KEY_BYTES:
            raise ValueError(f"the server key needs at least {KEY_BYTES} bytes, not {len(server_key)}")
        self._server_key = server_key
        self._derived: dict[str, bytes] = {}

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._derived:
            kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"surefoot/{purpose}".encode())
            self._derived[purpose] = kdf.derive(self._server_key)
        return self._derived[purpose]

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Return HMAC-SHA-256 (32 bytes) over the parts, each with its length before it."""
        return mac(self._key(purpose), *parts)

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """Encrypt by AES-256-GCM: 12 bytes of nonce, then ciphertext and tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._key(purpose)).encrypt(nonce, plain, purpose.encode())

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """Undo `seal`; raises Unreadable when the key or a byte differs."""
        try:
            return AESGCM(self._key(purpose)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except InvalidTag as error:
            raise Unreadable(f"a value sealed for {purpose!r} cannot be read with this server key") from error


class SealKeys:
    """Several AES-256-GCM keys by id: the first seals, each opens what it sealed, so that they can be changed."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        self._keys = dict(keys)
        self.first = next(iter(self._keys), "")
        self.others = [key_id for key_id in self._keys if key_id != self.first]

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    def seal(self, plain: bytes, *, bound: bytes) -> tuple[str, bytes]:
        """Encrypt with the first key; return its id and the nonce, ciphertext and tag. `bound` is needed to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return self.first, nonce + AESGCM(self._keys[self.first]).encrypt(nonce, plain, bound)

    def open(self, key_id: str, sealed: bytes, *, bound: bytes) -> bytes:
        """Undo `seal`; raises Unreadable when the key is missing, or it or a byte differs."""
        try:
            key = self._keys[key_id]
            return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        except (KeyError, InvalidTag, ValueError) as error:
            raise Unreadable(f"a value sealed by the key {key_id!r} cannot be read") from error


def mac(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA-256 over length-prefixed parts, so that ("a", "bc") differs from ("ab", "c")."""
    made = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        made.update(len(part).to_bytes(4, "big") + part)
    return made.digest()


def new_secret() -> str:
    """Make 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(KEY_BYTES)


def digest(secret: str) -> bytes:
    """Return SHA-256 of a secret of full entropy: enough to keep, nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)


class Signer:
    """An Ed25519 key (RFC 8032) from its 32 private bytes."""

    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._key.sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature over the message was made with this public key's private half."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
