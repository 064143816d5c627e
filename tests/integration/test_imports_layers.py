"""A layer of a FeatureServer is imported page by page, and gone on with after an interruption."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from service.imports import carrying, receiving
from service.imports.actions import Order, unwatched
from service.imports.records import Kept, Stage, State
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
from tests.conftest import NOW, FixedClock
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


async def _put_down(
    house: House, admin: Operator, url: str, mapping: str | None = None, *, complete: bool = True
) -> Kept:
    stated = declared(hazard_class=HazardClass.SUSPECTED, complete=complete)
    async with transaction(house.pool) as tx:
        return await receiving.put_down(tx, admin, Order(stated, mapping=mapping, origin=url), now=NOW)


async def _ids(house: House) -> set[str]:
    async with transaction(house.pool) as tx:
        return {zone.external_id for zone in await actions.everything(tx, after=None, limit=100)}


def _later(house: House, *, hours: int) -> None:
    assert isinstance(house.clock, FixedClock)
    house.clock.moment += timedelta(hours=hours)


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
    with pytest.raises(Refused, match="states otherwise: complete") as refused:
        await _put_down(near, admin, arcgis.url, complete=False)
    assert str(kept.id) in (refused.value.remedy or "")
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


async def test_a_layer_that_is_gone_says_why_between_tries_and_is_given_up_after_a_day(
    near: House, admin: Operator, arcgis: ArcGis
) -> None:
    arcgis.spoil = lambda _, query: (503, {}, b"") if query.get("resultOffset") == "3" else None
    kept = await _put_down(near, admin, arcgis.url)
    with pytest.raises(Refused) as first:
        await carrying.carry_out(near, kept.id)
    waits = await _kept(near, kept)
    assert (waits.state, waits.stage, waits.finished_at) == (State.WAITING, None, None)
    assert waits.trouble is not None
    assert (waits.trouble["name"], waits.trouble["detail"]) == (first.value.name, first.value.detail)
    _later(near, hours=23)
    with pytest.raises(Refused):
        await carrying.carry_out(near, kept.id)
    _later(near, hours=2)
    await carrying.carry_out(near, kept.id)
    ended = await _kept(near, kept)
    assert ended.trouble is not None
    assert (ended.state, ended.trouble["name"]) == (State.FAILED, "import-given-up")
    assert first.value.detail in ended.trouble["detail"]
    arcgis.spoil, arcgis.asked = (lambda _, __: None), []
    again = await _put_down(near, admin, arcgis.url)
    assert again.id != kept.id
    await carrying.carry_out(near, again.id)
    assert [query["resultOffset"] for query in arcgis.asked if "resultOffset" in query] == ["3", "6"]
    assert await _ids(near) == {f"Z-{number}" for number in range(1, 8)}
    assert (await _kept(near, again)).trouble is None


async def test_a_layer_that_comes_slowly_is_not_given_up(near: House, admin: Operator, arcgis: ArcGis) -> None:
    kept = await _put_down(near, admin, arcgis.url)
    for offset in ("0", "3", "6"):

        def spoil(_: ArcGis, query: dict[str, str], at: str = offset) -> Answer | None:
            return (503, {}, b"") if query.get("resultOffset") == at else None

        arcgis.spoil = spoil
        with pytest.raises(Refused):
            await carrying.carry_out(near, kept.id)
        _later(near, hours=23)
    arcgis.spoil = lambda _, __: None
    await carrying.carry_out(near, kept.id)
    assert (await _kept(near, kept)).state is State.APPLIED


async def test_a_cancelled_layer_is_fetched_no_further(near: House, admin: Operator, arcgis: ArcGis) -> None:
    kept = await _put_down(near, admin, arcgis.url)

    def cancelled(*_: object) -> None:
        raise AssertionError("the first page is the last")

    async with transaction(near.pool) as tx:
        await receiving.cancel(tx, admin, kept.id, now=NOW)
    with pytest.raises(Refused, match="cancelled"):
        await carrying.finish(near, kept, admin, cancelled)


async def test_a_layer_s_names_are_those_that_the_mapping_gives_them(
    near: House, admin: Operator, arcgis: ArcGis
) -> None:
    text = "file: {names: {zone_id: KEY}}\ncolumns: {id: KEY}\n"
    kept = await _put_down(near, admin, arcgis.url, text)
    told: list[tuple[Stage, int | None]] = []
    await carrying.finish(near, kept, admin, lambda stage, _, total: told.append((stage, total)))
    assert await _ids(near) == {f"Z-{number}" for number in range(1, 8)}
    assert set(told) == {(stage, 7) for stage in Stage}, "all of it is known from the first page on"


@pytest.mark.parametrize("stated", ["crs: EPSG:31276", "layer: zones", "latitude: Y"])
async def test_what_a_mapping_states_of_files_is_refused_for_a_layer(near: House, admin: Operator, stated: str) -> None:
    with pytest.raises(Refused, match="says that itself") as refused:
        await _put_down(near, admin, "https://host/FeatureServer/0", f"file: {{{stated}}}\ncolumns: {{id: KEY}}\n")
    assert (refused.value.name, refused.value.where) == ("mapping-unfit", "mapping, file")
