"""What each answer of a push service means, after RFC 8030 and 8292 and what the large services say beside them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from service.delivery.channels.fcm_answers import retry_after
from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater


class Fault(StrEnum):
    """Why a message was not accepted; the words stand in logs, counters and `GET /v1/sending`."""

    GONE = "subscription-gone"
    VAPID = "vapid-refused"
    BAD_REQUEST = "web-push-bad-request"
    TURNED_AWAY = "web-push-turned-away"
    TOO_LARGE = "web-push-too-large"
    QUOTA = "web-push-too-many"
    UNAVAILABLE = "web-push-unavailable"
    UNKNOWN = "web-push-unknown-answer"
    NO_ANSWER = "web-push-no-answer"
    CERTIFICATE = "web-push-certificate"
    NOT_PUBLIC = "web-push-not-public"
    NOT_ALLOWED = "web-push-not-allowed"
    RESTING = "web-push-host-rests"
    CROWDED = "web-push-host-crowded"
    HELD = "held"


_ACCEPTED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_BY_STATUS: dict[int, Fault] = {
    HTTPStatus.BAD_REQUEST: Fault.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED: Fault.VAPID,
    HTTPStatus.FORBIDDEN: Fault.VAPID,
    HTTPStatus.NOT_ACCEPTABLE: Fault.QUOTA,  # so Windows' service says that a subscription got too much
    HTTPStatus.TOO_MANY_REQUESTS: Fault.QUOTA,
    HTTPStatus.INTERNAL_SERVER_ERROR: Fault.UNAVAILABLE,
    HTTPStatus.BAD_GATEWAY: Fault.UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: Fault.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: Fault.UNAVAILABLE,
}
# Some say 400 where RFC 8292 says 401 or 403, in words of their own (VapidPkHashMismatch, UnauthorizedRegistration).
_OF_VAPID = re.compile(rb"vapid|jwt|unauthori[sz]ed|authorization|errno\"?:\s*(109|111)\b", re.IGNORECASE)
_OURS = frozenset({Fault.VAPID, Fault.BAD_REQUEST, Fault.NOT_ALLOWED})
_ACCUSING = frozenset({Fault.VAPID, Fault.BAD_REQUEST})
_AILING = frozenset(
    {Fault.QUOTA, Fault.UNAVAILABLE, Fault.NO_ANSWER, Fault.CERTIFICATE, Fault.NOT_PUBLIC, Fault.UNKNOWN}
)


def later(fault: Fault, after: timedelta | None = None) -> TryLater:
    """Return that the message waits. Faults of our configuration are marked so that an operator is told."""
    return TryLater(after, fault.value, ours=fault in _OURS)


def judge(status: int, headers: Mapping[str, str], said: bytes, *, known: bool, now: datetime) -> Outcome:
    """Return what one answer makes of one message; `known` is whether the server is one of the large or allowed ones.

    A refused token is our configuration's fault: the message waits and an operator is told. But only a known server is
    believed in that: what another says may be its owner's whim. What nobody listed is `TryLater`: a message is never
    dropped because its answer was odd.
    """
    if status in _ACCEPTED:
        return Accepted(f"{status}")
    if status in _GONE:
        return AddressDead(Fault.GONE.value)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return MessageRefused(Fault.TOO_LARGE.value)
    fault = _BY_STATUS.get(status, Fault.UNKNOWN)
    if fault is Fault.BAD_REQUEST and _OF_VAPID.search(said):
        fault = Fault.VAPID
    if fault in _ACCUSING and not known:
        fault = Fault.TURNED_AWAY
    return later(fault, retry_after(headers.get("retry-after"), now=now))


def ails(outcome: Outcome) -> bool:
    """Say whether the server itself is in trouble, rather than one subscription, one message or we."""
    return isinstance(outcome, TryLater) and outcome.reason in _AILING
