"""What texts may cost: limits, lifts, and that a budget which stopped stays so until more is allowed."""

from datetime import UTC, datetime
from decimal import Decimal

from service.delivery.purse import Purse, Tariff, month_of, segments


def test_a_budget_of_nothing_is_no_limit() -> None:
    assert Purse(0, 0, 10**12).allows(10**12)
    assert Purse(0, 0, 10**12).left is None


def test_a_budget_is_spent_to_the_last_and_not_beyond() -> None:
    assert Purse(100, 0, 60).allows(40)
    assert not Purse(100, 0, 60).allows(41)
    assert Purse(100, 20, 60).left == 60


def test_after_a_stop_not_even_less_passes_those_who_wait_until_it_is_lifted() -> None:
    assert not Purse(100, 0, 60, stopped_at=100).allows(1)
    assert Purse(100, 50, 60, stopped_at=100).allows(90)
    assert Purse(0, 0, 60, stopped_at=100).allows(1)


def test_a_text_costs_its_segments_at_the_dearest_price_never_rounded_down() -> None:
    tariff = Tariff.of(Decimal("0.0350001"), 100)
    assert tariff.segment == 35_001
    assert tariff.text("a" * 161) == 2 * 35_001
    assert tariff.text("Мінна небезпека " * 10) == 3 * 35_001
    assert segments("") == 0


def test_a_month_begins_on_its_first_day() -> None:
    assert month_of(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)).isoformat() == "2026-11-01"
