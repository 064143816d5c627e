"""What operators are shown of costs: derived from blurred counts, never from exact ones (R26)."""

from hypothesis import given
from hypothesis import strategies as st

from service.alerts.costing import Cost, Texted, forecast, money
from service.delivery.purse import Purse, Tariff

UNLIMITED = Purse(0, 0, 0)
TARIFF = Tariff(50_000, 100)


def cost(alert: Purse = UNLIMITED, month: Purse = UNLIMITED, tariff: Tariff = TARIFF) -> Cost:
    return Cost("EUR", tariff, 3, alert, month)


def test_a_forecast_is_segments_times_recipients_times_price_and_says_how_long_it_takes() -> None:
    told = forecast(Texted(1_000, 100_000), cost(), escalates=True, overdraws=False)
    assert (told.at_once, told.at_most) == (1_000, 100_000)
    assert (told.cost_at_once, told.cost_at_most) == ("150.00", "15000.00")
    assert (told.seconds_at_once, told.seconds_at_most) == (30, 3_000)
    assert told.enough


def test_an_alert_that_never_goes_on_costs_those_only_whom_nothing_else_reaches() -> None:
    told = forecast(Texted(1_000, 100_000), cost(), escalates=False, overdraws=False)
    assert told.at_most == told.at_once == 1_000


def test_a_budget_that_is_not_enough_is_said_to_be_so_unless_it_may_be_overdrawn() -> None:
    small = cost(alert=Purse(100_000_000, 0, 0))
    assert not forecast(Texted(0, 1_000), small, escalates=True, overdraws=False).enough
    assert forecast(Texted(0, 1_000), small, escalates=True, overdraws=True).enough


def test_without_a_provider_nobody_can_say_how_long_it_takes() -> None:
    told = forecast(Texted(0, 1_000), cost(tariff=Tariff(0, 0)), escalates=True, overdraws=False)
    assert told.seconds_at_most is None


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(0, 10**9))
def test_r26_no_figure_of_a_forecast_tells_one_person_from_the_next(only: int, more: int, spent: int) -> None:
    def shown(shift: int) -> object:
        # What one person's text costs is spent as well.
        month = Purse(15 * 10**11, 0, spent - spent % 1_500_000 + shift * 150_000)
        told = Texted((only + 5) // 10 * 10 - 5 + shift, (only + more + 5) // 10 * 10 - 5 + shift)
        return forecast(told, cost(month=month), escalates=True, overdraws=False)

    assert shown(1) == shown(2) == shown(9)


def test_amounts_are_written_with_two_decimals_or_all_that_they_have() -> None:
    assert [money(one) for one in (0, 50_000, 1_230_000, 31_250)] == ["0.00", "0.05", "1.23", "0.03125"]
