"""Reports on lessons held over HTTP: handed in once, refused in words, exact for officers, blurred for everybody."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from service.config import Settings
from service.outreach.model import MOST_AT_ONCE
from service.places.model import Stated
from tests.conftest import NOW, FixedClock
from tests.integration.atoll import AS_EXERCISE, AS_REAL, Atoll
from tests.integration.desk import Desk, add_operators

BASE = "/lessons/reports"
GAIN = {
    "lesson": "emergency.stop-go-back-tell", "revision": "1-3156c1a6", "form": "a",
    "asked": 80, "right_before": 31, "right_after": 66,
}  # fmt: skip  # a gain
PAGE = {"Origin": "null"}


def a_report(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sessions": 1,
        "date": "2026-10-30",
        "place_type": "school",
        "place": "XA1112",
        "delivery": "direct",
        "method": "lesson",
        "organisation": "Школа",
        "counts": {"female": {"5-12": 11, "13-17": 0}, "male": {"5-12": 9}},
        "first_timers": 15,
        "gains": [GAIN],
    }
    return made | changes


@dataclass
class School:
    """Teachers Tania and Taras hand in, Oksana is the authority's information officer, Anna an editor, Borys none."""

    desk: Desk
    clock: FixedClock
    atoll: Atoll
    database_url: str

    async def send(self, by: str | None = "tania", key: str = "", **changes: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid4().hex}
        if by:
            headers["Authorization"] = f"Bearer {self.desk.keys[by]}"
        return await self.desk.api.post(f"/v1{BASE}", headers=headers, json=a_report(**changes))

    async def kept(self, by: str = "tania", **changes: Any) -> str:
        answer = await self.send(by, **changes)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["id"]
        return made

    async def acts(self) -> list[dict[str, Any]]:
        trail: list[dict[str, Any]] = await self.desk.must("GET", "/audit", "anna")
        return [one for one in trail if one["act"].startswith("lessons.")]

    async def people(self, dimension: str) -> dict[str, Any]:
        found = await self.desk.must("GET", "/lessons/figures")
        return {one["value"]: one["people"] for one in found["figures"] if one["dimension"] == dimension}


@pytest.fixture
def worlds(request: pytest.FixtureRequest) -> tuple[Stated, ...]:
    """As what the invented island is loaded; a test may say otherwise."""
    return getattr(request, "param", (AS_REAL, AS_EXERCISE))


@pytest.fixture
async def school(
    api: httpx.AsyncClient, app: FastAPI, database_url: str, clock: FixedClock, worlds: tuple[Stated, ...]
) -> School:
    desk = Desk(api, await add_operators(api, database_url))
    for name, role in (("tania", "educator"), ("taras", "educator"), ("oksana", "information-officer")):
        asked = await desk.must("POST", "/operators", "anna", json={"name": name, "roles": [role]})
        done = await desk.must("POST", f"/operators/changes/{asked['waiting']['id']}/confirm", "borys")
        desk.keys[name] = done["key"]
    return School(desk, clock, await Atoll.loaded(app, desk, *worlds), database_url)


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


async def a_quarter_of(school: School, classes: int = 4, **changes: Any) -> None:
    for number in range(classes):
        await school.kept(sessions=number + 1, **changes)


async def test_r26_the_public_sees_lessons_three_months_late_rounded_and_few_as_few(school: School) -> None:
    await a_quarter_of(school)
    assert set((await school.people("sex")).values()) == {"<20"}
    for moment in (NOW.replace(month=12, day=31), NOW.replace(year=2027, month=1, day=31)):
        school.clock.moment = moment
        assert await school.people("all") == {"all": "<20"}, moment
    school.clock.moment = NOW.replace(year=2027, month=4, day=1)
    assert await school.people("all") == {"all": 80}
    assert await school.people("sex") == {"female": 40, "male": 40, "unknown": "<20"}
    assert await school.people("region") == {"XA1": 80}
    assert (await school.people("place_type"))["camp"] == "<20"


async def test_r26_a_late_report_or_a_correction_changes_nothing_before_the_next_quarter(school: School) -> None:
    await a_quarter_of(school)
    report = await school.kept(sessions=9)
    school.clock.moment = NOW.replace(year=2027, month=4, day=2)
    before = await school.desk.must("GET", "/lessons/figures")
    await school.kept(date="2026-10-29")
    await school.desk.must("POST", f"{BASE}/{report}/withdraw", "oksana", json={"why": "not-held"})
    assert await school.desk.must("GET", "/lessons/figures") == before
    school.clock.moment = NOW.replace(year=2027, month=7, day=1)
    assert (await school.desk.must("GET", "/lessons/figures"))["figures"] == before["figures"], "20 came, 20 went"


async def test_r26_one_pupil_more_is_seen_in_no_later_quarter(school: School) -> None:
    await a_quarter_of(school)
    school.clock.moment = NOW.replace(year=2027, month=4, day=2)
    before = (await school.desk.must("GET", "/lessons/figures"))["figures"]
    await school.kept(counts={"female": {"5-12": 1}}, first_timers=1)
    school.clock.moment = NOW.replace(year=2027, month=7, day=2)
    assert (await school.desk.must("GET", "/lessons/figures"))["figures"] == before


async def test_radio_and_training_are_told_apart_from_people_taught_face_to_face(school: School) -> None:
    await a_quarter_of(school)
    await a_quarter_of(school, delivery="indirect", method="media", counts={"unknown": {"18+": 500}})
    school.clock.moment = NOW.replace(year=2027, month=4, day=1)
    assert await school.people("all") == {"all": 80}
    assert await school.people("delivery") == {"direct": 80, "indirect": 2000, "training": "<20"}
    assert (await school.people("method"))["media"] == "<20"


async def test_gains_are_told_editors_once_three_classes_answered(school: School) -> None:
    other = GAIN | {"revision": "2-ffffffff"}
    for number in range(2):
        await school.kept(gains=[GAIN, other] if number else [GAIN])
    assert (await school.desk.must("GET", "/lessons/gains", "anna"))["gains"] == []
    third = await school.kept(gains=[GAIN | {"right_after": 80}])
    [one] = (await school.desk.must("GET", "/lessons/gains", "anna"))["gains"]
    assert (one["revision"], one["classes"]) == (GAIN["revision"], 3)
    assert (one["percent_before"], one["percent_after"]) == (39, 88)
    await school.desk.must("POST", f"{BASE}/{third}/withdraw", "tania", json={"why": "counted-twice"})
    assert (await school.desk.must("GET", "/lessons/gains", "anna"))["gains"] == []


@pytest.mark.parametrize(
    ("tag", "direction", "word"),
    [
        ("uk", "ltr", "Код місця"),
        ("ar", "rtl", "مدرسة"),
        ("km", "ltr", "ប្រភេទទីកន្លែង"),
        ("en", "ltr", "Code of the place"),
    ],
)
async def test_the_paper_form_speaks_the_readers_language_and_runs_nothing(
    api: httpx.AsyncClient, tag: str, direction: str, word: str
) -> None:
    answer = await api.get(f"/v1{BASE}/form", params={"lang": tag})
    assert (answer.status_code, answer.headers["content-language"]) == (200, tag)
    assert f'<html lang="{tag}" dir="{direction}">' in answer.text
    assert word in answer.text
    assert ('class="notice"' in answer.text) is (tag != "en"), "a draft is marked as one"
    assert all(group in answer.text for group in ("5-12", "13-17", "18+"))
    assert not [sign for sign in ("<script", "http:", "https:", "src=") if sign in answer.text]


async def test_the_paper_form_has_the_deployments_age_groups(app: FastAPI, api: httpx.AsyncClient) -> None:
    house = app.state.house
    house.put(house.get(Settings).model_copy(update={"outreach_age_groups": ("0-17", "18+")}))
    told = (await api.get(f"/v1{BASE}/form")).text
    assert "0-17" in told
    assert "5-12" not in told


async def test_the_paper_form_is_whole_in_all_twelve_languages(api: httpx.AsyncClient) -> None:
    for tag in ("en", "uk", "ru", "es", "ar", "fr", "pt", "bs", "fa-AF", "ps", "km", "my", "bs-Cyrl"):
        answer = await api.get(f"/v1{BASE}/form", params={"lang": tag})
        assert answer.headers["content-language"] == tag
