"""Whose calls are counted together, and how people are counted."""

from starlette.requests import Request

from service.kit.counts import blur
from service.kit.crypto import Keyring
from service.kit.limits import Limits, network_of

KEYRING = Keyring(bytes(32))


def caller(peer: str, *forwarded: str, trusted: tuple[str, ...] = ("10.0.0.0/8", "2001:db8::1")) -> str:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})
    return Limits(None, KEYRING, trusted_proxies=trusted).client_of(request)


def test_neighbours_are_counted_together_strangers_are_not() -> None:
    assert network_of("192.0.2.7") == network_of("192.0.2.250") != network_of("192.0.3.7")
    assert network_of("2001:db8:1::1") == network_of("2001:db8:1:ffff::2") != network_of("2001:db8:2::1")
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.8")


def test_only_a_trusted_proxy_is_believed_about_who_calls() -> None:
    assert caller("192.0.2.1", "198.51.100.1") == "192.0.2.1"
    assert caller("10.1.2.3", "198.51.100.1") == "198.51.100.1"
    assert caller("2001:db8::1", "198.51.100.1") == "198.51.100.1"


def test_a_caller_cannot_choose_who_to_be() -> None:
    assert caller("10.1.2.3", "203.0.113.9, 198.51.100.1") == "198.51.100.1"
    assert caller("10.1.2.3", "203.0.113.9", "198.51.100.1") == "198.51.100.1"
    assert caller("10.1.2.3", "203.0.113.9", "198.51.100.1, 10.0.0.9") == "198.51.100.1"


def test_a_trusted_proxy_that_says_nothing_is_the_caller() -> None:
    assert caller("10.1.2.3") == "10.1.2.3"
    assert caller("10.1.2.3", "10.0.0.9") == "10.0.0.9"


def test_r26_people_are_counted_in_tens_and_a_few_never_told() -> None:
    assert [blur(people) for people in (0, 1, 19)] == ["<20"] * 3
    assert [blur(people) for people in (20, 24, 25, 104, 105)] == [20, 20, 30, 100, 110]
