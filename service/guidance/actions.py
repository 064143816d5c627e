"""The one door to the tables of guidance: bundles, those of lessons too, their deltas, pictures."""

from collections.abc import Sequence
from datetime import datetime

from service.guidance import store
from service.guidance.model import BundleEntry, Kept
from service.kit.db import Tx
from service.kit.documents import Document

PICTURES = "pictures"


async def lock(tx: Tx) -> None:
    """Let one build at a time make bundles."""
    await store.lock(tx)


async def entries(tx: Tx) -> list[BundleEntry]:
    """Return what is offered: guidance by language, then lessons by course and language."""
    return await store.entries(tx, offered=True)


async def every_entry(tx: Tx) -> dict[str, BundleEntry]:
    """Return the last version of every bundle that was ever offered, by its owner."""
    return {one.owner: one for one in await store.entries(tx, offered=False)}


async def made_at(tx: Tx) -> datetime | None:
    """Return when a bundle changed last; None before the first."""
    return await store.made_at(tx)


async def earlier(tx: Tx, entry: BundleEntry) -> list[Kept]:
    """Return a bundle as it stands, and the deltas to it."""
    return await store.documents_of(tx, entry.owner, until=entry.version)


async def keep(tx: Tx, entry: BundleEntry, documents: Sequence[Kept], *, now: datetime) -> None:
    """Put a new version of a bundle in the place of the one before."""
    await store.supersede(tx, entry.owner, version=entry.version, now=now)
    await store.add(tx, documents)
    await store.set_entry(tx, entry, now=now)


async def offer_again(tx: Tx, entry: BundleEntry, *, now: datetime) -> None:
    """Offer a bundle that is there as it stands."""
    await store.set_entry(tx, entry, now=now)


async def offer_only(tx: Tx, owners: Sequence[str], *, now: datetime) -> None:
    """Stop offering every other bundle; whoever holds it keeps it."""
    await store.withdraw(tx, owners, now=now)


async def keep_pictures(tx: Tx, documents: Sequence[Document], *, now: datetime) -> None:
    """Keep exactly these pictures in use."""
    await store.add(tx, [Kept(PICTURES, None, 1, one) for one in documents])
    await store.supersede_others(tx, PICTURES, [one.path for one in documents], now=now)


async def forget(tx: Tx, *, before: datetime) -> None:
    """Drop what was replaced before this moment."""
    await store.forget(tx, before=before)


async def document(tx: Tx, path: str) -> Document | None:
    """Return a bundle, delta or picture by its path under /v1/guidance/, one of lessons by its path under /v1/.

    None if there is none, or none any more.
    """
    return await store.get(tx, path)


async def current(tx: Tx) -> dict[str, int]:
    """Return the path of everything that is in use, and how many bytes it has as br."""
    return await store.current(tx)
