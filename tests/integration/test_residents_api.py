"""Registrations through the real doors: what a phone sends, what it is told, what is refused."""

from typing import Any

import h3
import httpx
import pytest

from service.kit.crypto import Keyring
from service.kit.db import Pool, transaction
from service.residents import actions
from tests.build import FIRST_FID, SECOND_FID, an_admin_with_key
from tests.conftest import SERVER_KEY

HERE = h3.latlng_to_cell(50.45, 30.52, 7)
KEYRING = Keyring(SERVER_KEY)
UNKNOWN = "01a19467-e800-7868-b436-da5d834d5295"


def wish(**changed: Any) -> dict[str, Any]:
    whole = {
        "address": {"kind": "fid", "value": FIRST_FID},
        "languages": ["uk", "en-GB"],
        "cells": [HERE],
        "platform": "android",
    }
    return whole | changed


async def register(api: httpx.AsyncClient, **changed: Any) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Register and return the registration's address, the headers of its owner and the answer."""
    answer = await api.post("/v1/registrations", json=wish(**changed))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return f"/v1/registrations/{body['id']}", {"Authorization": f"Bearer {body['secret']}"}, body


async def code_of(pool: Pool, body: dict[str, Any]) -> str:
    async with transaction(pool) as tx:
        found = await actions.verification(tx, KEYRING, body["id"])
    assert found is not None
    return found[1]


async def test_a_phone_registers_and_is_told_its_secret_once(api: httpx.AsyncClient) -> None:
    url, owner, body = await register(api)
    assert body["languages"] == ["uk", "en-GB"]
    assert body["cells"] == [HERE]
    assert (body["verified"], body["capped"], body["tester_until"], body["live_alerts"]) == (False, False, None, [])
    seen = (await api.get(url, headers=owner)).json()
    assert seen == {key: body[key] for key in body.keys() - {"secret", "receipt_key", "live_alerts"}}


async def test_the_code_from_the_push_verifies(api: httpx.AsyncClient, pool: Pool) -> None:
    url, owner, body = await register(api)
    wrong = await api.post(f"{url}/verification", json={"code": "x" * 22}, headers=owner)
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/code-wrong")
    right = await api.post(f"{url}/verification", json={"code": await code_of(pool, body)}, headers=owner)
    assert right.json()["verified"] is True


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("DELETE", "/tester")])
async def test_without_the_right_secret_a_registration_looks_unknown(
    api: httpx.AsyncClient, method: str, path: str
) -> None:
    url, owner, _ = await register(api)
    body = {"languages": ["en"]} if method == "PATCH" else None
    nobody = await api.request(method, url + path, json=body)
    assert (nobody.status_code, nobody.json()["type"]) == (401, "/problems/secret-missing")
    wrong = await api.request(method, url + path, json=body, headers={"Authorization": "Bearer wrong"})
    unknown = await api.request(method, f"/v1/registrations/{UNKNOWN}{path}", json=body, headers=owner)
    told = [{**one.json(), "request_id": ""} for one in (wrong, unknown)]
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert told[0] == told[1]
    assert (await api.get(url, headers=owner)).status_code == 200


async def test_a_change_is_kept_and_a_new_address_is_unverified(api: httpx.AsyncClient, pool: Pool) -> None:
    url, owner, body = await register(api)
    await api.post(f"{url}/verification", json={"code": await code_of(pool, body)}, headers=owner)
    kept = (await api.patch(url, json={"languages": ["ar"]}, headers=owner)).json()
    assert (kept["languages"], kept["cells"], kept["verified"]) == (["ar"], [HERE], True)
    moved = await api.patch(url, json={"address": {"kind": "fid", "value": SECOND_FID}}, headers=owner)
    assert moved.json()["verified"] is False


async def test_forgetting_is_complete_and_at_once(api: httpx.AsyncClient) -> None:
    url, owner, _ = await register(api)
    assert (await api.delete(url, headers=owner)).status_code == 204
    assert (await api.get(url, headers=owner)).status_code == 404


async def test_the_old_secret_lets_a_new_registration_take_over(api: httpx.AsyncClient) -> None:
    url, owner, old = await register(api)
    await register(api, replaces={"id": old["id"], "secret": old["secret"]})
    assert (await api.get(url, headers=owner)).status_code == 404


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"cells": [h3.latlng_to_cell(50.45, 30.52, 9)]}, "cells-refused"),
        ({"cells": [h3.latlng_to_cell(50.45, 30.52, 5)]}, "cells-refused"),
        ({"cells": sorted(h3.grid_disk(HERE, 3))[:21]}, "cells-number"),
        ({"cells": []}, "cells-number"),
        ({"cells": [HERE, HERE]}, "cells-repeated"),
        ({"languages": ["zz-notalanguage"]}, "languages-unknown"),
        ({"languages": []}, "languages-number"),
        ({"address": {"kind": "fid", "value": "short"}}, "address-malformed"),
        ({"address": {"kind": "token", "value": "a" * 120 + "\x07"}}, "address-malformed"),
        ({"address": {"kind": "sms", "value": FIRST_FID}}, "malformed-request"),
        ({"platform": "windows"}, "malformed-request"),
        ({"latitude": 50.45}, "malformed-request"),
        ({"replaces": {"id": UNKNOWN, "secret": "x"}}, "registration-unknown"),
    ],
)
async def test_what_cannot_be_registered_is_refused_clearly_and_never_repeated(
    api: httpx.AsyncClient, changed: dict[str, Any], problem: str
) -> None:
    answer = await api.post("/v1/registrations", json=wish(**changed))
    assert answer.json()["type"] == f"/problems/{problem}"
    assert answer.status_code == (404 if problem == "registration-unknown" else 422)
    for private in (FIRST_FID, HERE, "zz-notalanguage", "50.45", "a" * 120, UNKNOWN):
        assert private not in answer.text


async def test_r18_the_owner_enrols_with_an_operators_code_for_30_days_and_may_leave(
    api: httpx.AsyncClient, pool: Pool
) -> None:
    async with transaction(pool) as tx:
        key = await an_admin_with_key(tx)
    operator = {"Authorization": f"Bearer {key}"}
    offer = await api.post("/v1/tester-codes", json={"uses": 1, "hours": 24}, headers=operator)
    assert offer.status_code == 201
    url, owner, _ = await register(api)
    enrolled = await api.post(f"{url}/tester", json={"code": offer.json()["code"].lower()}, headers=owner)
    assert enrolled.json()["tester_until"] == "2026-12-02T09:00:00Z"
    again = await api.post(f"{url}/tester", json={"code": offer.json()["code"]}, headers=owner)
    assert again.json()["type"] == "/problems/tester-code-refused"
    assert (await api.delete(f"{url}/tester", headers=owner)).status_code == 204
    assert (await api.get(url, headers=owner)).json()["tester_until"] is None


@pytest.mark.parametrize("offer", [{"uses": 0, "hours": 1}, {"uses": 10_001, "hours": 1}, {"uses": 1, "hours": 169}])
async def test_testers_codes_have_bounds_and_need_an_operator(
    api: httpx.AsyncClient, pool: Pool, offer: dict[str, int]
) -> None:
    assert (await api.post("/v1/tester-codes", json={"uses": 1, "hours": 1})).status_code == 401
    async with transaction(pool) as tx:
        key = await an_admin_with_key(tx)
    refused = await api.post("/v1/tester-codes", json=offer, headers={"Authorization": f"Bearer {key}"})
    assert refused.status_code == 422
