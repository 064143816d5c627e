"""How fast a provider is asked after a rest, in use, and in any minute."""

import itertools
import re
from pathlib import Path

import pytest

from service.delivery.channels.pacing import RAMP_SECONDS, Bucket, Pace

QUOTA = 600_000
README = Path(__file__).parents[2] / "README.md"


def sent_in(seconds: float, bucket: Bucket, *, share: float = 1.0, start: float = 0.0, step: float = 0.02) -> int:
    """Ask for all that may go (or a share of it) in steps; return how many went."""
    went, at = 0, start
    while at < start + seconds:
        at += step
        most = int(bucket.pace.speed(bucket.warm) * step * share) if share < 1 else 1_000_000
        went += bucket.take(most, now=at)
    return went


def test_from_rest_to_the_full_speed_takes_a_minute() -> None:
    bucket = Bucket(Pace(QUOTA), at=0.0)
    speeds = []
    for second in range(70):
        sent_in(1, bucket, start=float(second))
        speeds.append(bucket.pace.speed(bucket.warm))
    assert all(later >= earlier for earlier, later in itertools.pairwise(speeds))
    assert speeds[int(RAMP_SECONDS) - 5] < bucket.pace.full
    assert speeds[-1] == pytest.approx(bucket.pace.full)


def test_the_first_goes_at_once_and_a_first_second_and_ten_thousand_do_not_crawl() -> None:
    assert Bucket(Pace(QUOTA), at=0.0).take(1, now=0.0) == 1
    assert 1_000 <= sent_in(1, Bucket(Pace(QUOTA), at=0.0)) <= 1_500
    bucket, seconds, went = Bucket(Pace(QUOTA), at=0.0), 0, 0
    while went < 10_000:
        went += sent_in(1, bucket, start=float(seconds))
        seconds += 1
    assert seconds <= 6


@pytest.mark.parametrize("quota", [1, 60, 6_000, QUOTA])
def test_no_minute_wherever_it_begins_sees_more_than_the_quota(quota: int) -> None:
    bucket = Bucket(Pace(quota), at=0.0)
    a_second = [sent_in(1, bucket, start=float(second)) for second in range(240)]
    minutes = [sum(a_second[begin : begin + 60]) for begin in range(181)]
    assert max(minutes) <= quota
    assert max(minutes) >= quota * 0.95 - 1, "what is allowed is used"


@pytest.mark.parametrize("quota", [1, 60, 6_000, 30_000])
def test_a_small_quota_is_no_spike_and_needs_no_slow_start(quota: int) -> None:
    pace = Pace(quota)
    assert pace.speed(0.0) == pace.full
    assert Bucket(pace, at=0.0).take(1, now=0.0) == 1


def test_speed_that_is_not_used_does_not_grow_and_after_a_rest_the_start_is_slow_again() -> None:
    bucket = Bucket(Pace(QUOTA), at=0.0)
    sent_in(120, bucket, share=0.2)
    assert bucket.pace.speed(bucket.warm) < 0.2 * bucket.pace.full
    sent_in(120, bucket, start=120.0)
    assert bucket.warm == RAMP_SECONDS
    bucket.take(0, now=240.0 + 90.0)
    assert bucket.pace.speed(bucket.warm) == bucket.pace.gentle
    assert bucket.take(1_000_000, now=330.0) < 3_000, "nor was it saved up"


def test_a_provider_that_finds_it_too_much_is_asked_for_less_once_a_second() -> None:
    bucket = Bucket(Pace(QUOTA), at=0.0, warm=RAMP_SECONDS)
    for hundredth in range(100):
        bucket.slow_down(now=hundredth / 100)
    assert bucket.warm == pytest.approx(0.7 * RAMP_SECONDS)


def test_a_clock_that_jumps_back_holds_nothing_up() -> None:
    bucket = Bucket(Pace(60), at=1_000_000.0)
    assert bucket.take(1, now=10.0) == 1
    assert bucket.take(1, now=11.1) == 1


def test_shares_together_are_the_whole() -> None:
    assert 7 * Pace(QUOTA, parts=7).full == pytest.approx(Pace(QUOTA).full)
    assert 7 * Pace(QUOTA, parts=7).gentle == pytest.approx(Pace(QUOTA).gentle)


def test_the_readme_tells_how_long_towns_districts_provinces_and_countries_take() -> None:
    rows = re.findall(r"^\| ([\d,]+) \| [a-z ]+ \| ([\d,]+) s \|$", README.read_text(), re.MULTILINE)
    assert len(rows) == 4
    for phones, seconds in ((int(one.replace(",", "")), int(other.replace(",", ""))) for one, other in rows):
        bucket, at = Bucket(Pace(QUOTA), at=0.0), 0.0
        left = phones - bucket.take(phones, now=at)
        while left:
            at += 0.05
            left -= bucket.take(left, now=at)
        assert round(at) == seconds, phones


@pytest.mark.parametrize("per_second", [1, 10, 100, 1_000])
def test_an_even_pace_is_whole_at_once_and_no_second_sees_more(per_second: int) -> None:
    bucket = Bucket(Pace(per_second * 60, ramp=False), at=0.0)
    went = [sent_in(0.1, bucket, start=tenth / 10) for tenth in range(200)]
    assert sum(went[:10]) >= max(1, 0.85 * per_second - 1), "no slow start"
    seconds = [sum(went[begin : begin + 10]) for begin in range(190)]
    assert max(seconds) <= max(per_second, 1) + 1
    assert sum(went) >= 0.8 * 20 * per_second, "what is allowed is used"


def test_an_even_pace_rests_without_saving_up_and_without_cooling() -> None:
    bucket = Bucket(Pace(6_000, ramp=False), at=0.0)
    sent_in(1, bucket)
    assert bucket.take(1_000, now=3_600.0) <= 5
    assert bucket.pace.speed(bucket.warm) == bucket.pace.full


def test_an_even_pace_that_was_too_much_is_slower_and_whole_again_within_a_minute() -> None:
    bucket = Bucket(Pace(6_000, ramp=False), at=0.0)
    for second in range(10):
        bucket.slow_down(now=float(second))
    assert bucket.pace.speed(bucket.warm) == pytest.approx(0.17 * bucket.pace.full, rel=0.05)
    sent_in(60, bucket, start=10.0)
    assert bucket.pace.speed(bucket.warm) == pytest.approx(bucket.pace.full)
