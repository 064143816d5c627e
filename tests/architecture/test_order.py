"""All workers see the same tests in the same order, or they could not share them."""

from collections.abc import Iterable, Iterator
from typing import cast

import pytest

from tests.conftest import demand_order


class Item:
    """As much of a test as is looked at."""

    nodeid = "here"

    def __init__(self, values: Iterable[str]) -> None:
        self.values = values

    def iter_markers(self, _: str) -> Iterator[pytest.Mark]:
        yield pytest.mark.parametrize("tag", self.values).mark


@pytest.mark.parametrize("kind", [set, frozenset])
def test_a_test_over_a_set_is_refused(kind: type) -> None:
    with pytest.raises(pytest.UsageError, match="sort it"):
        demand_order(cast("pytest.Item", Item(kind("ab"))))


def test_a_test_over_a_list_is_taken() -> None:
    demand_order(cast("pytest.Item", Item(["a", "b"])))
