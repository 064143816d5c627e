"""A correction is prepared, looked at and sent by one person; it takes the place of what was wrong (R17, R19)."""

import httpx
import psycopg
import pytest

from service.zones.model import PACKS_JOB
from tests.integration.desk import Desk, a_desk, approve, corrected, prepared, state, told, updating

LANGUAGES = {"en", "uk", "ru", "es", "ar"}


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return await a_desk(api, database_url)


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
