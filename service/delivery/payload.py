"""Encodes and measures what one push says; knows no provider's library, so that the API can preview it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from service.delivery.model import Bulletin, Message, Payload, Pull, Severity, Text
from service.kit.errors import Kind, Refused
from service.kit.geo import short_cell_text

LIMIT = 4096
"""Bytes that FCM takes to a device; "both the keys and the values" count (FCM's list of errors)."""

ADDED_FOR_APPLE = 256
"""Bytes kept free for the fields that FCM itself puts beside ours on the way to Apple (message id, sender, label)."""

LONGEST_TTL = timedelta(weeks=4)
"""FCM refuses a longer one."""

VALIDITY = {
    Severity.EXTREME: timedelta(hours=6),
    Severity.SEVERE: timedelta(hours=12),
    Severity.MODERATE: timedelta(hours=24),
    Severity.MINOR: timedelta(hours=24),
}
"""How long an operator may try to deliver a text: what is most urgent is soonest out of date."""

UNSIGNED = frozenset({"batch", "signature"})
"""Fields that the signature does not cover: the batch differs between phones that are told the same."""

_CODE_TTL = timedelta(minutes=10)
_SYNC_TTL = timedelta(days=1)
_GREATEST_BATCH = 2**63 - 1
GREATEST_PULL = Pull(2**63 - 1, 99_999)
_SIGNATURE_BYTES = 64


def encode(
    bulletin: Bulletin, text: Text, *, now: datetime, batch: int | None = None, signature: bytes | None = None
) -> Payload:
    """Encode a warning in one language; `batch` is what the phone's receipt names, `signature` is Ed25519's 64 bytes.

    A text that would not fit with the longest batch number and a signature is refused, so that what a preview showed
    can be sent. Raises Refused `text-too-long` or `text-unwritable`.
    """
    payload = Payload(
        data=tuple(_fields(bulletin, text, batch=batch, signature=signature).items()),
        title=text.title,
        body=text.body,
        collapse=str(bulletin.lineage),
        ttl=min(max(bulletin.expires_at - now, timedelta(0)), LONGEST_TTL),
        urgent=True,
    )
    fullest = _fields(
        replace(bulletin, pull=GREATEST_PULL), text, batch=_GREATEST_BATCH, signature=bytes(_SIGNATURE_BYTES)
    )
    _refuse_what_does_not_fit(replace(payload, data=tuple(fullest.items())), text)
    return payload


def encode_code(code: str) -> Payload:
    """Encode the silent push that proves that an address belongs to the phone that registered it."""
    return _silent({"kind": "verify", "code": code}, ttl=_CODE_TTL)


def encode_sync() -> Payload:
    """Encode the silent push that says nothing but "look for news"."""
    return _silent({"kind": "sync"}, ttl=_SYNC_TTL)


def encode_canary(bulletin: Bulletin, *, batch: int, now: datetime) -> Payload:
    """Encode a silent test message: the phone shows nothing and answers with a receipt."""
    told = {"kind": "canary", "alert": str(bulletin.lineage), "revision": str(bulletin.revision), "batch": str(batch)}
    return _silent(told, ttl=max(bulletin.expires_at - now, timedelta(0)))


def encode_sms(bulletin: Bulletin, text: Text, *, rank: int, now: datetime) -> Payload:
    """Encode a warning as a text: its words, how long an operator may try, and what the ledger keeps of it."""
    return Payload(
        data=(("template", f"alert-{bulletin.message.value}"), ("revision", str(bulletin.revision))),
        title="",
        body=text.sms,
        collapse=str(bulletin.lineage),
        ttl=max(timedelta(0), min(VALIDITY[bulletin.severity], bulletin.expires_at - now)),
        urgent=bulletin.severity >= Severity.SEVERE or bulletin.message is Message.CORRECTION,
        rank=rank,
    )


def signed_bytes(bulletin: Bulletin, text: Text) -> bytes:
    """Return the canonical bytes that the Ed25519 signature covers: everything a phone is told, but for the batch."""
    return canonical(_fields(bulletin, text, batch=None, signature=None))


def canonical(data: Mapping[str, str]) -> bytes:
    """Return a push's signed fields as JSON with sorted keys, no spaces, UTF-8 (RFC 8785 for strings)."""
    signed = {key: value for key, value in data.items() if key not in UNSIGNED}
    return json.dumps(signed, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def measure(payload: Payload) -> int:
    """Return the bytes that count against `LIMIT`: the larger of what Android's and Apple's phones are sent."""
    data = dict(payload.data)
    android = sum(len(key.encode()) + len(value.encode()) for key, value in data.items())
    apple = json.dumps({"aps": aps(payload), **data}, ensure_ascii=False, separators=(",", ":")).encode()
    return max(android, len(apple) + ADDED_FOR_APPLE)


def aps(payload: Payload) -> dict[str, Any]:
    """Return Apple's own part: drawn by the system even if the app's extension fails; silent without a title.

    A body that has no room stands in the data alone.
    """
    if not payload.title:
        return {"content-available": 1}
    return {
        "alert": {"title": payload.title} | ({"body": payload.body} if payload.body else {}),
        "interruption-level": "time-sensitive",
        "mutable-content": 1,
        "sound": "default",
    }


def _fields(bulletin: Bulletin, text: Text, *, batch: int | None, signature: bytes | None) -> dict[str, str]:
    told = {
        "kind": "alert",
        "alert": str(bulletin.lineage),
        "revision": str(bulletin.revision),
        "message": bulletin.message.value,
        "severity": bulletin.severity.name.lower(),
        "exercise": "1" if bulletin.exercise else "0",
        "language": text.language,
        "direction": text.direction,
        "title": text.title,
        "body": text.body,
        # A short cell is H3's text without the letters f at its end: 40 of them have to fit beside the words.
        "cells": " ".join(map(short_cell_text, bulletin.cells)),
        "issued": _moment(bulletin.issued_at),
        "expires": _moment(bulletin.expires_at),
        "pack": str(bulletin.pull.version),
        "sync_within_s": str(bulletin.pull.within_s),
    }
    if bulletin.zone_id is not None:
        told |= {"zone": str(bulletin.zone_id), "reach_m": str(bulletin.reach_m)}
    if batch is not None:
        told["batch"] = str(batch)
    if signature is not None:
        told["signature"] = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    return told


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _silent(data: dict[str, str], *, ttl: timedelta) -> Payload:
    return Payload(data=tuple(data.items()), title="", body="", collapse=data["kind"], ttl=ttl, urgent=False)


def _refuse_what_does_not_fit(payload: Payload, text: Text) -> None:
    where = f"texts.{text.language}"
    if not text.title.strip() or not text.body.strip():
        detail = f"The text in {text.language!r} lacks a title or a body."
        raise Refused(Kind.INVALID, "text-empty", detail, where=where, remedy="Write both.")
    try:
        size = measure(payload)
    except UnicodeEncodeError as error:
        detail = f"The text in {text.language!r} holds half of a character, which no phone can show."
        raise Refused(Kind.INVALID, "text-unwritable", detail, where=where, remedy="Type it again.") from error
    if size > LIMIT:
        detail = f"The message in {text.language!r} takes {size} bytes; a push takes {LIMIT}."
        remedy = f"Shorten title and body by {size - LIMIT} bytes; a letter outside English takes two or more."
        raise Refused(Kind.TOO_LARGE, "text-too-long", detail, where=where, remedy=remedy)
