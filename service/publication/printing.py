"""Keeps bundles of guidance and lessons as the house would give them now: versions, deltas, pictures. The worker's."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from service.guidance import actions as guidance
from service.guidance.drawings import Drawing
from service.guidance.model import BundleEntry, Kept, Recall
from service.guidance.shelf import Bundle, Shelf
from service.kit.db import Tx
from service.kit.documents import Document
from service.kit.encodings import SMALLER, Effort, Encoding, compress
from service.kit.house import House
from service.lessons.recalls import RecalledLesson
from service.lessons.shelf import Lessons
from service.publication import booklets, deltas
from service.publication.model import DELTAS_KEPT, Index, Standing

_SETTLED = timedelta(minutes=1)
"""While a deployment changes its release its workers differ: none of them undoes the other's work at once."""


@dataclass(frozen=True, slots=True)
class Booklet:
    """What an index says of guidance and of lessons."""

    entries: tuple[BundleEntry, ...]
    recalls: tuple[Recall, ...]
    lessons: tuple[RecalledLesson, ...]

    @property
    def fingerprint(self) -> str:
        return booklets.fingerprint(self.entries, self.recalls, self.lessons)

    def into(self, index: Index) -> Index:
        """Return the index with all that it says of guidance and lessons."""
        return replace(index, guidance=self.entries, recalls=self.recalls, lessons=self.lessons)


async def keep(tx: Tx, house: House, *, now: datetime) -> Booklet:
    """Keep a version of every bundle whose bytes are other ones than those that phones have."""
    await guidance.lock(tx)
    wanted = await asyncio.to_thread(_wanted, house)
    held = await guidance.every_entry(tx)
    offered = {entry.owner for entry in await guidance.entries(tx)}
    entries = []
    for owner, bundle in wanted.items():
        entry = held.get(owner)
        if entry is not None and entry.sha256 == bundle.sha256:
            entries.append(entry)
            if owner not in offered:
                await guidance.offer_again(tx, entry, now=now)
            continue
        earlier = await guidance.earlier(tx, entry) if entry else []
        new, documents = await asyncio.to_thread(next_version, entry, earlier, bundle)
        await guidance.keep(tx, new, documents, now=now)
        entries.append(new)
    if offered - wanted.keys():
        await guidance.offer_only(tx, sorted(wanted), now=now)
    await _keep_pictures(tx, wanted.values(), now=now)
    return _booklet(house, entries)


async def is_due(tx: Tx, house: House, held: Standing, *, now: datetime) -> bool:
    """Say whether a world's index names other guidance or lessons than the house would give now."""
    wanted = await asyncio.to_thread(_wanted, house)
    entries = await guidance.entries(tx)
    there = {entry.owner: entry.sha256 for entry in entries}
    if there == {owner: bundle.sha256 for owner, bundle in wanted.items()}:
        return held.guidance != _booklet(house, entries).fingerprint
    changed = await guidance.made_at(tx)
    return changed is None or now - changed >= _SETTLED


def _wanted(house: House) -> dict[str, Bundle]:
    """Return every bundle by its owner: guidance by language, then lessons, those of the emergency first."""
    found = [bundle for _, bundle in sorted(house.get(Shelf).bundles(house).items())]
    return {bundle.owner: bundle for bundle in (*found, *house.get(Lessons).taught(house).bundles)}


def _booklet(house: House, entries: Iterable[BundleEntry]) -> Booklet:
    """Return what an index says; `_wanted` was asked before, so nothing is read from files here."""
    recalled = house.get(Lessons).taught(house).recalled
    return Booklet(tuple(entries), house.get(Shelf).recalls(house), recalled)


async def _keep_pictures(tx: Tx, wanted: Iterable[Bundle], *, now: datetime) -> None:
    there = await guidance.current(tx)
    named = {drawing.path: drawing for bundle in wanted for drawing in bundle.drawings}
    kept = {path for path in there if path.startswith(f"{guidance.PICTURES}/")}
    if kept != named.keys():
        documents = [await asyncio.to_thread(_picture, drawing) for _, drawing in sorted(named.items())]
        await guidance.keep_pictures(tx, documents, now=now)


def next_version(held: BundleEntry | None, earlier: Sequence[Kept], bundle: Bundle) -> tuple[BundleEntry, list[Kept]]:
    """Make a bundle's next version; `earlier` is the document of the last one and the deltas to it."""
    version = held.version + 1 if held else 1
    document = _document(booklets.bundle_path(bundle.owner, version), bundle.content)
    made = [Kept(bundle.owner, None, version, document)]
    if earlier:
        last, *ways = earlier
        versions = (last.until, version)
        step = deltas.between(last.document.plain(), bundle.content, cell=bundle.owner, world=None, versions=versions)
        made += _deltas(step, ways, most=len(document.bodies[SMALLER[0]]))
    oldest = min((one.since for one in made if one.since is not None), default=version)
    entry = BundleEntry(bundle.language, version, document.size, document.sha256, oldest, bundle.course)
    return entry, made


def _deltas(step: deltas.Delta, ways: Sequence[Kept], *, most: int) -> list[Kept]:
    """Lengthen every delta to the last version by one step; stop at one that is no smaller than the bundle."""
    made: list[Kept] = []
    for way in [None, *ways][:DELTAS_KEPT]:
        delta = step if way is None else deltas.joined(deltas.parse(way.document.plain()), step)
        path = booklets.delta_path(delta.cell, delta.since, delta.until)
        document = _document(path, deltas.as_bytes(delta))
        if len(document.bodies[SMALLER[0]]) >= most:
            break
        made.append(Kept(delta.cell, delta.since, delta.until, document))
    return made


def _picture(drawing: Drawing) -> Document:
    return _document(drawing.path, drawing.content)


@lru_cache(maxsize=256)
def _packed(content: bytes) -> dict[Encoding, bytes]:
    """Compress once what a build that failed makes again."""
    return {encoding: compress(content, encoding, Effort.BEST) for encoding in SMALLER}


def _document(path: str, content: bytes) -> Document:
    bodies = _packed(content)
    return Document(path, hashlib.sha256(content).hexdigest(), len(content), bodies, final=True)
