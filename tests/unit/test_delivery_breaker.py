"""A provider that fails is left alone, probed, and taken up again."""

from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.channels.breaker import Breaker

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def failing(breaker: Breaker, *, share: float = 1.0, wish: timedelta | None = None, seconds: float = 3.0) -> Breaker:
    """Let a hundred answers a second come, of which this share are failures."""
    for number in range(int(seconds * 100)):
        good = number % 100 >= share * 100
        breaker.note(after(number / 100), good=good, wish=None if good else wish)
    return breaker


def opened(wish: timedelta | None = None) -> Breaker:
    breaker = failing(Breaker(), wish=wish)
    assert not breaker.is_closed
    return breaker


def moment_of_probing(breaker: Breaker) -> datetime:
    assert breaker.until is not None
    return breaker.until


def probe(breaker: Breaker, at: datetime, *, good: bool) -> int:
    """Send as many probes as it lets go; return how many."""
    sent = 0
    while breaker.admit(at) is None and not breaker.is_closed:
        sent += 1
        breaker.note(at, good=good)
    return sent


def test_lasting_failure_opens_it_and_then_nothing_goes() -> None:
    breaker = opened()
    assert breaker.opened_at is not None
    assert breaker.opened_at <= after(1.5)
    assert breaker.admit(breaker.opened_at) == timedelta(seconds=2)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.45])
def test_some_failures_do_not_hold_back_the_rest(share: float) -> None:
    assert failing(Breaker(), share=share, wish=timedelta(minutes=1), seconds=30).is_closed


def test_one_cut_that_breaks_all_that_is_on_the_way_opens_nothing() -> None:
    breaker = Breaker()
    for _ in range(500):
        breaker.note(NOW, good=False)
    assert breaker.is_closed


def test_a_few_failures_alone_open_nothing() -> None:
    breaker = Breaker()
    for second in range(0, 600, 5):
        breaker.note(after(second), good=False)
    assert breaker.is_closed


def test_probes_are_five_and_good_ones_close_it() -> None:
    breaker = opened()
    assert probe(breaker, moment_of_probing(breaker), good=True) == 3
    assert breaker.is_closed
    assert breaker.admit(after(100)) is None


def test_bad_probes_open_it_for_twice_as_long_up_to_a_minute() -> None:
    breaker, rests = opened(), []
    for _ in range(7):
        at = moment_of_probing(breaker)
        assert probe(breaker, at, good=False) == 3
        rests.append((moment_of_probing(breaker) - at).total_seconds())
    assert rests == [4, 8, 16, 32, 60, 60, 60]


def test_who_comes_while_probes_are_on_the_way_waits_a_second() -> None:
    breaker = opened()
    at = moment_of_probing(breaker)
    assert [breaker.admit(at) for _ in range(7)] == [None] * 5 + [timedelta(seconds=1)] * 2


def test_probes_that_are_never_answered_do_not_hold_it_for_ever() -> None:
    breaker = opened()
    at = moment_of_probing(breaker)
    for _ in range(5):
        assert breaker.admit(at) is None
    assert breaker.admit(at + timedelta(seconds=31)) is None


def test_the_providers_own_wish_counts_for_all_its_messages() -> None:
    breaker = opened(wish=timedelta(seconds=90))
    assert breaker.opened_at is not None
    assert breaker.admit(breaker.opened_at) == timedelta(seconds=90)
    greedy = opened(wish=timedelta(hours=1))
    assert greedy.opened_at is not None
    assert greedy.admit(greedy.opened_at) == timedelta(minutes=5), "an hour is no wish about all messages"


def test_answers_to_what_was_sent_before_it_opened_change_nothing() -> None:
    breaker = opened()
    assert breaker.opened_at is not None
    until = breaker.until
    for _ in range(500):
        breaker.note(breaker.opened_at, good=False, wish=timedelta(hours=1))
    assert breaker.until == until


def test_a_clock_put_back_does_not_keep_it_open() -> None:
    assert opened().admit(NOW - timedelta(hours=1)) is None
