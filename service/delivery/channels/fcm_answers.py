"""What each answer of FCM means, after its published list of errors and what was seen beside it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater

LONGEST_WISH = timedelta(hours=1)
"""A Retry-After beyond this is no wish about one message."""

QUOTA_REST = timedelta(minutes=1)
"""How long Google asks to wait after a 429 that does not say it; quotas are counted by the minute."""

_FIELDS, _FIELD = 5, 100


class Fault(StrEnum):
    """Why a message was not accepted; the words stand in logs, counters and `GET /v1/sending`."""

    UNREGISTERED = "unregistered"
    BAD_ADDRESS = "bad-address"
    BAD_MESSAGE = "bad-message"
    SENDER_MISMATCH = "sender-id-mismatch"
    QUOTA = "quota-exceeded"
    DEVICE_QUOTA = "device-quota-exceeded"
    TOPIC_QUOTA = "topic-quota-exceeded"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    CREDENTIALS = "credentials-refused"
    PERMISSION = "permission-denied"
    APPLE_CREDENTIALS = "apple-credentials-refused"
    NOT_FOUND = "not-found"
    REDIRECTED = "redirected"
    UNKNOWN = "unknown-answer"
    NO_ANSWER = "no-answer"
    CERTIFICATE = "certificate"
    HELD = "held"


_OURS = frozenset(
    {
        Fault.CREDENTIALS,
        Fault.PERMISSION,
        Fault.APPLE_CREDENTIALS,
        Fault.SENDER_MISMATCH,
        Fault.CERTIFICATE,
        Fault.NOT_FOUND,
        Fault.REDIRECTED,
    }
)

PROVIDER_FAILS = frozenset(Fault) - {
    Fault.UNREGISTERED,
    Fault.BAD_ADDRESS,
    Fault.BAD_MESSAGE,
    Fault.SENDER_MISMATCH,  # one stranger's address
    Fault.APPLE_CREDENTIALS,  # Apple's phones only: the others must go on
    Fault.DEVICE_QUOTA,
    Fault.TOPIC_QUOTA,
    Fault.HELD,
}
"""What another message would meet too: enough of them and the provider is left alone for a while."""

_BY_CODE = {
    "SENDER_ID_MISMATCH": Fault.SENDER_MISMATCH,
    "THIRD_PARTY_AUTH_ERROR": Fault.APPLE_CREDENTIALS,
    "QUOTA_EXCEEDED": Fault.QUOTA,
}
_BY_STATUS: dict[int, Fault] = {
    HTTPStatus.UNAUTHORIZED: Fault.CREDENTIALS,
    HTTPStatus.FORBIDDEN: Fault.PERMISSION,
    HTTPStatus.NOT_FOUND: Fault.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS: Fault.QUOTA,
    HTTPStatus.INTERNAL_SERVER_ERROR: Fault.INTERNAL,
    HTTPStatus.SERVICE_UNAVAILABLE: Fault.UNAVAILABLE,
}


def later(fault: Fault, after: timedelta | None = None) -> TryLater:
    """Return that the message waits; faults of our own configuration are marked so that an operator is told."""
    return TryLater(after, fault.value, ours=fault in _OURS)


def judge(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Outcome:
    """Return what one answer makes of one message.

    401 and 403 are our configuration's fault: nothing is wrong with message or address, so the message waits and an
    operator is told (`TryLater.ours`). A stranger's address can cause SENDER_ID_MISMATCH, so no single answer stops the
    others' messages. What nobody listed is `TryLater`: a message is never dropped because its answer was odd.
    """
    said = _json(body)
    if status == HTTPStatus.OK:
        name = said.get("name")
        return Accepted(name) if isinstance(name, str) and name else later(Fault.UNKNOWN)
    code = _code(said)
    if code == "UNREGISTERED":
        return AddressDead(Fault.UNREGISTERED.value)
    if status == HTTPStatus.BAD_REQUEST:
        return _bad_request(said, code)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return MessageRefused(f"{Fault.BAD_MESSAGE.value}: too large")
    return _wait(status, said, retry_after(headers.get("retry-after"), now=now))


def _wait(status: int, said: Mapping[str, Any], after: timedelta | None) -> TryLater:
    fault = _BY_CODE.get(_code(said)) or _BY_STATUS.get(status)
    if fault is None:
        redirects = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        fault = Fault.REDIRECTED if redirects else Fault.UNKNOWN
    if fault is Fault.QUOTA:
        return later(_whose_quota(said), QUOTA_REST if after is None else after)
    return later(fault, after)


def _whose_quota(said: Mapping[str, Any]) -> Fault:
    """Read a QuotaFailure: one device's or one topic's quota says nothing of the others' messages."""
    words = " ".join(str(one.get(key, "")) for one in _listed(said, "violations") for key in ("subject", "description"))
    if "device" in words.lower():
        return Fault.DEVICE_QUOTA
    return Fault.TOPIC_QUOTA if "topic" in words.lower() else Fault.QUOTA


def _bad_request(said: Mapping[str, Any], code: str) -> Outcome:
    """Judge a 400: it buries an address only if a field violation names it; another says that our message is wrong.

    So does INVALID_ARGUMENT that names no field: Google writes it for addresses and for messages alike. A 400 without
    any detail says neither: the message is kept and tried again.
    """
    fields = [str(one.get("field", "")) for one in _listed(said, "fieldViolations")]
    if any(field in {"message.token", "message.fid"} for field in fields):
        return AddressDead(Fault.BAD_ADDRESS.value)
    if fields:
        return MessageRefused(
            f"{Fault.BAD_MESSAGE.value}: {', '.join(sorted({field[:_FIELD] for field in fields})[:_FIELDS])}"
        )
    if code == "INVALID_ARGUMENT":
        return MessageRefused(f"{Fault.BAD_MESSAGE.value}: no field named")
    return later(Fault.UNKNOWN)


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Read a Retry-After in seconds or as a date (RFC 9110, 10.2.3); None if there is none that can be read."""
    if value is None:
        return None
    try:
        wish = timedelta(seconds=int(value)) if value.isascii() and value.isdigit() else _until(value, now=now)
    except (ValueError, OverflowError):
        return None
    return min(max(wish, timedelta(0)), LONGEST_WISH)


def _until(value: str, *, now: datetime) -> timedelta:
    moment = parsedate_to_datetime(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _error(said: Mapping[str, Any]) -> Mapping[str, Any]:
    error = said.get("error")
    return error if isinstance(error, dict) else {}


def _details(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    details = _error(said).get("details")
    return [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []


def _code(said: Mapping[str, Any]) -> str:
    codes = [one["errorCode"] for one in _details(said) if isinstance(one.get("errorCode"), str)]
    return codes[0] if codes else ""


def _listed(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    lists = [one.get(name) for one in _details(said)]
    return [each for one in lists if isinstance(one, list) for each in one if isinstance(each, dict)]
