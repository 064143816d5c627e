"""Slows down when an SMSC says that it is too much, and comes back to full speed while it takes what it is given."""

import asyncio
import random

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_FIRST_GAP, _LONGEST_GAP, _NO_GAP = 0.02, 1.0, 0.002
_EASE = 0.9


class Pace:
    """A pause for everybody after each "too much", twice as long each time, and a gap between texts that shrinks."""

    def __init__(self) -> None:
        self._pause = _FIRST_PAUSE
        self._gap = 0.0
        self._free_at = 0.0
        self._judged_at = 0.0

    async def turn(self) -> None:
        """Wait for one's turn; at full speed nobody waits."""
        now = asyncio.get_running_loop().time()
        if now >= self._free_at and not self._gap:
            return
        at = max(now, self._free_at)
        self._free_at = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)

    def slower(self) -> None:
        """Take note of a "too much". All that were on the way at one time say it once."""
        now = asyncio.get_running_loop().time()
        if now < self._judged_at:
            return
        pause = self._pause * random.uniform(0.75, 1.25)  # noqa: S311 - spreads workers out, guards nothing
        self._judged_at = now + pause
        self._free_at = max(self._free_at, self._judged_at)
        self._pause = min(_LONGEST_PAUSE, 2 * self._pause)
        self._gap = min(_LONGEST_GAP, max(_FIRST_GAP, 2 * self._gap))

    def taken(self) -> None:
        """Take note of a part that was taken."""
        if self._gap:
            self._pause = _FIRST_PAUSE
            self._gap = self._gap * _EASE if self._gap > _NO_GAP else 0.0
