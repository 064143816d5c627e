"""A layer of a FeatureServer is imported page by page, and gone on with after an interruption."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.imports import carrying, receiving
from service.imports.actions import Order, unwatched
from service.imports.records import Kept, State
from service.imports.store import plans as store
from service.intake.model import Noticed
from service.intake.outside import Outside
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.house import House
from service.operators.model import Operator
from service.zones import actions
from service.zones.model import HazardClass
from tests.build import an_admin, declared
from tests.conftest import NOW
from tests.integration.intake.arcgis import Answer, ArcGis, an_arcgis, as_json


@pytest.fixture
async def near(house: House) -> House:
    """A house that may ask this machine."""
    settings = next(part for part in house._parts.values() if type(part).__name__ == "Settings")
    house.put(settings.model_copy(update={"loopback_only": True}))
    return house


@pytest.fixture
async def arcgis() -> AsyncIterator[ArcGis]:
    async with an_arcgis() as layer:
        yield layer


@pytest.fixture
async def admin(house: House) -> Operator:
    async with transaction(house.pool) as tx:
        return await an_admin(tx)


async def _put_down(house: House, admin: Operator, url: str) -> Kept:
    stated = declared(hazard_class=HazardClass.SUSPECTED, complete=True)
    async with transaction(house.pool) as tx:
        return await receiving.put_down(tx, admin, Order(stated, origin=url), now=NOW)


async def _ids(house: House) -> set[str]:
    async with transaction(house.pool) as tx:
        return {zone.external_id for zone in await actions.everything(tx, after=None, limit=100)}


async def _kept(house: House, one: Kept) -> Kept:
    async with transaction(house.pool) as tx:
        found = await store.get(tx, one.id)
    assert found is not None
    return found


async def test_a_layer_is_imported_whole(near: House, admin: Operator, arcgis: ArcGis) -> None:
    kept = await _put_down(near, admin, arcgis.url)
    await carrying.carry_out(near, kept.id)
    assert await _ids(near) == {f"Z-{number}" for number in range(1, 8)}
    ended = await _kept(near, kept)
    assert (ended.state, ended.counts["new"], ended.rows_total) == (State.APPLIED, 7, 7)


async def test_a_layer_is_gone_on_with_where_it_was_interrupted(near: House, admin: Operator, arcgis: ArcGis) -> None:
    broken: Iterator[Answer | None] = iter([None, None, None, *[(503, {}, b"")] * 20])

    def spoil(_: ArcGis, __: dict[str, str]) -> Answer | None:
        return next(broken, None)

    arcgis.spoil = spoil
    kept = await _put_down(near, admin, arcgis.url)
    with pytest.raises(Refused):
        await carrying.finish(near, kept, admin, unwatched)
    assert await _ids(near) == set(), "nothing half done"
    arcgis.spoil, arcgis.asked = (lambda _, __: None), []
    again = await _put_down(near, admin, arcgis.url)
    assert again.id == kept.id
    assert again.cursor is not None
    await carrying.finish(near, again, admin, unwatched)
    assert await _ids(near) == {f"Z-{number}" for number in range(1, 8)}
    assert [query["resultOffset"] for query in arcgis.asked if "resultOffset" in query] == ["3", "6"]


async def test_a_layer_that_changed_is_read_again_from_the_beginning_by_the_same_words(
    near: House, admin: Operator, arcgis: ArcGis
) -> None:
    def change(layer: ArcGis, query: dict[str, str]) -> Answer | None:
        layer.ids = [2, 3, 4, 5, 6, 7] if query.get("resultOffset") == "6" else layer.ids
        return None

    arcgis.spoil = change
    kept = await _put_down(near, admin, arcgis.url)
    with pytest.raises(Refused, match="changed"):
        await carrying.finish(near, kept, admin, unwatched)
    ended = await _kept(near, kept)
    assert (ended.state, ended.trouble and ended.trouble["name"]) == (State.FAILED, "source-changed")
    again = await _put_down(near, admin, arcgis.url)
    assert (again.id == kept.id, again.cursor) == (False, None)
    await carrying.finish(near, again, admin, unwatched)
    assert await _ids(near) == {f"Z-{number}" for number in range(2, 8)}


async def test_what_was_noticed_of_a_layer_is_told_once_though_it_was_interrupted(
    near: House, admin: Operator, arcgis: ArcGis
) -> None:
    def garble(layer: ArcGis, query: dict[str, str]) -> Answer | None:
        if "resultOffset" not in query:
            return None
        told = layer._query(query)
        for feature in told["features"]:
            feature["properties"]["name"] = "Ð\x9fÐ¾Ð»Ðµ"
        return as_json(told)

    arcgis.spoil = lambda layer, query: (503, {}, b"") if query.get("resultOffset") == "3" else garble(layer, query)
    kept = await _put_down(near, admin, arcgis.url)
    with pytest.raises(Refused):
        await carrying.finish(near, kept, admin, unwatched)
    arcgis.spoil = garble
    report = await carrying.finish(near, await _put_down(near, admin, arcgis.url), admin, unwatched)
    assert [one.code for one in report.remarks] == [Noticed.MOJIBAKE]
    assert [one["code"] for one in (await _kept(near, kept)).remarks] == [Noticed.MOJIBAKE.value]


async def test_a_layer_that_cannot_be_kept_is_left_at_once(
    near: House, admin: Operator, arcgis: ArcGis, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    leave = Outside.close

    async def close(outside: Outside) -> None:
        await leave(outside)
        closed.append(True)

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Outside, "close", close)
    monkeypatch.setattr(store, "add_piece", full)
    kept = await _put_down(near, admin, arcgis.url)
    with pytest.raises(OSError, match="No space"):
        await carrying.finish(near, kept, admin, unwatched)
    assert closed, "before anybody else learns of it"
