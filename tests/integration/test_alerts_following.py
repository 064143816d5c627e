"""What comes after a warning, over HTTP on a real database: updates, renewals."""

from datetime import timedelta

import h3
import httpx
import psycopg
import pytest
from shapely.geometry import shape

from service.alerts import following
from service.kit.db import transaction
from service.kit.house import House
from tests.conftest import FixedClock
from tests.integration.desk import Desk, a_desk, approve, corrected, exercise_zone, state, told, updating

LANGUAGES = {"en", "uk", "ru", "es", "ar"}


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return await a_desk(api, database_url)


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
    changes = {"exercise": True, "zone_id": await exercise_zone(desk)}
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
