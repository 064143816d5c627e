"""What is made of all reports: figures for the public, quarter by quarter, and what classes learnt, for editors."""

from datetime import UTC, date, datetime, time

from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.outreach import counting, store
from service.outreach.model import Learnt, Release, Terms

FEWEST_CLASSES = 3
"""What fewer classes answered is what one class answered, and its teacher is known."""

_SOON_SECONDS = 5


async def release(tx: Tx, terms: Terms, *, now: datetime) -> Release:
    """Return the release of the quarter. Whoever asks first makes it, of the record as the quarter found it.

    Whoever asks meanwhile gets the last one: the sums of a large country take seconds. Refused if there is none yet.
    """
    cut = counting.cut_of(now.astimezone(UTC).date())
    last = await store.last_release(tx)
    if last is not None and last.cut >= cut:
        return last
    if await store.lock(tx):
        last = await store.last_release(tx)  # another may have made it meanwhile
        return last if last is not None and last.cut >= cut else await _made(tx, terms, cut, last)
    if last is None:
        detail = "The figures are being added up."
        raise Refused(Kind.UNAVAILABLE, "figures-not-ready", detail, remedy="Ask again soon.", after=_SOON_SECONDS)
    return last


async def _made(tx: Tx, terms: Terms, cut: date, last: Release | None) -> Release:
    held_before = counting.held_before(cut, terms.months_late)
    counted = await store.counted(tx, cut=datetime.combine(cut, time(), UTC), held_before=held_before)
    made = Release(cut, held_before, counting.settle(counted, last.counted if last else {}))
    await store.put_release(tx, made)
    return made


async def learnt(tx: Tx) -> list[Learnt]:
    """Return what classes learnt, of each form of each revision that enough of them answered."""
    return await store.learnt(tx, fewest=FEWEST_CLASSES)
