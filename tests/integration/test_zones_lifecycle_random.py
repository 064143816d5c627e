"""Random acts on a real database, imports too: no danger is lost, and a withheld zone leaves no trace."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import shapely
from shapely.geometry import mapping

from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.geo import Area
from service.operators.model import Operator
from service.zones import actions, lineage, releasing
from service.zones.model import HazardClass, Publication, PublicRelease, PublicZone, State, Zone
from service.zones.records import Annulling, Correction, Drawn, Newcomer, Part, Publishing, Terms
from tests.build import a_feature, a_zone
from tests.conftest import NOW
from tests.integration.acts import a_second, cleared, decided
from tests.property.life import Record, World

STEP = 0.001


@dataclass
class Office:
    """Two people who do random things with zones; `shadow` also has a withheld zone that they do the same to."""

    tx: Tx
    pair: tuple[Operator, Operator]
    chance: random.Random
    now: datetime = NOW
    shadow: UUID | None = None
    world: World = field(default_factory=World)
    done: list[str] = field(default_factory=list)

    async def step(self) -> None:
        """Do one act, or be refused without a trace; years pass."""
        self.now += timedelta(days=self.chance.choice([0, 1, 400]))
        verb = self.chance.choice(sorted(self.verbs()))
        try:
            async with self.tx.transaction():
                await self.verbs()[verb]()
        except Refused:
            return
        self.done.append(verb)
        await self.look()

    def verbs(self) -> dict[str, Callable[[], Awaitable[Any]]]:
        return {
            "import": self.take_in,
            "import-more": self.take_in,
            "add": self.add,
            "release": self.release,
            "release-more": self.release,
            "revoke": self.revoke,
            "claim": self.claim,
            "extend": self.extend,
            "split": self.split,
            "merge": self.merge,
            "correct": self.correct,
            "annul": self.annul,
            "confirm": self.confirm,
            "reinstate": self.reinstate,
            "publish": self.publish,
            "stale": self.stale,
        }

    async def look(self) -> None:
        """Read everything anew; all that must hold is checked on it."""
        zones = await actions.everything(self.tx, after=None, limit=1_000)
        before = self.world.zones
        self.world.zones = {zone.id: zone for zone in zones}
        seen = [({zone.id}, zone.public) for zone in zones if zone.public is not None]
        self.world.seen += seen
        found: dict[UUID, Record] = {}
        for zone in zones:
            for one in await releasing.living(self.tx, zone.id):
                found.setdefault(one.id, Record(one.outline, set())).zones.add(zone.id)
        self.world.records = list(found.values())
        self.world.check()
        for zone_id, zone in before.items():
            lowered = (zone.hazard_class, self.world.zones[zone_id].hazard_class)
            assert lowered != (HazardClass.CONFIRMED, HazardClass.SUSPECTED)

    def outline(self) -> Area:
        x, y, wide, high = (self.chance.randint(low, high) for low, high in ((0, 12), (0, 12), (2, 8), (2, 8)))
        return shapely.box(17 + x * STEP, 45 + y * STEP, 17 + (x + wide) * STEP, 45 + (y + high) * STEP)

    def zone(self, state: State = State.ACTIVE) -> Zone:
        found = sorted(
            (zone for zone in self.world.zones.values() if zone.state is state and zone.id != self.shadow),
            key=lambda zone: zone.external_id,
        )
        if not found:
            raise _nothing
        return self.chance.choice(found)

    def said(self) -> dict[str, Any]:
        return {"why": "a reason", "now": self.now}

    def both(self, zone: Zone) -> list[UUID]:
        return [zone.id] if self.shadow is None else [zone.id, self.shadow]

    async def _on_shadow(self, act: Callable[[UUID], Awaitable[Any]]) -> None:
        """Do the same to the withheld zone; being refused there changes nothing here."""
        if self.shadow is None:
            return
        try:
            async with self.tx.transaction():
                await act(self.shadow)
        except Refused:
            return

    async def _decide(self, ids: list[UUID], terms: Terms) -> None:
        await decided(self.tx, self.pair, ids, terms, now=self.now)

    # --- acts

    async def take_in(self) -> None:
        """Let a source say of a new zone, or that one is larger; a row that waits for a person changes nothing."""
        known = [zone for zone in self.world.active() if zone.id != self.shadow]
        zone = self.chance.choice([*sorted(known, key=lambda one: one.external_id), None])
        outline, accuracy = self.outline(), self.chance.choice([10, 100, 200])
        if zone is None:
            row = a_feature(f"I-{len(self.done)}", mapping(outline), accuracy_m=accuracy)
        else:
            larger = mapping(zone.official.union(outline))
            row = a_feature(zone.external_id, larger, accuracy_m=accuracy, **{"class": zone.hazard_class.upper()})
        try:
            await a_zone(self.tx, self.pair[0], row, authority="Centre", dated=NOW.date())
        except AssertionError:
            raise _nothing from None

    async def add(self) -> None:
        await self._add(f"A-{len(self.done)}", self.chance.choice([Publication.OUTLINE, Publication.GENERALISED]))

    async def _add(self, external_id: str, publication: Publication) -> UUID:
        wanted = Newcomer(
            authority="Centre",
            external_id=external_id,
            exercise=False,
            hazard_class=HazardClass.SUSPECTED,
            outline=Drawn(self.outline()),
            data_as_of=NOW.date(),
            accuracy_m=30.0,
            publication=publication,
        )
        return (await lineage.add(self.tx, self.pair[0], wanted, why="found", now=self.now)).id

    async def release(self) -> None:
        zone, outline = self.zone(), self.outline()
        if self.chance.random() < 0.2:
            outline = shapely.box(16.9, 44.9, 17.1, 45.1)
        record = cleared(outline)
        try:
            async with self.tx.transaction():
                await self._decide(self.both(zone), record)
        except Refused:
            await self._decide([zone.id], record)

    async def revoke(self) -> None:
        record = self._record(await self._records())
        await releasing.revoke(self.tx, self.pair[0], record, why="wrong", now=self.now)

    async def _records(self) -> dict[tuple[str, ...], UUID]:
        """The records in force on zones that are not withheld, named so that two offices choose the same one."""
        found: dict[tuple[str, ...], UUID] = {}
        for zone in self.world.zones.values():
            if zone.id != self.shadow:
                for one in await releasing.living(self.tx, zone.id):
                    found[one.outline.wkt, str(one.at), zone.external_id] = one.id
        return found

    def _record(self, found: dict[tuple[str, ...], UUID]) -> UUID:
        if not found:
            raise _nothing
        return found[self.chance.choice(sorted(found))]

    async def claim(self) -> None:
        zone, outline = self.zone(self.chance.choice([State.ACTIVE, State.RELEASED])), self.outline()
        stated: dict[str, Any] = {"dated": self.now.date(), "why": "survey", "now": self.now}
        await releasing.claimed_again(self.tx, self.pair[0], zone.id, outline, **stated)
        await self._on_shadow(lambda each: releasing.claimed_again(self.tx, self.pair[0], each, outline, **stated))

    async def extend(self) -> None:
        outline, stated = Drawn(self.outline()), self.said()
        await self._on_shadow(lambda each: lineage.extend(self.tx, self.pair[0], each, outline, **stated))
        await lineage.extend(self.tx, self.pair[0], self.zone().id, outline, **stated)

    async def split(self) -> None:
        zone = self.zone()
        west, south, east, north = zone.official.bounds
        middle = west + (east - west) * self.chance.randint(1, 6) / 7
        halves = shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)
        parts = [Part("", Drawn(half)) for half in halves]
        children = await lineage.split(self.tx, self.pair[0], zone.id, parts, why="road", now=self.now)
        self.world._inherited({zone.id}, {child.id for child in children})

    async def merge(self) -> None:
        ids = [self.zone().id, self.zone().id]
        one = await lineage.merge(self.tx, self.pair[0], ids, (f"M-{len(self.done)}", ""), why="one", now=self.now)
        self.world._inherited(set(ids), {one.id})

    async def correct(self) -> None:
        wanted, stated = Correction(accuracy_m=self.chance.choice([20.0, 120.0, 300.0])), self.said()
        await self._on_shadow(lambda each: lineage.correct(self.tx, self.pair[0], each, wanted, **stated))
        await lineage.correct(self.tx, self.pair[0], self.zone().id, wanted, **stated)

    async def confirm(self) -> None:
        await lineage.confirm(self.tx, self.pair[0], self.zone().id, **self.said())

    async def annul(self) -> None:
        await self._decide([self.zone().id], Annulling("wrong hemisphere"))

    async def reinstate(self) -> None:
        zone = self.zone(State.ANNULLED)
        await lineage.reinstate(self.tx, self.pair[0], zone.id, why="right", now=self.now)

    async def publish(self) -> None:
        zone = self.zone()
        publication = self.chance.choice([Publication.OUTLINE, Publication.GENERALISED])
        await self._decide([zone.id], Publishing(publication))
        self.world.seen = [(owners, outline) for owners, outline in self.world.seen if zone.id not in owners]

    async def stale(self) -> None:
        said = self.said()
        await self._on_shadow(lambda each: lineage.confirm(self.tx, self.pair[0], each, **said))
        await lineage.mark_stale(self.tx, self.pair[0], "Centre", None, exercise=False, **said)


_nothing = Refused(Kind.NOT_FOUND, "nothing", "There is nothing to do this to.")


def a_chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same acts at every run, nothing secret


@pytest.fixture
async def pair(tx: Tx, operator: Operator) -> tuple[Operator, Operator]:
    return operator, await a_second(tx, operator)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_r1_r2_r6_whatever_is_done_no_danger_is_lost(tx: Tx, pair: tuple[Operator, Operator], seed: int) -> None:
    office = Office(tx, pair, a_chance(seed))
    for _ in range(45):
        await office.step()
    assert len(set(office.done)) > 8, office.done


@pytest.mark.parametrize("seed", [4, 5])
async def test_r8_with_and_without_a_withheld_zone_the_public_sees_the_same_bytes(
    tx: Tx, pair: tuple[Operator, Operator], seed: int
) -> None:
    seen = []
    for withheld in (False, True):
        async with tx.transaction(force_rollback=True):
            office = Office(tx, pair, a_chance(seed))
            if withheld:
                office.shadow = await Office(tx, pair, a_chance(0))._add("W", Publication.WITHHELD)
            for _ in range(30):
                await office.step()
            seen.append(await _public(tx))
    assert seen[0] == seen[1]
    assert seen[0]["zones"]


async def _public(tx: Tx) -> dict[str, Any]:
    """All that anybody can see of zones, without their ids."""
    shown = await actions.public(tx)
    cells = sorted(await actions.pack_cells(tx, exercise=False))
    departed = [one for cell in cells for one in await actions.departed_by_pack(tx, cell, exercise=False)]
    jobs = await (await tx.execute("SELECT args->>'cells' AS cells FROM procrastinate_jobs ORDER BY id")).fetchall()
    return {
        "version": await actions.version(tx),
        "cells": cells,
        "zones": sorted(repr(_zone(one)) for one in shown),
        "departed": sorted(repr((one.reason, one.at, len(one.replaced_by), sorted(map(_record, one.releases))))
                           for one in departed),
        "jobs": [row["cells"] for row in jobs],
    }  # fmt: skip  # one answer a line


def _zone(one: PublicZone) -> tuple[Any, ...]:
    """All that anybody can learn of a zone but its id; every map and pack is made of this."""
    plain = [getattr(one, name) for name in PublicZone.__slots__ if name not in {"id", "outline", "releases"}]
    return (*plain, one.outline.wkb_hex, sorted(map(_record, one.releases)))


def _record(one: PublicRelease) -> tuple[str, ...]:
    outline = "" if one.outline is None else one.outline.wkb_hex
    return one.kind, one.authority, str(one.dated), str(one.depth_cm), outline
