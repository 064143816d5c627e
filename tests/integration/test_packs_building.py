"""What the worker makes of the record: packs, deltas and the index that names them."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.kit import geo
from service.kit.db import Tx, transaction
from service.kit.encodings import Encoding, expand
from service.kit.errors import Refused
from service.kit.house import House
from service.operators.model import Operator
from service.publication import actions, building, deltas, rules, store, trust
from service.publication.model import DELTAS_KEPT, ELSEWHERE, Index, Revoked, World
from service.zones.model import Publication
from tests.build import an_admin
from tests.conftest import NOW, FixedClock
from tests.integration.press import BOTH, EXERCISE, HERE, LIVE, ROOT, Press, a_key


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path) -> Press:
    return await Press.opened(house, clock, tmp_path)


@pytest.fixture
async def operator(house: House) -> Operator:
    async with transaction(house.pool) as tx:
        return await an_admin(tx)


async def the_index(press: Press, world: World = World.LIVE) -> Index:
    async with transaction(press.house.pool) as tx:
        signed, keys = await actions.index(tx, world), await actions.keys(tx)
    assert signed is not None
    assert keys is not None
    return trust.open_index(signed, trust.open_keys(keys, [ROOT.public]), world)[0]


async def the_pack(press: Press, cell: str = HERE, world: World = World.LIVE) -> Any:
    entry = (await the_index(press, world)).get(cell)
    assert entry is not None
    return json.loads(await the_bytes(press, rules.pack_path(world, cell, entry.version)))


async def the_bytes(press: Press, path: str) -> bytes:
    async with transaction(press.house.pool) as tx:
        document = await actions.document(tx, path)
    assert document is not None
    return document.plain()


async def test_a_pack_holds_all_that_a_phone_needs_of_a_zone(press: Press, operator: Operator) -> None:
    zone = await press.zone(operator)
    await press.build()
    pack = await the_pack(press)
    (feature,) = pack["features"]
    assert feature["id"] == str(zone.id)
    assert feature["geometry"] == {"type": "Polygon", "coordinates": feature["geometry"]["coordinates"]}
    properties = {"authority": "Mine Action Centre", "data_as_of": "2026-07-31", "revision": 1, "accuracy_m": 100}
    assert feature["properties"] == properties
    assert set(pack["labels"]) >= {"en", "uk"}
    assert "caveat" in pack["labels"]["en"]


async def test_r7_an_outline_in_a_pack_is_to_the_last_digit_the_one_that_is_kept(
    press: Press, operator: Operator
) -> None:
    zone = await press.zone(operator)
    await press.build()
    ring = (await the_pack(press))["features"][0]["geometry"]["coordinates"][0]
    assert [tuple(at) for at in ring] == list(zone.public.exterior.coords)


async def test_r25_packs_show_sha_and_cha_and_every_device_alike(press: Press, operator: Operator) -> None:
    await press.zone(operator, "Z-1")
    await press.build()
    before = (await the_pack(press))["features"][0]
    assert set(before) == {"type", "id", "properties", "geometry"}
    assert set(before["properties"]) == {"authority", "data_as_of", "revision", "accuracy_m"}


async def test_r8_a_withheld_zone_leaves_no_trace_in_any_public_byte(press: Press, operator: Operator) -> None:
    await press.zone(operator)
    await press.build()
    before, index = await the_bytes(press, f"{HERE}/1.json"), await the_index(press)
    await press.zone(operator, "Z-secret", 17.02, publication=Publication.WITHHELD)
    press.clock.advance(timedelta(minutes=5))
    await press.build()
    assert await the_bytes(press, f"{HERE}/1.json") == before
    assert await the_index(press) == index, "not even the time of its signing tells"


async def test_a_build_that_changes_no_public_byte_moves_no_version(press: Press, operator: Operator) -> None:
    await press.zone(operator)
    await press.build()
    first = await the_index(press)
    await press.build()
    assert (await the_index(press)).version == first.version
    assert (await the_index(press)).packs == first.packs


async def test_a_cell_without_zones_has_a_pack_and_so_has_everywhere_else(press: Press) -> None:
    await press.build("841e1c7ffffffff")
    assert {entry.cell for entry in (await the_index(press)).packs} == {"841e1c7ffffffff", ELSEWHERE}
    pack = await the_pack(press, ELSEWHERE)
    assert pack["features"] == []
    assert "nobody has reported" in pack["labels"]["en"]["caveat"]


async def test_r27_each_world_has_packs_an_index_and_a_key_of_its_own(press: Press, operator: Operator) -> None:
    zone = await press.zone(operator, exercise=True)
    await press.build()
    await press.build(world=World.EXERCISE)
    assert (await the_pack(press))["features"] == []
    pack = await the_pack(press, world=World.EXERCISE)
    assert [one["id"] for one in pack["features"]] == [str(zone.id)]
    assert pack["world"] == "exercise"
    assert pack["labels"]["en"]["label"].startswith("Exercise")
    async with transaction(press.house.pool) as tx:
        signed = await actions.index(tx, World.EXERCISE)
    assert signed is not None
    with pytest.raises(Refused) as refused:
        trust.open_index(signed, trust.open_keys(await the_keys(press), [ROOT.public]), World.LIVE)
    assert refused.value.name == "world-wrong"


async def the_keys(press: Press) -> bytes:
    async with transaction(press.house.pool) as tx:
        signed = await actions.keys(tx)
    assert signed is not None
    return signed


async def test_a_zone_near_a_border_stands_in_the_packs_of_all_cells_within_5_km(
    press: Press, operator: Operator
) -> None:
    zone = await press.zone(operator)
    async with transaction(press.house.pool) as tx:
        rows = await (await tx.execute("SELECT cell FROM zone_pack_cell")).fetchall()
    cells = [geo.cell_text(row["cell"]) for row in rows]
    await press.build(*cells)
    for cell in cells:
        assert [one["id"] for one in (await the_pack(press, cell))["features"]] == [str(zone.id)]


async def test_deltas_lead_from_each_of_the_last_versions_to_the_newest(press: Press, operator: Operator) -> None:
    packs = []
    for number in range(5):
        await press.zone(operator, f"Z-{number}", 17 + number / 50)
        await press.build()
        packs.append(await the_bytes(press, f"{HERE}/{number + 1}.json"))
    entry = (await the_index(press)).get(HERE)
    assert entry is not None
    assert (entry.version, entry.deltas_from) == (5, 1)
    for since in range(1, 5):
        assert deltas.apply(packs[since - 1], await the_bytes(press, f"{HERE}/{since}-5.json")) == packs[4]


async def test_a_phone_further_behind_than_thirty_versions_takes_the_pack(press: Press, operator: Operator) -> None:
    for number in range(12):
        await press.zone(operator, f"big-{number}", 17 + number / 50)
    for number in range(DELTAS_KEPT + 3):
        await press.zone(operator, f"Z-{number}", 16.99 - number / 1000)
        await press.build()
    entry = (await the_index(press)).get(HERE)
    assert entry is not None
    assert entry.version == DELTAS_KEPT + 3
    assert entry.deltas_from >= entry.version - DELTAS_KEPT
    async with transaction(press.house.pool) as tx:
        assert await actions.document(tx, f"{HERE}/1-{entry.version}.json") is None


async def test_documents_are_made_smaller_and_stay_the_same_bytes(press: Press, operator: Operator) -> None:
    for number in range(8):
        await press.zone(operator, f"Z-{number}", 17 + number / 50)
    await press.build()
    path = f"{HERE}/1.json"
    async with transaction(press.house.pool) as tx:
        rough = await actions.document(tx, path)
    while await building.refine(press.house):
        pass
    async with transaction(press.house.pool) as tx:
        fine = await actions.document(tx, path)
    assert rough is not None
    assert fine is not None
    assert (rough.final, fine.final) == (False, True)
    assert fine.sha256 == rough.sha256
    assert {expand(body, encoding) for encoding, body in fine.bodies.items()} == {rough.plain()}
    assert len(fine.bodies[Encoding.BR]) < len(rough.bodies[Encoding.BR])


async def test_an_index_is_signed_anew_before_phones_call_it_old(press: Press, operator: Operator) -> None:
    await press.build()
    first = await the_index(press)
    press.clock.advance(timedelta(hours=2))
    async with transaction(press.house.pool) as tx:
        await building.keep_up(tx, press.house)
        jobs = await (await tx.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%build'")).fetchall()
    assert {"world": "live"} in [row["args"] for row in jobs]
    await building.build(press.house, World.LIVE)
    later = await the_index(press)
    assert later.version == first.version
    assert later.stale_after == first.stale_after + timedelta(hours=2)


async def test_r1_while_changes_wait_the_index_says_how_old_it_is(press: Press, monkeypatch: Any) -> None:
    await press.build()
    async with transaction(press.house.pool) as tx:
        await store.note(tx, ["841e1c7ffffffff", "841e1c1ffffffff"], world=World.LIVE, now=NOW)
    press.clock.advance(timedelta(hours=5))
    monkeypatch.setattr(building, "_CELLS_A_COMMIT", 1)
    assert await building.build(press.house, World.LIVE)
    assert (await the_index(press)).data_as_of == NOW
    assert not await building.build(press.house, World.LIVE)
    assert (await the_index(press)).data_as_of == NOW + timedelta(hours=5)


@pytest.mark.parametrize(
    "keys",
    [
        (a_key(EXERCISE, World.EXERCISE),),
        (replace(a_key(LIVE), revoked=Revoked(NOW, "stolen")),),
        (replace(a_key(LIVE), valid_until=NOW - timedelta(days=1)),),
    ],
    ids=["unknown", "revoked", "out of time"],
)
async def test_nothing_is_signed_by_a_key_that_phones_would_refuse(press: Press, keys: Any) -> None:
    await press.publish(*keys, version=2)
    with pytest.raises(Refused) as refused:
        await press.build()
    assert refused.value.name == "signing-key-unfit"
    async with transaction(press.house.pool) as tx:
        assert await store.oldest_due(tx, world=World.LIVE) is not None


async def test_a_key_set_is_published_once_and_never_an_older_one(press: Press) -> None:
    await press.publish(*BOTH, version=1)
    await press.publish(*BOTH, version=3)
    with pytest.raises(Refused) as refused:
        await press.publish(*BOTH, version=2)
    assert refused.value.name == "keys-not-newer"


async def test_a_version_never_goes_back_in_the_database(press: Press, tx: Tx) -> None:
    await press.build()
    with pytest.raises(Exception, match="only grows"):
        await tx.execute("UPDATE publication_index SET version = 0 WHERE world = 'live'")
