"""Versions of packs and the deltas between them: pure, and slow enough to run beside the event loop."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.kit.documents import Document
from service.kit.encodings import SMALLER, Effort, compress
from service.publication import deltas, geojson, rules
from service.publication.model import DELTAS_KEPT, Kept, PackEntry, World


@dataclass(frozen=True, slots=True)
class Made:
    """A new version of a pack: what the index says of it, and the documents."""

    entry: PackEntry
    documents: tuple[Kept, ...]


def next_version(earlier: Sequence[Kept], draft: bytes, *, cell: str, world: World) -> Made:
    """Make a pack's next version of a draft; `earlier` is the last version and the deltas to it.

    `draft` is the pack under the number of the last version, or under 1 if there is none.
    """
    if not earlier:
        document = _document(rules.pack_path(world, cell, 1), draft, Effort.FAST)
        entry = PackEntry(cell, 1, document.size, document.sha256, 1)
        return Made(entry, (Kept(world, cell, None, 1, document),))
    last, *ways = earlier
    version = last.until + 1
    new = geojson.renumbered(draft, cell=cell, world=world, version=version)
    document = _document(rules.pack_path(world, cell, version), new, Effort.FAST)
    step = deltas.between(last.document.plain(), new, cell=cell, world=world, versions=(last.until, version))
    made = _deltas(step, ways, world=world, most=len(document.bodies[SMALLER[0]]))
    oldest = min((one.since for one in made if one.since is not None), default=version)
    entry = PackEntry(cell, version, document.size, document.sha256, oldest)
    return Made(entry, (Kept(world, cell, None, version, document), *made))


def _deltas(step: deltas.Delta, ways: Sequence[Kept], *, world: World, most: int) -> list[Kept]:
    """Lengthen every delta to the last version by one step; stop at one that is no smaller than the pack."""
    made: list[Kept] = []
    for way in [None, *ways][:DELTAS_KEPT]:
        delta = step
        if way is not None:
            before = deltas.parse(way.document.plain())
            delta = deltas.joined(before, step)
        path = rules.delta_path(world, delta.cell, delta.since, delta.until)
        document = _document(path, deltas.as_bytes(delta), Effort.GOOD)
        if len(document.bodies[SMALLER[0]]) >= most:
            break
        made.append(Kept(world, delta.cell, delta.since, delta.until, document))
    return made


def _document(path: str, content: bytes, effort: Effort) -> Document:
    bodies = {encoding: compress(content, encoding, effort) for encoding in SMALLER}
    final = effort is not Effort.FAST
    return Document(path, hashlib.sha256(content).hexdigest(), len(content), bodies, final)


def refined(document: Document) -> Document:
    """Return the document with bodies as small as they get."""
    plain = document.plain()
    if hashlib.sha256(plain).hexdigest() != document.sha256:
        raise ValueError(f"{document.path} does not hold what its hash says")
    bodies = {encoding: compress(plain, encoding, Effort.BEST) for encoding in SMALLER}
    return replace(document, bodies=bodies, final=True)
