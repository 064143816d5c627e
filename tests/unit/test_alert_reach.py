"""Where planning goes next, who is passed over, what waits."""

from datetime import timedelta
from itertools import product

import pytest

from service.alerts import reach
from service.alerts.records import Budget, Cursor, Pass
from service.delivery.model import Message, Severity
from tests.conftest import NOW

URGENT = (Severity.SEVERE, Severity.EXTREME)


def a_cursor(plan_pass: Pass = Pass.ALL, place: int = 0, number: int = 0) -> Cursor:
    return Cursor(plan_pass, place, number, seen_from="1", settled_at="1", resume_at=None)


def passes(message: Message) -> list[Pass]:
    cursor = a_cursor(reach.first_pass(message))
    seen: list[Pass] = []
    while cursor.plan_pass is not Pass.DONE:
        seen.append(cursor.plan_pass)
        cursor = reach.next_page(cursor, None, message)
    return seen


def test_a_warning_goes_to_all_and_then_to_those_written_meanwhile() -> None:
    assert passes(Message.WARNING) == [Pass.ALL, Pass.MEANWHILE]


def test_r19_an_update_goes_first_to_those_who_heard_the_earlier_and_then_to_everybody_newly_inside() -> None:
    assert passes(Message.UPDATE) == [Pass.EARLIER, Pass.ALL, Pass.MEANWHILE]


@pytest.mark.parametrize("message", [Message.CORRECTION, Message.END])
def test_r19_corrections_and_ends_reach_only_those_who_heard_the_earlier(message: Message) -> None:
    assert passes(message) == [Pass.EARLIER]


def test_a_full_page_goes_on_behind_its_last_number_and_the_next_pass_begins_anew() -> None:
    moved = reach.next_page(a_cursor(), (7, 90), Message.WARNING)
    assert moved == a_cursor(place=7, number=90)
    assert reach.next_page(moved, None, Message.WARNING) == a_cursor(Pass.MEANWHILE)


def test_the_first_page_is_small_so_that_the_nearest_are_told_at_once() -> None:
    assert reach.page_size(a_cursor(), 40_000) == 4_000
    assert reach.page_size(a_cursor(number=1), 40_000) == 40_000
    assert reach.page_size(a_cursor(), 1) == 1


def test_r21_who_was_warned_is_passed_over_unless_the_author_gave_a_reason() -> None:
    assert reach.asks_who_was_warned(Message.WARNING, "")
    assert not reach.asks_who_was_warned(Message.WARNING, "the river moved the mines")
    assert not reach.asks_who_was_warned(Message.CORRECTION, "")


def test_no_budget_ever_delays_what_is_severe_extreme_a_correction_or_an_end() -> None:
    for severity, message in product(Severity, Message):
        waits = reach.budget(1, 1, severity, message) is not None
        assert waits == (severity not in URGENT and message in {Message.WARNING, Message.UPDATE})


def test_no_setting_lowers_the_budget_below_its_floor() -> None:
    least = Budget(reach.LEAST_A_DAY, reach.LEAST_A_WEEK)
    assert reach.budget(1, 1, Severity.MINOR, Message.WARNING) == least
    assert reach.budget(9, 20, Severity.MINOR, Message.WARNING) == Budget(9, 20)


def test_the_delayed_are_looked_at_every_hour_and_told_after_a_day_at_the_latest() -> None:
    assert reach.look_again(NOW, now=NOW) == NOW + timedelta(hours=1)
    late = NOW + timedelta(hours=23, minutes=30)
    assert reach.look_again(NOW, now=late) == NOW + timedelta(days=1)
    assert reach.look_again(NOW, now=NOW + timedelta(days=1)) is None
