"""What two people did not decide cannot be written, and what was done is on record."""

import psycopg
import pytest
from shapely import box

from service.kit.db import Tx
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import history, lineage, proposals, releasing
from service.zones.model import Publication
from service.zones.records import Annulling, Correction, Downgrading, Drawn, Part, Publishing, Wanted
from tests.build import a_feature, a_zone
from tests.conftest import NOW
from tests.integration.acts import a_second, cleared, decided

HIDDEN = "public = NULL, west = NULL, south = NULL, east = NULL, north = NULL"


@pytest.fixture
async def second(tx: Tx, operator: Operator) -> Operator:
    return await a_second(tx, operator)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("zone", f"state = 'released', {HIDDEN}, whole = public, released = official"),
        ("zone", f"state = 'annulled', {HIDDEN}, whole = public"),
        ("zone", f"state = 'replaced', {HIDDEN}, whole = public"),
        ("zone", "class = 'sha'"),
        ("zone", f"publication = 'withheld', {HIDDEN}"),
        ("zone", "publication = 'generalised'"),
        ("zone", HIDDEN),
        ("release", "depth_cm = 5"),
        ("release", "outline = ''"),
        ("release", "at = now()"),
        ("release_zone", "ground = ''"),
        ("zone_proposal", "terms = '{}'"),
        ("zone_proposal", "decision = 'refused'"),
        ("zone_proposal", "decision = 'approved', decided_by = asked_by, decided_at = now()"),
    ],
)
async def test_r2_r17_the_database_refuses_what_two_people_did_not_decide(
    tx: Tx, operator: Operator, second: Operator, table: str, change: str
) -> None:
    zone = await a_zone(tx, operator, a_feature(**{"class": "CHA"}))
    await decided(tx, (operator, second), [zone.id], cleared())
    await proposals.propose(tx, operator, Wanted([zone.id], Annulling("wrong"), "x y z"), now=NOW)
    with pytest.raises(psycopg.Error):
        async with tx.transaction():
            await tx.execute(f"UPDATE {table} SET {change}".encode())  # noqa: S608 - the words stand above


@pytest.mark.parametrize("table", ["release", "release_zone", "zone_proposal", "zone_lineage", "coverage_revision"])
async def test_r2_the_database_forgets_no_record_and_no_decision(
    tx: Tx, operator: Operator, second: Operator, table: str
) -> None:
    zone = await a_zone(tx, operator)
    await decided(tx, (operator, second), [zone.id], cleared())
    with pytest.raises(psycopg.Error):
        async with tx.transaction():
            await tx.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - the names stand above


async def test_r17_every_act_leaves_a_line_in_the_audit_trail(tx: Tx, operator: Operator, second: Operator) -> None:
    zone = await a_zone(tx, operator)
    pair, ids = (operator, second), [zone.id]
    await lineage.extend(tx, operator, zone.id, Drawn(box(17.01, 45, 17.02, 45.01)), why="more", now=NOW)
    await lineage.confirm(tx, operator, zone.id, why="found", now=NOW)
    await decided(tx, pair, ids, Downgrading())
    await decided(tx, pair, ids, cleared())
    (record,) = await releasing.of(tx, zone.id)
    await releasing.revoke(tx, operator, record.id, why="wrong", now=NOW)
    await decided(tx, pair, ids, Annulling("wrong"))
    await lineage.reinstate(tx, operator, zone.id, why="right", now=NOW)
    await decided(tx, pair, ids, Publishing(Publication.WITHHELD))
    await lineage.mark_stale(tx, operator, zone.authority, None, exercise=False, why="silent", now=NOW)
    await lineage.correct(tx, operator, zone.id, Correction(name="Old mill"), why="its name", now=NOW)
    halves = [Part("", Drawn(box(16.9, 44.9, 17.005, 45.1))), Part("", Drawn(box(17.005, 44.9, 17.1, 45.1)))]
    parts = await lineage.split(tx, operator, zone.id, halves, why="a road", now=NOW)
    whole = await lineage.merge(tx, operator, [part.id for part in parts], ("", ""), why="no road", now=NOW)
    await decided(tx, pair, [whole.id], cleared(None))
    await releasing.claimed_again(tx, operator, whole.id, whole.official, dated=NOW.date(), why="survey", now=NOW)
    asked, _ = await proposals.propose(tx, operator, Wanted([whole.id], cleared(), "cleared"), now=NOW)
    await proposals.refuse(tx, second, asked.id, why="not yet", now=NOW)
    acts = {entry.act for entry in await operators.trail(tx, before=None, limit=100)}
    two = {
        f"zones.{act}.{what}" for act in ("downgrade", "release", "annul", "publish") for what in ("propose", "approve")
    }
    alone = {"zones.extend", "zones.reclassify", "zones.release.revoke", "zones.reinstate", "zones.stale"}
    more = {"zones.correct", "zones.split", "zones.merge", "zones.release.supersede", "zones.release.refuse"}
    assert acts >= two | alone | more
    told = await history.of(tx, zone.id)
    assert [one.number for one in told.revisions] == list(range(1, len(told.revisions) + 1))
    assert {one.operator for one in told.revisions} == {"Ana", "Borys"}
    assert all(one.why for one in told.revisions)
    assert told.revisions[1].changed == ("official", "public")
