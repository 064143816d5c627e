"""Coverage areas: claims of knowledge, rounded inward, never more than the record (R5)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely
from shapely import box

from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators.model import Operator
from service.zones import actions, coverage
from service.zones.model import Listing, Publication
from service.zones.records import Covered, Publishing
from tests.build import a_zone
from tests.conftest import NOW
from tests.integration.acts import a_second, decided

HERE = Covered(
    authority="Mine Action Centre",
    external_id="north",
    exercise=False,
    surveyed=True,
    data_as_of=date(2026, 10, 2),
    outline=box(16.0123456789, 44, 18, 46.0123456789),
)


async def _put(tx: Tx, operator: Operator, **stated: Any) -> None:
    await coverage.put(tx, operator, replace(HERE, **stated), why="a reason", now=NOW)


async def test_r5_a_coverage_area_is_rounded_inward_for_the_public(tx: Tx, operator: Operator) -> None:
    await _put(tx, operator)
    (shown,) = await actions.public_coverage(tx)
    assert HERE.outline.covers(shown.outline)
    assert all(round(value, 6) == value for value in shapely.get_coordinates(shown.outline).flatten())
    (cell, *_) = await actions.pack_cells(tx, exercise=False)
    assert await actions.coverage_by_pack(tx, cell, exercise=False) == [shown]


async def test_r5_where_an_authority_withholds_a_zone_its_coverage_is_partly_listed(tx: Tx, operator: Operator) -> None:
    second = await a_second(tx, operator)
    await _put(tx, operator)
    zone = await a_zone(tx, operator)
    assert [one.listing for one in await actions.public_coverage(tx)] == [Listing.LISTED]
    version = await actions.version(tx)
    await decided(tx, (operator, second), [zone.id], Publishing(Publication.WITHHELD))
    assert [one.listing for one in await actions.public_coverage(tx)] == [Listing.PARTLY_LISTED]
    assert await actions.version(tx) == version + 1
    await decided(tx, (operator, second), [zone.id], Publishing(Publication.OUTLINE))
    assert [one.listing for one in await actions.public_coverage(tx)] == [Listing.LISTED]


async def test_r5_an_area_that_was_not_surveyed_counts_as_no_data(tx: Tx, operator: Operator) -> None:
    await _put(tx, operator, surveyed=False)
    assert [one.listing for one in await actions.public_coverage(tx)] == [Listing.NO_DATA]


async def test_r27_the_coverage_of_an_exercise_is_another_area(tx: Tx, operator: Operator) -> None:
    await _put(tx, operator)
    await _put(tx, operator, exercise=True)
    assert sorted(one.exercise for one in await actions.public_coverage(tx)) == [False, True]
    (cell, *_) = await actions.pack_cells(tx, exercise=True)
    assert [one.exercise for one in await actions.coverage_by_pack(tx, cell, exercise=True)] == [True]


async def test_an_area_ends_and_may_be_said_again(tx: Tx, operator: Operator) -> None:
    await _put(tx, operator)
    (area,) = await coverage.everything(tx)
    await coverage.end(tx, operator, area.id, why="handed over", now=NOW)
    assert await actions.public_coverage(tx) == []
    await _put(tx, operator)
    (again,) = await coverage.everything(tx)
    assert (again.id, again.revision, again.ended_at) == (area.id, 3, None)
    revisions = await (await tx.execute("SELECT why FROM coverage_revision ORDER BY revision")).fetchall()
    assert [row["why"] for row in revisions] == ["a reason", "handed over", "a reason"]


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ({"outline": box(16, 44, 16.000001, 46)}, "coverage-too-thin"),
        ({"data_as_of": date(2027, 1, 1)}, "date-in-future"),
        ({"authority": ""}, "authority-unfit"),
        ({"external_id": "\n"}, "external-id-unfit"),
    ],
)
async def test_an_unfit_area_is_refused_and_says_why(
    tx: Tx, operator: Operator, stated: dict[str, Any], name: str
) -> None:
    with pytest.raises(Refused) as refused:
        await _put(tx, operator, **stated)
    assert refused.value.name == name
    assert await coverage.everything(tx) == []
