"""A worker that makes and signs packs, and a phone's folder, in one test."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from service.config import Settings
from service.kit import geo
from service.kit.crypto import Signer
from service.kit.db import transaction
from service.kit.house import House
from service.operators.model import Operator
from service.publication import actions, building, jws, signing, store, tree
from service.publication.model import KeySet, PublishedKey, World
from service.publication.signing import Seals
from service.publication.sources import Folder
from service.publication.syncing import State, Syncing, Wish
from tests.build import a_feature, a_square, a_zone
from tests.conftest import NOW, FixedClock

ROOT, LIVE, EXERCISE, STRANGER = (Signer(bytes([number] * 32)) for number in (1, 2, 3, 4))
_LIFE = timedelta(days=400)
HERE = geo.cell_text(geo.cell_at(17.005, 45.005, 4))


def a_key(signer: Signer, world: World = World.LIVE) -> PublishedKey:
    return PublishedKey(jws.kid_of(signer.public), signer.public, world, NOW - _LIFE, NOW + _LIFE)


BOTH = (a_key(LIVE), a_key(EXERCISE, World.EXERCISE))


@dataclass
class Press:
    """The worker of a test: what it changes is committed, as the packs' readers are elsewhere."""

    house: House
    clock: FixedClock
    folder: Path

    @classmethod
    async def opened(cls, house: House, clock: FixedClock, folder: Path) -> "Press":
        house.put(house.get(Settings).model_copy(update={"root_key": ROOT.public.hex()}))
        house.put(Seals({World.LIVE: LIVE, World.EXERCISE: EXERCISE}))
        press = cls(house, clock, folder)
        await press.publish(*BOTH)
        return press

    async def publish(self, *keys: PublishedKey, version: int = 1, root: Signer = ROOT) -> None:
        signed = self.signed(*keys, version=version, root=root)
        async with transaction(self.house.pool) as tx:
            now = self.clock.now()
            await actions.publish_keys(tx, signed, roots=[root.public], operator=None, now=now)

    def signed(self, *keys: PublishedKey, version: int, root: Signer = ROOT) -> bytes:
        return signing.sign_keys(root, KeySet(version, NOW, keys))

    def sign_with(self, live: Signer) -> None:
        self.house.put(Seals({World.LIVE: live, World.EXERCISE: EXERCISE}))

    async def build(self, *cells: str, world: World = World.LIVE) -> None:
        """Do what the jobs of a change do."""
        async with transaction(self.house.pool) as tx:
            await store.note(tx, cells or (HERE,), world=world, now=self.clock.now())
        while await building.build(self.house, world):
            pass

    async def export(self) -> tree.Exported:
        async with transaction(self.house.pool) as tx:
            return await tree.export(tx, self.folder / "tree", now=self.clock.now())

    async def zone(self, operator: Any, name: str = "Z-1", west: float = 17.0, **stated: Any) -> Any:
        async with transaction(self.house.pool) as tx:
            return await a_zone(tx, operator, a_feature(name, a_square(west)), **stated)

    def sync(
        self, *, world: World = World.LIVE, roots: Sequence[bytes] = (ROOT.public,), phone: str = "phone"
    ) -> State:
        """Sync a phone that lives at HERE from the exported tree."""
        wish = Wish(world, roots, (geo.parse_cell(HERE),))
        source = Folder(self.folder / "tree")
        return Syncing(self.folder / phone, source, wish).run(now=self.clock.now())

    async def renewed(self) -> State:
        """Build, export and sync."""
        await self.build()
        await self.export()
        return self.sync()


def exported(press: Press) -> Path:
    """Return the folder of the exported tree."""
    return press.folder / "tree" / "v1"


def payload(file: Path) -> Any:
    return json.loads(jws.decoded(json.loads(file.read_bytes())["payload"]))


async def changed(press: Press, operator: Operator) -> None:
    """Bring a second version into the tree."""
    await press.zone(operator, "Z-2", 17.02)
    press.clock.advance(timedelta(minutes=1))
    await press.build()
    await press.export()
