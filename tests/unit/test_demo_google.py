"""The habits of Google and Apple that the demo's phones must live with."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.demo.google import MOST_PENDING, Google, Platform
from service.kit.clock import Clock

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class At(Clock):
    """A clock that stands where the test puts it."""

    moment = NOW

    def now(self) -> datetime:
        return At.moment


@pytest.fixture
def google() -> Google:
    At.moment = NOW
    google = Google(clock=At())
    google.listeners.append(asyncio.Queue())
    return google


def heard(google: Google) -> list[Any]:
    """What arrived since the last look: a message's text, or the word that some were dropped."""
    [listener] = google.listeners
    events = [listener.get_nowait() for _ in range(listener.qsize())]
    return [one["message"]["data"]["n"] if one["event"] == "message" else one["event"] for one in events]


def for_android(n: int, *, life: timedelta = HOUR) -> dict[str, Any]:
    return {"data": {"n": n}, "android": {"ttl": f"{int(life.total_seconds())}s"}}


def for_apple(n: int, *, collapse: str, life: timedelta = HOUR) -> dict[str, Any]:
    ends = str(int((NOW + life).timestamp()))
    return {"data": {"n": n}, "apns": {"headers": {"apns-collapse-id": collapse, "apns-expiration": ends}}}


def test_a_phone_that_is_on_hears_at_once(google: Google) -> None:
    google.accept("a", for_android(1))
    assert heard(google) == [1]


def test_a_phone_that_was_off_hears_what_waited_in_order(google: Google) -> None:
    google.switch("a", online=False, platform=Platform.ANDROID)
    for n in range(MOST_PENDING):
        google.accept("a", for_android(n))
    assert heard(google) == []
    google.switch("a", online=True)
    assert heard(google) == list(range(MOST_PENDING))


def test_past_a_hundred_waiting_android_loses_all_and_is_told_so(google: Google) -> None:
    google.switch("a", online=False, platform=Platform.ANDROID)
    for n in range(MOST_PENDING + 1):
        google.accept("a", for_android(n))
    google.switch("a", online=True)
    assert heard(google) == ["deleted"]
    google.accept("a", for_android(1000))
    assert heard(google) == [1000]


def test_apple_replaces_what_waits_by_its_collapse_id(google: Google) -> None:
    google.switch("i", online=False, platform=Platform.IOS)
    for n, collapse in ((1, "x"), (2, "y"), (3, "x")):
        google.accept("i", for_apple(n, collapse=collapse))
    google.switch("i", online=True)
    assert heard(google) == [2, 3]


@pytest.mark.parametrize("platform", Platform)
def test_what_is_out_of_date_no_longer_arrives(google: Google, platform: Platform) -> None:
    google.switch("a", online=False, platform=platform)
    for n, life in ((1, HOUR), (2, 3 * HOUR)):
        made = for_android(n, life=life) if platform is Platform.ANDROID else for_apple(n, collapse=str(n), life=life)
        google.accept("a", made)
    At.moment = NOW + 2 * HOUR
    google.switch("a", online=True)
    assert heard(google) == [2]


def test_nothing_waits_longer_than_four_weeks(google: Google) -> None:
    google.switch("a", online=False, platform=Platform.ANDROID)
    google.accept("a", {"data": {"n": 1}})
    At.moment = NOW + timedelta(days=40)
    google.switch("a", online=True)
    assert heard(google) == []
