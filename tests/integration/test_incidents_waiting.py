"""What waits of imports of incidents: open until a person dismisses it or a later file brings the incident."""

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.incidents import waiting
from service.incidents.model import Kind
from service.incidents.records import Decision, Waiting
from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators import actions as operators
from service.operators.model import Operator
from tests.build import an_admin
from tests.integration.test_incidents import CENTRE, NOW, an_event, imported

LATER = date(2020, 2, 29)
NEVER = uuid4()


@pytest.fixture
async def anna(tx: Tx) -> Operator:
    return await an_admin(tx)


async def rows(tx: Tx, **narrowed: Any) -> list[Waiting]:
    wanted = dict.fromkeys(("exercise", "authority", "reason", "import_id")) | {"after": 0, "limit": 100}
    return await waiting.page(tx, wanted | {"decided": False} | narrowed)


async def test_what_waits_says_of_which_file_it_is_what_is_wrong_and_how_to_mend_it(tx: Tx, anna: Operator) -> None:
    report = await imported(tx, anna, an_event(), an_event(2, date="soon"))
    [row] = await rows(tx)
    assert (row.import_id, row.authority, row.dated, row.row_no) == (report.import_id, CENTRE, date(2020, 1, 31), 2)
    assert (row.external_id, row.reason, row.decision) == ("E-2", "date-bad", None)
    assert row.detail
    assert row.remedy
    assert row.record["properties"]["date"] == "soon"


async def test_a_row_stops_waiting_when_a_later_file_brings_its_incident(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(2, date="soon"), an_event(3, date="soon"))
    report = await imported(tx, anna, an_event(2), dated=LATER)
    [left] = await rows(tx)
    assert left.external_id == "E-3"
    [moot] = [row for row in await rows(tx, decided=True) if row.decision is not None]
    assert (moot.external_id, moot.decision, moot.decided_by) == ("E-2", Decision.MOOT, anna.id)
    assert str(report.import_id) in moot.decided_why
    await imported(tx, anna, an_event(2, date="soon"), dated=LATER)
    assert {row.external_id for row in await rows(tx)} == {"E-2", "E-3"}, "what is in doubt anew waits anew"


async def test_r6_a_row_that_shares_its_id_waits_though_a_later_file_has_the_other_one(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(), an_event(district="Granada"))
    await imported(tx, anna, an_event(killed=1), dated=LATER)
    assert [row.reason for row in await rows(tx)] == ["id-twice"]


async def test_what_an_import_doubts_itself_is_not_settled_by_it(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(date="2018-01-01"), dated=LATER)
    for _ in range(2):
        await imported(tx, anna, an_event(2), an_event(), dated=date(2019, 12, 31))
        assert [(row.external_id, row.reason) for row in await rows(tx)] == [("E-1", "older-than-known")]


async def test_r27_an_exercise_settles_nothing_real(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(date="soon"))
    await imported(tx, anna, an_event(), exercise=True)
    await imported(tx, anna, an_event(), authority="Another Centre")
    assert len(await rows(tx)) == 1
    assert await rows(tx, exercise=True) == []


async def test_a_row_that_was_dismissed_stays_on_record_and_does_not_come_back(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(date="soon"))
    [row] = await rows(tx)
    done = await waiting.dismiss(tx, anna, row.id, "a line of sums", now=NOW)
    assert (done.decision, done.decided_why, done.decided_at) == (Decision.DISMISSED, "a line of sums", NOW)
    assert await rows(tx, decided=True) == [done]
    await imported(tx, anna, an_event(date="soon"))
    assert await rows(tx) == []
    [entry, *_] = [each for each in await operators.trail(tx, before=None, limit=9) if "dismiss" in each.act]
    assert (entry.subject, entry.detail["why"]) == (str(row.id), "a line of sums")
    with pytest.raises(Refused, match="waits no longer: a line of sums"):
        await waiting.dismiss(tx, anna, row.id, "again", now=NOW)
    with pytest.raises(Refused, match="No row"):
        await waiting.dismiss(tx, anna, row.id + 1, "again", now=NOW)


@pytest.mark.parametrize(
    "query",
    [
        b"DELETE FROM incident_quarantine",
        b"UPDATE incident_quarantine SET record = '{}'",
        b"UPDATE incident_quarantine SET decision = NULL, decided_by = NULL, decided_at = NULL",
        b"UPDATE incident_quarantine SET decided_why = 'another'",
    ],
)
async def test_what_waited_is_kept_and_never_rewritten(tx: Tx, anna: Operator, query: bytes) -> None:
    await imported(tx, anna, an_event(date="soon"))
    [row] = await rows(tx)
    await waiting.dismiss(tx, anna, row.id, "a line of sums", now=NOW)
    with pytest.raises(psycopg.errors.RaiseException):
        await tx.execute(query)


async def test_an_import_says_what_it_did_and_how_many_of_its_rows_wait_still(tx: Tx, anna: Operator) -> None:
    report = await imported(tx, anna, an_event(), an_event(2, date="soon"), an_event(3, date="soon"))
    assert report.import_id is not None
    kept = await waiting.get_import(tx, report.import_id)
    assert (kept.counts["new"], kept.counts["quarantined"], kept.waits, kept.operator_id) == (1, 2, 2, anna.id)
    [row, _] = await rows(tx, import_id=report.import_id)
    await waiting.dismiss(tx, anna, row.id, "a line of sums", now=NOW)
    assert (await waiting.get_import(tx, report.import_id)).waits == 1
    with pytest.raises(Refused, match="no such import"):
        await waiting.get_import(tx, NEVER)


async def test_a_history_tells_every_revision_with_its_reason(tx: Tx, anna: Operator) -> None:
    first = await imported(tx, anna, an_event())
    second = await imported(tx, anna, an_event(killed=1), dated=LATER)
    [change] = second.plan.of(Kind.CHANGED)
    told = await waiting.history(tx, change.incident.id, after=0, limit=9)
    assert [(one.number, one.operator, one.why) for one in told] == [
        (1, anna.name, f"import {first.import_id}"),
        (2, anna.name, f"import {second.import_id}"),
    ]
    assert [one.record["victims"]["killed"] for one in told] == [None, 1]
    assert await waiting.history(tx, change.incident.id, after=1, limit=9) == told[1:]
    with pytest.raises(Refused, match="no such incident"):
        await waiting.history(tx, NEVER, after=0, limit=9)
