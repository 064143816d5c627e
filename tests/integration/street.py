"""Phones that are texted: the real app, a worker's jobs by hand, an operator of a network that keeps what it took."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import procrastinate
from fastapi import FastAPI

from service import worker
from service.config import Settings
from service.delivery.channels.unconfigured import Unconfigured
from service.delivery.model import Accepted, ChannelName, Channels, Gate, Outcome, Published
from service.delivery.outcomes import OutcomeBook
from service.delivery.sms import Sms, SmsDesk
from service.delivery.topics import TopicWay
from service.kit.crypto import SealKeys, Signer
from service.kit.db import Pool, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents.numbers import NumberOpener
from tests.conftest import SIGNING_KEY, FixedClock
from tests.integration.atoll import AS_REAL, Atoll
from tests.integration.desk import Desk, add_operators

OURS = "+380671234567"
THEIRS = "+380671234568"
CONSENT = {"wording": "sms-1", "language": "uk"}


@dataclass
class Network:
    """Takes every text unless it has another answer; what went where is kept in order."""

    answers: list[Outcome] = field(default_factory=list)
    sent: list[tuple[str, str, str]] = field(default_factory=list)

    async def say(self, sms: Sms, *, template: str, provider: str | None = None) -> Outcome:  # noqa: ARG002 - there is one
        outcome = self.answers.pop(0) if self.answers else Accepted("taken")
        if isinstance(outcome, Accepted):
            self.sent.append((sms.to.reveal(), sms.text.reveal(), template))
        return outcome

    def to(self, number: str) -> list[str]:
        return [text for to, text, _ in self.sent if to == number]


@dataclass
class Street:
    """`house` is the app's, with what a worker has beside it."""

    house: House
    api: httpx.AsyncClient
    atoll: Atoll
    clock: FixedClock
    network: Network

    @classmethod
    async def opened(cls, app: FastAPI, api: httpx.AsyncClient, database_url: str, clock: FixedClock) -> "Street":
        atoll = await Atoll.loaded(app, Desk(api, await add_operators(api, database_url)), AS_REAL)
        house: House = app.state.house
        network = Network()
        nobody = Channels({name: Unconfigured(name) for name in ChannelName}, Gate())
        opener = NumberOpener(SealKeys(house.get(Settings).number_keyring))
        topics = TopicWay(Unconfigured(ChannelName.TOPIC))
        for part in (nobody, opener, SmsDesk(network), Signer(SIGNING_KEY), Published(), OutcomeBook(), topics):
            house.put(part)
        return cls(house, api, atoll, clock, network)

    @property
    def pool(self) -> Pool:
        return self.house.pool

    def set(self, **changes: Any) -> None:
        """Change settings."""
        self.house.put(self.house.get(Settings).model_copy(update=changes))

    def wish(self, number: str = OURS, **changed: Any) -> dict[str, Any]:
        whole = {
            "address": {"kind": "sms", "number": number},
            "consent": CONSENT,
            "languages": ["uk"],
            "places": [self.atoll.place("XA211")],
            "platform": "sms",
        }
        return whole | changed

    async def by_text(self, number: str = OURS, **changed: Any) -> "Handset":
        """Register a number that nothing but texts reaches; its code is not back yet."""
        return await self._registered(number, self.wish(number, **changed))

    async def by_push(self, value: str = "dXs2kLq9RbGm4Tn7Vw1YzA", **changed: Any) -> "Handset":
        wish = {"address": {"kind": "fid", "value": value}, "languages": ["uk"], "platform": "android"}
        return await self._registered(OURS, wish | {"cells": ["871e6e4d9ffffff"]} | changed)

    async def _registered(self, number: str, wish: dict[str, Any]) -> "Handset":
        made = await self.api.post("/v1/registrations", json=wish)
        assert made.status_code == 201, made.text
        return Handset(self, number, made.json())

    async def proved(self, number: str = OURS, **changed: Any) -> "Handset":
        """Register a number by text and send its code back."""
        one = await self.by_text(number, **changed)
        await self.work()
        await one.prove()
        return one

    async def work(self) -> None:
        """Run the jobs that are due, as a worker would."""
        connector = procrastinate.PsycopgConnector(
            conninfo=self.house.get(Settings).need_database(), min_size=1, max_size=2
        )
        program = procrastinate.App(connector=connector)
        worker.register(program)
        async with program.open_async():
            await program.run_worker_async(
                queues=["urgent", "delivery"],
                wait=False,
                delete_jobs="successful",
                install_signal_handlers=False,
                additional_context={"house": self.house},
            )

    async def rows(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        async with transaction(self.pool) as tx:
            return await (await tx.execute(query.encode(), values)).fetchall()


@dataclass
class Handset:
    """A registration as its owner knows it."""

    street: Street
    number: str
    body: dict[str, Any]

    @property
    def url(self) -> str:
        return f"/v1/registrations/{self.body['id']}"

    @property
    def hidden(self) -> Hidden[str]:
        return Hidden(self.number)

    async def asks(self, method: str, path: str = "", **said: Any) -> httpx.Response:
        owner = {"Authorization": f"Bearer {self.body['secret']}"}
        return await self.street.api.request(method, self.url + path, headers=owner, json=said or None)

    async def names(self, number: str) -> httpx.Response:
        return await self.asks("PUT", "/phone", number=number, consent=CONSENT)

    def code(self, number: str | None = None) -> str:
        """Read the last code that came to a number."""
        found = re.search(r"\d{6}", self.street.network.to(number or self.number)[-1])
        assert found
        return found[0]

    async def prove(self, number: str | None = None) -> dict[str, Any]:
        answer = await self.asks("POST", "/phone/verify", code=self.code(number))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def registered(self) -> dict[str, Any]:
        """Return what the house keeps beside the number's row."""
        query = "SELECT * FROM registration WHERE id = %s"
        [row] = await self.street.rows(query, [self.body["id"]])
        return row
