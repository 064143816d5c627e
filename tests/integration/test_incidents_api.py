"""Incidents over HTTP: everything for operators, for everybody else totals that say nothing of a person."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.desk import Desk, add_operators
from tests.integration.test_incidents import a_file, an_event, events

STATED = {"authority": "Mine Action Centre", "dated": "2020-01-31"}
YEAR = {"authority": "Mine Action Centre", "year": 2019}
SECRET = {"sex": "F-secret", "age_group": "5-secret", "device": "device-secret", "condition": "condition-secret"}


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return Desk(api, await add_operators(api, database_url))


async def take_in(desk: Desk, *features: dict[str, Any], **more: str) -> Any:
    return await desk.must("POST", "/incidents/imports", "anna", params=STATED | more, content=a_file(*features))


async def test_operators_see_all_and_the_public_nothing_of_a_record(desk: Desk) -> None:
    report = await take_in(desk, *events({("Meta", "Uribe"): 6}, **SECRET))
    assert (report["new"], report["quarantined"]) == (6, [])
    page = await desk.must("GET", "/incidents", "borys", params={"limit": 4, "year": 2019})
    assert len(page["incidents"]) == 4
    rest = await desk.must("GET", "/incidents", "borys", params={"after": page["next"]})
    assert len(rest["incidents"]) == 2
    one = await desk.must("GET", f"/incidents/{page['incidents'][0]['id']}", "borys")
    assert one["victims"]["sex"] == "F-secret"
    for path in ("/incidents", f"/incidents/{one['id']}"):
        assert (await desk.ask("GET", path)).status_code == 401
    await publish(desk)
    shown = (await desk.ask("GET", "/incidents/totals")).text
    assert '"count":6' in shown
    assert not [word for word in ("secret", "74.2", "E-1", one["id"]) if word in shown]


async def publish(desk: Desk) -> None:
    asked = await desk.must("POST", "/incidents/totals", "anna", json=YEAR)
    assert not asked["public"]
    assert (await desk.must("POST", "/incidents/totals/approve", "borys", json=YEAR))["public"]


async def test_r5_without_public_totals_the_answer_says_unknown_in_the_readers_language(desk: Desk) -> None:
    await take_in(desk, *events({("Meta", "Uribe"): 6}))
    answer = await desk.ask("GET", "/incidents/totals", params=YEAR)
    [figure] = answer.json()["figures"]
    assert (figure["shown"], figure["count"], figure["district"]) == ("unknown", None, None)
    assert "unknown whether this area is dangerous" in figure["note"]
    spanish = await desk.api.get("/v1/incidents/totals", headers={"Accept-Language": "es"})
    assert "No se sabe si esta zona es peligrosa" in spanish.json()["figures"][0]["note"]
    assert "puede haber peligro" in spanish.json()["caveat"]


async def test_r5_no_figure_but_a_count_of_five_or_more_could_be_drawn_as_a_tick(desk: Desk) -> None:
    await take_in(desk, *events({("Meta", "Uribe"): 6, ("Meta", "Granada"): 2}))
    await publish(desk)
    answer = await desk.must("GET", "/incidents/totals")
    for figure in answer["figures"]:
        assert (figure["count"] is None) == bool(figure["note"])
        assert figure["count"] is None or figure["count"] >= 5


async def test_one_person_takes_totals_back(desk: Desk) -> None:
    await take_in(desk, *events({("Meta", "Uribe"): 6}))
    await publish(desk)
    body = YEAR | {"reason": "the authority wants it"}
    assert (await desk.ask("POST", "/incidents/totals/withdraw", "borys", json=body)).status_code == 204
    assert (await desk.must("GET", "/incidents/totals"))["figures"][0]["shown"] == "unknown"


@pytest.mark.parametrize("stated", ["{", '{"columns": {"colour": "x"}}', '{"values": {"kind": {"1": "boom"}}}', "[1]"])
async def test_a_map_that_is_wrong_is_refused_whole(desk: Desk, stated: str) -> None:
    params = STATED | {"map": stated}
    answer = await desk.ask("POST", "/incidents/imports", "anna", params=params, content=a_file(an_event()))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/map-unfit")


async def test_a_map_says_what_codes_mean(desk: Desk) -> None:
    stated = json.dumps({"columns": {"kind": "tipo"}, "values": {"kind": {"4": "find"}}})
    await take_in(desk, an_event(tipo=4), map=stated)
    page = await desk.must("GET", "/incidents", "anna")
    assert [one["kind"] for one in page["incidents"]] == ["find"]


async def test_only_an_editor_takes_in_and_a_file_that_cannot_be_read_is_refused(desk: Desk) -> None:
    for by, status in ((None, 401), ("borys", 200)):
        answer = await desk.ask("POST", "/incidents/imports", by, params=STATED, content=a_file(an_event()))
        assert answer.status_code == status
    answer = await desk.ask("POST", "/incidents/imports", "anna", params=STATED, content=b"%PDF-1.7")
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/format-unsupported")


async def test_what_waits_is_paged_for_operators_and_dismissed_by_an_editor(desk: Desk) -> None:
    report = await take_in(desk, *(an_event(n, date="soon") for n in range(3)), an_event(3))
    page = await desk.must("GET", "/incidents/quarantine", "borys", params={"limit": 2})
    assert [row["row"] for row in page["waiting"]] == [1, 2]
    rest = await desk.must("GET", "/incidents/quarantine", "borys", params={"after": page["next"], "limit": 2})
    assert ([row["row"] for row in rest["waiting"]], rest["next"]) == ([3], None)
    where = f"/incidents/quarantine/{page['waiting'][0]['id']}/dismiss"
    for body in ({}, {"reason": " "}, {"reason": "a\0"}):
        assert (await desk.ask("POST", where, "anna", json=body)).status_code == 422
    assert (await desk.ask("POST", where, json={"reason": "sums"})).status_code == 401
    assert (await desk.must("POST", where, "anna", json={"reason": "sums"}))["decision"] == "dismissed"
    assert (await desk.ask("POST", where, "anna", json={"reason": "sums"})).status_code == 409
    narrowed = {"import_id": report["import_id"], "reason": "date-bad", "exercise": "false"}
    assert len((await desk.must("GET", "/incidents/quarantine", "anna", params=narrowed))["waiting"]) == 2
    kept = await desk.must("GET", f"/incidents/imports/{report['import_id']}", "anna")
    assert (kept["waits"], kept["counts"]["quarantined"]) == (2, 3)
    for path in ("/incidents/quarantine", f"/incidents/imports/{report['import_id']}"):
        assert (await desk.ask("GET", path)).status_code == 401


async def test_a_history_is_paged_for_operators_only(desk: Desk) -> None:
    for killed in range(3):
        await take_in(desk, an_event(killed=killed))
    [one] = (await desk.must("GET", "/incidents", "anna"))["incidents"]
    where = f"/incidents/{one['id']}/history"
    page = await desk.must("GET", where, "borys", params={"limit": 2})
    assert [each["record"]["victims"]["killed"] for each in page["revisions"]] == [0, 1]
    rest = await desk.must("GET", where, "borys", params={"after": page["next"]})
    assert ([each["revision"] for each in rest["revisions"]], rest["next"]) == ([3], None)
    assert (await desk.ask("GET", where)).status_code == 401
    assert (await desk.ask("GET", f"/incidents/{uuid4()}/history", "anna")).status_code == 404


async def test_what_no_database_can_hold_is_refused_in_words(desk: Desk) -> None:
    assert (await desk.ask("GET", "/incidents/totals", params={"authority": "a\0"})).status_code == 422
    assert (await desk.ask("GET", "/incidents", "anna", params={"authority": "\0"})).status_code == 422
    body = YEAR | {"reason": "\0"}
    assert (await desk.ask("POST", "/incidents/totals/withdraw", "anna", json=body)).status_code == 422
