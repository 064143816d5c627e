"""A zone's life over HTTP: two people, fixed paths before ids, everything said."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.build import a_square
from tests.integration.desk import Desk, add_operators

WHY = {"why": "survey of 2 October"}
ZONE = {
    "authority": "Mine Action Centre", "external_id": "H-12", "class": "sha", "outline": a_square(),
    "data_as_of": "2026-10-02", "particulars": {"hazards": ["improvised-device"], "lying": "buried"}, **WHY,
}  # fmt: skip  # one thought
RECORD = {
    "kind": "cleared", "authority": "Mine Action Centre", "dated": "2026-10-20", "depth_cm": 20, **WHY,
    "outline": a_square(17.005, 44.995, 0.02),
}  # fmt: skip  # one thought


@pytest.fixture
async def desk(app: FastAPI, api: httpx.AsyncClient, database_url: str) -> Desk:
    return Desk(api, await add_operators(api, database_url))


@pytest.fixture
async def zone(desk: Desk) -> str:
    made: str = (await desk.must("POST", "/zones", "anna", json=ZONE))["id"]
    return made


async def _no(desk: Desk, path: str, by: str | None, body: Any) -> tuple[int, str]:
    answer = await desk.ask("POST", path, by, json=body)
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


async def test_r2_a_release_over_http_waits_for_a_second_person_and_says_what_remains(desk: Desk, zone: str) -> None:
    asked = await desk.ask("POST", f"/zones/{zone}/release", "anna", json=RECORD)
    assert asked.status_code == 202
    proposal = asked.json()
    assert proposal["approved"] is None
    assert 0 < proposal["effects"][0]["remains_m2"] < 800_000
    assert "may exist" in proposal["caveat"]
    (waiting,) = await desk.must("GET", "/zones/proposals", "borys")
    assert (waiting["id"], waiting["terms"]["outline"]) == (proposal["id"], RECORD["outline"])
    path = f"/zones/proposals/{proposal['id']}/approve"
    assert (await _no(desk, path, "anna", None))[1] == "same-person"
    done = await desk.must("POST", path, "borys")
    assert (done["approved"], done["effects"][0]["state"]) == (True, "active")
    told = await desk.must("GET", f"/zones/{zone}/history", "anna")
    assert [one["in_force"] for one in told["releases"]] == [True]
    assert [one["operator"] for one in told["revisions"]] == ["anna", "borys"]
    (back,) = await desk.must("POST", f"/releases/{told['releases'][0]['id']}/revoke", "anna", json=WHY)
    assert back["released"] is None
    assert (await desk.must("GET", f"/zones/{zone}/history", "anna"))["releases"][0]["revoked_by"] == "anna"


async def test_a_zone_lives_over_http(desk: Desk, zone: str) -> None:
    grown = await desk.must("POST", f"/zones/{zone}/extend", "anna", json={"outline": a_square(17.01), **WHY})
    assert grown["revision"] == 2
    raised = await desk.must("POST", f"/zones/{zone}/reclassify", "anna", json={"class": "cha", **WHY})
    assert (raised["zone"]["class"], raised["proposal"]) == ("cha", None)
    lowered = await desk.ask("POST", f"/zones/{zone}/reclassify", "anna", json={"class": "sha", **WHY})
    assert (lowered.status_code, lowered.json()["zone"]) == (202, None)
    refusal = f"/zones/proposals/{lowered.json()['proposal']['id']}/refuse"
    assert (await desk.must("POST", refusal, "borys", json=WHY))["approved"] is False
    named = {"name": "Old mill", "accuracy_m": 200, "particulars": {"marking": "fenced"}, **WHY}
    corrected = await desk.must("POST", f"/zones/{zone}/correct", "anna", json=named)
    said = {name: corrected[name] for name in ("accuracy_m", "marking", "hazards", "lying")}
    assert said == {"accuracy_m": 200, "marking": "fenced", "hazards": ["improvised-device"], "lying": "buried"}
    halves = [{"outline": a_square(17 - 0.001, 45 - 0.001, 0.012)}, {"outline": a_square(17.01, 45 - 0.001, 0.012)}]
    parts = await desk.must("POST", f"/zones/{zone}/split", "anna", json={"parts": halves, **WHY})
    assert [part["external_id"] for part in parts] == ["H-12/1", "H-12/2"]
    one, other = (part["id"] for part in parts)
    whole = await desk.must("POST", f"/zones/{one}/merge", "anna", json={"others": [other], **WHY})
    assert whole["external_id"] == "H-12/1+H-12/2"
    listed = await desk.must("GET", "/zones/records", "borys", params={"state": "replaced", "class": "cha"})
    assert {each["id"] for each in listed} == {zone, one, other}
    marked = await desk.must("POST", "/zones/stale", "anna", json={"authority": "Mine Action Centre", **WHY})
    assert marked["marked"] == [whole["id"]]


async def test_r2_annulment_and_publication_wait_for_a_second_person(desk: Desk, zone: str) -> None:
    for path, body in (("annul", {"evidence": "south for north"}), ("publication", {"publication": "withheld"})):
        asked = await desk.ask("POST", f"/zones/{zone}/{path}", "anna", json={**body, **WHY})
        assert asked.status_code == 202, asked.text
        assert (await desk.must("GET", f"/zones/{zone}/record", "anna"))["state"] == "active"
    waiting = {one["act"]: one["id"] for one in await desk.must("GET", "/zones/proposals", "anna")}
    assert waiting.keys() == {"annul", "publish"}
    await desk.must("POST", f"/zones/proposals/{waiting['annul']}/approve", "borys")
    assert (await desk.must("GET", f"/zones/{zone}/record", "anna"))["departure"] == "annulled"
    back = await desk.must("POST", f"/zones/{zone}/reinstate", "borys", json=WHY)
    assert (back["state"], back["departure"]) == ("active", None)


async def test_r17_each_act_needs_its_role(desk: Desk, zone: str) -> None:
    assert (await _no(desk, f"/zones/{zone}/release", None, RECORD))[0] == 401
    assert (await _no(desk, f"/zones/{zone}/release", "borys", {**RECORD, "kind": "x"}))[0] == 422
    author = await desk.must("POST", "/operators", "anna", json={"name": "dora", "roles": ["author"]})
    done = await desk.must("POST", f"/operators/changes/{author['waiting']['id']}/confirm", "borys")
    desk.keys["dora"] = done["key"]
    for path, body in (("/zones", ZONE), (f"/zones/{zone}/release", RECORD), (f"/zones/{zone}/extend", WHY)):
        assert (await _no(desk, path, "dora", body))[0] == 403
    assert (await desk.ask("GET", "/zones/proposals", "dora")).status_code == 200


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"outline": None}, "malformed-request"),
        ({"whole": True}, "malformed-request"),
        ({"depth_cm": 0}, "malformed-request"),
        ({"remarks": "\x00"}, "malformed-request"),
        ({"outline": {"type": "Point", "coordinates": [17, 45]}}, "outline-unfit"),
        ({"outline": {"type": "Polygon", "coordinates": []}}, "outline-unfit"),
        ({"outline": {"type": "Polygon", "coordinates": [[[17, 45], [17.1, 45], [17.1, 45.1]]]}}, "outline-not-exact"),
        ({"outline": {"type": "Polygon", "coordinates": [[[17, 45], [18, 46], [18, 45], [17, 46], [17, 45]]]}},
         "outline-not-exact"),
        ({"dated": "2027-01-01"}, "date-in-future"),
    ],
)  # fmt: skip  # one case a line
async def test_r2_a_record_that_is_not_exact_is_a_clear_no(
    desk: Desk, zone: str, change: dict[str, Any], problem: str
) -> None:
    assert await _no(desk, f"/zones/{zone}/release", "anna", {**RECORD, **change}) == (422, problem)
    assert await desk.must("GET", "/zones/proposals", "anna") == []


@pytest.mark.parametrize(
    ("change", "status", "problem"),
    [
        ({"external_id": "h-12 "}, 409, "zone-id-taken"),
        ({"external_id": " "}, 422, "external-id-unfit"),
        ({"authority": "\u200b"}, 422, "authority-unfit"),
        ({"data_as_of": "2027-01-01"}, 422, "date-in-future"),
        ({"outline": {"type": "Point", "coordinates": [17, 45]}}, 422, "outline-unfit"),
        ({"outline": a_square(17, 45, 8)}, 422, "outline-unfit"),
        ({"outline": a_square(17, 88, 0.1)}, 422, "outline-unfit"),
        ({"particulars": {"deactivates_by": "2027-01-01"}}, 422, "malformed-request"),
    ],
)
async def test_r9_a_zone_that_is_no_area_or_has_no_name_is_a_clear_no(
    desk: Desk, zone: str, change: dict[str, Any], status: int, problem: str
) -> None:
    assert await _no(desk, "/zones", "anna", {**ZONE, "external_id": "H-13", **change}) == (status, problem)


async def test_coverage_is_said_replaced_and_ended_over_http(desk: Desk) -> None:
    said = {
        "authority": "Mine Action Centre", "external_id": "north", "outline": a_square(16, 44, 2),
        "data_as_of": "2026-10-02", "surveyed": True, **WHY,
    }  # fmt: skip  # one thought
    first = await desk.must("POST", "/coverage", "anna", json=said)
    again = await desk.must("POST", "/coverage", "anna", json={**said, "external_id": "NORTH ", "surveyed": False})
    assert (again["id"], again["revision"], again["surveyed"]) == (first["id"], 2, False)
    assert (await desk.must("POST", f"/coverage/{first['id']}/end", "anna", json=WHY))["ended_at"]
    assert (await _no(desk, f"/coverage/{first['id']}/end", "anna", WHY))[0] == 409
    assert [one["revision"] for one in await desk.must("GET", "/coverage", "borys")] == [3]


async def test_fixed_paths_win_over_ids(desk: Desk) -> None:
    for path in ("/zones/proposals", "/zones/records"):
        assert (await desk.ask("GET", path)).status_code == 401
