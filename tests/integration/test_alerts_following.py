"""What comes after a warning, over HTTP on a real database: updates, corrections, renewals."""

from datetime import timedelta
from typing import Any

import h3
import httpx
import psycopg
import pytest
from shapely.geometry import shape

from service.alerts import following
from service.kit.db import transaction
from service.kit.house import House
from service.zones.model import PACKS_JOB
from tests.conftest import FixedClock
from tests.integration.desk import OUTLINES, Desk, add_operators

LANGUAGES = {"en", "uk", "ru", "es", "ar"}


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    desk = Desk(api, await add_operators(api, database_url))
    query = {"authority": "Authority of the Test", "dated": "2024-07-31", "wait": "true"}
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json-seq"}
    for exercise in ("true", "false"):
        more = {"params": query | {"exercise": exercise}, "headers": headers, "content": OUTLINES.read_bytes()}
        answer = await api.post("/v1/zones/imports", **more)  # type: ignore[arg-type]  # httpx's many kinds
        assert answer.status_code < 300, answer.text
    records = await desk.must("GET", "/zones/records", "anna")
    desk.zone = next(record["id"] for record in records if not record["exercise"])
    return desk


async def told(desk: Desk, resolution: int = 7, *, zone: str = "") -> list[dict[str, Any]]:
    """What phones pull in the middle of a zone."""
    found = await desk.must("GET", f"/zones/{zone or desk.zone}")
    middle = shape(found["geometry"]).representative_point()
    cell = h3.latlng_to_cell(middle.y, middle.x, resolution)
    query = {"cell": cell, "exercise": str(found["properties"].get("exercise", False)).lower()}
    alerts: list[dict[str, Any]] = (await desk.must("GET", "/alerts/live", params=query))["alerts"]
    return alerts


async def updating(desk: Desk, alert: str, **changes: Any) -> str:
    """Draft an update; return its id."""
    wanted = desk.body(**{"template": "update", **changes})
    made: str = (await desk.must("POST", f"/alerts/{alert}/update", "anna", json=wanted))["id"]
    return made


async def approve(desk: Desk, alert: str) -> dict[str, Any]:
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    approved: dict[str, Any] = await desk.must("POST", f"/alerts/{alert}/approve", "borys")
    return approved


async def prepared(desk: Desk, alert: str, wrong: str = "place") -> dict[str, Any]:
    found: dict[str, Any] = await desk.must(
        "POST", f"/alerts/{alert}/correction/preview", "borys", json={"wrong": wrong}
    )
    return found


async def corrected(desk: Desk, alert: str, wrong: str = "place") -> dict[str, Any]:
    body = {"wrong": wrong, "reason": "wrong bank", "content": (await prepared(desk, alert, wrong))["content"]}
    made: dict[str, Any] = await desk.must("POST", f"/alerts/{alert}/correction", "borys", json=body)
    return made


async def state(desk: Desk, alert: str) -> str:
    found: str = (await desk.must("GET", f"/alerts/{alert}", "anna"))["state"]
    return found


# --- updates


async def test_r17_an_update_is_the_next_revision_of_its_lineage_and_needs_a_second_person(desk: Desk) -> None:
    first = await desk.approved()
    update = await updating(desk, first, severity="extreme", reach_m=5000, place="Nove")
    drafted = await desk.must("GET", f"/alerts/{update}", "anna")
    assert (drafted["lineage"], drafted["revision"], drafted["message"]) == (first, 2, "update")
    assert (drafted["follows"], drafted["severity"], drafted["place"]) == (first, "extreme", "Nove")
    assert [one["revision"] for one in await told(desk)] == [1], "a draft changes nothing yet"
    await desk.must("POST", f"/alerts/{update}/submit", "anna")
    assert (await desk.ask("POST", f"/alerts/{update}/approve", "anna")).status_code == 403
    assert await state(desk, first) == "approved"
    await desk.must("POST", f"/alerts/{update}/approve", "borys")
    assert await state(desk, first) == "replaced"


async def test_phones_that_pull_find_the_latest_message_only_and_which_revision_it_replaces(desk: Desk) -> None:
    first = await desk.approved()
    await approve(desk, await updating(desk, first, severity="extreme"))
    for resolution in (4, 5, 6, 7):
        (found,) = await told(desk, resolution)
        assert (found["alert_id"], found["revision"], found["replaces"]) == (first, 2, 1)
        assert (found["message"], found["state"], found["severity"]) == ("update", "live", "extreme")
        assert found["texts"].keys() == LANGUAGES
        assert found["texts"]["en"]["title"].startswith("Update:")


async def test_r19_who_heard_a_warning_finds_its_update_where_it_warns_no_more(desk: Desk) -> None:
    first = await desk.approved(reach_m=20_000)
    found = await desk.must("GET", f"/zones/{desk.zone}")
    middle = shape(found["geometry"]).representative_point()
    away = h3.latlng_to_cell(middle.y + 0.15, middle.x, 7)
    for revision in (1, 2):
        there = (await desk.must("GET", "/alerts/live", params={"cell": away}))["alerts"]
        assert [one["revision"] for one in there] == [revision]
        if revision == 1:
            await approve(desk, await updating(desk, first, reach_m=500))


async def test_r19_the_earlier_message_stops_with_the_approval_of_the_later(desk: Desk, database_url: str) -> None:
    first = await desk.approved()
    update = await updating(desk, first)
    with psycopg.connect(database_url) as connection:
        stopped = "SELECT revision FROM dispatch WHERE stopped_at IS NOT NULL"
        assert connection.execute(stopped).fetchall() == []
        await approve(desk, update)
        assert connection.execute(stopped).fetchall() == [(1,)]
        planned = "SELECT args->>'alert' FROM procrastinate_jobs WHERE task_name = 'alerts:plan' ORDER BY id"
        assert [row[0] for row in connection.execute(planned).fetchall()] == [first, update]


async def test_one_draft_after_a_warning_at_a_time(desk: Desk, database_url: str) -> None:
    first = await desk.approved()
    update = await updating(desk, first)
    again = await desk.ask("POST", f"/alerts/{first}/update", "anna", json=desk.body(template="update"))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/draft-open")
    assert update in again.json()["remedy"]
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "INSERT INTO alert (id, lineage, revision, message, follows, exercise, severity, template, zone_id, "
            "reach_m, place, author_id, created_at) SELECT gen_random_uuid(), lineage, 9, 'update', id, exercise, "
            "severity, template, zone_id, reach_m, place, author_id, created_at FROM alert WHERE id = %s",
            [first],
        )
    await desk.must("POST", f"/alerts/{update}/withdraw", "anna", json={"reason": "written anew"})
    assert (await desk.must("GET", f"/alerts/{await updating(desk, first)}", "anna"))["revision"] == 3


async def test_r20_an_update_of_anything_but_the_latest_message_is_refused_with_its_name(desk: Desk) -> None:
    first = await desk.approved()
    update = await updating(desk, first)
    await approve(desk, update)
    stale = await desk.ask("POST", f"/alerts/{first}/update", "anna", json=desk.body(template="update"))
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/not-the-latest-message")
    assert update in stale.json()["remedy"]
    stale = await desk.ask("POST", f"/alerts/{first}/correction/preview", "borys", json={"wrong": "place"})
    assert stale.json()["type"] == "/problems/not-the-latest-message"
    await desk.must("POST", f"/alerts/{update}/correction/preview", "borys", json={"wrong": "place"})


async def test_r20_an_update_that_waits_while_its_warning_is_corrected_cannot_go_out(desk: Desk) -> None:
    first = await desk.approved()
    update = await updating(desk, first)
    await desk.must("POST", f"/alerts/{update}/submit", "anna")
    correction = (await corrected(desk, first))["id"]
    stale = await desk.ask("POST", f"/alerts/{update}/approve", "borys")
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/not-the-latest-message")
    assert correction in stale.json()["remedy"]
    assert [one["message"] for one in await told(desk)] == ["correction"]


@pytest.mark.parametrize("act", ["cancel", "alert", "test", "Cancel"])
async def test_r20_an_unknown_message_kind_is_refused(desk: Desk, act: str, database_url: str) -> None:
    first = await desk.approved()
    assert (await desk.ask("POST", f"/alerts/{first}/{act}", "anna", json={})).status_code in {404, 405}
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "INSERT INTO alert (id, lineage, revision, message, follows, exercise, severity, template, zone_id, "
            "reach_m, place, author_id, created_at) SELECT gen_random_uuid(), lineage, 2, %s, id, exercise, "
            "severity, template, zone_id, reach_m, place, author_id, created_at FROM alert",
            [act],
        )


async def test_a_warning_that_was_not_told_is_not_updated(desk: Desk) -> None:
    draft = await desk.draft()
    answer = await desk.ask("POST", f"/alerts/{draft}/update", "anna", json=desk.body(template="update"))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-in-this-state")


async def test_r18_r27_an_update_never_changes_worlds_nor_does_a_changed_draft(desk: Desk) -> None:
    records = await desk.must("GET", "/zones/records", "anna")
    other = next(record["id"] for record in records if record["exercise"])
    changes = {"exercise": True, "zone_id": other}
    first = await desk.approved()
    answer = await desk.ask("POST", f"/alerts/{first}/update", "anna", json=desk.body(template="update", **changes))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/exercise-fixed")
    for alert in (await desk.draft(), await updating(desk, first)):
        answer = await desk.ask("PATCH", f"/alerts/{alert}", "anna", json=desk.body(**changes))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/exercise-fixed")


async def test_a_text_for_updates_only_is_refused_in_a_first_warning(desk: Desk) -> None:
    answer = await desk.ask("POST", "/alerts", "anna", json=desk.body(template="update"))
    assert (answer.status_code, answer.json()["where"]) == (422, "template")


async def test_a_returned_update_is_changed_and_submitted_anew(desk: Desk) -> None:
    first = await desk.approved()
    update = await updating(desk, first)
    await desk.must("POST", f"/alerts/{update}/submit", "anna")
    await desk.must("POST", f"/alerts/{update}/return", "borys", json={"reason": "name the village"})
    changed = await desk.must("PATCH", f"/alerts/{update}", "anna", json=desk.body(template="update", place="Nove"))
    assert (changed["message"], changed["revision"], changed["follows"]) == ("update", 2, first)
    await approve(desk, update)
    assert "Nove" in (await told(desk))[0]["texts"]["en"]["body"]


async def test_the_preview_of_an_update_shows_when_what_it_replaces_was_said(desk: Desk, clock: FixedClock) -> None:
    first = await desk.approved()
    clock.advance(timedelta(days=2))
    preview = await desk.must("GET", f"/alerts/{await updating(desk, first)}/preview", "borys")
    body = next(one["body"] for one in preview["texts"] if one["language"] == "en")
    assert "4 November 2026" in body
    assert "replaces our message of 2 November 2026" in body


# --- corrections


async def test_r17_r19_a_correction_is_looked_at_in_every_language_and_then_one_person_sends_exactly_that(
    desk: Desk,
) -> None:
    first = await desk.approved()
    looked = await prepared(desk, first)
    assert {one["language"] for one in looked["texts"]} == LANGUAGES
    english = next(one for one in looked["texts"] if one["language"] == "en")
    assert "the place was wrong" in english["body"]
    assert "Other dangerous areas may exist" in english["body"]
    assert (looked["revision"], looked["audience"]) == (1, "<20")
    assert (await state(desk, first), [one["message"] for one in await told(desk)]) == ("approved", ["warning"])
    body = {"wrong": "place", "reason": "wrong bank", "content": looked["content"]}
    made = await desk.must("POST", f"/alerts/{first}/correction", "borys", json=body)
    assert (made["state"], made["message"], made["revision"], made["follows"]) == ("approved", "correction", 2, first)
    assert made["approver"] is None
    (found,) = await told(desk)
    assert (found["alert_id"], found["state"], found["message"], found["replaces"]) == (
        first,
        "withdrawn",
        "correction",
        1,
    )
    assert found["texts"]["en"]["body"] == english["body"]
    trail = [(one["act"], one["subject"]) for one in await desk.must("GET", "/audit", "borys")]
    assert {("alerts.prepare-correction", first), ("alerts.correct", first), ("alerts.confirm", made["id"])} <= {*trail}


async def test_a_correction_that_nobody_looked_at_is_not_sent(desk: Desk) -> None:
    first = await desk.approved()
    looked = await prepared(desk, first)
    for wrong, content in (("place", "00" * 32), ("time", looked["content"])):
        body = {"wrong": wrong, "reason": "wrong bank", "content": content}
        answer = await desk.ask("POST", f"/alerts/{first}/correction", "borys", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/content-changed")
    assert (await desk.ask("POST", f"/alerts/{first}/correction", "borys", json={"wrong": "place"})).status_code == 422
    assert await state(desk, first) == "approved"
    assert len(await desk.must("GET", "/alerts", "anna")) == 1, "nothing half-written is left"


async def test_r19_a_correction_replaces_the_earlier_message_and_goes_out_itself(desk: Desk, database_url: str) -> None:
    first = await desk.approved()
    made = (await corrected(desk, first))["id"]
    with psycopg.connect(database_url) as connection:
        stopped = "SELECT message, stopped_at IS NOT NULL FROM dispatch ORDER BY revision"
        assert connection.execute(stopped).fetchall() == [("warning", True), ("correction", False)]
        texts = "SELECT count(DISTINCT language) FROM dispatch_text WHERE revision = 2"
        assert connection.execute(texts).fetchone() == (len(LANGUAGES),)
        job = "SELECT args->>'alert', queue_name FROM procrastinate_jobs WHERE task_name = 'alerts:plan' ORDER BY id"
        assert connection.execute(job).fetchall()[-1] == (made, "urgent")
        packs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND args->>'exercise' = 'false'"
        assert connection.execute(packs, [PACKS_JOB]).fetchone() >= (2,)  # type: ignore[operator]  # a row


async def test_r17_a_stop_needs_one_call_and_its_correction_can_be_pushed_afterwards(desk: Desk) -> None:
    first = await desk.approved()
    await desk.must("POST", f"/alerts/{first}/withdraw", "anna", json={"wrong": "place", "reason": "wrong bank"})
    (found,) = await told(desk)
    assert (found["state"], found["message"], found["revision"]) == ("withdrawn", "warning", 1)
    assert "the place was wrong" in found["texts"]["en"]["body"]
    await corrected(desk, first)
    (found,) = await told(desk)
    assert (found["state"], found["message"], found["revision"]) == ("withdrawn", "correction", 2)


async def test_who_corrected_the_wrong_alert_says_that_the_warning_stands(desk: Desk) -> None:
    first = await desk.approved()
    correction = (await corrected(desk, first))["id"]
    answer = await desk.ask("POST", f"/alerts/{correction}/correction/preview", "borys", json={"wrong": "place"})
    assert answer.json()["type"] == "/problems/exercise-cannot-have-been-one"
    await corrected(desk, correction, "mistake")
    (found,) = await told(desk)
    assert (found["state"], found["revision"]) == ("live", 3)
    assert "The warning about Testovo stands" in found["texts"]["en"]["body"]


async def test_r17_only_a_correction_goes_out_without_a_second_person_even_in_the_database(
    desk: Desk, database_url: str
) -> None:
    update = await updating(desk, await desk.approved())
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.CheckViolation, match="two_people"):
        connection.execute(
            "UPDATE alert SET state = 'approved', approved_at = now(), snapshot = '[]' WHERE id = %s", [update]
        )


async def test_what_a_message_follows_and_where_its_life_goes_cannot_be_written_over(
    desk: Desk, database_url: str
) -> None:
    first = await desk.approved()
    await approve(desk, await updating(desk, first))
    changes = {
        "state = 'sending'": "does not become",
        "state = 'draft'": "does not become",
        "follows = id": "fixed at creation",
        "lineage = gen_random_uuid()": "fixed at creation",
        "expires_at = expires_at - interval '1 day'": "only prolongs",
    }
    for change, why in changes.items():
        with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.RaiseException, match=why):
            connection.execute(f"UPDATE alert SET {change} WHERE id = %s", [first])  # noqa: S608 - a test's own text


# --- renewal and expiry


async def test_r19_a_renewal_is_silent_and_changes_nothing_but_the_day_until_which_it_is_up_to_date(
    desk: Desk, clock: FixedClock, database_url: str
) -> None:
    first = await desk.approved()
    before = (await told(desk))[0]
    clock.advance(timedelta(days=80))
    renewed = await desk.must("POST", f"/alerts/{first}/renew", "borys", json={"reason": "still there"})
    assert renewed["revision"] == 1
    after = (await told(desk))[0]
    assert after == before | {"expires_at": after["expires_at"]}
    assert after["expires_at"] > before["expires_at"]
    with psycopg.connect(database_url) as connection:
        jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'alerts:plan'"
        assert connection.execute(jobs).fetchone() == (1,), "nobody is planned again"
        expiry = (
            "SELECT count(*) FROM dispatch JOIN alert ON alert.id = alert_id AND dispatch.expires_at = alert.expires_at"
        )
        assert connection.execute(expiry).fetchone() == (1,), "who joins now is told of the later day"
    whole = await desk.must("GET", f"/alerts/{first}", "anna")
    assert whole["events"][-1]["act"] == "renew"
    assert "still there" in whole["events"][-1]["reason"]
    again = await desk.ask("POST", f"/alerts/{first}/renew", "borys", json={"reason": "twice"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing-to-renew")


async def test_r20_out_of_date_is_not_over_and_a_late_renewal_brings_it_back(desk: Desk, clock: FixedClock) -> None:
    first = await desk.approved()
    clock.advance(timedelta(days=91))
    assert [one["state"] for one in await told(desk)] == ["out_of_date"]
    await desk.must("POST", f"/alerts/{first}/renew", "anna", json={"reason": "nobody has searched it"})
    assert [one["state"] for one in await told(desk)] == ["live"]


async def test_operators_are_told_in_time_what_is_out_of_date_soon(desk: Desk, clock: FixedClock) -> None:
    first = await desk.approved()
    assert await desk.must("GET", "/alerts/expiring", "anna") == []
    clock.advance(timedelta(days=5))
    later = await desk.approved(place="Nove")
    clock.advance(timedelta(days=80))
    query = {"params": {"days": 14}}
    assert [one["id"] for one in await desk.must("GET", "/alerts/expiring", "borys", **query)] == [first, later]
    assert [one["id"] for one in await desk.must("GET", "/alerts/expiring", "borys", params={"days": 5})] == [first]
    await desk.must("POST", f"/alerts/{first}/renew", "borys", json={"reason": "still there"})
    await corrected(desk, later)
    assert await desk.must("GET", "/alerts/expiring", "borys", **query) == []


async def test_operators_are_reminded_once_of_each_expiry(desk: Desk, house: House, clock: FixedClock) -> None:
    first = await desk.approved()

    async def reminded() -> list[str]:
        async with transaction(house.pool) as tx:
            return [str(one) for one in await following.remind(tx, house)]

    assert await reminded() == []
    clock.advance(timedelta(days=77))
    assert await reminded() == [first]
    assert await reminded() == []
    await desk.must("POST", f"/alerts/{first}/renew", "borys", json={"reason": "still there"})
    assert await reminded() == []
    clock.advance(timedelta(days=77))
    assert await reminded() == [first]
    acts = [one["act"] for one in (await desk.must("GET", f"/alerts/{first}", "anna"))["events"]]
    assert acts[3:] == ["remind", "renew", "remind"]


async def test_r17_whoever_follows_a_warning_needs_the_role_for_it(desk: Desk) -> None:
    first = await desk.approved()
    for by, path, body in (
        ("borys", "update", desk.body(template="update")),
        ("borys", "end", {}),
        (None, "correction/preview", {"wrong": "place"}),
        (None, "correction", {"wrong": "place", "reason": "why", "content": "00" * 32}),
        (None, "renew", {"reason": "why"}),
    ):
        answer = await desk.ask("POST", f"/alerts/{first}/{path}", by, json=body)
        assert answer.status_code == (401 if by is None else 403), path
    assert (await desk.ask("GET", "/alerts/expiring")).status_code == 401
