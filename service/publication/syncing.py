"""The reference client: fetches, lets `phone` decide, and keeps the result; whatever fails, the old state stays."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from service.guidance.model import Recall
from service.kit.errors import Kind, Refused
from service.lessons.recalls import RecalledLesson
from service.publication import collecting, deltas, phone, reading, rules, trust
from service.publication.collecting import Collecting
from service.publication.holding import Held, Holding
from service.publication.model import Index, KeySet, PackEntry, World
from service.publication.phone import Pack, Shown, Standing
from service.publication.reading import Booklet, Schoolbook
from service.publication.sources import Source

_KEYS = "v1/keys.json"
_PACKS = "v1/packs/"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a phone is for: its world, the root keys that it was built with, and the cells of its owner's places.

    With `everything` it holds all packs, as a mirror does. It holds guidance in each of `languages`, and those of
    `courses` that are whole there; with `recognition` the authority's pictures for readers of 13 and over.
    """

    world: World
    roots: Sequence[bytes]
    places: tuple[int, ...] = ()
    everything: bool = False
    languages: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    recognition: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What is shown after a sync, and what must be said of it."""

    index: Index | None
    shown: Shown
    old: bool
    packs: int
    fetched: int = 0
    by_delta: int = 0
    bytes: int = 0
    trouble: Refused | None = None
    alerts: Mapping[str, Standing] = field(default_factory=dict)
    guidance: Mapping[str, Booklet] = field(default_factory=dict)
    withdrawn: Mapping[str, Mapping[str, Recall]] = field(default_factory=dict)
    lessons: Mapping[str, Schoolbook] = field(default_factory=dict)
    lessons_withdrawn: Mapping[str, Mapping[str, RecalledLesson]] = field(default_factory=dict)


class Syncing:
    """One sync of one folder."""

    def __init__(self, folder: Path, source: Source, wish: Wish) -> None:
        self._holding = Holding(folder)
        self._source = source
        self._wish = wish
        self._fetched = self._by_delta = self._bytes = 0

    def run(self, *, now: datetime) -> State:
        """Bring the folder up to date. `trouble` says why it could not be; then what was held is held still."""
        with self._holding.alone():
            held = self._holding.read(self._wish.world)
            troubles = []
            for step in (self._with_keys, self._with_packs, self._with_recalls, self._with_guidance):
                try:
                    held = step(held)
                except Refused as refused:  # keys that were not got are no reason to go without packs
                    troubles.append(refused)
            state = look(self._holding, held, self._wish.roots, now=now)
            return replace(
                state,
                fetched=self._fetched,
                by_delta=self._by_delta,
                bytes=self._bytes,
                trouble=next(iter(troubles), state.trouble),
            )

    def _with_keys(self, held: Held) -> Held:
        """Take a newer key set and keep it at once: what it revokes is not believed again, whatever comes after."""
        document = self._fetch(_KEYS)
        least = 0 if held.keys is None else trust.open_keys(held.keys, self._wish.roots).version
        trust.open_keys(document, self._wish.roots, least=least)
        if document != held.keys:
            held = replace(held, keys=document)
            self._holding.write(held)
        return held

    def _with_packs(self, held: Held) -> Held:
        if held.keys is None:
            return held
        keys = trust.open_keys(held.keys, self._wish.roots)
        document = self._fetch(_PACKS + rules.index_path(self._wish.world))
        index, key = trust.open_index(document, keys, self._wish.world)
        phone.demand_newer(index, held.floors, keys)
        cells, everything = self._cells(held, index)
        entries = phone.entries_for(cells, index)
        honest = not _revoked(held, keys)
        before = shown(self._holding, held)
        packs = [self._taken(entry, held, honest=honest) for entry in entries]
        after = phone.judge(before, packs)
        new = replace(
            held,
            index=document,
            cells=tuple(cells),
            everything=everything,
            packs={entry.cell: entry for entry in entries},
            floors={**held.floors, key.kid: phone.floor_of(index)},
            kept=after.kept,
            alerts=after.alerts,
        )
        self._holding.write(new)
        self._holding.tidy(new.packs.values())
        return new

    def _with_recalls(self, held: Held) -> Held:
        """Keep what was withdrawn before any bundle is fetched: it holds for what is here already."""
        if held.index is None or held.keys is None:
            return held
        index, _ = trust.open_index(held.index, trust.open_keys(held.keys, self._wish.roots), self._wish.world)
        recalls = reading.all_recalls(held.recalls, index.recalls)
        lessons = reading.lessons_recalled(held.lessons, index.lessons)
        if (recalls, lessons) != (held.recalls, held.lessons):
            held = replace(held, recalls=recalls, lessons=lessons)
            self._holding.write(held)
        return held

    def _with_guidance(self, held: Held) -> Held:
        """Bring the guidance up to the index that is held, if there is one and any is wanted."""
        if held.index is None or held.keys is None or not (self._wish.languages or held.guidance):
            return held
        keys = trust.open_keys(held.keys, self._wish.roots)
        index, _ = trust.open_index(held.index, keys, self._wish.world)
        wish = self._wish
        collected = Collecting(self._holding, self._fetch, wish.languages, wish.courses, wish.recognition)
        return collected.run(held, index, honest=not _revoked(held, keys))

    def _cells(self, held: Held, index: Index) -> tuple[list[str], bool]:
        everything = held.everything or self._wish.everything
        if everything:
            return sorted({*held.cells, *(entry.cell for entry in index.packs)}), True
        return phone.asked_for(self._wish.places, held.cells, held.secret), False

    def _taken(self, entry: PackEntry, held: Held, *, honest: bool) -> Pack:
        """Return the pack that the index names: the one that is held, or made by a delta, or fetched whole."""
        last = held.packs.get(entry.cell)
        if last is not None and honest:
            phone.demand_no_older_pack(entry, last.version)
        content = self._holding.pack(entry)
        if content is not None:
            return phone.demand_pack(content, entry, self._wish.world)
        if last is not None and entry.deltas_from <= last.version < entry.version:
            content = self._by_the_delta(entry, last)
        if content is None:
            content = self._fetch(_PACKS + rules.pack_path(self._wish.world, entry.cell, entry.version))
        pack = phone.demand_pack(content, entry, self._wish.world)
        self._holding.keep_pack(entry, content)
        return pack

    def _by_the_delta(self, entry: PackEntry, last: PackEntry) -> bytes | None:
        """Return the pack made of the last one; None where that fails: the whole pack is always there."""
        old = self._holding.pack(last)
        if old is None:
            return None
        path = rules.delta_path(self._wish.world, entry.cell, last.version, entry.version)
        try:
            content = deltas.apply(old, self._fetch(_PACKS + path))
            phone.demand_pack(content, entry, self._wish.world)
        except Refused:
            return None
        self._by_delta += 1
        return content

    def _fetch(self, path: str) -> bytes:
        content = self._source.fetch(path)
        self._fetched += 1
        self._bytes += len(content)
        return content


def verify(folder: Path, world: World, roots: Sequence[bytes], *, now: datetime) -> State:
    """Check everything that a folder holds, without network."""
    holding = Holding(folder)
    held = holding.read(world)
    if held.index is None:
        raise _refused("nothing-held", "This folder holds no packs.", "Run `surefoot packs sync` first.")
    return look(holding, held, roots, now=now)


def look(holding: Holding, held: Held, roots: Collection[bytes], *, now: datetime) -> State:
    """Say what is shown. A held pack that is damaged, or an index that is not believed any more, is a trouble."""
    if held.index is None or held.keys is None:
        return State(None, Shown(), old=True, packs=0)
    index, trouble = None, None
    guidance: Mapping[str, Booklet] = {}
    lessons: Mapping[str, Schoolbook] = {}
    try:
        index, _ = trust.open_index(held.index, trust.open_keys(held.keys, roots), held.world)
        for entry in phone.entries_for(held.cells, index):
            phone.demand_pack(holding.pack(entry) or b"", entry, held.world)
        guidance, lessons = collecting.booklets(holding, held), collecting.schoolbooks(holding, held)
    except Refused as refused:
        trouble = refused
    old = trouble is not None or index is None or phone.is_old(index, now=now)
    seen = shown(holding, held)
    alerts = {one: alert.standing(now=now) for one, alert in seen.alerts.items()}
    return State(
        index,
        seen,
        old=old,
        packs=len(held.packs),
        trouble=trouble,
        alerts=alerts,
        guidance=guidance,
        withdrawn={one: reading.withdrawn(booklet, held.recalls) for one, booklet in guidance.items()},
        lessons=lessons,
        lessons_withdrawn={one: reading.lessons_withdrawn(book, held.lessons) for one, book in lessons.items()},
    )


def shown(holding: Holding, held: Held) -> Shown:
    """Return the zones of all packs that are whole, those that are kept beside them, and all alerts."""
    listed = phone.judge(Shown(), list(_whole(holding, held.packs.values(), held.world))).listed
    return Shown(listed, held.kept, held.alerts)


def _whole(holding: Holding, entries: Iterable[PackEntry], world: World) -> Iterable[Pack]:
    for entry in entries:
        content = holding.pack(entry)
        if content is not None:
            try:
                yield phone.demand_pack(content, entry, world)
            except Refused:
                continue


def _revoked(held: Held, keys: KeySet) -> bool:
    """Say whether what is held was signed by a key that is not believed any more."""
    believed = (keys.get(kid) for kid in held.floors)
    return any(key is None or key.revoked is not None for key in believed)


def _refused(name: str, detail: str, remedy: str) -> Refused:
    return Refused(Kind.INVALID, name, detail, remedy=remedy)
