"""How many texts are worked at at once: warnings need the database more than a flood of texts does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_WAITING = 200
_PATIENCE_SECONDS = 5.0


class Busy(Exception):  # noqa: N818 - says what hands are, nothing is at fault
    """No hand became free soon enough, or too many wait for one already."""


class Hands:
    """A few hands for all texts, and one that only takes ends and cries for help: no flood stands before those."""

    def __init__(self, number: int) -> None:
        self._any = _Row(max(1, number - 1))
        self._urgent = _Row(1)

    @asynccontextmanager
    async def free(self, *, urgent: bool) -> AsyncIterator[None]:
        """Wait for a hand, not for long, and not behind many. Raises Busy."""
        row = self._urgent if urgent else self._any
        await row.take()
        try:
            yield
        finally:
            row.give_back()


class _Row:
    def __init__(self, number: int) -> None:
        self._hands = asyncio.Semaphore(number)
        self._waiting = 0

    async def take(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._hands.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        self._hands.release()
