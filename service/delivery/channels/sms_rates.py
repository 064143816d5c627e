"""How many segments a second each provider of texts gets, of all workers together; the most severe text goes first."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Self

from service.delivery.channels.budget import Budget
from service.delivery.channels.turnstile import Turnstile
from service.delivery.provider_ways import HttpWay
from service.delivery.providers import Provider


class Turn:
    """One text's turn; who finds that it is not to be sent after all says so, and its segments go to the next."""

    unused = False


class Rates:
    """For each provider one budget and one turnstile; `names` are those of the file."""

    def __init__(self, providers: Sequence[Provider], *, redis_url: str | None = None) -> None:
        self._budgets = {
            one.name: Budget(f"sms:{one.name}", one.per_second * 60, ramp=False, redis_url=redis_url)
            for one in providers
        }
        self._turnstiles = {one.name: Turnstile(self._budgets[one.name], places=_places(one)) for one in providers}

    @classmethod
    def none(cls) -> Self:
        """Return the rates of a deployment without providers."""
        return cls(())

    @contextlib.asynccontextmanager
    async def turn(self, name: str, segments: int, *, rank: int) -> AsyncIterator[Turn]:
        """Wait until a text of so many segments may be handed to a provider; the higher rank goes first."""
        turnstile, turn = self._turnstiles[name], Turn()
        await turnstile.enter(rank, amount=segments)
        try:
            yield turn
        finally:
            turnstile.leave(unused=turn.unused, amount=segments)

    def divide(self, workers: int) -> None:
        """Learn how many workers send; only their shares count while Redis is away."""
        for budget in self._budgets.values():
            budget.divide(workers)

    def slow_down(self, name: str) -> None:
        """Take to heart that a provider was asked for too much."""
        self._budgets[name].slow_down()

    async def close(self) -> None:
        """Close the connections to Redis."""
        for budget in self._budgets.values():
            await budget.close()


def _places(provider: Provider) -> int:
    """Return how many texts may have their turn at once: those on their way, and as many that are being written down.

    More would wait inside the carrier, where no rank counts, and be in doubt after a crash.
    """
    way = provider.way
    return 2 * (way.at_once if isinstance(way, HttpWay) else way.window)
