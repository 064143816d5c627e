"""How servers are spared and how soon they are asked again."""

from datetime import timedelta

from service.delivery.channels.web_push_health import PATIENCE, Breaker, Pace


def failing(times: int, *, at: float = 0.0, wish: timedelta | None = None) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.failed(at, wish)
    return breaker


def test_one_failure_rests_no_server_five_in_a_row_do() -> None:
    assert failing(PATIENCE - 1).rest(0) is None
    assert failing(PATIENCE).rest(0) == 30
    assert failing(PATIENCE).rest(29) == 1


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = failing(PATIENCE - 1)
    breaker.worked()
    breaker.failed(0, None)
    assert breaker.rest(0) is None


def test_after_the_rest_one_asks_and_the_others_wait_for_it() -> None:
    breaker = failing(PATIENCE)
    assert breaker.rest(31) is None
    assert breaker.rest(31) is not None
    breaker.worked()
    assert [breaker.rest(31) for _ in range(3)] == [None] * 3


def test_a_look_at_a_resting_server_takes_nobodys_turn() -> None:
    breaker = failing(PATIENCE)
    assert breaker.left(29) == 1
    assert [breaker.left(31) for _ in range(3)] == [None] * 3
    assert breaker.rest(31) is None


def test_rests_double_up_to_ten_minutes() -> None:
    breaker, moment, rests = failing(PATIENCE), 0.0, []
    for _ in range(8):
        wait = breaker.rest(moment)
        assert wait is not None
        rests.append(wait)
        moment += wait
        assert breaker.rest(moment) is None
        breaker.failed(moment, None)
    assert rests == [30, 60, 120, 240, 480, 600, 600, 600]


def test_those_that_fail_at_the_same_time_lengthen_the_rest_once() -> None:
    assert failing(PATIENCE + 95).rest(0) == 30


def test_a_servers_own_wish_is_honoured_up_to_an_hour_once_it_rests() -> None:
    assert failing(PATIENCE - 1, wish=timedelta(seconds=90)).rest(0) is None
    assert failing(PATIENCE, wish=timedelta(seconds=90)).rest(0) == 90
    assert failing(PATIENCE, wish=timedelta(days=1)).rest(0) == 3600


def test_requests_are_spread_evenly_and_time_without_any_saves_up_nothing() -> None:
    pace = Pace(50)
    assert [round(pace.wait(10.0), 3) for _ in range(4)] == [0, 0.02, 0.04, 0.06]
    assert [round(pace.wait(100.0), 3) for _ in range(2)] == [0, 0.02]
