"""R25: whatever is known of a dangerous area, the public sees the same bytes, all its life."""

import asyncio
import itertools
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import shapely
from fastapi import FastAPI
from shapely import box

from service.kit.db import Tx, transaction
from service.kit.house import House
from service.operators.model import Operator
from service.zones import actions, lineage
from service.zones.model import (
    Basis,
    Evidence,
    Hazard,
    HazardClass,
    Lying,
    Marking,
    Particulars,
    Publication,
    PublicRelease,
    PublicZone,
)
from service.zones.records import Drawn, Newcomer
from tests.build import an_admin
from tests.conftest import NOW
from tests.integration.acts import a_second, cleared, decided

BENCHMARK = (17.001, 45.001)


def _sorts() -> list[tuple[HazardClass, Particulars]]:
    """Both classes, each with every device, way of lying, marking, evidence and claim of deactivation."""
    said: list[Particulars] = [
        *(Particulars(hazards=frozenset({hazard})) for hazard in Hazard),
        *(Particulars(lying=lying) for lying in Lying),
        *(Particulars(marking=marking) for marking in Marking),
        *(Particulars(evidence=(Evidence(basis, direct, "a bridge", date(2026, 9, 1)),))
          for basis, direct in itertools.product(Basis, (True, False, None))),
        Particulars(deactivating=True, deactivates_by=date(2026, 1, 1)),
        Particulars(deactivating=False),
        Particulars(reported_on=date(2026, 1, 1), surveyed_on=date(2026, 2, 1), benchmark=BENCHMARK, beneficiaries=900),
    ]  # fmt: skip  # one kind of knowledge a line
    return list(itertools.product(HazardClass, said))


async def _added(tx: Tx, operator: Operator, number: int, sort: tuple[HazardClass, Particulars]) -> UUID:
    wanted = Newcomer(
        authority="Centre",
        external_id=f"Z-{number}",
        exercise=False,
        hazard_class=sort[0],
        outline=Drawn(box(17, 45, 17.01, 45.01)),
        data_as_of=date(2026, 10, 1),
        accuracy_m=50,
        publication=Publication.OUTLINE,
        name=f"{sort[0]} {number}",
        source=f"reporter {number}",
        particulars=sort[1],
    )
    return (await lineage.add(tx, operator, wanted, why="found", now=NOW)).id


async def test_r25_whatever_is_known_of_a_zone_the_public_sees_the_same_bytes(tx: Tx, operator: Operator) -> None:
    second = await a_second(tx, operator)
    ids = [await _added(tx, operator, number, sort) for number, sort in enumerate(_sorts())]
    assert len(ids) > 60
    assert len(await _seen(tx)) == 1
    await decided(tx, (operator, second), ids, cleared())
    assert len(await _seen(tx)) == 1
    await decided(tx, (operator, second), ids, cleared(None, dated=date(2026, 10, 5)))
    assert await _seen(tx) == set()
    (cell, *_) = await actions.pack_cells(tx, exercise=False)
    gone = await actions.departed_by_pack(tx, cell, exercise=False)
    assert len(gone) == len(ids)
    assert len({repr((one.reason, one.at, _plain(one.releases))) for one in gone}) == 1


async def test_r25_every_sort_of_zone_is_rendered_alike(api: httpx.AsyncClient, app: FastAPI) -> None:
    house: House = app.state.house
    async with transaction(house.pool) as tx:
        operator = await an_admin(tx)
        ids = [await _added(tx, operator, number, sort) for number, sort in enumerate(_sorts())]
    features: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(features) < len(ids):  # each process follows the record within seconds
            await asyncio.sleep(0.1)
            answer = await api.get("/v1/zones", params={"bbox": "16.9,44.9,17.1,45.1", "limit": 1_000})
            features = answer.json()["features"]
    alone = [(await api.get(f"/v1/zones/{each}")).json() for each in ids]
    for shown in (features, alone):
        assert len({re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", json.dumps(one)) for one in shown}) == 1


async def _seen(tx: Tx) -> set[str]:
    """How zones look to the public, their ids aside; one element if all look alike."""
    return {repr((_fields(zone), zone.outline.wkb_hex, _plain(zone.releases))) for zone in await actions.public(tx)}


def _fields(zone: PublicZone) -> list[Any]:
    return [
        getattr(zone, name) for name in PublicZone.__slots__ if name not in {"id", "outline", "releases", "version"}
    ]


def _plain(releases: Sequence[PublicRelease]) -> list[str]:
    return sorted(
        repr((one.kind, one.authority, one.dated, one.depth_cm, shapely.to_wkb(one.outline, hex=True)))
        for one in releases
    )
