"""What keeps strangers from flooding us or a phone while Redis is gone, or is killed in the middle."""

from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from service.config import Settings
from service.kit.clock import Clock
from service.kit.crypto import Keyring
from service.kit.db import Pool
from service.kit.errors import Refused
from service.kit.house import House
from service.kit.limits import Limits, limited, place_of
from tests.build import FIRST_FID
from tests.conftest import FixedClock, ServerUrls
from tests.e2e.relay import Relay
from tests.integration.test_residents_api import code_of, wish

FID = FIRST_FID[:-2]


@pytest.fixture
def redis_url() -> str:
    """Nobody listens there."""
    return "redis://127.0.0.1:9"


async def refused(limits: Limits, name: str, client: str) -> bool:
    house = House(None, Clock(), Keyring(bytes(32)))  # type: ignore[arg-type]  # no database is asked
    house.put(limits)
    within = limited(name, "6/hour", each="2/hour")
    request = Request({"type": "http", "client": (client, 1), "headers": []})
    try:
        await within(request, house)
    except Refused as no:
        return no.name == "too-many-calls" and no.after is not None
    return False


def test_an_address_of_ipv6_is_a_household() -> None:
    assert place_of("192.0.2.1") != place_of("192.0.2.2")
    assert place_of("2001:db8:1:2::1") == place_of("2001:db8:1:2:ffff::9") != place_of("2001:db8:1:3::1")
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1")


async def test_each_address_has_its_own_limit_within_its_networks(server_urls: ServerUrls) -> None:
    for url in (server_urls.redis, None, "redis://127.0.0.1:9"):
        limits, name = Limits(url, Keyring(uuid4().bytes * 2)), uuid4().hex
        got = [await refused(limits, name, f"192.0.2.{host}") for host in (1, 1, 1, 2, 2, 2, 3, 3, 4)]
        assert got == [False, False, True, False, False, True, False, False, True]
        assert not await refused(limits, name, "198.51.100.1")
        await limits.close()


async def test_a_redis_that_is_killed_opens_no_door_for_long(server_urls: ServerUrls) -> None:
    with Relay(urlsplit(server_urls.redis).port) as relay:
        limits, name = Limits(relay.url(server_urls.redis), Keyring(uuid4().bytes * 2)), uuid4().hex
        assert [await refused(limits, name, "192.0.2.1") for _ in range(3)] == [False, False, True]
        relay.turn(None)
        assert [await refused(limits, name, "192.0.2.1") for _ in range(4)] == [False, False, True, True]
        await limits.close()


def few(app: FastAPI, **limits: int) -> None:
    house: House = app.state.house
    house.put(house.get(Settings).model_copy(update=limits))


async def test_one_messaging_address_gets_so_many_codes_an_hour_and_no_more(
    api: httpx.AsyncClient, app: FastAPI, clock: FixedClock, pool: Pool
) -> None:
    few(app, unverified_per_address=5)
    answers = [await api.post("/v1/registrations", json=wish()) for _ in range(6)]
    assert [one.status_code for one in answers] == [201] * 5 + [429]
    assert answers[-1].json()["type"] == "/problems/address-crowded"
    assert answers[-1].headers["retry-after"] == "3600"
    other = await api.post("/v1/registrations", json=wish(address={"kind": "fid", "value": f"{FID}zz"}))
    assert other.status_code == 201, "nobody else is held up"

    owner = {"Authorization": f"Bearer {other.json()['secret']}"}
    change = {"address": {"kind": "fid", "value": FIRST_FID}}
    changed = await api.patch(f"/v1/registrations/{other.json()['id']}", json=change, headers=owner)
    assert changed.json()["type"] == "/problems/address-crowded", "nor is a change a way around"

    body = answers[0].json()
    owner = {"Authorization": f"Bearer {body['secret']}"}
    url = f"/v1/registrations/{body['id']}/verification"
    assert (await api.post(url, json={"code": await code_of(pool, body)}, headers=owner)).status_code == 200
    assert (await api.post("/v1/registrations", json=wish())).status_code == 201, "proof clears the crowd away"


async def test_who_shows_the_secret_of_a_proved_address_is_never_crowded_out(
    api: httpx.AsyncClient, app: FastAPI, pool: Pool
) -> None:
    few(app, unverified_per_address=5)
    mine = (await api.post("/v1/registrations", json=wish())).json()
    owner = {"Authorization": f"Bearer {mine['secret']}"}
    url = f"/v1/registrations/{mine['id']}/verification"
    await api.post(url, json={"code": await code_of(pool, mine)}, headers=owner)
    for _ in range(6):
        crowd = await api.post("/v1/registrations", json=wish())
    assert crowd.status_code == 429
    again = await api.post("/v1/registrations", json=wish(replaces={"id": mine["id"], "secret": mine["secret"]}))
    assert (again.status_code, again.json()["verified"]) == (201, True)


async def test_a_networks_unverified_phones_beyond_the_cap_are_not_pushed_to(
    api: httpx.AsyncClient, app: FastAPI
) -> None:
    few(app, unverified_per_network=10)
    answers = [
        await api.post("/v1/registrations", json=wish(address={"kind": "fid", "value": f"{FID}{number}"}))
        for number in range(10, 22)
    ]
    assert [one.json()["capped"] for one in answers] == [False] * 10 + [True] * 2
