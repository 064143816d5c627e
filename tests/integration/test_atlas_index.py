"""What a process holds in memory follows the record, and says so when it cannot."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from service.atlas import index as atlas_index
from service.atlas.index import ZoneIndex
from service.atlas.model import Coverage, Place, Relation, Wanted
from service.kit.db import Pool, open_pool, transaction
from service.operators.model import Operator
from service.zones.model import Publication
from tests.build import a_feature, a_square, a_zone, an_admin
from tests.conftest import FixedClock

TODAY = date(2026, 11, 2)
HERE = Place(17.005, 45.005, accuracy_m=0, radius_m=500)


@pytest.fixture
async def admin(pool: Pool) -> Operator:
    async with transaction(pool) as tx:
        return await an_admin(tx)


def _relations(index: ZoneIndex, place: Place = HERE) -> list[Relation]:
    return [hit.relation for hit in index.check(place, today=TODAY, old_after_days=180).hits]


async def test_before_the_first_reading_the_answer_is_unknown_and_stale() -> None:
    index = ZoneIndex()
    found = index.check(HERE, today=TODAY, old_after_days=180)
    assert [hit.relation for hit in found.hits] == [Relation.UNKNOWN]
    assert found.coverage is Coverage.STALE


async def test_a_new_zone_is_in_the_answer_within_two_seconds(pool: Pool, admin: Operator, clock: FixedClock) -> None:
    index = ZoneIndex()
    async with index.following(pool, clock):  # type: ignore[arg-type]  # a clock that the test moves
        assert _relations(index) == [Relation.UNKNOWN]
        async with transaction(pool) as tx:
            await a_zone(tx, admin)
        await asyncio.sleep(2)
        assert _relations(index) == [Relation.INSIDE]


async def test_what_has_not_changed_is_not_read_again(pool: Pool, admin: Operator) -> None:
    index = ZoneIndex()
    await index.look(pool)
    before = index.version, index._atlas
    await index.look(pool)
    assert (index.version, index._atlas) == before
    assert index._atlas is before[1]


async def test_r8_a_withheld_zone_changes_no_answer(pool: Pool, admin: Operator) -> None:
    index = ZoneIndex()
    async with transaction(pool) as tx:
        await a_zone(tx, admin, a_feature("public", a_square(17.02)))
    await index.look(pool)
    before = index.check(HERE, today=TODAY, old_after_days=180)
    async with transaction(pool) as tx:
        await a_zone(tx, admin, a_feature("hidden"), publication=Publication.WITHHELD, authority="Hidden Centre")
    await index.look(pool)
    assert index.version == 1
    assert index.check(HERE, today=TODAY, old_after_days=180) == before


async def test_r27_each_world_has_its_own_answers(pool: Pool, admin: Operator) -> None:
    index = ZoneIndex()
    async with transaction(pool) as tx:
        await a_zone(tx, admin, exercise=True)
    await index.look(pool)
    assert _relations(index) == [Relation.UNKNOWN]
    assert _relations(index, Place(17.005, 45.005, 0, 500, exercise=True)) == [Relation.INSIDE]


async def test_answers_survive_a_database_that_is_away_and_call_themselves_stale_after_ten_seconds(
    pool: Pool, admin: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = ZoneIndex()
    async with transaction(pool) as tx:
        await a_zone(tx, admin)
    await index.look(pool)
    away = await open_pool("postgresql://127.0.0.1:1/none", size=1)
    away.timeout = 0.2
    try:
        await index._try(away)
        assert index.check(HERE, today=TODAY, old_after_days=180).coverage is Coverage.PARTLY_LISTED
        later = atlas_index._monotonic() + 10.5
        monkeypatch.setattr(atlas_index, "_monotonic", lambda: later)
        found = index.check(HERE, today=TODAY, old_after_days=180)
        assert [hit.relation for hit in found.hits] == [Relation.INSIDE]
        assert found.coverage is Coverage.STALE
    finally:
        await away.close()


async def test_many_changes_settle_into_the_base_and_what_changes_meanwhile_is_kept(
    pool: Pool, admin: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas_index, "_MOST_CHANGES", 2)
    index = ZoneIndex()
    await index.look(pool)
    async with transaction(pool) as tx:
        for number in range(4):
            await a_zone(tx, admin, a_feature(f"Z-{number}", a_square(17 + number / 50)))
    await index.look(pool)
    assert len(index.atlas.live.fresh) == 4
    assert index._settling is not None
    async with transaction(pool) as tx:
        await a_zone(tx, admin, a_feature("late", a_square(17.2)))
    await index.look(pool)
    await index._settling
    live = index.atlas.live
    assert (len(live.base), len(live.fresh), len(live)) == (4, 1, 5)
    assert _relations(index) == [Relation.INSIDE]
    assert _relations(index, Place(17.205, 45.005, 0, 500)) == [Relation.INSIDE]
    read_anew = ZoneIndex()
    await read_anew.look(pool)
    assert _ids(index) == _ids(read_anew)


def _ids(index: ZoneIndex) -> list[UUID]:
    page = index.atlas.live.page(Wanted(), only=None, after=None, limit=100, version=1)
    return [zone.id for zone in page.zones]


async def test_a_changed_zone_is_answered_once_and_as_it_is_now(pool: Pool, admin: Operator) -> None:
    index = ZoneIndex()
    async with transaction(pool) as tx:
        await a_zone(tx, admin)
    await index.look(pool)
    async with transaction(pool) as tx:
        await a_zone(tx, admin, a_feature(geometry=a_square(size=0.02)), dated=date(2026, 9, 1))
    await index.look(pool)
    (hit,) = index.check(HERE, today=TODAY, old_after_days=180).hits
    assert hit.zone is not None
    assert (hit.zone.revision, hit.zone.data_as_of) == (2, date(2026, 9, 1))
    assert len(index.atlas.live) == 1
