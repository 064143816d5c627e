"""Reports on lessons held over HTTP: handed in once, refused in words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from service.outreach.model import MOST_AT_ONCE
from tests.integration.atoll import AS_EXERCISE
from tests.integration.schoolhouse import BASE, PAGE, School, a_report


async def test_a_teacher_hands_in_and_learns_at_once_what_the_class_has_learnt(school: School) -> None:
    answer = await school.send()
    assert answer.status_code == 201, answer.text
    [gain] = answer.json()["gains"]
    assert (gain["percent_before"], gain["percent_after"], gain["gain"]) == (39, 82, 35)


async def test_a_report_that_is_sent_twice_is_kept_once(school: School) -> None:
    key = uuid4().hex
    first, second = await school.send(key=key), await school.send(key=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"repeated": True}
    assert len((await school.desk.must("GET", BASE, "oksana"))["reports"]) == 1
    assert [one["act"] for one in await school.acts()] == ["lessons.report.hand-in"]


async def test_a_report_that_was_corrected_meanwhile_is_still_known_when_it_comes_again(school: School) -> None:
    key = str(uuid4())
    await school.send(key=key)
    body = {"why": "typed-wrong", "report": a_report(sessions=2)}
    await school.desk.must("POST", f"{BASE}/{key}/correct", "tania", json=body)
    school.clock.advance(timedelta(days=900))
    again = await school.send(key=key)
    assert (again.status_code, again.json()["revision"]) == (200, 2)


async def test_one_key_never_stands_for_two_reports_nor_for_two_senders(school: School) -> None:
    key = uuid4().hex
    await school.send(key=key)
    for other in (await school.send(key=key, sessions=2), await school.send("taras", key=key)):
        assert (other.status_code, other.json()["type"]) == (409, "/problems/report-differs")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"date": "2026-11-03"}, "date"),
        ({"date": "2023-10-30"}, "date"),
        ({"place": None}, "place"),
        ({"place": "XA-none"}, "place"),
        ({"counts": {"female": {"6-10": 11}}}, "counts.female"),
        ({"first_timers": 21}, "first_timers"),
        ({"counts": {"girls": {"5-12": 11}}}, "body.counts.girls.[key]"),
        ({"organisation": "Ms Name, Some Street 4, +380 44 1234567 of the school"}, "body.organisation"),
        ({"teacher": "a name"}, "body.teacher"),
        ({"note": "a text"}, "body.note"),
    ],
)
async def test_what_is_unfit_is_refused_with_where_and_how_to_mend_it(
    school: School, changes: dict[str, Any], where: str
) -> None:
    answer = await school.send(**changes)
    assert answer.status_code == 422, answer.text
    assert where in {one["where"] for one in answer.json()["errors"]}
    assert all(one["remedy"] for one in answer.json()["errors"])
    assert (await school.desk.must("GET", BASE, "oksana"))["reports"] == []


@pytest.mark.parametrize("worlds", [(AS_EXERCISE,)], indirect=True)
async def test_r27_a_place_of_an_exercise_is_refused(school: School) -> None:
    answer = await school.send()
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/place-fictional")


async def test_a_queue_empties_though_one_report_in_it_is_wrong(school: School) -> None:
    good, repeated = str(uuid4()), str(uuid4())
    await school.send(key=repeated)
    queue = [
        {"id": str(uuid4()), "report": a_report(date="2027-01-01")},
        {"id": good, "report": a_report(sessions=3)},
        {"id": "none", "report": {"sessions": "many"}},
        {"id": repeated, "report": a_report()},
        "rubbish",
    ]
    found = await school.desk.must("POST", f"{BASE}/batch", "tania", json={"reports": queue})
    assert [one["outcome"] for one in found["outcomes"]] == ["refused", "kept", "refused", "repeated", "refused"]
    assert found["outcomes"][0]["problem"]["type"] == "/problems/report-unfit"
    assert found["outcomes"][0]["problem"]["remedy"]
    assert found["outcomes"][2]["problem"]["errors"]
    assert len((await school.desk.must("GET", BASE, "oksana"))["reports"]) == 2
    many: dict[str, Any] = {"reports": [{}] * (MOST_AT_ONCE + 1)}
    assert (await school.desk.ask("POST", f"{BASE}/batch", "tania", json=many)).status_code == 422


async def test_the_offline_page_may_hand_in_and_other_pages_may_do_nothing_else(school: School) -> None:
    api, keys = school.desk.api, school.desk.keys
    asked = PAGE | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    for path in (BASE, f"{BASE}/batch"):
        may = await api.options(f"/v1{path}", headers=asked)
        assert (may.status_code, may.headers["access-control-allow-origin"]) == (200, "*")
        assert "access-control-allow-credentials" not in may.headers
        assert {"authorization", "content-type", "idempotency-key"} <= {
            one.strip().lower() for one in may.headers["access-control-allow-headers"].split(",")
        }
    headers = PAGE | {"Authorization": f"Bearer {keys['tania']}", "Idempotency-Key": uuid4().hex}
    for changes, status in (({}, 201), ({"date": "2027-01-01"}, 422)):
        sent = await api.post(
            f"/v1{BASE}", headers=headers | {"Idempotency-Key": uuid4().hex}, json=a_report(**changes)
        )
        assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (status, "*")
    unknown = await api.post(f"/v1{BASE}", headers=PAGE | {"Idempotency-Key": uuid4().hex}, json=a_report())
    assert (unknown.status_code, unknown.headers["access-control-allow-origin"]) == (401, "*")
    officer = PAGE | {"Authorization": f"Bearer {keys['oksana']}"}
    for path in (BASE, "/lessons/figures", "/lessons/gains", "/zones", "/operators", f"{BASE}/{uuid4()}"):
        for answer in (await api.get(f"/v1{path}", headers=officer), await api.options(f"/v1{path}", headers=asked)):
            crosses = "access-control-allow-origin" in answer.headers
            assert crosses is (path == BASE and answer.request.method == "OPTIONS")
