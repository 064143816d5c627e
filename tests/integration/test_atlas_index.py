"""What a process holds in memory follows the record, and says so when it cannot."""

import asyncio
from datetime import date

import pytest

from service.atlas import index as atlas_index
from service.atlas.index import ZoneIndex
from service.atlas.model import Coverage, Place, Relation
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
