"""RFC 7515, flattened JSON with one algorithm only, Ed25519 (RFC 9864): what is signed, and who signed it."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from service.kit.crypto import verify
from service.kit.errors import Kind, Refused

MOST_BYTES = 16 * 1024 * 1024
_KID_DIGITS = 16
_PARTS = {"protected", "payload", "signature"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A document that is well formed; nothing in it may be believed before `demand` said that the signature holds."""

    kid: str
    payload: bytes
    signed: bytes
    signature: bytes

    def demand(self, public: bytes) -> bytes:
        """Return the payload; Refused `signature-wrong` if this key did not sign it."""
        if not verify(public, self.signature, self.signed):
            raise _refused("signature-wrong", "The signature does not fit what is signed.")
        return self.payload


def kid_of(public: bytes) -> str:
    """Return the id of a key: the first 16 hexadecimal digits of the SHA-256 of its 32 public bytes."""
    return hashlib.sha256(public).hexdigest()[:_KID_DIGITS]


def header(kid: str, what: str) -> bytes:
    """Return the protected header, which says what sort of document it is so that none can pass for another."""
    return json.dumps({"alg": "Ed25519", "kid": kid, "typ": f"surefoot-{what}+json"}, separators=(",", ":")).encode()


def parse(document: bytes, what: str) -> Signed:
    """Take a signed document apart. Refused `document-malformed` unless it is one of ours and of this sort."""
    parts = _object(document)
    if set(parts) != _PARTS or not all(isinstance(part, str) for part in parts.values()):
        raise _refused("document-malformed", "This is no signed document of one signature.")
    said = _object(decoded(parts["protected"]))
    kid = said.get("kid")
    if not isinstance(kid, str) or said != json.loads(header(kid, what)):
        raise _refused("document-malformed", f"This document is not signed as {what} are.")
    signed = f"{parts['protected']}.{parts['payload']}".encode("ascii", errors="replace")
    return Signed(kid, decoded(parts["payload"]), signed, decoded(parts["signature"]))


def encoded(content: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Read base64url without padding; Refused `document-malformed` for any other spelling of the same bytes."""
    try:
        content = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _refused("document-malformed", "A part of the document is no base64url.") from error
    if encoded(content) != text:  # one content, one spelling
        raise _refused("document-malformed", "A part of the document is no base64url.")
    return content


def _object(document: bytes) -> dict[str, Any]:
    if len(document) > MOST_BYTES:
        raise _refused("document-malformed", f"The document is larger than {MOST_BYTES} bytes.")
    try:
        found = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise _refused("document-malformed", "The document is no JSON, or it was cut off.") from error
    if not isinstance(found, dict):
        raise _refused("document-malformed", "The document is no JSON object.")
    return found


def _refused(name: str, detail: str) -> Refused:
    remedy = "Keep what you have and fetch it again, from another place if this goes on."
    return Refused(Kind.INVALID, name, detail, remedy=remedy)
