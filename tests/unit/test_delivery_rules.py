"""What follows from what a provider answered."""

from datetime import UTC, datetime, timedelta

import pytest

from service.delivery import rules
from service.delivery.model import (
    Accepted,
    AddressDead,
    Fate,
    Finished,
    Message,
    MessageRefused,
    Outcome,
    Retry,
    Severity,
    TryLater,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATER = TryLater(None, "unavailable")


def step(fates: str, *outcomes: Outcome, attempts: int = 1, patience: timedelta = timedelta(hours=1)) -> object:
    give_up_at = NOW + patience
    return rules.next_step(fates, outcomes, attempts=attempts, give_up_at=give_up_at, jitter=0, now=NOW)


@pytest.mark.parametrize(
    ("outcome", "fate"),
    [
        (Accepted("name"), Fate.ACCEPTED),
        (AddressDead("unregistered"), Fate.DEAD),
        (MessageRefused("invalid"), Fate.REFUSED),
        (LATER, Fate.WAITING),
    ],
)
def test_each_answer_has_one_consequence(outcome: Outcome, fate: Fate) -> None:
    assert rules.fate_of(outcome) is fate


def test_only_those_who_waited_change() -> None:
    merged = rules.merge("awwd", [1, 2, 3, 4], {2: Accepted("x"), 3: LATER})
    assert merged == "aawd"


def test_who_lost_the_address_before_its_turn_is_gone_not_lost() -> None:
    assert rules.merge("ww", [1, 2], {1: Accepted("x")}) == "ag"


def test_nobody_waiting_means_finished() -> None:
    assert step("aadx") == Finished()


def test_the_providers_wish_is_honoured() -> None:
    assert step("aw", TryLater(timedelta(seconds=60), "quota"), Accepted("x")) == Retry(timedelta(seconds=60))


def test_a_wish_is_waited_for_exactly_and_only_answers_without_one_let_the_wait_double() -> None:
    asked = TryLater(timedelta(seconds=5), "unavailable")
    assert step("ww", asked, asked, attempts=9) == Retry(timedelta(seconds=5))
    assert step("ww", asked, LATER, attempts=4) == Retry(timedelta(seconds=16))
    assert step("ww", TryLater(timedelta(0), "held"), attempts=1) == Retry(timedelta(seconds=1))


def test_waits_double_up_to_a_minute() -> None:
    waits = [step("w", LATER, attempts=attempt) for attempt in (1, 2, 3, 20, 10_000)]
    assert waits == [Retry(timedelta(seconds=seconds)) for seconds in (2, 4, 8, 60, 60)]


def test_after_an_outage_those_who_fail_once_more_do_not_wait_long() -> None:
    assert step("wa", LATER, Accepted("x"), attempts=20) == Retry(timedelta(seconds=8))


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_jitter_only_lengthens_a_wait_and_by_a_quarter_at_most(jitter: float) -> None:
    give_up_at = NOW + timedelta(hours=1)
    wish = TryLater(timedelta(seconds=60), "quota")
    found = rules.next_step("w", [wish], attempts=1, give_up_at=give_up_at, jitter=jitter, now=NOW)
    assert found == Retry(timedelta(seconds=60 * (1 + jitter / 4)))


def test_who_was_asked_to_wait_in_one_ring_does_not_hold_back_another() -> None:
    own = step("aw", Accepted("x"), TryLater(timedelta(seconds=60), "quota"))
    assert own == Retry(timedelta(seconds=60))
    assert step("a", Accepted("x")) == Finished()
    assert step("w", LATER) == Retry(timedelta(seconds=2))


def test_the_fetching_after_a_push_is_spread_by_the_size_of_the_audience() -> None:
    spreads = [rules.spread(size, a_second=1000) for size in (0, 1, 1000, 1001, 300_000, 1_000_000, 100_000_000)]
    assert spreads == [0, 1, 1, 2, 300, 1000, 3600]


def test_nobody_is_tried_after_the_alerts_time() -> None:
    assert step("w", LATER, patience=timedelta(seconds=1)) == Finished()


def test_who_was_not_reached_is_exhausted_and_who_was_stopped_is_stopped() -> None:
    assert rules.exhaust("awd") == "axd"
    assert rules.halt("awd") == "asd"


def test_r19_who_was_tried_before_the_stop_may_have_been_reached() -> None:
    assert rules.halt("awd", tried=True) == "axd"
    held, tried = TryLater(None, rules.HELD), TryLater(None, "timeout")
    assert rules.halt_after("wwwa", [1, 2, 3, 4], {1: held, 2: tried, 3: held}) == "sxsa"


def test_the_more_urgent_goes_first_then_the_nearest_then_the_verified() -> None:
    def ranks(severity: Severity) -> list[int]:
        urgency = rules.urgency(severity, Message.WARNING)
        return [rules.priority(urgency, ring, verified=kind) for ring in (0, 1, 40, 4000) for kind in (True, False)]

    falling = [rank for severity in sorted(Severity, reverse=True) for rank in ranks(severity)]
    assert falling == sorted(set(falling), reverse=True)


def test_r17_a_correction_goes_before_everything_and_only_the_urgent_use_the_urgent_queue() -> None:
    urgencies = {one: rules.urgency(one, Message.WARNING) for one in Severity}
    assert rules.urgency(Severity.MINOR, Message.CORRECTION) > max(urgencies.values())
    assert {one for one in Severity if rules.is_urgent(urgencies[one])} == {Severity.SEVERE, Severity.EXTREME}
