"""Every answer of a push service that is known of: what becomes of the message, of the address, and who is told."""

from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.channels.web_push_answers import Fault, ails, judge
from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OURS, THEIRS = True, False


def waits(fault: Fault, *, after: int | None = None, ours: bool = False) -> TryLater:
    return TryLater(None if after is None else timedelta(seconds=after), fault.value, ours=ours)


# What it is called, status, headers, body, outcome, whether the server itself is in trouble.
ROWS: list[tuple[str, int, dict[str, str], bytes, Outcome, bool]] = [
    ("created (RFC 8030)", 201, {"location": "https://push.example.org/m/1"}, b"", Accepted("201"), False),
    ("accepted, receipt asked", 202, {}, b"", Accepted("202"), False),
    ("ok, as ntfy says", 200, {}, b'{"id":"x"}', Accepted("200"), False),
    ("no content", 204, {}, b"", Accepted("204"), False),
    ("expired subscription", 404, {}, b"", AddressDead("subscription-gone"), False),
    ("gone (Mozilla 106)", 410, {}, b'{"errno":106}', AddressDead("subscription-gone"), False),
    ("too large", 413, {}, b"", MessageRefused("web-push-too-large"), False),
    ("too many, with a wish", 429, {"retry-after": "60"}, b"", waits(Fault.QUOTA, after=60), True),
    ("too many", 429, {}, b"", waits(Fault.QUOTA), True),
    ("throttled by Windows", 406, {}, b"", waits(Fault.QUOTA), True),
    ("away, with a wish", 503, {"retry-after": "5"}, b"", waits(Fault.UNAVAILABLE, after=5), True),
    ("away", 503, {}, b"", waits(Fault.UNAVAILABLE), True),
    ("broken", 500, {}, b"<html>", waits(Fault.UNAVAILABLE), True),
    ("a bad gateway", 502, {}, b"<html>", waits(Fault.UNAVAILABLE), True),
    ("a slow gateway", 504, {}, b"", waits(Fault.UNAVAILABLE), True),
    ("no token of ours", 401, {}, b'{"errno":109}', waits(Fault.VAPID, ours=True), False),
    ("another key than subscribed with", 403, {}, b"do not correspond", waits(Fault.VAPID, ours=True), False),
    ("Apple's 403", 403, {}, b'{"reason":"BadJwtToken"}', waits(Fault.VAPID, ours=True), False),
    ("Apple's 400", 400, {}, b'{"reason":"VapidPkHashMismatch"}', waits(Fault.VAPID, ours=True), False),
    ("Google's 400", 400, {}, b"UnauthorizedRegistration", waits(Fault.VAPID, ours=True), False),
    ("Mozilla's 400 of a token", 400, {}, b'{"code":400,"errno": 111}', waits(Fault.VAPID, ours=True), False),
    ("another 400", 400, {}, b'{"errno":110}', waits(Fault.BAD_REQUEST, ours=True), False),
    ("a bare 400", 400, {}, b"", waits(Fault.BAD_REQUEST, ours=True), False),
    ("a redirect", 302, {"location": "https://evil.example"}, b"", waits(Fault.UNKNOWN), True),
    ("a permanent redirect", 308, {"location": "http://127.0.0.1/"}, b"", waits(Fault.UNKNOWN), True),
    ("method not allowed", 405, {}, b"", waits(Fault.UNKNOWN), True),
    ("unsupported encoding", 415, {}, b"", waits(Fault.UNKNOWN), True),
    ("a teapot", 418, {}, b"", waits(Fault.UNKNOWN), True),
    ("storage full", 507, {}, b"", waits(Fault.UNKNOWN), True),
    ("reset content", 205, {}, b"", waits(Fault.UNKNOWN), True),
    ("a number of no standard", 999, {}, b"", waits(Fault.UNKNOWN), True),
]


@pytest.mark.parametrize(
    ("status", "headers", "said", "outcome", "ailing"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_each_answer_has_its_consequence(
    status: int, headers: dict[str, str], said: bytes, outcome: Outcome, *, ailing: bool
) -> None:
    assert judge(status, headers, said, known=True, now=NOW) == outcome
    assert ails(outcome) is ailing


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_strangers_server_cannot_send_operators_after_faults_of_ours(status: int) -> None:
    outcome = judge(status, {}, b"vapid", known=False, now=NOW)
    assert outcome == waits(Fault.TURNED_AWAY)


def test_only_404_and_410_bury_an_address() -> None:
    buried = [
        status for status in range(100, 1000)
        if isinstance(judge(status, {}, b"gone", known=True, now=NOW), AddressDead)
    ]  # fmt: skip  # reads better in lines
    assert buried == [404, 410]


def test_a_wish_beyond_an_hour_is_no_wish_about_one_message() -> None:
    assert judge(429, {"retry-after": "86400"}, b"", known=True, now=NOW) == waits(Fault.QUOTA, after=3600)
