"""Phones that register nothing: an approved area becomes messages to topics, sent once whatever happens."""

from datetime import timedelta
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from service.alerts import spreading
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import topics
from service.delivery.model import Accepted, Outcome, TryLater
from service.i18n.catalogues import Catalogues
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.house import House
from tests.conftest import FixedClock
from tests.integration.desk import Desk, corrected
from tests.integration.office import Office, a_desk, names, zone_of

LANGUAGES = {"en", "uk", "ru", "es", "ar"}


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return await a_desk(api, database_url)


@pytest.fixture
def office(house: House, database_url: str) -> Office:
    return Office(house, database_url)


async def test_an_alert_goes_to_the_topics_of_its_area_in_every_language_nearest_first(
    desk: Desk, office: Office, catalogues: Catalogues
) -> None:
    alert = await desk.approved()
    await office.spread(alert)
    letters = await office.send_all()
    assert {dict(one.payload.data)["language"] for one in letters} == LANGUAGES
    [generation] = await office.generations()
    rings = {
        row["cell"]: row["ring"] for row in office.rows("SELECT cell, ring FROM alert_cell WHERE ring IS NOT NULL")
    }
    scheme = [language.tag for language in catalogues.languages()]
    wanted = {generation.name(cell, language) for cell in rings for language in scheme}
    assert set(names(letters)) == wanted
    assert len(names(letters)) == len(wanted), "no topic twice"
    assert all(1 <= len(names([one])) <= topics.TOPICS_A_CONDITION for one in letters)
    order = [row["ring"] for row in office.rows("SELECT ring FROM topic_letter ORDER BY id")]
    assert order == sorted(order)
    assert (await desk.must("GET", f"/alerts/{alert}", "anna"))["topics"] == {
        "audience": "unknown",
        "messages": len(letters),
        "accepted": len(letters),
        "waiting": 0,
        "beyond_area": 0.0,
    }


async def test_r26_how_many_follow_a_topic_is_said_to_be_unknown(desk: Desk) -> None:
    preview = await desk.must("GET", f"/alerts/{await desk.draft()}/preview", "borys")
    assert preview["topics"] == {
        "audience": "unknown",
        "messages": None,
        "accepted": None,
        "waiting": None,
        "beyond_area": None,
    }
    assert preview["audience"] == "<20", "registered phones only"


async def test_a_language_without_a_text_of_its_own_is_told_in_another(desk: Desk, office: Office) -> None:
    alert = await desk.approved()
    with psycopg.connect(office.database_url) as connection:
        connection.execute("ALTER TABLE alert DISABLE TRIGGER alert_keeps_its_promises")
        connection.execute(
            "UPDATE alert SET snapshot = (SELECT jsonb_agg(one) FROM jsonb_array_elements(snapshot) AS one"
            " WHERE one ->> 'language' <> 'uk')"
        )
    await office.spread(alert)
    letters = await office.send_all()
    [generation] = await office.generations()
    [zone_cell, *_] = [row["cell"] for row in office.rows("SELECT cell FROM alert_cell WHERE ring = 0")]
    [told] = [one for one in letters if generation.name(zone_cell, "uk") in names([one])]
    data = dict(told.payload.data)
    assert data["language"] == "en", "never Russian for who asked for Ukrainian"


async def test_r27_exercises_have_topics_of_their_own(desk: Desk, office: Office) -> None:
    live = await desk.approved()
    exercise = await desk.approved(zone_id=await zone_of(desk, exercise=True), exercise=True)
    await office.spread(live)
    told = names(await office.send_all())
    await office.spread(exercise)
    tried = await office.send_all()
    assert not set(told) & set(names(tried))
    assert all(name.startswith("sf1-live-") for name in told)
    assert all(name.startswith("sf1-exercise-") for name in names(tried))
    assert {dict(one.payload.data)["exercise"] for one in tried} == {"1"}
    [one], [other] = await office.generations(), await office.generations(exercise=True)
    assert one.key != other.key


async def test_r18_an_exercise_is_never_sent_to_the_topics_of_the_real_world(desk: Desk, office: Office) -> None:
    exercise = await desk.approved(zone_id=await zone_of(desk, exercise=True), exercise=True)
    await office.spread(exercise)
    with psycopg.connect(office.database_url) as connection:
        connection.execute(
            "UPDATE topic_letter SET topics = '{sf1-live-x}' WHERE id = (SELECT max(id) FROM topic_letter)"
        )
    told = await office.send_all()
    assert not [name for name in names(told) if name.startswith("sf1-live-")]
    async with transaction(office.house.pool) as tx:
        assert "topics-of-another-world" in (await delivery.status(tx)).trouble


async def test_what_a_killed_worker_had_claimed_is_sent_by_the_next_and_its_own_answer_is_not_taken(
    desk: Desk, office: Office
) -> None:
    await office.spread(await desk.approved(reach_m=9000))
    lost = await office.claim()
    assert lost is not None
    assert len(lost.letters) == topics.AT_ONCE
    again = await office.claim()
    assert again is not None
    assert [one.id for one in again.letters] == [one.id for one in lost.letters]
    await office.settle(again, [Accepted("x")] * len(again.letters))
    await office.settle(lost, [TryLater(None, "late")] * len(lost.letters))
    await office.send_all()
    assert {(row["state"], row["fate"]) for row in office.rows("SELECT state, fate FROM topic_letter")} == {
        ("done", "a")
    }


async def test_what_google_cannot_take_now_is_sent_again_later_and_only_that(
    desk: Desk, office: Office, clock: FixedClock
) -> None:
    await office.spread(await desk.approved(reach_m=9000))
    first = await office.claim()
    assert first is not None
    outcomes: list[Outcome] = [Accepted("x") for _ in first.letters]
    outcomes[3] = TryLater(timedelta(seconds=60), "quota-exceeded")
    await office.settle(first, outcomes)
    await office.send_all()
    assert await office.claim() is None, "not before its time"
    clock.advance(timedelta(seconds=61))
    second = await office.send_all()
    assert [one.id for one in second] == [first.letters[3].id]


async def test_the_most_severe_alert_goes_first_whatever_waits(desk: Desk, office: Office) -> None:
    minor, extreme = await desk.approved(severity="minor"), await desk.approved(severity="extreme")
    await office.spread(minor)
    await office.spread(extreme)
    taken = await office.claim()
    assert taken is not None
    assert str(taken.bulletin.alert_id) == extreme


async def test_a_withdrawn_alert_is_sent_to_no_topic_any_more(desk: Desk, office: Office) -> None:
    alert, late = await desk.approved(reach_m=9000), await desk.approved()
    await office.spread(alert)
    first = await office.claim()
    assert first is not None
    for one in (alert, late):
        await desk.must("POST", f"/alerts/{one}/withdraw", "anna", json={"reason": "wrong place", "wrong": "place"})
    await office.settle(first, [Accepted("x")] * len(first.letters))
    assert await office.claim() is None
    await office.spread(late)
    assert await office.claim() is None
    fates = {row["fate"]: row["n"] for row in office.rows("SELECT fate, count(*) AS n FROM topic_letter GROUP BY 1")}
    assert fates["a"] == topics.AT_ONCE
    assert fates.keys() == {"a", "s"}


async def test_an_alert_is_not_finished_while_a_topic_waits(desk: Desk, office: Office) -> None:
    alert = UUID(await desk.approved())
    await office.spread(str(alert))
    async with transaction(office.house.pool) as tx:
        assert not await delivery.finished(tx, alert, 1)
    await office.send_all()
    async with transaction(office.house.pool) as tx:
        assert await delivery.finished(tx, alert, 1)


async def test_planning_twice_writes_the_letters_once_and_what_nobody_planned_is_found(
    desk: Desk, office: Office
) -> None:
    alert = await desk.approved()
    with psycopg.connect(office.database_url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
    async with transaction(office.house.pool) as tx:
        await spreading.sweep(tx, office.house)
    jobs = [row["task_name"] for row in office.rows("SELECT task_name FROM procrastinate_jobs")]
    assert jobs == ["alerts:spread"]
    await office.spread(alert)
    count = office.rows("SELECT count(*) FROM topic_letter")
    await office.spread(alert)
    assert office.rows("SELECT count(*) FROM topic_letter") == count


async def test_an_alert_goes_to_the_generation_before_too_for_270_days(
    desk: Desk, office: Office, clock: FixedClock
) -> None:
    [first] = await office.generations()
    await office.rotate(desk)
    [second, still] = await office.generations()
    assert (still, second.number) == (first, 2)
    await office.spread(await desk.approved())
    cells = [row["cell"] for row in office.rows("SELECT cell FROM alert_cell WHERE ring = 0")]
    told = set(names(await office.send_all()))
    assert {one.name(cells[0], "uk") for one in (first, second)} <= told
    with pytest.raises(Refused) as refused:
        await office.rotate(desk)
    assert refused.value.name == "topics-rotated-lately"
    clock.advance(timedelta(days=270))
    assert await office.generations() == [second]
    await office.rotate(desk)
    assert [one.number for one in await office.generations()] == [3, 2]


async def test_r19_a_correction_that_an_operator_sends_reaches_the_topics_of_what_it_corrects(
    desk: Desk, office: Office
) -> None:
    alert = await desk.approved()
    await office.spread(alert)
    first = await office.send_all()
    made = await corrected(desk, alert)
    await office.spread(made["id"])
    again = await office.send_all()
    assert set(names(again)) == set(names(first))
    said = [dict(one.payload.data) for one in again]
    assert {(one["message"], one["alert"], one["revision"]) for one in said} == {("correction", alert, "2")}
    assert {one["language"] for one in said} == LANGUAGES


async def test_a_text_that_no_topic_can_carry_is_refused_before_anybody_can_approve_it(
    desk: Desk, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert topics.LIMIT == 2048
    # Between what fits topics and what fits a device lie few bytes: a lower limit stands for a longer text.
    monkeypatch.setattr(topics, "LIMIT", 1200)
    alert = await desk.draft()
    refused = await desk.ask("POST", f"/alerts/{alert}/submit", "anna")
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/text-too-long-for-topics")
    assert refused.json()["where"] in {f"texts.{tag}" for tag in LANGUAGES}
    assert "bytes; a push to topics takes 1200" in refused.json()["detail"]
    assert "Shorten the body by" in refused.json()["remedy"]
    assert (await desk.ask("GET", f"/alerts/{alert}/preview", "anna")).status_code == 413
    app.state.house.put(app.state.house.get(Settings).model_copy(update={"topics": False}))
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    assert (await desk.must("GET", f"/alerts/{alert}/preview", "anna"))["topics"] is None
