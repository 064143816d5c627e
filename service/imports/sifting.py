"""Reads a source to its end before anything is decided: what was taken before, what has to be judged, what waits."""

import asyncio
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from service.imports.crew import HANDS, Batch, Crew, Judged, hired, judge, restored
from service.imports.model import Seen
from service.imports.records import Stage
from service.imports.surveying import Surveyed, Terms, digest
from service.intake.model import Record, Remark
from service.kit.garbage import seldom_sought
from service.kit.geo import Coordinates

BATCH = 1_000
# A crew is hired for more than this: below, starting it takes longer than it saves.
_ALONE = 3 * BATCH
Watch = Callable[[Stage, int, int | None], None]


@dataclass
class Sifted:
    """A file that was read to its end. The surveys wait on disk, batch by batch: 100,000 of them fill a memory."""

    spool: IO[bytes]
    rows: int = 0
    batches: int = 0
    same: list[tuple[int, Seen]] = field(default_factory=list)
    places: bytearray = field(default_factory=bytearray)
    remarks: list[Remark] = field(default_factory=list)

    def put(self, judged: Judged) -> None:
        self.spool.write(judged.pickled)
        self.places += judged.middles
        self.batches += 1

    async def surveyed(self) -> AsyncIterator[Surveyed]:
        """Yield the batches in the order of their rows."""
        self.spool.seek(0)
        for _ in range(self.batches):
            yield await asyncio.to_thread(restored, self.spool)

    @property
    def middles(self) -> Coordinates:
        """The middle of every outline."""
        return np.frombuffer(self.places).reshape(-1, 2)


@asynccontextmanager
async def sifted(
    items: AsyncIterable[Record | Remark], terms: Terms, seen: Mapping[bytes, Seen], watch: Watch
) -> AsyncIterator[Sifted]:
    """Read to the end and judge each row by itself, unless it was taken before as it is.

    Raises Refused for a file that is unfit as a whole. While the block runs Python seldom looks for garbage: looking
    through rows by the hundred thousand took a quarter of an import's time.
    """
    with tempfile.TemporaryFile() as spool, seldom_sought():
        found = Sifted(spool)
        async with AsyncExitStack() as stack:
            work = _Work(terms, stack)
            batches = await stack.enter_async_context(aclosing(_batches(items, found)))
            async for batch in batches:
                fresh = await asyncio.to_thread(_unseen, batch, terms, seen, found)
                for judged in await work.give(fresh):
                    found.put(judged)
                watch(Stage.READING, found.rows, None)
            for judged in await work.rest():
                found.put(judged)
        yield found


@dataclass
class _Work:
    """Batches that are being judged, in their order: the first few here, those of a long file by a crew."""

    terms: Terms
    stack: AsyncExitStack
    given: int = 0
    crew: Crew | None = None
    pending: deque[asyncio.Task[Judged]] = field(default_factory=deque)

    async def give(self, batch: Batch) -> list[Judged]:
        """Have a batch judged; return earlier ones that are done, and wait for one if too many are under way."""
        if not batch:
            return []
        self.given += len(batch)
        if self.crew is None and self.given > _ALONE:
            self.crew = await self.stack.enter_async_context(hired(self.terms))
        self.pending.append(asyncio.create_task(_awaited(self._judging(batch))))
        done = []
        while self.pending and (self.pending[0].done() or len(self.pending) > HANDS):
            done.append(await self.pending.popleft())
        return done

    async def rest(self) -> list[Judged]:
        return [await task for task in self.pending]

    def _judging(self, batch: Batch) -> Awaitable[Judged]:
        return asyncio.to_thread(judge, batch, self.terms) if self.crew is None else self.crew.judge(batch)


async def _awaited(judging: Awaitable[Judged]) -> Judged:
    return await judging


async def _batches(items: AsyncIterable[Record | Remark], found: Sifted) -> AsyncGenerator[list[Record], None]:
    batch: list[Record] = []
    async with AsyncExitStack() as stack:
        if isinstance(items, AsyncGenerator):
            # Left early, a reader of files has a process to end.
            stack.push_async_callback(items.aclose)
        async for item in items:
            if isinstance(item, Remark):
                found.remarks.append(item)
                continue
            found.rows += 1
            batch.append(item)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _unseen(batch: Sequence[Record], terms: Terms, seen: Mapping[bytes, Seen], found: Sifted) -> Batch:
    told = [(record, digest(record, terms)) for record in batch]
    found.same += [(record.row, seen[mark]) for record, mark in told if mark in seen]
    return [(record, mark) for record, mark in told if mark not in seen]
