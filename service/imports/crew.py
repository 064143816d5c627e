"""Judges batches of rows in processes of their own: one of Python's runs on one core at a time."""

import asyncio
import contextlib
import copyreg
import gc
import pickle
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
import shapely

from service.imports.model import Finding, Quarantined, Survey
from service.imports.outlining import NOTHING
from service.imports.surveying import Surveyed, Terms, survey_all
from service.intake.model import Record
from service.kit import geo
from service.kit.errors import Kind, Refused
from service.kit.processes import die_with_parent
from service.zones.model import Particulars

_ROOT = Path(__file__).parents[2]
_LENGTH_BYTES = 4
_AT_ONCE = 4 * 1024 * 1024
HANDS = 2


def _plainly(one: Any) -> tuple[type, tuple[Any, ...]]:
    """Pickle a frozen dataclass by its values: its own way reads the names of its fields anew for each."""
    return type(one), tuple(getattr(one, name) for name in type(one).__slots__)


for _kind in (Record, Survey, Particulars, Finding, Quarantined):
    copyreg.pickle(_kind, _plainly)

Batch = Sequence[tuple[Record, bytes]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch that was judged: the middles of its outlines as pairs of doubles, and all of it, pickled."""

    middles: bytes
    pickled: bytes


def judge(batch: Batch, terms: Terms) -> Judged:
    """Judge a batch here and now."""
    surveyed = survey_all(batch, terms)
    officials, wide = (
        geo.array_of(getattr(survey, name) for survey in surveyed.surveys) for name in ("official", "wide")
    )
    box = shapely.bounds(officials).reshape(-1, 4)
    middles = np.column_stack([box[:, [0, 2]].mean(axis=1), box[:, [1, 3]].mean(axis=1)])
    # Outlines by the thousand: one by one their pickling takes longer than all the rest of a row's.
    surveyed.surveys = [replace(survey, official=NOTHING, wide=None) for survey in surveyed.surveys]
    told = (surveyed, shapely.to_wkb(officials).tolist(), shapely.to_wkb(wide).tolist())
    return Judged(middles.tobytes(), pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


def restored(spool: IO[bytes]) -> Surveyed:
    """Read the next batch that was judged from where it was kept."""
    surveyed: Surveyed
    surveyed, officials, wide = pickle.load(spool)  # noqa: S301 - ours, from a file without a name
    shapes = zip(
        surveyed.surveys, shapely.from_wkb(officials), shapely.from_wkb(wide), officials, strict=True
    )  # fmt: skip
    surveyed.surveys = [replace(one, official=area, wide=shown, outline=told) for one, area, shown, told in shapes]
    return surveyed


@dataclass
class Crew:
    """A few processes that wait for batches; they end with the block that hired them."""

    terms: Terms
    _free: asyncio.Queue[asyncio.subprocess.Process] = field(default_factory=asyncio.Queue)

    async def judge(self, batch: Batch) -> Judged:
        """Return what a batch turned out to be. Refused, to be tried again, where a process ended before its time."""
        hand = await self._free.get()
        assert hand.stdin is not None  # noqa: S101 - both were asked for as pipes
        assert hand.stdout is not None  # noqa: S101 - as above
        try:
            hand.stdin.write(_framed(pickle.dumps((batch, self.terms), pickle.HIGHEST_PROTOCOL)))
            await hand.stdin.drain()
            return Judged(await _heard(hand.stdout), await _heard(hand.stdout))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            detail = "A process that judged rows ended before its time."
            remedy = "It is tried again by itself; the machine may lack memory."
            raise Refused(Kind.UNAVAILABLE, "judging-interrupted", detail, remedy=remedy) from error
        finally:
            self._free.put_nowait(hand)


@contextlib.asynccontextmanager
async def hired(terms: Terms) -> AsyncIterator[Crew]:
    """Start the processes; whatever happens, none of them outlives the block."""
    crew, hands = Crew(terms), []
    try:
        for _ in range(HANDS):
            command = (sys.executable, "-B", "-m", "service.imports.crew")
            pipe = asyncio.subprocess.PIPE
            hand = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, cwd=_ROOT, env={}, limit=_AT_ONCE
            )
            hands.append(hand)
            crew._free.put_nowait(hand)  # noqa: SLF001 - the crew's own maker
        yield crew
    finally:
        for hand in hands:
            with contextlib.suppress(ProcessLookupError):
                hand.kill()
        for hand in hands:
            await hand.communicate()


async def _heard(out: asyncio.StreamReader) -> bytes:
    return await out.readexactly(int.from_bytes(await out.readexactly(_LENGTH_BYTES), "big"))


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def serve(given: BinaryIO, taken: BinaryIO) -> None:
    """Judge batch after batch until there are no more. What is read was pickled by the process that started this."""
    while length := given.read(_LENGTH_BYTES):
        batch, terms = pickle.loads(given.read(int.from_bytes(length, "big")))  # noqa: S301 - from who started this
        judged = judge(batch, terms)
        taken.write(_framed(judged.middles) + _framed(judged.pickled))
        taken.flush()


if __name__ == "__main__":
    die_with_parent()
    gc.disable()  # nothing here refers to itself, and looking for it takes a tenth of the time
    serve(sys.stdin.buffer, sys.stdout.buffer)
