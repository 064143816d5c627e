"""What waits is decided by a second person, on every door, and only as records allow."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from service.imports import deciding, looking
from service.imports.model import Kind
from service.imports.reasons import Note, Reason
from service.imports.records import Decision, Verdict, Waiting
from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from service.zones import actions, history
from service.zones.model import HazardClass, ReleaseKind, State, Zone
from tests.build import a_feature, a_file, a_square, an_import, declared
from tests.conftest import NOW

KEEP = Verdict(Decision.KEPT, "the source confirmed it by telephone")
RECORD = Verdict(Decision.RELEASED, "completion report 12", ReleaseKind.CANCELLED, date(2026, 8, 15))
LATER = date(2026, 8, 31)


@pytest.fixture
async def second(tx: Tx, operator: Operator) -> Operator:
    """Another person, who may decide."""
    done = await operators.add(tx, operator, "Borys", frozenset({Role.APPROVER, Role.ADMIN}), now=NOW)
    assert isinstance(done, Done)
    return done.operator


async def _import(tx: Tx, operator: Operator, *features: Mapping[str, Any], **stated: Any) -> list[Kind]:
    told = {"complete": True, "dated": LATER, **stated}
    report = await an_import(tx, operator, a_file(*features), declared(**told), now=NOW)
    return [line.kind for line in report.plan.lines]


async def _entry(tx: Tx, reason: Reason) -> Waiting:
    (found,) = await looking.waiting(tx, {"reason": reason})
    return found


async def _only(tx: Tx) -> Zone:
    return (await actions.everything(tx, after=None, limit=10))[0]


async def _shrunk(tx: Tx, operator: Operator) -> Waiting:
    await _import(tx, operator, a_feature(geometry=a_square(size=0.02)), dated=date(2026, 7, 31))
    assert await _import(tx, operator, a_feature(geometry=a_square(size=0.01))) == [Kind.SHRUNK]
    return await _entry(tx, Reason.SHRINKS)


async def test_r17_whoever_imported_does_not_decide_on_any_door(tx: Tx, operator: Operator, second: Operator) -> None:
    entry = await _shrunk(tx, operator)
    with pytest.raises(Refused) as refused:
        await deciding.decide(tx, operator, [entry.id], KEEP, now=NOW)
    assert refused.value.name == "same-person"
    with pytest.raises(psycopg.errors.RaiseException, match="R17"):
        async with tx.transaction():
            await tx.execute(
                "UPDATE quarantine SET decision = 'kept', decided_by = %s, decided_at = now(), decided_why = 'x'",
                (operator.id,),
            )
    assert (await deciding.decide(tx, second, [entry.id], KEEP, now=NOW))[0].decision is Decision.KEPT


async def test_r6_what_is_kept_stays_as_it_is_and_is_not_asked_again(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    entry = await _shrunk(tx, operator)
    before = await _only(tx)
    await deciding.decide(tx, second, [entry.id], KEEP, now=NOW)
    assert (await _only(tx)).public == before.public
    smaller = a_feature(geometry=a_square(size=0.01))
    assert await _import(tx, operator, smaller) == [Kind.UNCHANGED]
    assert await _import(tx, operator, {**smaller, "properties": {**smaller["properties"], "name": "x"}}) == [
        Kind.CHANGED
    ]
    assert await looking.waiting(tx, {}) == []
    assert (await _only(tx)).public == before.public


async def test_r2_released_ground_leaves_by_a_record_of_two_people(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    entry = await _shrunk(tx, operator)
    with pytest.raises(Refused, match="kind and its day"):
        await deciding.decide(tx, second, [entry.id], Verdict(Decision.RELEASED, "why"), now=NOW)
    await deciding.decide(tx, second, [entry.id], RECORD, now=NOW)
    zone = await _only(tx)
    assert zone.state is State.ACTIVE
    assert zone.released is not None
    assert zone.public is not None
    assert not zone.public.covers(zone.official)
    (proposal,) = (await history.of(tx, zone.id)).proposals
    assert (proposal.asked_by, proposal.decided_by) == (operator.id, second.id)
    assert await _import(tx, operator, a_feature(geometry=a_square(size=0.01))) == [Kind.UNCHANGED]


async def test_r2_a_cleared_area_needs_its_depth(tx: Tx, operator: Operator, second: Operator) -> None:
    entry = await _shrunk(tx, operator)
    bare = Verdict(Decision.RELEASED, "report", ReleaseKind.CLEARED, date(2026, 8, 15))
    with pytest.raises(Refused):
        await deciding.decide(tx, second, [entry.id], bare, now=NOW)


async def test_r2_a_claimed_end_waits_until_a_record_exists(tx: Tx, operator: Operator, second: Operator) -> None:
    assert await _import(tx, operator, a_feature(**{"class": "CHA"}, status="Cleared"), dated=date(2026, 7, 31)) == [
        Kind.NEW
    ]
    zone = await _only(tx)
    assert (zone.state, zone.hazard_class) == (State.ACTIVE, HazardClass.CONFIRMED)
    assert zone.claim == "Cleared (historic, unproven)"
    entry = await _entry(tx, Reason.CLOSED)
    assert await _import(tx, operator, a_feature(**{"class": "CHA"}, status="Cleared")) == [Kind.UNCHANGED]
    await deciding.decide(tx, second, [entry.id], RECORD, now=NOW)
    zone = await _only(tx)
    assert (zone.state, zone.public) == (State.RELEASED, None)


async def test_r2_released_ground_claimed_again_by_a_newer_row_is_dangerous_at_once(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    await test_r2_a_claimed_end_waits_until_a_record_exists(tx, operator, second)
    again = a_feature(**{"class": "CHA"}, status="Open")
    stated = declared(dated=date(2026, 9, 30))
    report = await an_import(tx, operator, a_file(again), stated, now=NOW)
    zone = await _only(tx)
    assert zone.state is State.ACTIVE
    assert zone.public is not None
    assert zone.public.covers(zone.official)
    assert Note.RELEASED_GROUND in {finding.note for finding in report.plan.findings}


async def test_r2_released_ground_stays_released_while_its_row_says_nothing_new(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    await test_r2_a_claimed_end_waits_until_a_record_exists(tx, operator, second)
    assert await _import(tx, operator, a_feature(**{"class": "CHA"}, status="Cleared"), dated=date(2026, 9, 30)) == [
        Kind.UNCHANGED
    ]
    renamed = a_feature(**{"class": "CHA"}, status="Cleared", name="Field")
    assert await _import(tx, operator, renamed, dated=date(2026, 9, 30)) == [Kind.UNCHANGED]
    assert (await _only(tx)).state is State.RELEASED


async def test_r2_a_confirmed_area_is_lowered_by_two_people_only(tx: Tx, operator: Operator, second: Operator) -> None:
    await _import(tx, operator, a_feature(**{"class": "CHA"}), dated=date(2026, 7, 31))
    assert await _import(tx, operator, a_feature(**{"class": "SHA"})) == [Kind.RECLASSIFIED]
    assert (await _only(tx)).hazard_class is HazardClass.CONFIRMED
    entry = await _entry(tx, Reason.DOWNGRADED)
    await deciding.decide(tx, second, [entry.id], Verdict(Decision.RECLASSIFIED, "survey 7"), now=NOW)
    assert (await _only(tx)).hazard_class is HazardClass.SUSPECTED


async def test_r2_a_missing_zone_can_be_annulled_by_two_people(tx: Tx, operator: Operator, second: Operator) -> None:
    await _import(tx, operator, a_feature("A"), a_feature("B", a_square(18)))
    await _import(tx, operator, a_feature("B", a_square(18)))
    entry = await _entry(tx, Reason.MISSING)
    await deciding.decide(tx, second, [entry.id], Verdict(Decision.ANNULLED, "typed in twice"), now=NOW)
    found = await actions.everything(tx, after=None, limit=10)
    assert {zone.external_id: zone.state for zone in found} == {"A": State.ANNULLED, "B": State.ACTIVE}


async def test_rows_that_could_not_be_taken_are_dismissed_with_a_reason_and_kept_for_ever(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    await _import(tx, operator, a_feature("A"), a_feature(None), {**a_feature("B"), "geometry": None})
    ids = [entry.id for entry in await looking.waiting(tx, {})]
    assert len(ids) == 2
    with pytest.raises(Refused, match="cannot be kept"):
        await deciding.decide(tx, second, ids, KEEP, now=NOW)
    await deciding.decide(tx, second, ids, Verdict(Decision.DISMISSED, "test rows"), now=NOW)
    assert await looking.waiting(tx, {}) == []
    assert len(await looking.waiting(tx, {"decided": True})) == 2
    with pytest.raises(psycopg.errors.RaiseException, match="R6"):
        async with tx.transaction():
            await tx.execute("DELETE FROM quarantine")
    await _import(tx, operator, a_feature("A"), a_feature(None))
    assert await looking.waiting(tx, {}) == [], "what was dismissed does not come back"


async def test_a_bulk_decision_is_taken_for_all_or_for_none(tx: Tx, operator: Operator, second: Operator) -> None:
    entry = await _shrunk(tx, operator)
    with pytest.raises(Refused) as refused:
        await deciding.decide(tx, second, [entry.id, entry.id + 10_000], KEEP, now=NOW)
    assert refused.value.name == "entry-unknown"
    assert (await looking.entries(tx, [entry.id]))[0].decision is None


async def test_r17_nothing_is_decided_for_an_importer_whose_key_was_revoked(
    tx: Tx, operator: Operator, second: Operator
) -> None:
    done = await operators.add(tx, operator, "Clara", frozenset({Role.ADMIN, Role.EDITOR}), now=NOW)
    confirmed = await operators.confirm(tx, second, done.change.id, now=NOW)  # type: ignore[union-attr]  # it waits
    clara = confirmed.operator
    entry = await _shrunk(tx, clara)
    asked = await operators.revoke(tx, operator, "Clara", now=NOW + timedelta(minutes=1))
    await operators.confirm(tx, second, asked.change.id, now=NOW + timedelta(minutes=2))  # type: ignore[union-attr]  # as above
    with pytest.raises(Refused):
        await deciding.decide(tx, second, [entry.id], RECORD, now=NOW + timedelta(minutes=3))
