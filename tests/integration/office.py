"""A desk with zones of both worlds, and the worker's part of topics done by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import dict_row

from service.alerts import spreading
from service.delivery import posting
from service.delivery.model import Accepted, Outcome
from service.delivery.topics import Claimed, Generation, Round
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators import actions as operators
from tests.integration.desk import OUTLINES, Desk, add_operators


async def a_desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    """Two operators, and the zones of the test in both worlds."""
    desk = Desk(api, await add_operators(api, database_url))
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json-seq"}
    for exercise in ("true", "false"):
        query = {"authority": "Authority of the Test", "dated": "2024-07-31", "wait": "true", "exercise": exercise}
        content = OUTLINES.read_bytes()
        answer = await api.post("/v1/zones/imports", params=query, headers=headers, content=content)
        assert answer.status_code < 300, answer.text
    desk.zone = await zone_of(desk, exercise=False)
    return desk


async def zone_of(desk: Desk, *, exercise: bool) -> str:
    records = await desk.must("GET", "/zones/records", "anna")
    return next(str(record["id"]) for record in records if record["exercise"] is exercise)


@dataclass
class Office:
    """The worker of a test: it plans and sends by hand."""

    house: House
    database_url: str

    async def spread(self, alert: str) -> None:
        await spreading.spread(self.house, UUID(alert))

    async def claim(self) -> Round | None:
        async with transaction(self.house.pool) as tx:
            return await posting.claim(tx, self.house)

    async def settle(self, sent: Round, outcomes: Sequence[Outcome]) -> None:
        async with transaction(self.house.pool) as tx:
            now, patience = self.house.clock.now(), timedelta(hours=24)
            await posting.settle(tx, sent, outcomes, patience=patience, jitter=0.0, now=now)

    async def send_all(self) -> list[Claimed]:
        """Send until nothing is due; return what was sent, in order."""
        sent: list[Claimed] = []
        while (taken := await self.claim()) is not None:
            await self.settle(taken, [Accepted("x")] * len(taken.letters))
            sent += taken.letters
        return sent

    async def generations(self, *, exercise: bool = False) -> list[Generation]:
        async with transaction(self.house.pool) as tx:
            return await posting.generations(tx, exercise=exercise, now=self.house.clock.now())

    async def rotate(self, desk: Desk) -> None:
        async with transaction(self.house.pool) as tx:
            operator = await operators.authenticate(tx, Hidden(desk.keys["anna"]))
            assert operator is not None
            await posting.rotate(tx, operator, exercise=False, now=self.house.clock.now())

    def rows(self, text: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            return connection.execute(text.encode()).fetchall()


def names(letters: Sequence[Claimed]) -> list[str]:
    return [name for letter in letters for name in letter.condition.split("'")[1::2]]
