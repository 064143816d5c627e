"""Warnings in packs: a phone that missed every push learns of them at its next sync."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.kit import geo
from service.kit.db import transaction
from service.kit.house import House
from service.publication import actions
from service.publication.model import World
from service.publication.sources import Folder
from service.publication.syncing import Syncing, Wish
from service.zones import actions as zones
from tests.conftest import FixedClock
from tests.integration.desk import OUTLINES, Desk, add_operators, approve, corrected, updating
from tests.integration.press import ROOT, Press


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    desk = Desk(api, await add_operators(api, database_url))
    query = {"authority": "Authority of the Test", "dated": "2024-07-31", "exercise": "false", "wait": "true"}
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json-seq"}
    answer = await api.post("/v1/zones/imports", params=query, headers=headers, content=OUTLINES.read_bytes())
    assert answer.status_code < 300, answer.text
    return desk


async def the_alerts(press: Press, cell: str) -> Any:
    await press.build(cell)
    async with transaction(press.house.pool) as tx:
        version = next(one.version for one in (await actions.standing(tx))[1][1] if one.cell == cell)
        document = await actions.document(tx, f"{cell}/{version}.json")
    assert document is not None
    return json.loads(document.plain())["alerts"]


async def test_a_warning_stands_in_the_pack_as_it_was_told_and_so_does_its_correction(
    desk: Desk, house: House, clock: FixedClock, tmp_path: Path
) -> None:
    press = await Press.opened(house, clock, tmp_path)
    async with transaction(house.pool) as tx:
        zone = (await zones.public(tx))[0]
    desk.zone, middle = str(zone.id), zone.outline.centroid
    cell = geo.cell_text(geo.cell_at(middle.x, middle.y, 4))
    assert await the_alerts(press, cell) == []
    alert = await desk.approved()
    (told,) = await the_alerts(press, cell)
    (live,) = (await desk.must("GET", "/alerts/live", params={"cell": cell}))["alerts"]
    assert told["alert_id"] == alert
    assert told["texts"] == live["texts"]
    assert (told["state"], told["severity"], told["reach_m"]) == ("live", "severe", 3000)
    assert told["cells"] == live["cells"] != []
    clock.advance(timedelta(days=365))
    assert await the_alerts(press, cell) == [told], "nobody renewed it, and it is not dropped: the phone sees its date"
    await desk.must("POST", f"/alerts/{alert}/withdraw", "borys", json={"wrong": "place", "reason": "a wrong field"})
    (taken_back,) = await the_alerts(press, cell)
    assert taken_back["state"] == "withdrawn"
    assert taken_back["texts"] != told["texts"]


async def test_r19_packs_hold_of_each_lineage_the_latest_message_and_a_phone_that_syncs_takes_it_over(
    desk: Desk, house: House, clock: FixedClock, tmp_path: Path
) -> None:
    press = await Press.opened(house, clock, tmp_path)
    async with transaction(house.pool) as tx:
        zone = (await zones.public(tx))[0]
    desk.zone, middle = str(zone.id), zone.outline.centroid
    cell = geo.cell_at(middle.x, middle.y, 4)
    wish = Wish(World.LIVE, (ROOT.public,), (cell,))
    alert = await desk.approved()

    async def synced() -> dict[str, str]:
        await press.build(geo.cell_text(cell))
        await press.export()
        clock.advance(timedelta(minutes=1))
        state = Syncing(tmp_path / "phone", Folder(tmp_path / "tree"), wish).run(now=clock.now())
        assert state.trouble is None
        return {one: f"{state.shown.alerts[one].entry['revision']} {how}" for one, how in state.alerts.items()}

    assert await synced() == {alert: "1 live"}
    update = await updating(desk, alert)
    await approve(desk, update)
    assert await synced() == {alert: "2 live"}
    (told,) = await the_alerts(press, geo.cell_text(cell))
    assert (told["alert_id"], told["message"], told["replaces"]) == (alert, "update", 1)
    await corrected(desk, update)
    assert await synced() == {alert: "3 withdrawn"}
    again = Syncing(tmp_path / "phone", Folder(tmp_path / "gone"), wish).run(now=clock.now())
    assert {one: how.value for one, how in again.alerts.items()} == {alert: "withdrawn"}, "kept without network"
