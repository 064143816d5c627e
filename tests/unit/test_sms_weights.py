"""Texts go to providers by weight; one that fails gets little, soon, and its share back when it is well, slowly."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.delivery import providers
from service.delivery.channels.sms_weights import LEAST, Weights
from service.delivery.providers import Provider

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FILE = """
[[provider]]
name = "{name}"
protocol = "smpp"
sender = "INFO"
weight = {weight}
per_second = 10
price = "0.03"
[provider.smpp]
host = "127.0.0.1"
port = 2775
system_id = "us"
password = {{env = "PASSWORD"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def some(folder: Path, **weights: int) -> tuple[Provider, ...]:
    file = folder / "providers.toml"
    file.write_text("".join(FILE.format(name=name, weight=weight) for name, weight in weights.items()))
    return providers.read(file)


class World:
    """Providers that fail as often as they are told to, asked `per_second` times a second."""

    def __init__(self, weights: Weights, *, per_second: int = 50) -> None:
        self.weights = weights
        self.now = NOW
        self._per_second = per_second
        self._chance = random.Random(7)  # noqa: S311 - the same in every run

    def texts(self, seconds: float, errors: Mapping[str, float]) -> Counter[str]:
        """Send for a while; return how many texts each provider got."""
        got: Counter[str] = Counter()
        for _ in range(round(seconds * self._per_second)):
            self.now += SECOND / self._per_second
            name = self.weights.choose(among=errors, draw=self._chance.random(), now=self.now)
            assert name is not None
            got[name] += 1
            self.weights.note(name, self._chance.random() >= errors[name], now=self.now)
        return got


def test_texts_are_spread_by_weight(folder: Path) -> None:
    world = World(Weights(some(folder, one=3, other=1)))
    got = world.texts(60, {"one": 0, "other": 0})
    assert got["one"] / got.total() == pytest.approx(0.75, abs=0.03)


def test_a_provider_at_thirty_percent_errors_gets_little_within_two_hundred_texts(folder: Path) -> None:
    world = World(Weights(some(folder, bad=1, good=1)))
    world.texts(4, {"bad": 0.3, "good": 0.0})
    got = world.texts(60, {"bad": 0.3, "good": 0.0})
    assert 0.01 < got["bad"] / got.total() < 0.15, "of the half that it had"


def test_a_provider_that_is_well_again_gets_its_share_back_over_minutes(folder: Path) -> None:
    world = World(Weights(some(folder, bad=1, good=1)))
    world.texts(60, {"bad": 0.3, "good": 0.0})
    shares = []
    for _ in range(8):
        got = world.texts(60, {"bad": 0.0, "good": 0.0})
        shares.append(got["bad"] / got.total())
    assert shares[0] < 0.3, "good texts alone do not make up for it at once"
    assert shares[2] > 0.35
    assert shares[-1] == pytest.approx(0.5, abs=0.03)


def test_a_provider_that_fails_wholly_still_gets_a_text_now_and_then_and_comes_back(folder: Path) -> None:
    world = World(Weights(some(folder, bad=1, good=1)))
    world.texts(60, {"bad": 1.0, "good": 0.0})
    assert world.weights.share("bad", now=world.now) == LEAST
    got = world.texts(60, {"bad": 1.0, "good": 0.0})
    assert 20 < got["bad"] < 0.04 * got.total()
    world.texts(600, {"bad": 0.0, "good": 0.0})
    assert world.weights.share("bad", now=world.now) > 0.95


def test_without_texts_time_alone_heals(folder: Path) -> None:
    weights = Weights(some(folder, one=1))
    for _ in range(200):
        weights.note("one", False, now=NOW)
    assert weights.share("one", now=NOW) == LEAST
    assert weights.share("one", now=NOW + timedelta(minutes=10)) > 0.95
    assert weights.share("one", now=NOW - timedelta(hours=1)) == LEAST, "a clock that was put back heals nobody"


def test_a_rare_error_costs_little(folder: Path) -> None:
    world = World(Weights(some(folder, usual=1, perfect=1)))
    got = world.texts(300, {"usual": 0.01, "perfect": 0.0})
    assert got["usual"] / got.total() > 0.4


def test_only_who_can_be_had_is_chosen(folder: Path) -> None:
    weights = Weights(some(folder, one=100, other=1))
    assert weights.choose(among={"other"}, draw=0.0, now=NOW) == "other"
    assert weights.choose(among={"stranger"}, draw=0.0, now=NOW) is None
    assert weights.choose(among=(), draw=0.5, now=NOW) is None


def test_a_reserve_is_chosen_where_no_other_can_be(folder: Path) -> None:
    weights = Weights(some(folder, main=1, reserve=0))
    assert {weights.choose(among=["main", "reserve"], draw=each / 100, now=NOW) for each in range(100)} == {"main"}
    assert weights.choose(among=["reserve"], draw=0.99, now=NOW) == "reserve"


def test_the_same_draw_chooses_the_same(folder: Path) -> None:
    weights = Weights(some(folder, one=1, two=1, three=2))
    chosen = [
        weights.choose(among=["three", "two", "one"], draw=draw, now=NOW) for draw in (0, 0.24, 0.26, 0.51, 0.999)
    ]
    assert chosen == ["one", "one", "two", "three", "three"]
