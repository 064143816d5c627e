"""Every listed error of FCM and every oddity that was seen: one row each."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.channels.fcm_answers import LONGEST_WISH, Fault, judge, retry_after
from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater
from service.demo.fcm import error

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HTML = b"<!DOCTYPE html><title>502</title>"


def body(status: int, name: str, code: str | None = None, field: str | None = None) -> bytes:
    return json.dumps(error(status, name, "words", code=code, field=field)).encode()


def quota(subject: str) -> bytes:
    said = error(429, "RESOURCE_EXHAUSTED", "words", code="QUOTA_EXCEEDED")
    violations = [{"subject": subject, "description": "too many"}]
    said["error"]["details"].append({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations})
    return json.dumps(said).encode()


def waits(fault: Fault, *, after: int | None = None, ours: bool = False) -> TryLater:
    return TryLater(None if after is None else timedelta(seconds=after), fault.value, ours=ours)


ROWS: list[tuple[str, int, dict[str, str], bytes, Outcome]] = [
    ("accepted", 200, {}, b'{"name":"projects/p/messages/1"}', Accepted("projects/p/messages/1")),
    ("200 with a broken body", 200, {}, b"{", waits(Fault.UNKNOWN)),
    ("200 without a name", 200, {}, b"{}", waits(Fault.UNKNOWN)),
    ("200 with a list", 200, {}, b"[]", waits(Fault.UNKNOWN)),
    ("UNREGISTERED", 404, {}, body(404, "NOT_FOUND", "UNREGISTERED"), AddressDead("unregistered")),
    ("404 of somebody else", 404, {}, HTML, waits(Fault.NOT_FOUND, ours=True)),
    ("NOT_FOUND without UNREGISTERED", 404, {}, body(404, "NOT_FOUND"), waits(Fault.NOT_FOUND, ours=True)),
    (
        "INVALID_ARGUMENT of the token",
        400,
        {},
        body(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token"),
        AddressDead("bad-address"),
    ),
    (
        "INVALID_ARGUMENT of the fid",
        400,
        {},
        body(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.fid"),
        AddressDead("bad-address"),
    ),
    (
        "INVALID_ARGUMENT of our body",
        400,
        {},
        body(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data"),
        MessageRefused("bad-message: message.data"),
    ),
    (
        "INVALID_ARGUMENT that names no field",
        400,
        {},
        body(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        MessageRefused("bad-message: no field named"),
    ),
    ("400 with no details", 400, {}, b'{"error":{"code":400,"status":"INVALID_ARGUMENT"}}', waits(Fault.UNKNOWN)),
    ("400 with nothing", 400, {}, b"", waits(Fault.UNKNOWN)),
    (
        "SENDER_ID_MISMATCH",
        403,
        {},
        body(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
        waits(Fault.SENDER_MISMATCH, ours=True),
    ),
    ("403 without a code", 403, {}, body(403, "PERMISSION_DENIED"), waits(Fault.PERMISSION, ours=True)),
    (
        "THIRD_PARTY_AUTH_ERROR",
        401,
        {},
        body(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
        waits(Fault.APPLE_CREDENTIALS, ours=True),
    ),
    ("expired credential", 401, {}, body(401, "UNAUTHENTICATED"), waits(Fault.CREDENTIALS, ours=True)),
    ("QUOTA_EXCEEDED", 429, {"retry-after": "60"}, body(429, "X", "QUOTA_EXCEEDED"), waits(Fault.QUOTA, after=60)),
    ("429 without words", 429, {}, b"", waits(Fault.QUOTA, after=60)),
    ("the project's quota", 429, {}, quota("project:p"), waits(Fault.QUOTA, after=60)),
    ("a device's quota", 429, {}, quota("device:a"), waits(Fault.DEVICE_QUOTA, after=60)),
    ("a topic's quota", 429, {"retry-after": "90"}, quota("topic:t"), waits(Fault.TOPIC_QUOTA, after=90)),
    ("413", 413, {}, HTML, MessageRefused("bad-message: too large")),
    (
        "UNAVAILABLE",
        503,
        {"retry-after": "5"},
        body(503, "UNAVAILABLE", "UNAVAILABLE"),
        waits(Fault.UNAVAILABLE, after=5),
    ),
    ("INTERNAL", 500, {}, body(500, "INTERNAL", "INTERNAL"), waits(Fault.INTERNAL)),
    ("502 as HTML", 502, {}, HTML, waits(Fault.UNKNOWN)),
    ("504 as HTML", 504, {}, HTML, waits(Fault.UNKNOWN)),
    ("UNSPECIFIED_ERROR", 520, {}, body(520, "UNKNOWN", "UNSPECIFIED_ERROR"), waits(Fault.UNKNOWN)),
    ("a redirect", 302, {"location": "https://evil.example"}, b"", waits(Fault.REDIRECTED, ours=True)),
    ("details that are no list", 400, {}, b'{"error":{"details":{"a":1}}}', waits(Fault.UNKNOWN)),
    ("deep JSON", 500, {}, b"[" * 100_000, waits(Fault.INTERNAL)),
]


@pytest.mark.parametrize(
    ("status", "headers", "said", "outcome"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_each_answer_has_its_consequence(status: int, headers: dict[str, str], said: bytes, outcome: Outcome) -> None:
    assert judge(status, headers, said, now=NOW) == outcome


def test_a_400_alone_never_buries_an_address() -> None:
    assert not isinstance(judge(400, {}, b"{}", now=NOW), AddressDead)


@pytest.mark.parametrize(
    ("value", "wish"),
    [
        ("60", timedelta(seconds=60)),
        ("Mon, 02 Nov 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 02 Nov 2026 08:00:00 GMT", timedelta(0)),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("999999999999999999999", None),
        ("86400", LONGEST_WISH),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, wish: timedelta | None) -> None:
    assert retry_after(value, now=NOW) == wish
