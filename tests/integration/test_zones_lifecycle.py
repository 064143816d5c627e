"""A zone's life on a real database: released in part and whole, returned, annulled, split, merged, extended."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely
from shapely import box

from service.imports import columns
from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators.model import Operator
from service.zones import actions, history, lineage, proposals, releasing, rules
from service.zones.model import Departure, HazardClass, Publication, ReleaseKind, State
from service.zones.records import Annulling, Correction, Downgrading, Drawn, Part, Publishing, Wanted
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


async def _refused(act: Awaitable[Any]) -> Refused:
    with pytest.raises(Refused) as refused:
        await act
    return refused.value


async def test_r2_a_split_that_leaves_ground_out_is_refused_with_how_much(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    parts = [Part("", Drawn(WEST)), Part("", Drawn(box(17.006, 44.99, 17.02, 45.02)))]
    refused = await _refused(lineage.split(tx, operator, zone.id, parts, why="a road", now=NOW))
    assert refused.name == "ground-missing"
    assert "87,4" in refused.detail
    assert await actions.get_record(tx, zone.id) == zone


async def test_r2_released_ground_comes_back_by_no_split(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(EAST))
    parts = [Part("", Drawn(WEST)), Part("", Drawn(EAST))]
    refused = await _refused(lineage.split(tx, operator, zone.id, parts, why="a road", now=NOW))
    assert refused.name == "ground-released"
    halves = [box(17, 45, 17.005, 45.005), box(17, 45.005, 17.005, 45.01)]
    made = await lineage.split(tx, operator, zone.id, [Part("", Drawn(one)) for one in halves], why="road", now=NOW)
    assert [one.state for one in made] == [State.ACTIVE, State.ACTIVE]


async def test_r2_a_revoked_record_brings_a_replaced_zone_back_beside_its_parts(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(EAST))
    halves = [box(17, 45, 17.005, 45.005), box(17, 45.005, 17.005, 45.01)]
    await lineage.split(tx, operator, zone.id, [Part("", Drawn(one)) for one in halves], why="road", now=NOW)
    (record,) = await releasing.of(tx, zone.id)
    (back,) = await releasing.revoke(tx, operator, record.id, why="wrong", now=NOW)
    assert (back.state, back.departure) == (State.ACTIVE, None)
    assert back.public is not None
    assert back.public.covers(zone.public)
    assert len(await actions.public(tx)) == 3


async def test_r27_zones_of_two_worlds_or_two_authorities_never_become_one(tx: Tx, operator: Operator) -> None:
    one = await a_zone(tx, operator)
    exercise = await a_zone(tx, operator, exercise=True)
    other = await a_zone(tx, operator, authority="Another")
    hidden = await a_zone(tx, operator, a_feature("Z-9"), publication=Publication.WITHHELD)
    for beside, name in ((exercise, "exercise-mixed"), (other, "zones-differ"), (hidden, "zones-differ")):
        act = lineage.merge(tx, operator, [one.id, beside.id], ("", ""), why="one", now=NOW)
        assert (await _refused(act)).name == name
    alone = lineage.merge(tx, operator, [one.id, one.id], ("", ""), why="one", now=NOW)
    assert (await _refused(alone)).name == "zones-too-few"


async def test_r6_a_silent_source_changes_nothing_of_its_zones_but_the_mark(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    other = await a_zone(tx, operator, authority="Another")
    marked = await lineage.mark_stale(tx, operator, zone.authority, None, exercise=False, why="silent", now=NOW)
    after = await actions.get_record(tx, zone.id)
    assert marked == [zone.id]
    assert after == replace(zone, stale=True, revision=2, public_revision=2, changed_at=NOW)
    assert await actions.get_record(tx, other.id) == other
    assert await lineage.mark_stale(tx, operator, zone.authority, None, exercise=False, why="silent", now=NOW) == []
    fresh = await a_zone(tx, operator, dated=date(2026, 8, 31))
    assert not fresh.stale


async def test_r7_a_better_accuracy_alone_narrows_nothing(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    act = lineage.correct(tx, operator, zone.id, Correction(accuracy_m=10), why="better", now=NOW)
    assert (await _refused(act)).name == "would-narrow"
    wider = await lineage.correct(tx, operator, zone.id, Correction(accuracy_m=300), why="worse", now=NOW)
    assert wider.public is not None
    assert wider.public.covers(box(17, 45, 17.01, 45.01).buffer(0.0025))


async def test_an_ended_zone_takes_no_act_and_a_second_of_the_same_is_refused(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    inner = Drawn(box(17.001, 45.001, 17.002, 45.002))
    same = await _refused(lineage.extend(tx, operator, zone.id, inner, why="x y z", now=NOW))
    assert same.name == "nothing-changes"
    await decided(tx, (operator, second), [zone.id], cleared(None))
    asked = Wanted([zone.id], Annulling("wrong"), "x y z")
    for act in (
        lineage.extend(tx, operator, zone.id, inner, why="x y z", now=NOW),
        lineage.confirm(tx, operator, zone.id, why="x y z", now=NOW),
        proposals.propose(tx, operator, asked, now=NOW),
    ):
        assert (await _refused(act)).name == "zone-ended"
    not_annulled = await _refused(lineage.reinstate(tx, operator, zone.id, why="x y z", now=NOW))
    assert not_annulled.name == "zone-not-annulled"
    with pytest.raises(Refused):
        await actions.to_warn_about(tx, zone.id)


@pytest.mark.parametrize("external_id", ["H-12", "  h-12 ", "\uff28-12", "Поле 7", "STRASSE", "straße"])
def test_a_zone_has_one_key_whether_it_came_by_hand_or_by_import(external_id: str) -> None:
    assert rules.key_of(external_id) == columns.folded(external_id)
