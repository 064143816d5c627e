"""The texts of alerts by SMS: frozen with the rest, dated and numbered, in every language, and shown before they go."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.alerts import composing, sms_texts
from service.alerts.addressing import Spoken
from service.alerts.later_texts import EVERY
from service.config import Settings
from service.delivery.model import ChannelName, Text
from service.i18n.catalogues import Catalogues
from service.kit.db import transaction
from service.kit.house import House
from service.kit.sms import split
from tests.integration.desk import Desk, a_desk, approve, corrected, exercise_zone, updating
from tests.integration.texting_town import PROVIDERS, TextingTown

SPOKEN = {"en", "uk", "ru", "es", "ar"}


@pytest.fixture
async def desk(api: httpx.AsyncClient, app: FastAPI, database_url: str, tmp_path: Path) -> Desk:
    path = tmp_path / "providers.toml"
    path.write_text(PROVIDERS)
    house: House = app.state.house
    house.put(house.get(Settings).model_copy(update={"sms_providers": path, "sms_alert_budget": 1}))
    return await a_desk(api, database_url)


async def texts_of(desk: Desk, alert: str) -> dict[str, Any]:
    shown = await desk.must("GET", f"/alerts/{alert}/preview", "anna")
    return {text["language"]: text["sms"] for text in shown["texts"]}


@pytest.mark.parametrize("exercise", [False, True])
@pytest.mark.parametrize("template", sorted(EVERY))
def test_every_message_has_a_text_in_every_language(catalogues: Catalogues, template: str, exercise: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert set(catalogues.sms_sendable([sms_texts.message_id(template, exercise=exercise)])) >= SPOKEN


async def test_a_preview_shows_each_text_with_its_encoding_units_and_segments(desk: Desk) -> None:
    alert = await desk.draft()
    texts = await texts_of(desk, alert)
    assert texts.keys() == SPOKEN
    code = (await desk.must("GET", f"/alerts/{alert}", "anna"))["code"]
    for said in texts.values():
        found = split(said["text"])
        assert (said["encoding"], said["units"], said["segments"]) == (found.encoding, found.units, found.segments)
        assert f"02.11.2026/{code}" in said["text"]
    assert texts["en"]["encoding"] == "GSM-7"
    assert texts["uk"]["text"].index("Тестове") < 67


async def test_what_was_approved_is_what_goes_out_and_later_messages_keep_the_number(desk: Desk, house: House) -> None:
    alert = await desk.approved()
    texts = await texts_of_snapshot(house, alert)
    assert texts.keys() == SPOKEN
    assert all(texts.values())
    update = await updating(desk, alert)
    await approve(desk, update)
    correction = (await corrected(desk, update))["id"]
    codes = {(await desk.must("GET", f"/alerts/{one}", "anna"))["code"] for one in (alert, update, correction)}
    assert len(codes) == 1
    assert f"/{codes.pop()}" in (await texts_of_snapshot(house, correction))["en"]


async def texts_of_snapshot(house: House, alert: str) -> dict[str, str]:
    async with transaction(house.pool) as tx:
        found = await tx.execute("SELECT language, sms FROM dispatch_text WHERE alert_id = %s", [alert])
        return {row["language"]: row["sms"] for row in await found.fetchall()}


async def test_a_policy_is_part_of_what_the_second_person_approves(desk: Desk) -> None:
    alert = await desk.draft()
    shown = await desk.must("GET", f"/alerts/{alert}", "anna")
    assert shown["escalate_after_minutes"] == 10, "severe: by the settings"
    minor = await desk.draft(severity="minor")
    assert (await desk.must("GET", f"/alerts/{minor}", "anna"))["escalate_after_minutes"] is None
    assert (await desk.must("PATCH", f"/alerts/{alert}", "anna", json=desk.body(escalate_after_minutes=None)))[
        "escalate_after_minutes"
    ] is None
    hashes = []
    for minutes in (5, 6):
        await desk.must("PATCH", f"/alerts/{alert}", "anna", json=desk.body(escalate_after_minutes=minutes))
        hashes.append((await desk.must("GET", f"/alerts/{alert}/preview", "anna"))["alert"]["escalate_after_minutes"])
    assert hashes == [5, 6]
    for wrong in (0, 1441):
        answer = await desk.ask("POST", "/alerts", "anna", json=desk.body(escalate_after_minutes=wrong))
        assert answer.status_code == 422


async def test_r18_an_exercise_says_so_from_the_first_word(desk: Desk) -> None:
    zone = await exercise_zone(desk)
    texts = await texts_of(desk, await desk.draft(zone_id=zone, exercise=True))
    assert texts["en"]["text"].startswith("EXERCISE")


async def test_a_name_that_does_not_fit_is_refused_with_the_count_and_never_cut(desk: Desk) -> None:
    alert = await desk.draft(place="Q" * 80, place_names={})
    answer = await desk.ask("POST", f"/alerts/{alert}/submit", "anna")
    assert answer.status_code == 422
    assert "units" in answer.json()["detail"]


async def test_r26_a_forecast_of_what_texts_cost_stands_in_the_preview(desk: Desk) -> None:
    shown = await desk.must("GET", f"/alerts/{await desk.draft()}/preview", "anna")
    told = shown["sms"]
    assert (told["at_once"], told["at_most"], told["currency"]) == ("<20", "<20", "EUR")
    # Twenty texts of three segments at 0.05.
    assert (told["cost_at_most"], told["alert_left"], told["month_left"]) == ("3.00", "0.00", None)
    assert not told["enough"]


async def test_only_an_admin_lifts_a_budget_and_says_why(desk: Desk) -> None:
    alert = await desk.approved()
    wanted = {"amount": 5, "reason": "the far bank"}
    made = await desk.must("POST", f"/alerts/{alert}/sms-budget", "borys", json=wanted)
    assert made == {"budget": alert, "limit": "6.00", "currency": "EUR"}
    answer = await desk.ask("POST", "/alerts/sms-budget", "borys", json=wanted)
    assert (answer.status_code, answer.json()["title"]) == (409, answer.json()["title"])
    assert "SUREFOOT_SMS_MONTH_BUDGET" in answer.json()["detail"]
    assert (await desk.ask("POST", f"/alerts/{alert}/sms-budget", "borys", json={"amount": 5})).status_code == 422


async def test_live_codes_are_those_of_live_warnings_and_of_no_exercise(desk: Desk, app: FastAPI) -> None:
    house: House = app.state.house
    first, second = await desk.approved(), await desk.approved(repeat="again")
    zone = await exercise_zone(desk)
    await desk.approved(zone_id=zone, exercise=True)
    await desk.must("POST", f"/alerts/{first}/withdraw", "borys", json={"wrong": "place", "reason": "far bank"})
    code = (await desk.must("GET", f"/alerts/{second}", "anna"))["code"]
    async with transaction(house.pool) as tx:
        assert await sms_texts.live_codes(tx, house) == [f"02.11.2026/{code}"]


async def test_a_language_without_a_text_falls_back_to_one_that_has_it_for_texts_alone(
    house: House, tmp_path: Path
) -> None:
    town = await TextingTown.furnished(house, tmp_path)
    alert = await town.approved()
    texts, drafts = composing.from_json(alert.snapshot or ())
    fewer = [replace(text, sms="" if text.language == "uk" else text.sms) for text in texts]
    spoken = Spoken.of(house, replace(alert, snapshot=composing.as_json(fewer, drafts)))
    assert spoken.language(("uk",), ChannelName.FCM) == "uk"
    assert spoken.language(("uk",), ChannelName.SMS) == "en"
    none = Spoken.of(house, replace(alert, snapshot=composing.as_json([Text("uk", "ltr", "t", "b")], drafts)))
    assert none.language(("uk",), ChannelName.SMS) is None


def test_what_was_frozen_before_there_were_texts_still_reads() -> None:
    kept = [{"language": "uk", "direction": "ltr", "title": "t", "body": "b", "draft": True}]
    assert composing.from_json(kept) == ((Text("uk", "ltr", "t", "b", ""),), frozenset({"uk"}))
