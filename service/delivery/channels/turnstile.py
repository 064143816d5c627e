"""Lets messages through one by one: the most severe first, within the budget, so many at a time."""

import asyncio
import heapq
from itertools import count

from service.delivery.channels.budget import Budget

_LEASE_SECONDS = 0.25
_BREATH_SECONDS = 0.02


class Turnstile:
    """So many `places` on the way at once; each message takes one out of the budget.

    The budget is asked for many at a time. A pause costs nobody anything: what went through and was not sent after all
    goes back.
    """

    def __init__(self, budget: Budget, *, places: int) -> None:
        self._budget = budget
        self._free = places
        self._lent = 0
        self._lent_until = 0.0
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._filling: asyncio.Task[None] | None = None

    async def enter(self, rank: int) -> None:
        """Wait for a place and for the budget; the higher rank goes first. Whoever enters leaves."""
        if not self._queue and self._free and self._has_lent():
            self._free -= 1
            self._lent -= 1
            return
        waiting = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (-rank, next(self._numbers), waiting))
        self._move()
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                self.leave(unused=True)
            raise

    def leave(self, *, unused: bool = False) -> None:
        """Make the place free; `unused` says that nothing was asked of the provider."""
        self._free += 1
        self._lent += unused
        self._move()

    def _has_lent(self) -> bool:
        if self._lent and asyncio.get_running_loop().time() >= self._lent_until:
            self._lent = 0  # lent for this moment: used later, it would come on top of another's
        return self._lent > 0

    def _move(self) -> None:
        while self._queue and self._free and self._has_lent():
            _, _, waiting = heapq.heappop(self._queue)
            if not waiting.done():
                self._free -= 1
                self._lent -= 1
                waiting.set_result(None)
        if self._queue and self._free and self._filling is None:
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        try:
            while self._queue and self._free:
                granted, wait = await self._budget.grant(min(len(self._queue), self._budget.lease))
                if granted:
                    self._lent = granted + (self._lent if self._has_lent() else 0)
                    self._lent_until = asyncio.get_running_loop().time() + _LEASE_SECONDS
                    self._move()
                else:
                    await asyncio.sleep(max(_BREATH_SECONDS, wait))
        finally:
            # Looked at once more whatever ended it: nobody is left waiting for a task that is gone.
            self._filling = None
            asyncio.get_running_loop().call_later(_BREATH_SECONDS, self._move)
