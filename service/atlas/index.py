"""All public zones in this process's memory, and answers from there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.atlas.answering import Terms, answer
from service.atlas.chart import Atlas, Chart
from service.atlas.layer import Growing, Layer
from service.atlas.model import Answer, Place, Walk
from service.kit.clock import Clock
from service.kit.db import Pool, Tx, snapshot
from service.zones import actions as zones
from service.zones.model import PublicCoverage, PublicZone

_log = structlog.get_logger()
_LOOK_SECONDS = 1.0
_STALE_SECONDS = 10.0
_PATIENCE_SECONDS = 0.5
_FIRST_SECONDS = 600.0
# A look-up searches the changes too, and each change draws all of them anew: beyond so many, and beyond a hundredth
# of all zones, they join the base.
_MOST_CHANGES = 2_000
_SHARE = 100

_Bases: TypeAlias = tuple[Layer, Layer]
"""The live zones and those of exercises."""


@dataclass(slots=True)
class _Changes:
    """What has changed since the base was drawn: each zone as it is now, None for one that is no longer shown."""

    zones: dict[UUID, PublicZone | None] = field(default_factory=dict)

    def note(self, shown: Sequence[PublicZone], ended: Sequence[UUID]) -> None:
        self.zones |= {zone.id: zone for zone in shown} | dict.fromkeys(ended)

    def since(self, before: "dict[UUID, PublicZone | None]") -> "_Changes":
        """Return what came after an earlier state of these changes."""
        return _Changes({key: zone for key, zone in self.zones.items() if key not in before or before[key] is not zone})

    def chart(self, base: Layer, coverage: Sequence[PublicCoverage], *, exercise: bool) -> Chart:
        shown = [zone for zone in self.zones.values() if zone is not None and zone.exercise is exercise]
        ended = [key for key, zone in self.zones.items() if zone is None]
        areas = [area for area in coverage if area.exercise is exercise]
        return Chart.drawn(base, shown=shown, ended=ended, coverage=areas)


class ZoneIndex:
    """All public zones in this process's memory; a change is read within about a second.

    Answers need no database; when its version could not be read for ten seconds they say that they may be old.
    """

    def __init__(self) -> None:
        self._atlas = Atlas(version=-1)
        self._changes = _Changes()
        self._seen: float | None = None
        self._settling: asyncio.Task[None] | None = None
        self._looking: set[asyncio.Future[None]] = set()
        self._drawing = asyncio.Lock()

    @property
    def atlas(self) -> Atlas:
        """What is public at one version of the record; it never changes, another takes its place."""
        return self._atlas

    @property
    def stale(self) -> bool:
        return self._seen is None or _monotonic() - self._seen > _STALE_SECONDS

    @property
    def version(self) -> int:
        """The version of the record that answers stand on; -1 before the first reading."""
        return self._atlas.version

    def check(self, asked: Place | Walk, *, today: date, old_after_days: int) -> Answer:
        """Answer about a place or a walk after R5; older data than that counts as stale."""
        return answer(self._atlas, asked, Terms(today, old_after_days, unread=self.stale))

    async def look(self, pool: Pool) -> None:
        """Read the version, and what changed if it moved; what is in use meanwhile stays whole."""
        first = self._atlas.version < 0
        patience = _FIRST_SECONDS if first else _STALE_SECONDS
        async with asyncio.timeout(patience), self._drawing, snapshot(pool) as tx:
            version = await zones.version(tx)
            if first:
                self._atlas = await _read(tx, version)
            elif version != self._atlas.version:
                await self._catch_up(tx, version)
        self._seen = _monotonic()
        self._settle_if_many()

    async def look_now(self, pool: Pool) -> None:
        """Look before a map is drawn, so that whoever has just changed the record finds it there.

        A database that is away, or a reading that takes long, holds nobody up: what is known is shown then.
        """
        if not self.stale:
            looking = asyncio.ensure_future(self._try(pool))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)
            await asyncio.wait({looking}, timeout=_PATIENCE_SECONDS)

    async def _catch_up(self, tx: Tx, version: int) -> None:
        shown, ended = await zones.public_since(tx, self._atlas.version)
        coverage = await zones.public_coverage(tx)
        self._changes.note(shown, ended)
        self._atlas = await asyncio.to_thread(_drawn, version, self._bases(), self._changes, coverage)

    def _bases(self) -> _Bases:
        return self._atlas.live.base, self._atlas.exercise.base

    def _settle_if_many(self) -> None:
        most = max(_MOST_CHANGES, sum(map(len, self._bases())) // _SHARE)
        if len(self._changes.zones) > most and (self._settling is None or self._settling.done()):
            self._settling = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        """Draw a base that holds the changes, off the event loop; what changes meanwhile stands beside it."""
        atlas, before = self._atlas, dict(self._changes.zones)
        bases = await asyncio.to_thread(lambda: (atlas.live.settled(), atlas.exercise.settled()))
        async with self._drawing:
            changes = self._changes.since(before)
            coverage = [*self._atlas.live.covered.areas, *self._atlas.exercise.covered.areas]
            self._atlas = await asyncio.to_thread(_drawn, self._atlas.version, bases, changes, coverage)
            self._changes = changes

    @asynccontextmanager
    async def following(self, pool: Pool, clock: Clock) -> AsyncIterator[None]:
        """Keep up with the record while the block runs. A database that is away is waited for."""
        del clock  # staleness is a matter of real seconds, however fast a test's clock runs
        await self._try(pool)
        task = asyncio.create_task(self._follow(pool))
        try:
            yield
        finally:
            for one in (task, self._settling):
                if one is not None:
                    one.cancel()
                    with suppress(asyncio.CancelledError):
                        await one

    async def _follow(self, pool: Pool) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._try(pool)

    async def _try(self, pool: Pool) -> None:
        try:
            await self.look(pool)
        except (psycopg.Error, PoolTimeout, TimeoutError) as error:
            _log.warning("zones.index_not_read", error=type(error).__name__)


async def _read(tx: Tx, version: int) -> Atlas:
    """Read everything that is public, batch by batch."""
    growing = (Growing(), Growing())
    async for batch in zones.public_batches(tx):
        for exercise, layer in enumerate(growing):
            layer.add([zone for zone in batch if zone.exercise is bool(exercise)])
    coverage = await zones.public_coverage(tx)
    return await asyncio.to_thread(
        lambda: _drawn(version, (growing[0].layer(), growing[1].layer()), _Changes(), coverage)
    )


def _drawn(version: int, bases: _Bases, changes: _Changes, coverage: Sequence[PublicCoverage]) -> Atlas:
    live, exercise = (changes.chart(base, coverage, exercise=bool(at)) for at, base in enumerate(bases))
    return Atlas(version, live, exercise)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
