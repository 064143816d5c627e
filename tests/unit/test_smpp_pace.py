"""How the carrier slows down and comes back, on a clock that the test moves."""

import asyncio
from collections.abc import Iterator

import pytest

from service.delivery.channels.smpp_pace import Pace


class Time(asyncio.SelectorEventLoop):
    """A loop whose time is what the test says; sleeping moves it."""

    now = 100.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    loop = Time()

    async def sleep(seconds: float) -> None:
        loop.now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    yield loop
    loop.close()


def test_at_full_speed_nobody_waits(time: Time) -> None:
    async def run() -> None:
        pace = Pace()
        for _ in range(100):
            await pace.turn()

    time.run_until_complete(run())
    assert time.now == 100.0


def test_a_too_much_stops_everybody_and_ten_at_one_time_count_once(time: Time) -> None:
    async def run() -> None:
        pace = Pace()
        for _ in range(10):
            pace.slower()
        await pace.turn()

    time.run_until_complete(run())
    assert 0.3 < time.now - 100.0 < 0.7


def test_each_too_much_in_a_row_is_waited_for_longer_but_never_for_minutes(time: Time) -> None:
    pauses: list[float] = []

    async def run() -> None:
        pace = Pace()
        for _ in range(12):
            before = time.now
            pace.slower()
            await pace.turn()
            pauses.append(time.now - before)

    time.run_until_complete(run())
    assert pauses[0] < pauses[2] < pauses[4]
    assert max(pauses) <= 8.0 * 1.25 + 1.0


def test_texts_that_are_taken_bring_back_full_speed(time: Time) -> None:
    async def run() -> None:
        pace = Pace()
        pace.slower()
        await pace.turn()
        slow = time.now
        for _ in range(10):
            await pace.turn()
        assert time.now > slow
        for _ in range(100):
            pace.taken()
        await pace.turn()
        fast = time.now
        await pace.turn()
        assert time.now == fast

    time.run_until_complete(run())
