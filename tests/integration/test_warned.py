"""Was this registration warned, when, by what, and if not, why not: a named reason for everybody."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from service.alerts.model import Alert
from service.delivery.model import Severity
from service.kit.house import House
from tests.build import AWAY
from tests.integration.town import Town


@pytest.fixture
async def town(app: FastAPI) -> Town:
    house: House = app.state.house
    return await Town.opened(house)


async def answers(api: httpx.AsyncClient, town: Town, name: str) -> list[dict[str, Any]]:
    """Ask as the phone itself."""
    entry, proof = town.phones[name]
    headers = {"Authorization": f"Bearer {proof.secret.reveal()}"}
    answer = await api.get(f"/v1/registrations/{entry.registration.id}/warnings", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def reasons(api: httpx.AsyncClient, town: Town, alert: Alert) -> dict[str, tuple[bool, str]]:
    said = {name: await answers(api, town, name) for name in town.phones}
    mine = {name: [one for one in found if one["alert"] == str(alert.lineage)] for name, found in said.items()}
    return {name: (one["warned"], one["reason"]) for name, [one] in mine.items()}


async def test_everybody_who_was_planned_is_told_what_became_of_it(api: httpx.AsyncClient, town: Town) -> None:
    fates = {
        "accepted": "a",
        "dead": "d",
        "refused": "r",
        "exhausted": "x",
        "gone": "g",
        "stopped": "s",
        "waiting": "w",
    }
    await town.phone(*fates, "received")
    alert = await town.warned()
    await town.outcomes(alert, fates)
    await town.heard(alert, "received")
    expected = {name: (name == "accepted", name) for name in fates}
    assert await reasons(api, town, alert) == expected | {"received": (True, "received")}
    [told] = await answers(api, town, "accepted")
    assert told["channel"] == "fcm"
    assert told["at"] is not None


async def test_everybody_who_was_not_planned_is_told_why(api: httpx.AsyncClient, town: Town) -> None:
    await town.phone("warned", "capped", "addressless")
    await town.do("UPDATE registration SET verified = false, capped = true WHERE number = %s", town.number("capped"))
    await town.do(
        "UPDATE registration SET address = NULL, address_kind = NULL, address_hash = NULL, dead_at = now(),"
        " verified = false WHERE number = %s",
        town.number("addressless"),
    )
    first = await town.warned()
    await town.outcomes(first, {"warned": "a"})
    second = await town.warned()
    assert await reasons(api, town, second) == {
        "warned": (False, "already-warned"), "capped": (False, "capped"), "addressless": (False, "no-address"),
    }  # fmt: skip
    correction = await town.corrected(second)
    await town.plan(correction)
    [said] = [one for one in await answers(api, town, "capped") if one["message"] == "correction"]
    assert (said["warned"], said["reason"]) == (False, "not-told-before")


async def test_what_is_approved_and_not_planned_yet_is_said_to_be_so(api: httpx.AsyncClient, town: Town) -> None:
    await town.phone("one")
    alert = await town.approved()
    assert await reasons(api, town, alert) == {"one": (False, "not-planned-yet")}


async def test_operators_ask_by_id_about_one_alert_and_each_look_is_audited_without_the_phone(
    api: httpx.AsyncClient, town: Town
) -> None:
    await town.phone("here")
    await town.phone("away", cells=[AWAY])
    alert = await town.warned(Severity.EXTREME)
    keys = {"Authorization": f"Bearer {town.key}"}
    for name, reason in (("here", "waiting"), ("away", "not-in-area")):
        asked = town.phones[name][0].registration.id
        answer = await api.get(f"/v1/alerts/warned/{asked}", params={"alert": str(alert.id)}, headers=keys)
        assert [one["reason"] for one in answer.json()] == [reason]
    audited = await town.rows("SELECT audit::text AS line FROM audit WHERE act = 'alerts.warned'")
    assert len(audited) == 2
    assert not any(str(entry.registration.id) in row["line"] for entry, _ in town.phones.values() for row in audited)


async def test_who_is_no_operator_and_who_is_unknown_learns_nothing(api: httpx.AsyncClient, town: Town) -> None:
    await town.phone("here")
    asked = town.phones["here"][0].registration.id
    assert (await api.get(f"/v1/alerts/warned/{asked}")).status_code == 401
    assert (await api.get(f"/v1/registrations/{asked}/warnings")).status_code == 401
    wrong = {"Authorization": "Bearer " + "A" * 43}
    assert (await api.get(f"/v1/registrations/{asked}/warnings", headers=wrong)).status_code == 404
    assert (
        await api.get(f"/v1/alerts/warned/{uuid4()}", headers={"Authorization": f"Bearer {town.key}"})
    ).status_code == 404
