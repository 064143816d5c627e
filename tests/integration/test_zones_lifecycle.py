"""A zone's life on a real database: released in part and whole, returned, annulled, split, merged, extended."""

import pytest
import shapely
from shapely import box

from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators.model import Operator
from service.zones import actions, history, lineage, proposals, releasing
from service.zones.model import Departure, HazardClass, Publication, ReleaseKind, State
from service.zones.records import Annulling, Downgrading, Drawn, Part, Publishing, Wanted
from tests.build import a_feature, a_square, a_zone
from tests.conftest import NOW
from tests.integration.acts import EAST, WEST, a_second, cleared, decided


@pytest.fixture
async def second(tx: Tx, operator: Operator) -> Operator:
    return await a_second(tx, operator)


async def test_r2_part_of_a_zone_is_released_and_the_rest_stays_active(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    (done,) = await decided(tx, (operator, second), [zone.id], cleared())
    now = await actions.get_record(tx, zone.id)
    assert done.zone == now
    assert now.state is State.ACTIVE
    assert done.remains_m2 == pytest.approx(437_000, rel=0.01)
    assert now.public is not None
    assert zone.public is not None
    assert now.public.covers(zone.public.difference(EAST))
    assert not now.public.intersects(shapely.Point(17.0075, 45.005))
    (shown,) = await actions.public(tx)
    assert [(one.kind, one.depth_cm) for one in shown.releases] == [(ReleaseKind.CLEARED, 20)]
    assert shown.revision == 2
    assert EAST.covers(shown.releases[0].outline)


async def test_r2_a_zone_ends_when_records_cover_all_of_it_and_phones_learn_why(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    for outline in (EAST, WEST):
        (done,) = await decided(tx, (operator, second), [zone.id], cleared(outline))
    assert (done.zone.state, done.zone.public, done.remains_m2) == (State.RELEASED, None, 0)
    assert done.zone.departure is Departure.RELEASED
    (cell, *_) = await actions.pack_cells(tx, exercise=False)
    (gone,) = await actions.departed_by_pack(tx, cell, exercise=False)
    assert (gone.id, gone.reason, len(gone.releases)) == (zone.id, Departure.RELEASED, 2)


async def test_r2_a_revoked_record_brings_the_danger_back_at_once(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(EAST))
    await decided(tx, (operator, second), [zone.id], cleared(None))
    first, whole = sorted(await releasing.of(tx, zone.id), key=lambda one: one.outline != EAST)
    (back,) = await releasing.revoke(tx, operator, whole.id, why="wrong field", now=NOW)
    assert (back.state, back.departure) == (State.ACTIVE, None)
    assert back.public is not None
    assert zone.public is not None
    assert back.public.covers(zone.public.difference(EAST))
    (back,) = await releasing.revoke(tx, operator, first.id, why="wrong field", now=NOW)
    assert back.public is not None
    assert back.public.covers(zone.public)
    assert (back.released, back.whole) == (None, None) or back.public.covers(zone.public)
    (shown,) = await actions.public(tx)
    assert shown.releases == ()


async def test_r2_an_annulled_zone_is_shown_as_recorded_in_error_and_comes_back(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    (done,) = await decided(tx, (operator, second), [zone.id], Annulling("the wrong hemisphere"))
    assert (done.zone.state, done.zone.departure) == (State.ANNULLED, Departure.ANNULLED)
    back = await lineage.reinstate(tx, operator, zone.id, why="it was right", now=NOW)
    assert (back.state, back.departure, back.public) == (State.ACTIVE, None, zone.public)


async def test_r4_a_split_covers_what_the_zone_covered(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    parts = [Part("", Drawn(WEST)), Part("", Drawn(EAST))]
    one, other = await lineage.split(tx, operator, zone.id, parts, why="a road", now=NOW)
    assert [one.external_id, other.external_id] == ["Z-1/1", "Z-1/2"]
    assert one.public is not None
    assert other.public is not None
    assert one.public.union(other.public).covers(zone.public)
    parent = await actions.get_record(tx, zone.id)
    assert (parent.state, parent.departure) == (State.REPLACED, Departure.REPLACED)
    told = await history.of(tx, zone.id)
    assert {each.child_id for each in told.lineage} == {one.id, other.id}


async def test_r4_zones_that_become_one_are_covered_by_it(tx: Tx, operator: Operator) -> None:
    one = await a_zone(tx, operator)
    other = await a_zone(tx, operator, a_feature("Z-2", a_square(17.009), **{"class": "CHA"}))
    whole = await lineage.merge(tx, operator, [one.id, other.id], ("", ""), why="one field", now=NOW)
    assert (whole.external_id, whole.hazard_class) == ("Z-1+Z-2", HazardClass.CONFIRMED)
    assert whole.public is not None
    assert whole.public.covers(one.public)
    assert whole.public.covers(other.public)


async def test_r4_a_zone_is_extended(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    more = box(17.01, 45.0, 17.02, 45.01)
    grown = await lineage.extend(tx, operator, zone.id, Drawn(more), why="more found", now=NOW)
    assert grown.public is not None
    assert grown.public.covers(zone.public)
    assert grown.public.covers(more)


async def test_r8_publication_changes_by_two_people(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    (hidden,) = await decided(tx, (operator, second), [zone.id], Publishing(Publication.WITHHELD))
    assert (hidden.zone.public, hidden.zone.departure) == (None, Departure.UNPUBLISHED)
    (shown,) = await decided(tx, (operator, second), [zone.id], Publishing(Publication.GENERALISED))
    assert shown.zone.public is not None
    assert shown.zone.departure is None


async def test_r2_downward_reclassification_needs_two(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    await lineage.confirm(tx, operator, zone.id, why="found", now=NOW)
    (done,) = await decided(tx, (operator, second), [zone.id], Downgrading())
    assert done.zone.hazard_class is HazardClass.SUSPECTED


async def test_r17_who_proposed_never_approves(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    proposal, _ = await proposals.propose(tx, operator, Wanted([zone.id], cleared(), "cleared"), now=NOW)
    with pytest.raises(Refused) as refused:
        await proposals.approve(tx, operator, proposal.id, now=NOW)
    assert refused.value.name == "same-person"
