"""Registrations that subscribe to administrative units beside or instead of cells."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.kit.db import transaction
from tests.integration.atoll import AS_REAL, Atoll
from tests.integration.desk import Desk, add_operators
from tests.integration.looks import everything
from tests.integration.test_residents_api import HERE, register, wish


@pytest.fixture
async def atoll(app: FastAPI, api: httpx.AsyncClient, database_url: str) -> Atoll:
    return await Atoll.loaded(app, Desk(api, await add_operators(api, database_url)), AS_REAL)


async def test_a_phone_may_name_places_instead_of_cells_and_is_shown_them(api: httpx.AsyncClient, atoll: Atoll) -> None:
    district, municipality = atoll.place("XA11"), atoll.place("XA211")
    url, owner, body = await register(api, cells=[], places=[district, municipality])
    assert (body["cells"], sorted(body["places"])) == ([], sorted([district, municipality]))
    seen = (await api.get(url, headers=owner)).json()
    assert seen == {key: body[key] for key in body.keys() - {"secret", "receipt_key", "live_alerts"}}


async def test_cells_and_places_change_independently(api: httpx.AsyncClient, atoll: Atoll) -> None:
    one, other = atoll.place("XA11"), atoll.place("XA2")
    url, owner, _ = await register(api, places=[one])
    for change, cells, places in (
        ({"places": [other]}, [HERE], [other]),
        ({"cells": []}, [], [other]),
        ({"cells": [HERE]}, [HERE], [other]),
        ({"places": []}, [HERE], []),
        ({"languages": ["en"]}, [HERE], []),
    ):
        changed = (await api.patch(url, json=change, headers=owner)).json()
        assert (changed["cells"], changed["places"]) == (cells, places)
    nothing: list[dict[str, list[str]]] = [{"cells": []}, {"cells": [], "places": []}]
    for change in nothing:
        refused = await api.patch(url, json=change, headers=owner)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/cells-number")
    assert (await api.get(url, headers=owner)).json()["cells"] == [HERE]


async def test_a_village_is_refused_because_it_would_tell_where_somebody_is(
    api: httpx.AsyncClient, atoll: Atoll
) -> None:
    village = atoll.place("XA1131")
    refused = await api.post("/v1/registrations", json=wish(cells=[], places=[atoll.place("XA11"), village]))
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (422, "/problems/places-refused")
    assert [one["where"] for one in problem["errors"]] == ["places[1]"]
    assert "municipality" in problem["errors"][0]["remedy"]
    assert village not in refused.text
    async with transaction(atoll.house.pool) as tx:
        assert await (await tx.execute("SELECT FROM registration")).fetchall() == []


@pytest.mark.parametrize(
    "places",
    [
        ["01a19467-e800-7868-b436-da5d834d5295"],
        ["nowhere"],
        [f"01a19467-e800-7868-b436-da5d834d52{n:02}" for n in range(11)],
    ],
)
async def test_what_is_no_place_is_refused_and_not_repeated(
    api: httpx.AsyncClient, atoll: Atoll, places: list[Any]
) -> None:
    refused = await api.post("/v1/registrations", json=wish(places=places))
    assert refused.status_code == 422
    assert places[0] not in refused.text
    twice = await api.post("/v1/registrations", json=wish(places=[atoll.place("XA11")] * 2))
    assert twice.json()["type"] == "/problems/places-repeated"


async def test_a_place_of_which_nobody_knows_where_it_lies_is_refused_as_no_warning_would_find_it(
    app: FastAPI, api: httpx.AsyncClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = b"code,parent,kind,name,name_en,also,before,lon,lat,pcode\n" + "XA3,,край,Ніде,Nide,,,,,\n".encode()
    monkeypatch.setattr("tests.integration.atoll.REGISTER", nowhere)
    atoll = await Atoll.loaded(app, Desk(api, await add_operators(api, database_url)), AS_REAL)
    refused = await api.post("/v1/registrations", json=wish(places=[atoll.place("XA3")]))
    assert refused.json()["type"] == "/problems/places-refused"
    body = {"units": ["XA3"], "template": "hazard_near", "severity": "severe", "exercise": False}
    alert = (await atoll.desk.must("POST", "/alerts", "anna", json=body))["id"]
    unknown = await atoll.desk.ask("POST", f"/alerts/{alert}/submit", "anna")
    assert (unknown.status_code, unknown.json()["type"]) == (409, "/problems/unit-without-ground")


async def test_forgetting_leaves_nothing_of_a_subscription(api: httpx.AsyncClient, atoll: Atoll) -> None:
    async with transaction(atoll.house.pool) as tx:
        before = await everything(tx)
    url, owner, body = await register(api, cells=[], places=[atoll.place("XA11")])
    assert (await api.delete(url, headers=owner)).status_code == 204
    async with transaction(atoll.house.pool) as tx:
        after = await everything(tx)
        assert await (await tx.execute("SELECT FROM registration_cell")).fetchall() == []
    assert body["id"] not in after
    assert len(after) >= len(before)
