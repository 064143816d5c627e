"""Registrations that are reached by Web Push, through the real doors and over real sockets."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import h3
import httpx
import pytest
from fastapi import FastAPI

from service.delivery import proving
from service.delivery.channels.web_push import WebPushChannel
from service.delivery.channels.web_push_vapid import Vapid, create
from service.delivery.model import Channel, ChannelName, Channels, Gate, Outcome, TryLater
from service.kit.clock import Clock
from service.kit.db import Pool, transaction
from service.kit.house import House
from service.kit.internet import Names, NamesAway, NameUnknown
from service.residents import actions
from service.residents.web_push import Permitted
from tests.build import FIRST_FID, HERE, AlertsStub, a_newcomer, a_resident, a_verified_resident
from tests.integration.looks import audience, everything
from tests.integration.test_web_push_channel import CONTACT
from tests.push_service import Answer, PushService, push_service
from tests.subscribing import Subscriber, decoded

CELL = h3.int_to_str(HERE)
VAPID = Vapid(create(), CONTACT)


def asks(*found: str | type[Exception]) -> Names:
    """DNS as a test wants it: it says this of every name."""

    async def look_up(_: str) -> list[str]:
        for one in found:
            if not isinstance(one, str):
                raise one
        return [one for one in found if isinstance(one, str)]

    return Names(look_up)


class Answering:
    """A channel that gives one outcome to all."""

    name = ChannelName.FCM
    batch_size = 500

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    async def send(self, parcels: Any, *, shut: Callable[[], bool]) -> list[Outcome]:
        del shut
        return [self._outcome for _ in parcels]


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as one:
        yield one


@pytest.fixture
async def offered(app: FastAPI, pool: Pool) -> House:
    """The app's house, with Web Push on offer and DNS that leads into the open internet."""
    house: House = app.state.house
    house.put(asks("93.184.215.14"))
    async with transaction(pool) as tx:
        await actions.offer_web_push(tx, VAPID.public, now=house.clock.now())
    return house


@pytest.fixture
def at_home(offered: House, settings: Any) -> House:
    """The same, but this machine may be pushed to, and a worker's channels are at hand."""
    offered.put(settings.model_copy(update={"loopback_only": True}))
    offered.put(Names(loopback_only=True))
    channel = WebPushChannel(VAPID, Names(loopback_only=True), Permitted(loopback_only=True), clock=Clock())
    offered.put(channels(channel))
    return offered


def channels(one: Channel, *, held: bool = False) -> Channels:
    return Channels({ChannelName.WEB_PUSH: one, ChannelName.FCM: one}, Gate(held=held))


def wish(phone: Subscriber, **changed: Any) -> dict[str, Any]:
    return {"address": phone.as_json(), "languages": ["uk"], "cells": [CELL], "platform": "web"} | changed


async def register(api: httpx.AsyncClient, phone: Subscriber) -> tuple[str, dict[str, str], dict[str, Any]]:
    answer = await api.post("/v1/registrations", json=wish(phone))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return f"/v1/registrations/{body['id']}", {"Authorization": f"Bearer {body['secret']}"}, body


async def test_the_key_to_subscribe_with_is_told_once_a_worker_has_one(
    api: httpx.AsyncClient, app: FastAPI, pool: Pool
) -> None:
    app.state.house.put(asks("93.184.215.14"))
    assert (await api.get("/v1/web-push")).json()["type"] == "/problems/web-push-not-offered"
    refused = await api.post("/v1/registrations", json=wish(Subscriber()))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/web-push-not-offered")
    async with transaction(pool) as tx:
        assert await actions.offer_web_push(tx, VAPID.public, now=app.state.house.clock.now())
        assert not await actions.offer_web_push(tx, VAPID.public, now=app.state.house.clock.now())
    assert decoded((await api.get("/v1/web-push")).json()["public_key"]) == VAPID.public


async def test_a_subscription_counts_only_once_its_code_made_the_round_trip_by_its_own_channel(
    api: httpx.AsyncClient, at_home: House, service: PushService, pool: Pool
) -> None:
    phone = Subscriber(f"{service.url}/one")
    url, owner, body = await register(api, phone)
    assert (body["address_kind"], body["verified"], body["capped"]) == ("webpush", False, True)
    async with transaction(pool) as tx:
        assert await audience(tx) == []
    assert await proving.prove(at_home, UUID(body["id"]), tries=1) is None
    [got] = service.got
    assert got.headers["urgency"] == "normal"
    said = phone.read(got.body)
    assert said.keys() == {"kind", "code"}
    verified = await api.post(f"{url}/verification", json={"code": said["code"]}, headers=owner)
    assert (verified.json()["verified"], verified.json()["capped"]) == (True, False)
    async with transaction(pool) as tx:
        assert len(await audience(tx, verified=True)) == 1
    assert await proving.prove(at_home, UUID(body["id"]), tries=1) is None
    assert len(service.got) == 1, "nothing is left to prove"


async def test_nothing_of_a_subscription_is_kept_readable(api: httpx.AsyncClient, offered: House, pool: Pool) -> None:
    phone = Subscriber()
    await register(api, phone)
    async with transaction(pool) as tx:
        kept = await everything(tx)
    keys = phone.as_json()["keys"]
    for private in (phone.endpoint, keys["auth"], keys["p256dh"]):
        assert private not in kept
        assert private.encode().hex() not in kept


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (asks("10.0.0.7"), (422, "endpoint-not-public")),
        (asks("127.0.0.1"), (422, "endpoint-not-public")),
        (asks("169.254.169.254"), (422, "endpoint-not-public")),
        (asks("fd00:ec2::254"), (422, "endpoint-not-public")),
        (asks("::ffff:10.0.0.7"), (422, "endpoint-not-public")),
        (asks("::1"), (422, "endpoint-not-public")),
        (asks("64:ff9b::7f00:1"), (422, "endpoint-not-public")),
        (asks("93.184.215.14", "192.168.1.1"), (422, "endpoint-not-public")),
        (asks(), (422, "endpoint-unknown")),
        (asks(NameUnknown), (422, "endpoint-unknown")),
        (asks(NamesAway), (503, "names-away")),
    ],
)
async def test_an_endpoint_that_leads_inside_is_refused_and_nothing_is_kept(
    api: httpx.AsyncClient, offered: House, pool: Pool, names: Names, told: tuple[int, str]
) -> None:
    url, owner, _ = await register(api, Subscriber())
    offered.put(names)
    trap = Subscriber("https://trap.example.org/one")
    for answer in (
        await api.post("/v1/registrations", json=wish(trap)),
        await api.patch(url, json={"address": trap.as_json()}, headers=owner),
    ):
        assert (answer.status_code, answer.json()["type"].removeprefix("/problems/")) == told
        assert "trap" not in answer.text
        assert ("retry-after" in answer.headers) is (answer.status_code == 503)
    async with transaction(pool) as tx:
        [row] = await (await tx.execute("SELECT count(*) AS n FROM registration")).fetchall()
    assert row["n"] == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"endpoint": "https://127.0.0.1/secret"},
        {"endpoint": "https://2130706433/secret"},
        {"endpoint": "https://user:secret@push.example.org/"},
        {"keys": {"p256dh": "secret", "auth": "secret"}},
        {"keys": {"p256dh": "secret"}},
        {"keys": None},
        {"kind": "secret"},
        {"kind": "fid"},
    ],
)
async def test_what_is_no_subscription_is_refused_and_never_repeated(
    api: httpx.AsyncClient, offered: House, broken: dict[str, Any]
) -> None:
    answer = await api.post("/v1/registrations", json=wish(Subscriber()) | {"address": Subscriber().as_json() | broken})
    assert answer.status_code == 422
    assert "secret" not in answer.text
    assert Subscriber().endpoint not in answer.text


async def test_new_keys_under_one_endpoint_must_be_proved_anew(
    api: httpx.AsyncClient, at_home: House, service: PushService
) -> None:
    phone = Subscriber(f"{service.url}/one")
    url, owner, body = await register(api, phone)
    await proving.prove(at_home, UUID(body["id"]), tries=1)
    code = phone.read(service.got[0].body)["code"]
    await api.post(f"{url}/verification", json={"code": code}, headers=owner)
    same = await api.patch(url, json={"address": phone.as_json()}, headers=owner)
    assert same.json()["verified"] is True
    renewed = Subscriber(phone.endpoint)
    changed = await api.patch(url, json={"address": renewed.as_json()}, headers=owner)
    assert changed.json()["verified"] is False
    await proving.prove(at_home, UUID(body["id"]), tries=1)
    assert renewed.read(service.got[1].body)["kind"] == "verify"


@pytest.mark.parametrize("status", [404, 410])
async def test_a_dead_endpoint_is_forgotten_and_the_phone_sees_it(
    api: httpx.AsyncClient, at_home: House, service: PushService, status: int
) -> None:
    service.answer = lambda _: Answer(status)
    url, owner, body = await register(api, Subscriber(f"{service.url}/one"))
    assert await proving.prove(at_home, UUID(body["id"]), tries=1) is None
    assert (await api.get(url, headers=owner)).json()["address_kind"] is None


async def test_a_strangers_server_that_never_takes_the_code_is_given_up_after_an_hour(
    api: httpx.AsyncClient, at_home: House, service: PushService
) -> None:
    service.answer = lambda _: Answer(500)
    url, owner, body = await register(api, Subscriber(f"{service.url}/one"))
    waits = await proving.prove(at_home, UUID(body["id"]), tries=proving.MOST_TRIES - 1)
    assert isinstance(waits, TryLater)
    assert (await api.get(url, headers=owner)).json()["address_kind"] == "webpush"
    assert await proving.prove(at_home, UUID(body["id"]), tries=proving.MOST_TRIES) is None
    assert (await api.get(url, headers=owner)).json()["address_kind"] is None


async def test_a_pause_gives_nobody_up(api: httpx.AsyncClient, at_home: House) -> None:
    url, owner, body = await register(api, Subscriber("http://127.0.0.1:9/one"))
    at_home.put(channels(Answering(TryLater(None, "held")), held=True))
    assert await proving.prove(at_home, UUID(body["id"]), tries=1000) == TryLater(None, "held")
    assert (await api.get(url, headers=owner)).json()["address_kind"] == "webpush"


async def test_an_outage_of_google_gives_nobody_up(api: httpx.AsyncClient, offered: House) -> None:
    address = {"kind": "fid", "value": FIRST_FID}
    made = (await api.post("/v1/registrations", json=wish(Subscriber(), address=address, platform="ios"))).json()
    offered.put(channels(Answering(TryLater(None, "unavailable"))))
    assert await proving.prove(offered, UUID(made["id"]), tries=10_000) == TryLater(None, "unavailable")
    owner = {"Authorization": f"Bearer {made['secret']}"}
    assert (await api.get(f"/v1/registrations/{made['id']}", headers=owner)).json()["address_kind"] == "fid"


async def test_an_address_that_changed_while_its_code_was_refused_is_kept(
    api: httpx.AsyncClient, at_home: House, service: PushService, pool: Pool
) -> None:
    url, owner, body = await register(api, Subscriber(f"{service.url}/one"))

    class Meanwhile(Answering):
        async def send(self, parcels: Any, *, shut: Callable[[], bool]) -> list[Outcome]:
            await api.patch(url, json={"address": Subscriber(f"{service.url}/two").as_json()}, headers=owner)
            return await super().send(parcels, shut=shut)

    at_home.put(channels(Meanwhile(TryLater(None, "x"))))
    await proving.prove(at_home, UUID(body["id"]), tries=1000)
    assert (await api.get(url, headers=owner)).json()["address_kind"] == "webpush"


async def test_who_proves_an_old_subscription_keeps_it_proved_only_with_the_same_keys(
    pool: Pool, house: House, alerts: AlertsStub
) -> None:
    phone = Subscriber()
    async with transaction(pool) as tx:
        await actions.offer_web_push(tx, VAPID.public, now=house.clock.now())
        mine = replace(a_newcomer(), address=phone.address())
        _, proof = await a_verified_resident(tx, house, mine)
        again, proof = await a_resident(tx, house, replace(mine, replaces=proof))
        assert (again.registration.verified, again.registration.capped) == (True, False)
        other = replace(mine, address=Subscriber(phone.endpoint).address(), replaces=proof)
        renewed, _ = await a_resident(tx, house, other)
        assert (renewed.registration.verified, renewed.registration.capped) == (False, True)
    assert [one.capped for one in alerts.joined] == [True, False, False, True]
