"""Release records on a real database: what they take, what they cannot, and who may decide (R2, R3, R17)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import shapely
from shapely import box

from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators.model import Operator, Role
from service.zones import actions, lineage, proposals, releasing
from service.zones.model import Basis, Evidence, Method, Publication, ReleaseKind, State
from service.zones.records import Correction, Drawn, Releasing, Wanted
from service.zones.rules import public_outline
from tests.build import a_feature, a_square, a_zone
from tests.conftest import NOW
from tests.integration.acts import EAST, WEST, a_second, cleared, decided


@pytest.fixture
async def second(tx: Tx, operator: Operator) -> Operator:
    return await a_second(tx, operator)


async def _refused(tx: Tx, operator: Operator, ids: list[UUID], record: Releasing) -> Refused:
    with pytest.raises(Refused) as refused:
        await proposals.propose(tx, operator, Wanted(ids, record, "a reason"), now=NOW)
    return refused.value


@pytest.mark.parametrize(
    ("stated", "name", "where"),
    [
        ({"dated": date(2026, 12, 1)}, "date-in-future", "dated"),
        ({"dated": date(1812, 1, 1)}, "date-too-old", "dated"),
        ({"depth_cm": None}, "depth-missing", "depth_cm"),
        ({"kind": ReleaseKind.REDUCED}, "depth-without-clearance", "depth_cm"),
        ({"kind": ReleaseKind.CANCELLED}, "depth-without-clearance", "depth_cm"),
        ({"authority": " "}, "authority-unfit", "authority"),
        ({"external_id": "x" * 300}, "external-id-unfit", "external_id"),
        ({"outline": box(18, 45, 18.1, 45.1)}, "zone-untouched", "outline"),
    ],
)
async def test_r2_an_unfit_record_is_refused_and_says_why(
    tx: Tx, operator: Operator, stated: dict[str, Any], name: str, where: str
) -> None:
    zone = await a_zone(tx, operator)
    refused = await _refused(tx, operator, [zone.id], cleared(**stated))
    assert (refused.name, refused.where) == (name, where)
    assert refused.remedy
    assert await proposals.waiting(tx) == []


@pytest.mark.parametrize(
    ("outline", "mistake"),
    [
        (box(45, 17, 45.01, 17.01), "latitude and longitude swapped"),
        (box(17, -45.01, 17.01, -45), "north and south swapped"),
        (box(-17.01, 45, -17, 45.01), "east and west swapped"),
    ],
)
async def test_a_record_on_the_wrong_hemisphere_is_told_its_likely_mistake(
    tx: Tx, operator: Operator, outline: shapely.Polygon, mistake: str
) -> None:
    zone = await a_zone(tx, operator)
    refused = await _refused(tx, operator, [zone.id], cleared(outline))
    assert mistake in refused.detail
    assert "Z-1" in refused.detail


async def test_r2_a_zone_that_the_outline_does_not_touch_is_refused_by_name(tx: Tx, operator: Operator) -> None:
    one = await a_zone(tx, operator)
    far = await a_zone(tx, operator, a_feature("FAR", a_square(17.5)))
    refused = await _refused(tx, operator, [one.id, far.id], cleared())
    assert refused.name == "zone-untouched"
    assert "FAR" in refused.detail


async def test_r27_a_record_never_mixes_an_exercise_with_the_real_world(tx: Tx, operator: Operator) -> None:
    real = await a_zone(tx, operator)
    exercise = await a_zone(tx, operator, exercise=True)
    refused = await _refused(tx, operator, [real.id, exercise.id], cleared())
    assert refused.name == "exercise-mixed"


async def test_r2_a_survey_after_the_record_counts_more_than_the_record(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    said = Correction(particulars={"surveyed_on": date(2026, 10, 15)})
    await lineage.correct(tx, operator, zone.id, said, why="surveyed again", now=NOW)
    refused = await _refused(tx, operator, [zone.id], cleared())
    assert refused.name == "zone-surveyed-later"
    assert "2026-10-15" in refused.detail
    accident = Evidence(Basis.ACCIDENT, direct=True, dated=date(2026, 10, 18))
    said = Correction(particulars={"surveyed_on": None, "evidence": (accident,)})
    await lineage.correct(tx, operator, zone.id, said, why="an accident", now=NOW)
    assert "2026-10-18" in (await _refused(tx, operator, [zone.id], cleared())).detail


async def test_r2_the_same_record_and_the_same_ground_count_once(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(external_id="R-1"))
    assert (await _refused(tx, operator, [zone.id], cleared(WEST, external_id="R-1"))).name == "release-known-already"
    inner = box(17.006, 45.001, 17.008, 45.009)
    assert (await _refused(tx, operator, [zone.id], cleared(inner))).name == "ground-released-already"


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (ReleaseKind.CANCELLED, Method.NON_TECHNICAL_SURVEY),
        (ReleaseKind.REDUCED, Method.TECHNICAL_SURVEY),
        (ReleaseKind.CLEARED, Method.CLEARANCE),
    ],
)
async def test_r3_each_kind_of_release_has_its_own_method_and_is_shown_as_itself(
    tx: Tx, operator: Operator, second: Operator, kind: ReleaseKind, method: Method
) -> None:
    zone = await a_zone(tx, operator)
    depth = 30 if kind is ReleaseKind.CLEARED else None
    await decided(tx, (operator, second), [zone.id], cleared(kind=kind, depth_cm=depth))
    (record,) = await releasing.of(tx, zone.id)
    assert (record.kind, record.method, record.depth_cm) == (kind, method, depth)
    (shown,) = await actions.public(tx)
    assert [(one.kind, one.depth_cm, one.authority) for one in shown.releases] == [(kind, depth, "Authority")]


async def test_r2_what_remains_is_told_before_and_after_anybody_decides(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    proposal, would = await proposals.propose(tx, operator, Wanted([zone.id], cleared(), "cleared"), now=NOW)
    assert await actions.get_record(tx, zone.id) == zone
    assert await proposals.waiting(tx) == [proposal]
    _, did = await proposals.approve(tx, second, proposal.id, now=NOW)
    assert would[0].remains_m2 == did[0].remains_m2 > 0
    assert await proposals.waiting(tx) == []


async def test_r2_one_record_may_concern_several_zones(tx: Tx, operator: Operator, second: Operator) -> None:
    one = await a_zone(tx, operator)
    other = await a_zone(tx, operator, a_feature("Z-2", a_square(17.012)))
    made = await decided(tx, (operator, second), [one.id, other.id], cleared(box(17.005, 44.99, 17.03, 45.02)))
    assert [effect.zone.state for effect in made] == [State.ACTIVE, State.RELEASED]
    (record,) = await releasing.of(tx, one.id)
    assert {taken.zone_id for taken in record.taken} == {one.id, other.id}


async def test_r17_a_zone_that_changed_meanwhile_needs_a_new_proposal(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    proposal, _ = await proposals.propose(tx, operator, Wanted([zone.id], cleared(), "cleared"), now=NOW)
    await lineage.extend(tx, operator, zone.id, Drawn(box(17.01, 45, 17.02, 45.01)), why="more", now=NOW)
    with pytest.raises(Refused) as refused:
        await proposals.approve(tx, second, proposal.id, now=NOW)
    assert refused.value.name == "proposal-outdated"
    assert "official" in refused.value.detail
    assert "Z-1" in refused.value.detail
    assert (await actions.get_record(tx, zone.id)).state is State.ACTIVE
    refusal = await proposals.refuse(tx, operator, proposal.id, why="propose again", now=NOW)
    assert refusal.approved is False


async def test_r17_a_proposal_is_decided_once_and_only_by_who_may(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    proposal, _ = await proposals.propose(tx, operator, Wanted([zone.id], cleared(), "cleared"), now=NOW)
    editor = Operator(second.id, "Clara", frozenset({Role.EDITOR}), NOW)
    with pytest.raises(Refused) as refused:
        await proposals.refuse(tx, editor, proposal.id, why="no", now=NOW)
    assert refused.value.name == "role-missing"
    await proposals.refuse(tx, second, proposal.id, why="no", now=NOW)
    with pytest.raises(Refused) as refused:
        await proposals.approve(tx, second, proposal.id, now=NOW)
    assert refused.value.name == "proposal-decided-already"


async def test_r17_what_a_revoked_key_asked_for_is_not_approved(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    asker = Operator(UUID(int=7), "Gone", frozenset({Role.EDITOR}), NOW)
    add = """
        INSERT INTO operator (id, name, folded, roles, key_hash, created_at, revoked_at)
        VALUES (%s, 'Gone', 'gone', '{editor}', %s, %s, %s)
    """
    await tx.execute(add, (asker.id, bytes(32), NOW, NOW))
    proposal, _ = await proposals.propose(tx, asker, Wanted([zone.id], cleared(), "cleared"), now=NOW)
    with pytest.raises(Refused) as refused:
        await proposals.approve(tx, second, proposal.id, now=NOW)
    assert refused.value.name == "asker-gone"


async def test_r17_proposals_do_not_lapse_and_the_oldest_comes_first(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator)
    wanted = Wanted([zone.id], cleared(), "cleared")
    made = [(await proposals.propose(tx, operator, wanted, now=NOW + timedelta(days=n)))[0] for n in (400, 0, 30)]
    assert [one.id for one in await proposals.waiting(tx)] == [made[1].id, made[2].id, made[0].id]


@pytest.mark.parametrize("publication", [Publication.GENERALISED, Publication.WITHHELD])
async def test_r8_a_part_released_of_a_zone_whose_outline_is_not_public_shows_nothing_of_the_outline(
    tx: Tx, operator: Operator, second: Operator, publication: Publication
) -> None:
    zone = await a_zone(tx, operator, publication=publication)
    version = await actions.version(tx)
    (done,) = await decided(tx, (operator, second), [zone.id], cleared())
    assert done.zone.public == zone.public
    shown = await actions.public(tx)
    if publication is Publication.WITHHELD:
        assert shown == []
        assert await actions.version(tx) == version
    else:
        assert [one.outline for one in shown[0].releases] == [None]
    (done,) = await decided(tx, (operator, second), [zone.id], cleared(None))
    assert (done.zone.state, await actions.public(tx)) == (State.RELEASED, [])


async def test_r8_a_record_shows_no_ground_beyond_the_zone_that_it_is_shown_with(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    """The rest of a record's outline may be that of a withheld zone."""
    shown = await a_zone(tx, operator)
    hidden = await a_zone(tx, operator, a_feature("W", a_square(17.02)), publication=Publication.WITHHELD)
    await decided(tx, (operator, second), [shown.id, hidden.id], cleared(box(17.005, 44.99, 17.04, 45.02)))
    (zone,) = await actions.public(tx)
    whole = public_outline(shown.official, shown.accuracy_m, Publication.OUTLINE)
    assert whole is not None
    assert zone.releases[0].outline is not None
    assert whole.covers(zone.releases[0].outline)


async def test_r2_a_later_survey_overrules_a_record_at_once(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(None))
    found = box(17.001, 45.001, 17.002, 45.002)
    stated: dict[str, Any] = {"why": "survey", "now": NOW}
    assert await releasing.claimed_again(tx, operator, zone.id, found, dated=date(2026, 9, 1), **stated) == []
    assert (await actions.get_record(tx, zone.id)).state is State.RELEASED
    (record,) = await releasing.of(tx, zone.id)
    met = await releasing.claimed_again(tx, operator, zone.id, found, dated=date(2026, 10, 20), **stated)
    assert met == [record.id]
    back = await actions.get_record(tx, zone.id)
    assert (back.state, back.public, back.released) == (State.ACTIVE, zone.public, None)
    (shown,) = await actions.public(tx)
    assert shown.releases == ()


async def test_r2_ground_that_is_added_overrules_a_record_that_would_cover_it(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(box(17.005, 44.99, 17.03, 45.02)))
    more = box(17.012, 45, 17.02, 45.01)
    grown = await lineage.extend(tx, operator, zone.id, Drawn(more), why="found there", now=NOW)
    assert grown.public is not None
    assert grown.public.covers(more)
    assert grown.public.covers(zone.public)


async def test_r6_ground_that_an_import_adds_overrules_a_record_that_would_cover_it(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(box(17.005, 44.99, 17.03, 45.02)))
    await a_zone(tx, operator, a_feature(geometry=a_square(size=0.015)), dated=date(2026, 10, 20))
    grown = await actions.get_record(tx, zone.id)
    assert grown.public is not None
    assert grown.public.covers(grown.official)
    await decided(tx, (operator, second), [zone.id], cleared(None, dated=date(2026, 10, 25)))
    (last,) = await releasing.living(tx, zone.id)
    (back,) = await releasing.revoke(tx, operator, last.id, why="wrong", now=NOW)
    assert back.public is not None
    assert back.public.covers(grown.public)


async def test_r2_an_overlapping_record_still_covers_what_both_did(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared(EAST))
    await decided(tx, (operator, second), [zone.id], cleared(box(17.003, 44.99, 17.03, 45.02)))
    first = next(one for one in await releasing.of(tx, zone.id) if one.outline == EAST)
    (after,) = await releasing.revoke(tx, operator, first.id, why="wrong", now=NOW)
    assert after.public is not None
    assert not after.public.intersects(shapely.Point(17.0075, 45.005))
    with pytest.raises(Refused) as refused:
        await releasing.revoke(tx, operator, first.id, why="wrong", now=NOW)
    assert refused.value.name == "release-revoked-already"
