"""Lets messages through one by one: the most severe first, within the budget, so many at a time."""

import asyncio
import heapq
from dataclasses import dataclass, field
from itertools import count

from service.delivery.channels.budget import Budget

_LEASE_SECONDS = 0.25
_BREATH_SECONDS = 0.02


@dataclass(order=True, slots=True)
class _Waiting:
    """Whoever stands in the row; the lower `order` and the earlier number go first. `missing` was not yet given."""

    order: int
    number: int
    missing: int = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class Turnstile:
    """So many `places` on the way at once; each message takes one of them, and its amount out of the budget.

    The budget is asked for many at a time. A pause costs nobody anything: what went through and was not sent after all
    goes back.
    """

    def __init__(self, budget: Budget, *, places: int) -> None:
        self._budget = budget
        self._free = places
        self._lent = 0
        self._lent_until = 0.0
        self._queue: list[_Waiting] = []
        self._missing = 0
        self._numbers = count()
        self._filling: asyncio.Task[None] | None = None

    async def enter(self, rank: int, *, amount: int = 1) -> None:
        """Wait for a place and for the budget; the higher rank goes first. Whoever enters leaves."""
        if not self._queue and self._free and self._has_lent(amount):
            self._free -= 1
            self._lent -= amount
            return
        waiting = _Waiting(-rank, next(self._numbers), amount, asyncio.get_running_loop().create_future())
        heapq.heappush(self._queue, waiting)
        self._missing += amount
        self._move()
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                self.leave(unused=True, amount=amount)
            raise

    def leave(self, *, unused: bool = False, amount: int = 1) -> None:
        """Make the place free; `unused` says that nothing was asked of the provider."""
        self._free += 1
        self._lent += amount if unused else 0
        self._move()

    def _has_lent(self, amount: int = 1) -> bool:
        if self._lent and asyncio.get_running_loop().time() >= self._lent_until:
            self._lent = 0  # lent for this moment: used later, it would come on top of another's
        return self._lent >= amount

    def _move(self) -> None:
        while self._queue and self._free and self._has_lent():
            first = self._queue[0]
            if first.turn.done():
                self._drop(first)
                continue
            given = min(first.missing, self._lent)
            first.missing -= given
            self._missing -= given
            self._lent -= given
            if not first.missing:
                self._drop(first)
                self._free -= 1
                first.turn.set_result(None)
        if self._queue and self._free and self._filling is None:
            self._filling = asyncio.create_task(self._fill())

    def _drop(self, first: _Waiting) -> None:
        heapq.heappop(self._queue)
        self._missing -= first.missing

    async def _fill(self) -> None:
        try:
            while self._queue and self._free:
                granted, wait = await self._budget.grant(min(self._missing, self._budget.lease))
                if granted:
                    self._lent = granted + (self._lent if self._has_lent() else 0)
                    self._lent_until = asyncio.get_running_loop().time() + _LEASE_SECONDS
                    self._move()
                if wait > 0 or not granted:  # asked again at once, it would give nothing
                    await asyncio.sleep(max(_BREATH_SECONDS, wait))
        finally:
            # Looked at once more whatever ended it: nobody is left waiting for a task that is gone.
            self._filling = None
            asyncio.get_running_loop().call_later(_BREATH_SECONDS, self._move)
