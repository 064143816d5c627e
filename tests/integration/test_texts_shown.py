"""What operators and phones are shown of texts: both channels' truth, blurred counts, what waits for money."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from service.__main__ import app as program
from service.alerts import actions, showing
from service.alerts.model import Alert
from service.delivery import figures
from service.kit.db import transaction
from service.kit.house import House
from tests.integration.texting_town import T, TextingTown


@pytest.fixture
async def town(app: FastAPI, tmp_path: Path) -> TextingTown:
    house: House = app.state.house
    return await TextingTown.furnished(house, tmp_path)


async def answers(api: httpx.AsyncClient, town: TextingTown, name: str) -> set[tuple[str | None, bool, str]]:
    """Ask as the phone itself: by which channel it was warned, or why not."""
    entry, proof = town.phones[name]
    headers = {"Authorization": f"Bearer {proof.secret.reveal()}"}
    answer = await api.get(f"/v1/registrations/{entry.registration.id}/warnings", headers=headers)
    assert answer.status_code == 200, answer.text
    return {(one["channel"], one["warned"], one["reason"]) for one in answer.json()}


async def test_each_channel_tells_what_became_of_it_and_why_no_text_went(
    api: httpx.AsyncClient, town: TextingTown
) -> None:
    await town.phone("texted", "heard", "numberless", "late")
    await town.give_numbers("texted", "heard", "late")
    await town.by_text_alone("plain")
    alert = await town.warned()
    await town.pushed(alert, texted="d")
    await town.heard(alert, "heard")
    await town.later(T)
    await town.heard(alert, "late")
    await town.send_texts()
    assert await answers(api, town, "texted") == {("fcm", False, "dead"), ("sms", True, "accepted")}
    assert await answers(api, town, "heard") == {("fcm", True, "received")}
    assert await answers(api, town, "late") == {("fcm", True, "received"), ("sms", False, "heard")}
    assert await answers(api, town, "numberless") == {("fcm", True, "accepted"), ("sms", False, "no-number")}
    assert await answers(api, town, "plain") == {("sms", True, "accepted")}


async def counts(town: TextingTown, alert: Alert) -> dict[str, Any]:
    async with transaction(town.house.pool) as tx:
        shown = await showing.alert(tx, alert.id, now=town.house.clock.now())
    assert shown.counts is not None
    return shown.counts.model_dump()


async def test_r26_progress_counts_texts_apart_and_nobody_twice(town: TextingTown) -> None:
    names = [f"p{index}" for index in range(30)]
    await town.phone(*names)
    await town.give_numbers(*names[:25])
    alert = await town.warned()
    assert (await counts(town, alert))["texts"] is None
    await town.pushed(alert)
    await town.later(T)
    await town.send_texts()
    told = await counts(town, alert)
    assert told["planned"] == 30, "whose text went beside a push counts once"
    assert {one["channel"]: one["planned"] for one in told["by_channel"]} == {"fcm": 30, "sms": 30}
    assert (told["texts"]["planned"], told["texts"]["accepted"], told["texts"]["delivered"]) == (30, 30, "<20")
    assert told["texts"]["by_ring"] == [{"ring": 0, "planned": 30, "accepted": 30, "waiting": "<20"}]


async def test_an_alarm_learns_that_texts_wait_for_money(town: TextingTown) -> None:
    town.set(sms_alert_budget=1)
    await town.phone(*[f"p{index}" for index in range(10)])
    await town.give_numbers(*town.phones)
    alert = await town.warned()
    await town.pushed(alert)
    await town.later(T)
    assert len(await town.send_texts()) == 6, "as many of the batch as the budget allows"
    async with transaction(town.house.pool) as tx:
        told = await figures.told(tx, epoch=None, now=town.house.clock.now())
        assert await actions.events(tx, alert.id)
    [figure] = [one for one in told if one.name == "surefoot_sms_waiting_for_budget"]
    assert figure.samples[0].value == 1


def test_a_budget_is_lifted_of_one_alert_or_of_the_month_and_never_of_neither() -> None:
    ran = CliRunner().invoke(program, ["alerts", "lift-budget", "--amount", "5", "--why", "the far bank"])
    assert ran.exit_code == 2
    assert "--month" in ran.output
