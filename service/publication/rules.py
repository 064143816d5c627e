"""When an index moves, how documents are named, and which words packs stand on."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from service.i18n.model import Rendered
from service.publication.model import Index, PackEntry, Standing, World


def pack_path(world: World, cell: str, version: int) -> str:
    """Return where a pack is served, under /v1/packs/."""
    return f"{_folder(world)}{cell}/{version}.json"


def delta_path(world: World, cell: str, since: int, until: int) -> str:
    """Return where a delta is served, under /v1/packs/."""
    return f"{_folder(world)}{cell}/{since}-{until}.json"


def index_path(world: World) -> str:
    return f"{_folder(world)}index.json"


def topics_file(world: World) -> str:
    """Return where the document on topics lies in an exported copy, under v1/."""
    return "topics/exercise.json" if world.exercise else "topics.json"


def _folder(world: World) -> str:
    return "exercise/" if world.exercise else ""


def next_index(  # noqa: PLR0913 - all that an index says
    held: Standing, entries: Sequence[PackEntry], *, changed: bool, as_of: datetime, now: datetime, stale: timedelta
) -> Index:
    """Return the index to sign: a new version exactly if a public byte changed; `made` never goes back.

    It goes stale by the moment its data is of: a build that hangs shows on the phones, whoever goes on signing.
    """
    version = held.version + 1 if changed or not held.version else held.version
    made = now if held.made is None else max(now, held.made)
    return Index(held.world, version, made, min(as_of, made), max(as_of + stale, made), tuple(entries))


def fingerprint(labels: Sequence[Rendered]) -> str:
    """Return a hash of the words that stand in every pack: when it changes, all packs do."""
    said = [[one.language, one.direction, *one.texts] for one in labels]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
