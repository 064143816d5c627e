"""Forgetting: phones that were warned, answered and enrolled go, and the whole database is searched for them."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import h3
import httpx
import procrastinate
import pytest
from fastapi import FastAPI
from psycopg import sql
from shapely import from_wkb

from service import worker
from service.config import Settings
from service.delivery.channels.unconfigured import Unconfigured
from service.delivery.channels.web_push import WebPushChannel
from service.delivery.channels.web_push_vapid import Vapid, create
from service.delivery.model import Accepted, Channel, ChannelName, Channels, Gate, Published
from service.delivery.outcomes import OutcomeBook
from service.delivery.sms import SmsDesk
from service.delivery.topics import TopicWay
from service.kit.clock import Clock
from service.kit.crypto import SealKeys, Signer, digest
from service.kit.db import Pool, Tx, transaction
from service.kit.house import House
from service.kit.internet import Names
from service.residents import actions
from service.residents.numbers import NumberOpener
from service.residents.web_push import Permitted
from tests import unseen
from tests.build import FIRST_FID
from tests.conftest import SIGNING_KEY
from tests.integration.desk import Desk, a_desk
from tests.integration.looks import everything
from tests.integration.mail import Phone
from tests.integration.street import CONSENT, Network
from tests.integration.test_web_push_channel import CONTACT
from tests.integration.test_web_push_registrations import Answering
from tests.push_service import PushService, push_service
from tests.subscribing import Subscriber, decoded

VAPID = Vapid(create(), CONTACT)


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as one:
        yield one


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return await a_desk(api, database_url)


@pytest.fixture
async def house(app: FastAPI, settings: Settings, pool: Pool) -> House:
    """The app's house, with what a worker has beside it; Google takes everything."""
    made: House = app.state.house
    here = Names(loopback_only=True)
    by_push = WebPushChannel(VAPID, here, Permitted(loopback_only=True), clock=Clock())
    ways: dict[ChannelName, Channel] = {ChannelName.FCM: Answering(Accepted("taken")), ChannelName.WEB_PUSH: by_push}
    at_home = settings.model_copy(update={"loopback_only": True})
    topics = TopicWay(Unconfigured(ChannelName.TOPIC))
    made.put(SmsDesk(Network()))
    made.put(NumberOpener(SealKeys(settings.number_keyring)))
    for part in (at_home, here, Signer(SIGNING_KEY), Channels(ways, Gate()), Published(), OutcomeBook(), topics):
        made.put(part)
    async with transaction(pool) as tx:
        await actions.offer_web_push(tx, VAPID.public, now=made.clock.now())
    return made


@dataclass
class Known:
    """A phone, and everything by which it could be found again."""

    api: httpx.AsyncClient
    body: dict[str, Any]
    cells: list[str]
    private: list[str]

    @property
    def url(self) -> str:
        return f"/v1/registrations/{self.body['id']}"

    @property
    def owner(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.body['secret']}"}

    async def does(self, method: str, path: str = "", **said: Any) -> Any:
        answer = await self.api.request(method, self.url + path, headers=self.owner, json=said or None)
        assert answer.status_code < 300, answer.text
        return answer


async def home(tx: Tx, zone: str) -> str:
    """Return a cell of the zone."""
    [row] = await (await tx.execute("SELECT public FROM zone WHERE id = %s", [zone])).fetchall()
    point = from_wkb(bytes(row["public"])).representative_point()
    return str(h3.latlng_to_cell(point.y, point.x, 7))


async def a_phone(api: httpx.AsyncClient, address: dict[str, Any], decoy: tuple[float, float], *near: str) -> Known:
    """Register a phone whose decoy nobody else has; what is private of it is known from now on."""
    cells = [h3.latlng_to_cell(*decoy, 7), *near]
    wish = {"address": address, "languages": ["uk"], "cells": cells, "platform": "android"}
    made = await api.post("/v1/registrations", json=wish, headers={"X-Forwarded-For": "192.0.2.77"})
    assert made.status_code == 201, made.text
    body = made.json()
    texts = [body["id"], body["secret"], address.get("value"), address.get("endpoint")]
    texts += [*address.get("keys", {}).values(), str(h3.str_to_int(cells[0])), cells[0]]
    secrets = [base64.urlsafe_b64decode(body["receipt_key"] + "="), digest(body["secret"])]
    found = [text for text in texts if text] + [secret.hex() for secret in secrets]
    return Known(api, body, cells, found)


async def numbers_and_hashes(tx: Tx, known: Known) -> int:
    """Look up how the house calls the phone, add its hashes to what is private, and return its number."""
    query = "SELECT number, address, address_hash, network_hash FROM registration WHERE id = %s"
    [row] = await (await tx.execute(query, [known.body["id"]])).fetchall()
    known.private += [bytes(row[name]).hex() for name in ("address", "address_hash", "network_hash") if row[name]]
    return int(row["number"])


async def prove_a_number(house: House, pool: Pool, known: Known, number: str) -> None:
    """Name a fallback number, send back its code, and add all spellings, hash and sealed bytes to what is private."""
    await known.does("PUT", "/phone", number=number, consent=CONSENT)
    await work(house)
    network = house.get(SmsDesk).texting
    assert isinstance(network, Network)
    text = network.to(number)[-1]
    await known.does("POST", "/phone/verify", code="".join(filter(str.isdigit, text))[:6])
    async with transaction(pool) as tx:
        query = "SELECT p.sealed, p.hash FROM phone p JOIN registration USING (number) WHERE id = %s"
        [row] = await (await tx.execute(query, [known.body["id"]])).fetchall()
    known.private += [*unseen.of_number(number), bytes(row["sealed"]).hex(), bytes(row["hash"]).hex()]


async def traces(tx: Tx, known: Known) -> list[str]:
    """Search every column of every table, as text and as bytes in hexadecimal digits."""
    kept = (await everything(tx)).lower()
    spelt = {spelling for one in known.private for spelling in (one, one.encode().hex(), one.replace("-", ""))}
    return sorted(spelling for spelling in spelt if spelling.lower() in kept)


async def linked(tx: Tx, number: int) -> list[str]:
    """Name the tables that still have a row under the phone's number."""
    query = """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'bigint' AND column_name IN ('number', 'past', 'registration')
    """
    found = []
    for column in await (await tx.execute(query)).fetchall():
        names = (sql.Identifier(column["table_name"]), sql.Identifier(column["column_name"]))
        rows = await tx.execute(sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(*names), [number])
        found += [column["table_name"] for _ in await rows.fetchall()]
    return found


async def work(house: House) -> None:
    """Run every job of a sending worker until there is none."""
    connector = procrastinate.PsycopgConnector(conninfo=house.get(Settings).need_database(), min_size=1, max_size=2)
    program = procrastinate.App(connector=connector)
    worker.register(program)
    async with program.open_async():
        await program.run_worker_async(
            queues=["urgent", "delivery"],
            wait=False,
            delete_jobs="successful",
            install_signal_handlers=False,
            additional_context={"house": house},
        )


async def code_for(pool: Pool, house: House, known: Known) -> str:
    async with transaction(pool) as tx:
        found = await actions.verification(tx, house.keyring, known.body["id"])
    assert found is not None
    return found[1]


async def receive(api: httpx.AsyncClient, house: House, pool: Pool, known: Known) -> None:
    """Answer every warning that stands in a batch with a receipt of the phone's own key."""
    query = """
        SELECT d.lineage, b.id FROM batch b JOIN dispatch d USING (alert_id, revision) ORDER BY b.id
    """
    async with transaction(pool) as tx:
        rows = await (await tx.execute(query)).fetchall()
    assert rows
    phone = Phone.of(house, UUID(known.body["id"]))
    for row in rows:
        receipt = phone.receipt(row["lineage"], row["id"])
        assert (await api.post("/v1/receipts", json=receipt)).status_code == 202


async def test_a_phone_that_was_warned_answered_and_enrolled_is_forgotten_without_a_trace(
    api: httpx.AsyncClient, desk: Desk, house: House, pool: Pool, service: PushService
) -> None:
    subscriber = Subscriber(f"{service.url}/one")
    async with transaction(pool) as tx:
        here = await home(tx, desk.zone)
    phones = [
        await a_phone(api, {"kind": "fid", "value": FIRST_FID}, (-12.0, -30.0), here),
        await a_phone(api, subscriber.as_json(), (-14.0, -31.0), here),
    ]
    offer = await desk.must("POST", "/tester-codes", "anna", json={"uses": 9, "hours": 1})
    numbers = []
    for known in phones:
        async with transaction(pool) as tx:
            numbers.append(await numbers_and_hashes(tx, known))
            assert await traces(tx, known) != [], "or the search would find nothing of anybody"
        await known.does("POST", "/verification", code=await code_for(pool, house, known))
        await known.does("POST", "/tester", code=offer["code"])
    for known, fallback in zip(phones, ("+380671234567", "+380671234568"), strict=True):
        await prove_a_number(house, pool, known, fallback)
    await desk.approved()
    await work(house)
    assert [subscriber.read(got.body)["kind"] for got in service.got] == ["alert"]
    for known in phones:
        await receive(api, house, pool, known)
        await known.does("PATCH", languages=["ru"])

    for known, number in zip(phones, numbers, strict=True):
        await known.does("DELETE")
        async with transaction(pool) as tx:
            assert await traces(tx, known) == []
            assert await linked(tx, number) == []
            [row] = await (await tx.execute("SELECT sum(size) AS told FROM batch")).fetchall()
        assert row["told"] == 2, "the counts stay"
    await work(house)
    assert decoded((await api.get("/v1/web-push")).json()["public_key"]) == VAPID.public


async def test_a_phone_that_goes_before_its_code_was_pushed_leaves_no_trace(
    api: httpx.AsyncClient, house: House, pool: Pool
) -> None:
    known = await a_phone(api, Subscriber("http://127.0.0.1:9/one").as_json(), (-12.0, -30.0))
    async with transaction(pool) as tx:
        number = await numbers_and_hashes(tx, known)
        assert await (await tx.execute("SELECT 1 FROM procrastinate_jobs")).fetchall()
    await known.does("DELETE")
    async with transaction(pool) as tx:
        assert await traces(tx, known) == []
        assert await linked(tx, number) == []
