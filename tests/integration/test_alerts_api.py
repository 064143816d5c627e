"""Drafting, approving and withdrawing warnings over HTTP, on a real database."""

from datetime import timedelta
from typing import Any

import h3
import httpx
import psycopg
import pytest
from shapely.geometry import shape

from service.zones.model import PACKS_JOB
from tests.conftest import FixedClock
from tests.integration.desk import OUTLINES, Desk, add_operators, widen


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    keys = await add_operators(api, database_url)
    desk = Desk(api, keys)
    query = {"authority": "Authority of the Test", "dated": "2024-07-31", "wait": "true"}
    headers = {"Authorization": f"Bearer {keys['anna']}", "Content-Type": "application/geo+json-seq"}
    for exercise in ("true", "false"):
        more = {"params": query | {"exercise": exercise}, "headers": headers, "content": OUTLINES.read_bytes()}
        answer = await api.post("/v1/zones/imports", **more)  # type: ignore[arg-type]  # httpx's many kinds
        assert answer.status_code < 300, answer.text
    records = await desk.must("GET", "/zones/records", "anna")
    desk.zone = next(record["id"] for record in records if not record["exercise"])
    return desk


async def test_r17_the_author_is_refused_and_a_second_person_approves(desk: Desk) -> None:
    alert = await desk.draft()
    assert (await desk.ask("POST", f"/alerts/{alert}/approve", "borys")).json()["type"] == "/problems/not-in-this-state"
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    refused = await desk.ask("POST", f"/alerts/{alert}/approve", "anna")
    assert refused.status_code == 403
    approved = await desk.must("POST", f"/alerts/{alert}/approve", "borys")
    assert approved["state"] == "approved"
    whole = await desk.must("GET", f"/alerts/{alert}", "borys")
    assert [one["act"] for one in whole["events"]] == ["create", "submit", "approve"]
    assert [one["operator"] for one in whole["events"]] == ["anna", "anna", "borys"]


async def test_without_a_key_nothing_of_it_works(desk: Desk) -> None:
    alert = await desk.draft()
    for method, path in (
        ("POST", "/alerts"),
        ("GET", "/alerts"),
        ("GET", f"/alerts/{alert}"),
        ("PATCH", f"/alerts/{alert}"),
        ("GET", f"/alerts/{alert}/preview"),
        ("POST", f"/alerts/{alert}/submit"),
        ("POST", f"/alerts/{alert}/approve"),
        ("POST", f"/alerts/{alert}/return"),
        ("POST", f"/alerts/{alert}/reject"),
        ("POST", f"/alerts/{alert}/withdraw"),
        ("POST", "/sending/pause"),
        ("POST", "/sending/resume"),
        ("GET", "/sending"),
    ):
        answer = await desk.ask(method, path, json={})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_preview_shows_every_text_with_its_size_before_anybody_approves(desk: Desk) -> None:
    preview = await desk.must("GET", f"/alerts/{await desk.draft()}/preview", "borys")
    texts = {one["language"]: one for one in preview["texts"]}
    assert texts.keys() == {"en", "uk", "ru", "es", "ar"}
    assert "Тестове" in texts["uk"]["title"]
    assert "Testovo" in texts["en"]["title"]
    assert texts["ar"]["direction"] == "rtl"
    assert all(0 < one["bytes"] <= one["limit"] == 4096 for one in texts.values())
    assert [tag for tag, one in texts.items() if not one["draft"]] == ["en"]
    assert preview["audience"] == "<20"
    assert preview["cells"] > 3


async def test_a_looked_at_audience_stands_in_the_audit_trail(desk: Desk) -> None:
    alert = await desk.draft()
    await desk.must("GET", f"/alerts/{alert}/preview", "borys")
    trail = await desk.must("GET", "/audit", "borys")
    assert ("alerts.preview", alert) in [(one["act"], one["subject"]) for one in trail]


async def test_r27_an_exercise_never_joins_a_live_zone_nor_the_reverse(desk: Desk) -> None:
    answer = await desk.ask("POST", "/alerts", "anna", json=desk.body(exercise=True))
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/exercise-mismatch"
    records = await desk.must("GET", "/zones/records", "anna")
    exercise = next(record["id"] for record in records if record["exercise"])
    answer = await desk.ask("POST", "/alerts", "anna", json=desk.body(zone_id=exercise))
    assert answer.json()["type"] == "/problems/exercise-mismatch"
    await desk.draft(zone_id=exercise, exercise=True)


async def test_r18_whether_it_is_an_exercise_never_changes(desk: Desk, database_url: str) -> None:
    alert = await desk.draft()
    answer = await desk.ask("PATCH", f"/alerts/{alert}", "anna", json=desk.body(exercise=True))
    assert answer.status_code == 409
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="fixed at creation"),
    ):
        connection.execute("UPDATE alert SET exercise = true")


async def test_an_approved_alert_cannot_be_written_over_even_in_the_database(desk: Desk, database_url: str) -> None:
    await desk.approved()
    for change in ("snapshot = '[]'", "reach_m = 600", "place = 'elsewhere'", "severity = 1"):
        with (
            psycopg.connect(database_url) as connection,
            pytest.raises(psycopg.errors.RaiseException, match="does not change"),
        ):
            connection.execute(f"UPDATE alert SET {change}")  # noqa: S608 - a test's own text


async def test_what_changed_after_submission_is_not_approved(desk: Desk) -> None:
    alert = await desk.draft()
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    await widen(desk)
    answer = await desk.ask("POST", f"/alerts/{alert}/approve", "borys")
    assert answer.json()["type"] == "/problems/content-changed"
    await desk.must("POST", f"/alerts/{alert}/return", "borys", json={"reason": "the zone grew"})
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    await desk.must("POST", f"/alerts/{alert}/approve", "borys")


async def test_rejected_is_the_end_and_returned_is_not(desk: Desk) -> None:
    alert = await desk.draft()
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    await desk.must("POST", f"/alerts/{alert}/return", "borys", json={"reason": "name the village"})
    await desk.must("PATCH", f"/alerts/{alert}", "anna", json=desk.body(place="Nove"))
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    await desk.must("POST", f"/alerts/{alert}/reject", "borys", json={"reason": "not our district"})
    answer = await desk.ask("POST", f"/alerts/{alert}/submit", "anna")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"zone_id": "01936f3e-8f2a-7bbb-8000-1c0ffee00003"}, None),
        ({"template": "all_clear"}, "template"),
        ({"severity": "cosmic"}, "body.severity"),
        ({"reach_m": 1}, "body.reach_m"),
        ({"reach_m": 10**9}, "body.reach_m"),
        ({"place": ""}, "body.place"),
        ({"place": "x" * 500}, "body.place"),
        ({"surprise": 1}, "body.surprise"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_kept(desk: Desk, change: dict[str, Any], where: str | None) -> None:
    answer = await desk.ask("POST", "/alerts", "anna", json=desk.body(**change))
    assert answer.status_code in {404, 422}
    problem = answer.json()
    assert problem["detail"]
    if where is not None:
        assert where in {problem.get("where"), *(one["where"] for one in problem.get("errors", ()))}
    assert await desk.must("GET", "/alerts", "anna") == []


async def test_r5_the_pull_side_never_stands_empty(desk: Desk) -> None:
    empty = await desk.must("GET", "/alerts/live", params={"cell": "871fa4ad4ffffff"})
    assert empty["alerts"] == []
    assert "does not mean" in empty["caveat"]["text"]
    spanish = await desk.api.get("/v1/alerts/live?cell=871fa4ad4ffffff", headers={"Accept-Language": "es"})
    assert spanish.json()["caveat"]["language"] == "es"


async def test_phones_pull_what_was_told_by_cells_of_any_resolution_from_4_to_7(desk: Desk) -> None:
    alert = await desk.approved()
    zone = await desk.must("GET", f"/zones/{desk.zone}")
    middle = shape(zone["geometry"]).representative_point()
    for resolution in (4, 5, 6, 7):
        cell = h3.latlng_to_cell(middle.y, middle.x, resolution)
        found = await desk.must("GET", "/alerts/live", params={"cell": cell})
        assert [one["alert_id"] for one in found["alerts"]] == [alert]
        assert found["alerts"][0]["texts"].keys() == {"en", "uk", "ru", "es", "ar"}
    for wrong in ("881fa4ad4ffffff", "831fa4fffffffff", "x", ""):
        assert (await desk.ask("GET", "/alerts/live", params={"cell": wrong})).status_code == 422


async def test_r20_an_alert_past_its_time_is_out_of_date_never_gone(desk: Desk, clock: FixedClock) -> None:
    await desk.approved()
    zone = await desk.must("GET", f"/zones/{desk.zone}")
    middle = shape(zone["geometry"]).representative_point()
    clock.advance(timedelta(days=400))
    found = await desk.must("GET", "/alerts/live", params={"cell": h3.latlng_to_cell(middle.y, middle.x, 7)})
    assert [one["state"] for one in found["alerts"]] == ["out_of_date"]


async def test_r19_a_withdrawn_alert_says_what_was_wrong_and_that_other_dangers_may_exist(desk: Desk) -> None:
    alert = await desk.approved()
    answer = await desk.must(
        "POST", f"/alerts/{alert}/withdraw", "anna", json={"wrong": "time", "reason": "it was last year"}
    )
    assert answer["state"] == "withdrawn"
    again = await desk.ask("POST", f"/alerts/{alert}/withdraw", "anna", json={"reason": "twice"})
    assert again.status_code == 409


async def test_r19_packs_are_made_anew_when_a_warning_goes_out_and_when_it_is_taken_back(
    desk: Desk, database_url: str
) -> None:
    jobs = "SELECT args->'cells' AS cells FROM procrastinate_jobs WHERE task_name = %s ORDER BY id"
    async with await psycopg.AsyncConnection.connect(database_url) as tx:
        before = len(await (await tx.execute(jobs, [PACKS_JOB])).fetchall())
        alert = await desk.approved()
        await desk.must("POST", f"/alerts/{alert}/withdraw", "anna", json={"wrong": "place", "reason": "Wrong side."})
        told = [row[0] for row in await (await tx.execute(jobs, [PACKS_JOB])).fetchall()][before:]
    assert len(told) == 2
    assert told[0] == told[1] != []
    assert all(h3.get_resolution(cell) == 4 for cell in told[0])


async def test_a_failed_commit_gives_500_and_announces_nothing(desk: Desk, database_url: str) -> None:
    alert = await desk.draft()
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'on purpose'; END $$;"
            "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON dispatch DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    answer = await desk.ask("POST", f"/alerts/{alert}/approve", "borys")
    assert answer.status_code == 500
    assert "on purpose" not in answer.text
    with psycopg.connect(database_url) as connection:
        kept = """
            SELECT (SELECT count(*) FROM dispatch), (SELECT state FROM alert),
                   (SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'alerts:plan')
        """
        assert connection.execute(kept).fetchone() == (0, "submitted", 0)


async def test_r5_a_claim_typed_into_a_place_is_refused_before_anybody_approves(desk: Desk) -> None:
    alert = await desk.draft(place="the road that is safe again")
    answer = await desk.ask("POST", f"/alerts/{alert}/submit", "anna")
    assert answer.status_code == 422, answer.text
    assert (await desk.must("GET", f"/alerts/{alert}", "anna"))["state"] == "draft"


async def test_an_exercise_is_not_taken_back_for_being_one(desk: Desk) -> None:
    records = await desk.must("GET", "/zones/records", "anna")
    exercise = next(record["id"] for record in records if record["exercise"])
    alert = await desk.approved(zone_id=exercise, exercise=True)
    body = {"wrong": "exercise", "reason": "it was one"}
    assert (await desk.ask("POST", f"/alerts/{alert}/withdraw", "anna", json=body)).status_code == 409
