"""Everything that is served as a folder, for a static mirror or a stick: it outlives the service that made it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from service.guidance import actions as guidance
from service.kit.db import Tx
from service.kit.documents import Document
from service.kit.encodings import SMALLER, Effort, Encoding, compress
from service.publication import actions, booklets, rules
from service.publication.holding import replace_file
from service.publication.model import World

_SUFFIXES = {Encoding.BR: ".br", Encoding.ZSTD: ".zst", Encoding.GZIP: ".gz"}
_KEPT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did; `kept` were there already."""

    written: int
    kept: int
    dropped: int
    versions: dict[str, int]


async def export(tx: Tx, folder: Path, *, now: datetime) -> Exported:
    """Bring a folder to what is served now: packs first, the index that names them last.

    Whoever reads meanwhile finds an index and all that it names. Files that no index names any more are dropped when
    they are three days old. One transaction reads it all, so the caller's must be REPEATABLE READ.
    """
    root = folder / "v1"
    written, named = await _bundles(tx, root), set[str]()
    bundles = {booklets.served(path) for path in await guidance.current(tx)}
    heads: dict[Path, bytes] = {}
    versions = {}
    for standing, _, _ in await actions.standing(tx):
        document = await actions.index(tx, standing.world)
        if document is None:
            continue
        versions[standing.world.value] = standing.version
        topics = await actions.topics(tx, standing.world)
        if topics is not None:
            heads[root / rules.topics_file(standing.world)] = topics
        heads[root / "packs" / rules.index_path(standing.world)] = document
        for path, small in (await actions.current(tx, standing.world)).items():
            named.add(path)
            written += await _write(tx, root / "packs" / path, path, small=small)
    keys = await actions.keys(tx)
    if keys is not None:
        # Before any index: whoever reads an index has the set that holds its key.
        heads = {root / "keys.json": keys, **heads}
    for file, content in heads.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        for encoding in SMALLER:
            replace_file(_beside(file, encoding), compress(content, encoding, Effort.GOOD))
        replace_file(file, content)
    dropped = _drop(root / "packs", named | {rules.index_path(world) for world in World}, before=now - _KEPT)
    dropped += sum(_drop(root / part, _below(part, bundles), before=now - _KEPT) for part in ("guidance", "lessons"))
    return Exported(written, len(named) + len(bundles) - written, dropped, versions)


def _below(part: str, paths: Iterable[str]) -> set[str]:
    return {path.removeprefix(f"{part}/") for path in paths if path.startswith(f"{part}/")}


async def _bundles(tx: Tx, root: Path) -> int:
    """Write bundles of guidance and lessons, deltas and pictures, before any index that names them."""
    written = 0
    for path, small in (await guidance.current(tx)).items():
        file = root / booklets.served(path)
        document = None if _is_there(file, small) else await guidance.document(tx, path)
        if document is not None:
            await asyncio.to_thread(_put, file, document)
            written += 1
    return written


async def _write(tx: Tx, file: Path, path: str, *, small: int) -> bool:
    """Write a document and its smaller forms; what is there already stays unless it has been made smaller since."""
    if _is_there(file, small):
        return False
    document = await actions.document(tx, path)
    if document is None:
        return False
    await asyncio.to_thread(_put, file, document)
    return True


def _is_there(file: Path, small: int) -> bool:
    packed = _beside(file, Encoding.BR)
    return file.exists() and packed.exists() and packed.stat().st_size == small


def _put(file: Path, document: Document) -> None:
    """Write the smallest form last but for the file itself: by its size `_is_there` tells that all are written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for encoding in reversed(SMALLER):
        replace_file(_beside(file, encoding), document.bodies[encoding])
    replace_file(file, document.plain())


def _beside(file: Path, encoding: Encoding) -> Path:
    return file.with_name(file.name + _SUFFIXES[encoding])


def _drop(folder: Path, named: set[str], *, before: datetime) -> int:
    """Drop what no index names any more, once whoever read the last one has had days to fetch it."""
    dropped = 0
    packed = tuple(_SUFFIXES.values())
    for file in folder.rglob("*.*"):
        path = file.relative_to(folder)
        plain = path.with_suffix("") if path.suffix in packed else path
        if file.is_file() and plain.as_posix() not in named and file.stat().st_mtime < before.timestamp():
            file.unlink()
            dropped += 1
    return dropped
