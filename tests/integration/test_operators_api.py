"""Operators over HTTP: who may call, what two people must do together, the trail."""

from typing import Any

import httpx
import pytest

from service.kit.db import Pool, transaction
from tests.build import an_admin_with_key
from tests.integration.test_api import demand_problem


class Office:
    """Two admins and their keys."""

    def __init__(self, api: httpx.AsyncClient, ana: str, borys: str) -> None:
        self.api = api
        self.keys = {"ana": ana, "borys": borys}

    async def ask(self, by: str, method: str, path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys.get(by, by)}"}
        return await self.api.request(method, f"/v1{path}", headers=headers, json=body or None)

    async def told(self, by: str, method: str, path: str, **body: Any) -> Any:
        answer = await self.ask(by, method, path, **body)
        assert answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
async def office(api: httpx.AsyncClient, pool: Pool) -> Office:
    async with transaction(pool) as tx:
        ana = await an_admin_with_key(tx)
    headers = {"Authorization": f"Bearer {ana}"}
    second = await api.post("/v1/operators", headers=headers, json={"name": "Borys", "roles": ["admin", "approver"]})
    assert second.status_code == 201, second.text
    return Office(api, ana, second.json()["key"])


async def test_nobody_becomes_the_first_operator_over_the_network(api: httpx.AsyncClient) -> None:
    demand_problem(await api.post("/v1/operators", json={"name": "Eve", "roles": ["admin"]}), 401, "key-missing")


async def test_r17_a_change_over_http_waits_and_a_second_admin_confirms_it(office: Office) -> None:
    asked = await office.ask("ana", "POST", "/operators", name="Clara", roles=["author"])
    assert asked.status_code == 202
    assert asked.json()["key"] is None
    change = asked.json()["waiting"]["id"]
    listed = await office.told("ana", "GET", "/operators")
    assert [one["name"] for one in listed["operators"]] == ["Ana", "Borys"]
    assert [one["id"] for one in listed["waiting"]] == [change]
    demand_problem(await office.ask("ana", "POST", f"/operators/changes/{change}/confirm"), 403, "same-person")
    done = await office.told("borys", "POST", f"/operators/changes/{change}/confirm")
    assert done["operator"]["name"] == "Clara"
    again = await office.ask("borys", "POST", f"/operators/changes/{change}/confirm")
    demand_problem(again, 409, "change-confirmed-already")
    demand_problem(await office.ask(done["key"], "GET", "/operators"), 403, "role-missing")


@pytest.mark.parametrize(
    ("act", "body"), [("roles", {"roles": ["admin"]}), ("key", {}), ("revoke", {})], ids=["roles", "key", "revoke"]
)
async def test_r17_rights_and_keys_change_only_by_two(office: Office, act: str, body: dict[str, Any]) -> None:
    asked = await office.ask("ana", "POST", f"/operators/Borys/{act}", **body)
    assert asked.status_code == 202
    assert (await office.ask("borys", "GET", "/operators")).status_code == 200
    change = asked.json()["waiting"]["id"]
    demand_problem(await office.ask("ana", "POST", f"/operators/changes/{change}/confirm"), 403, "same-person")
    done = await office.told("borys", "POST", f"/operators/changes/{change}/confirm")
    assert (done["key"] is not None) is (act == "key")
    still = (await office.ask("borys", "GET", "/operators")).status_code
    assert still == (200 if act == "roles" else 401)


async def test_an_unknown_operator_and_an_unknown_change_are_not_found(office: Office) -> None:
    demand_problem(await office.ask("ana", "POST", "/operators/Nobody/revoke"), 404, "operator-unknown")
    nothing = "00000000-0000-7000-8000-000000000000"
    demand_problem(await office.ask("ana", "POST", f"/operators/changes/{nothing}/confirm"), 404, "change-unknown")


async def test_the_trail_is_read_in_pages_by_admins_only(office: Office) -> None:
    await office.ask("ana", "POST", "/operators/Borys/key")
    first = await office.told("borys", "GET", "/audit?limit=2")
    rest = await office.told("borys", "GET", f"/audit?limit=2&before={first[-1]['id']}")
    assert [one["act"] for one in first + rest] == ["operators.new-key", "operators.add", "operators.add"]
    assert first[0]["detail"]["waits"] is True
    demand_problem(await office.ask("ana", "GET", f"/audit?before={2**70}"), 422, "malformed-request")
