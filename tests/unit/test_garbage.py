"""The search for garbage is held back while many objects are made, and comes back."""

import gc

import pytest

from service.kit.garbage import seldom_sought


def test_the_search_is_seldom_inside_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with seldom_sought():
        assert gc.get_threshold()[0] > 100 * before[0]
    assert gc.get_threshold() == before


def test_blocks_that_overlap_leave_the_habit_as_it_was_whichever_ends_first() -> None:
    before = gc.get_threshold()
    one, other = seldom_sought(), seldom_sought()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert gc.get_threshold() != before
    other.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_an_error_inside_brings_the_habit_back_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), seldom_sought():
        _ = 1 / 0
    assert gc.get_threshold() == before
