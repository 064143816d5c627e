"""Exact records of lessons held: who sees them, how they are put right."""

import json
from datetime import timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from tests.integration.schoolhouse import BASE, School, a_report


async def test_each_role_sees_its_own_and_nothing_more(school: School) -> None:
    ask, report = school.desk.ask, await school.kept()
    allowed = {
        "tania": {f"{BASE}/{report}", f"{BASE}/{report}/history"},
        "oksana": {BASE, f"{BASE}/{report}", f"{BASE}/{report}/history"},
        "anna": {"/lessons/gains"},
        "borys": {"/lessons/gains"},
        "taras": set(),
        None: set(),
    }
    paths = (BASE, f"{BASE}/{report}", f"{BASE}/{report}/history", "/lessons/gains")
    for who, may in allowed.items():
        assert {path for path in paths if (await ask("GET", path, who)).status_code == 200} == may, who
    assert (await ask("GET", f"{BASE}/{report}", "taras")).status_code == 404
    for who, status in (("oksana", 403), ("anna", 403), (None, 401)):
        assert (await school.send(who)).status_code == status


async def test_r25_a_teachers_key_opens_nothing_that_staff_keeps(school: School) -> None:
    for who in ("tania", "oksana"):
        for path in (
            "/incidents", "/incidents/quarantine", "/zones/records", "/alerts", "/operators", "/audit",
        ):  # fmt: skip  # what staff sees
            assert (await school.desk.ask("GET", path, who)).status_code == 403, path
        headers = {"Authorization": f"Bearer {school.desk.keys[who]}"}
        assert (await school.desk.api.get("/metrics", headers=headers)).status_code == 403
        shown = await school.desk.api.get("/v1/zones", headers=headers)
        assert shown.json()["features"] == (await school.desk.api.get("/v1/zones")).json()["features"]


async def test_exact_records_are_paged_and_narrowed_by_day_and_place(school: School) -> None:
    first = await school.kept(date="2026-10-01")
    await school.kept(date="2026-10-20", place="XA212")
    last = await school.kept("taras", date="2026-10-30")
    must = school.desk.must
    page = await must("GET", BASE, "oksana", params={"limit": 2})
    rest = await must("GET", BASE, "oksana", params={"after": page["next"]})
    assert [one["id"] for one in (*page["reports"], *rest["reports"])][::2] == [first, last]
    assert rest["next"] is None
    one = page["reports"][0]
    assert (one["region"], one["report"]["organisation"], one["withdrawn"]) == ("XA1", "Школа", False)
    for params, expected in (
        ({"first": "2026-10-02"}, 2),
        ({"last": "2026-10-20"}, 2),
        ({"place": "XA1112"}, 2),
        ({"place": "XA2"}, 1),
        ({"place": "XA9"}, 0),
    ):
        assert len((await must("GET", BASE, "oksana", params=params))["reports"]) == expected


async def test_the_centroid_of_a_place_is_marked_as_derived(school: School) -> None:
    report = await school.kept(place="XA111")
    found = await school.desk.must("GET", f"{BASE}/{report}", "oksana")
    assert found["centroid"] == {"longitude": -25.0, "latitude": -36.0, "derived": True}


async def test_a_correction_stands_and_what_it_replaced_stays_on_record(school: School) -> None:
    report, must = await school.kept(), school.desk.must
    body = {"why": "wrong-place", "report": a_report(place="XA212")}
    changed = await must("POST", f"{BASE}/{report}/correct", "tania", json=body)
    assert (changed["revision"], changed["region"]) == (2, "XA2")
    past = (await must("GET", f"{BASE}/{report}/history", "oksana"))["revisions"]
    assert [(one["revision"], one["why"], one["report"]["place"]) for one in past] == [
        (1, "handed-in", "XA1112"),
        (2, "wrong-place", "XA212"),
    ]
    assert [one["act"] for one in await school.acts()] == ["lessons.report.correct", "lessons.report.hand-in"]


async def test_a_sender_may_correct_for_two_weeks_an_officer_later_and_no_other_sender_ever(school: School) -> None:
    report, ask = await school.kept(), school.desk.ask
    body = {"why": "typed-wrong", "report": a_report(sessions=2)}
    where = f"{BASE}/{report}/correct"
    assert (await ask("POST", where, "taras", json=body)).status_code == 404
    assert (await ask("POST", where, "borys", json=body)).status_code == 403
    school.clock.advance(timedelta(days=15))
    late = await ask("POST", where, "tania", json=body)
    assert (late.status_code, late.json()["type"]) == (403, "/problems/report-settled")
    assert (await ask("POST", where, "oksana", json=body)).status_code == 200


async def test_a_correction_cannot_make_a_planned_session_of_a_held_one(school: School) -> None:
    report = await school.kept()
    school.clock.advance(timedelta(days=5))
    body = {"why": "wrong-day", "report": a_report(date="2026-11-05")}
    answer = await school.desk.ask("POST", f"{BASE}/{report}/correct", "tania", json=body)
    assert (answer.status_code, answer.json()["where"]) == (422, "date")


async def test_a_withdrawn_report_counts_no_more_and_stays_on_record(school: School) -> None:
    report, ask = await school.kept(), school.desk.ask
    body = {"why": "not-held"}
    assert (await ask("POST", f"{BASE}/{report}/withdraw", "tania", json={})).status_code == 422
    assert (await ask("POST", f"{BASE}/{report}/withdraw", "tania", json=body)).json()["withdrawn"] is True
    assert (await ask("POST", f"{BASE}/{report}/withdraw", "oksana", json=body)).status_code == 409
    [one] = (await school.desk.must("GET", BASE, "oksana"))["reports"]
    assert (one["withdrawn"], one["revision"]) == (True, 2)


async def test_what_is_on_record_cannot_be_deleted_nor_its_past_rewritten(school: School) -> None:
    await school.kept()
    for statement in (
        "DELETE FROM lesson_report",
        "UPDATE lesson_report SET received_at = now()",
        "UPDATE lesson_report_revision SET why = 'x'",
        "DELETE FROM lesson_report_revision",
    ):
        with psycopg.connect(school.database_url) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute(statement.encode())


async def test_neither_place_nor_organisation_reaches_log_or_audit_trail(school: School) -> None:
    with capture_logs() as logs:
        await school.kept()
        await school.send(place="XA-none")
    told = json.dumps([logs, await school.acts()], default=str, ensure_ascii=False)
    assert "lessons.report.hand-in" in told
    assert not [word for word in ("XA1112", "XA-none", "Школа", "2026-10-30") if word in told]
