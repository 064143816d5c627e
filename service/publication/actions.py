"""What can be done without any private key: note what must be made anew, look up what is made, publish a key set."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from service.kit.db import Tx
from service.kit.documents import Document
from service.kit.errors import Kind, Refused
from service.kit.jobs import Job, Queue, defer
from service.operators.actions import record
from service.operators.model import Operator
from service.publication import store, trust
from service.publication.model import BUILD_JOB, KeySet, PackEntry, Standing, World

KEYS = "keys"
TOPICS = "topics:"


async def note(tx: Tx, cells: Collection[str], *, world: World, now: datetime) -> None:
    """Have these packs made anew soon, with the caller's commit."""
    await store.note(tx, cells, world=world, now=now)
    await defer(tx, build_job(world))


def build_job(world: World) -> Job:
    """Return the job that makes what is due in a world; one at a time."""
    return Job(BUILD_JOB, Queue.SLOW, {"world": world.value}, alone=f"{BUILD_JOB}:{world.value}")


async def note_everything(tx: Tx, *, world: World, now: datetime) -> None:
    """Have every pack that there is made anew."""
    await note(tx, [entry.cell for entry in await store.entries(tx, world)], world=world, now=now)


async def keys(tx: Tx) -> bytes | None:
    """Return the signed key set that is published; None before the first."""
    return await store.key_set(tx)


async def index(tx: Tx, world: World) -> bytes | None:
    """Return the signed index of a world; None before the first."""
    return await store.index(tx, world)


async def topics(tx: Tx, world: World) -> bytes | None:
    """Return what phones of a world are told of topics; None where there are none."""
    found = await store.topics(tx, world)
    return None if found is None else found[0]


async def head(tx: Tx, name: str) -> bytes | None:
    """Return a document that changes in its place by the name that `heads` gives it."""
    if name == KEYS:
        return await keys(tx)
    if name.startswith(TOPICS):
        return await topics(tx, World(name.removeprefix(TOPICS)))
    return await index(tx, World(name))


async def made(tx: Tx) -> dict[World, datetime]:
    """Return when the index of each world was made last; absent are worlds that have none."""
    return await store.made(tx)


async def document(tx: Tx, path: str) -> Document | None:
    """Return a pack or delta by its path under /v1/packs/; None if there is none, or none any more."""
    return await store.get(tx, path)


async def heads(tx: Tx) -> dict[str, str]:
    """Return the hash of each document that changes in its place: `keys`, each world's index, each world's topics."""
    return await store.heads(tx)


async def current(tx: Tx, world: World) -> dict[str, int]:
    """Return the path of every pack and delta that the index of a world names, and how many bytes it has as br."""
    return await store.current(tx, world)


async def standing(tx: Tx) -> list[tuple[Standing, list[PackEntry], datetime | None]]:
    """Return for each world its index, its packs, and since when a pack waits to be made."""
    return [
        (one, await store.entries(tx, one.world), await store.oldest_due(tx, world=one.world))
        for one in await store.standing(tx)
    ]


async def versions(tx: Tx) -> dict[World, int]:
    """Return the version of each world's signed index; 0 before the first."""
    return {one.world: one.version for one in await store.standing(tx)}


async def publish_keys(
    tx: Tx, signed: bytes, *, roots: Collection[bytes], operator: Operator | None, now: datetime
) -> KeySet:
    """Publish a key set that the root key signed. The same set again changes nothing.

    `operator` is None only where a process finds its own set at the start. Refused as `trust.open_keys` says, and
    `keys-not-newer` if another set has this version or a later one already.
    """
    keys = trust.open_keys(signed, roots)
    await store.lock_standing(tx, World.LIVE)  # one at a time is compared with the last
    held = await store.key_set(tx)
    if held == signed:
        return keys
    if held is not None and (latest := trust.open_keys(held, roots).version) >= keys.version:
        detail = f"This key set has version {keys.version}; version {latest} is published already."
        raise Refused(Kind.CONFLICT, "keys-not-newer", detail, remedy="Sign it again with `surefoot keys sign`.")
    sha256 = hashlib.sha256(signed).hexdigest()
    await store.add_key_set(tx, {"version": keys.version, "document": signed, "sha256": sha256, "at": now})
    if operator is not None:
        await record(tx, operator, "keys.publish", str(keys.version), {"sha256": sha256}, now=now)
    return keys
