"""The invented island loaded as a real country, as one of exercises, or both, with phones that subscribe to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from service.alerts import planning
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.kit.db import transaction
from service.kit.house import House
from service.operators import actions as operators
from service.places import actions as places
from service.places.following import PlaceIndex
from service.places.model import Stated
from tests.conftest import NOW
from tests.integration.desk import Desk
from tests.island import MAP, REGISTER, STATED

AS_REAL = Stated("UA", dated=STATED.dated)
AS_EXERCISE = STATED


@dataclass
class Atoll:
    """Both worlds lie in the same sea. `numbers` are registrations, by the names that a test gives its phones."""

    house: House
    desk: Desk
    numbers: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def loaded(cls, app: FastAPI, desk: Desk, *worlds: Stated) -> "Atoll":
        house: House = app.state.house
        async with transaction(house.pool) as tx:
            operator = (await operators.everybody(tx))[0]
            for stated in worlds:
                await places.run_load(tx, operator, {"file": REGISTER}, stated, MAP, now=NOW)
        await house.get(PlaceIndex).look(house.pool)
        return cls(house, desk)

    def place(self, code: str, *, exercise: bool = False) -> str:
        found = self.house.get(PlaceIndex).gazetteer.find(code, exercise=exercise).only
        assert found is not None
        return str(found.id)

    async def phone(self, name: str, *, within: Sequence[str] = (), cells: Sequence[str] = ()) -> Any:
        """Register a phone that subscribes to the units with these codes, and return the answer."""
        address = {"kind": "fid", "value": f"dXs2kLq9RbGm4Tn7Vw{len(self.numbers):04d}"}
        units = [self.place(code) for code in within]
        wish = {"address": address, "languages": ["uk"], "platform": "android", "places": units, "cells": list(cells)}
        answer = await self.desk.must("POST", "/registrations", json=wish)
        async with transaction(self.house.pool) as tx:
            numbered = await tx.execute("SELECT number FROM registration WHERE id = %s", [answer["id"]])
            self.numbers[(await numbered.fetchone() or {})["number"]] = name
        return answer

    async def planned(self, alert: str) -> dict[str, int]:
        """Plan an approved alert to its end; return the ring of everybody who stands in a batch of it."""
        mind, progress = Mind(), Progress.MORE
        while progress is Progress.MORE:
            async with transaction(self.house.pool) as tx:
                progress = await planning.plan_page(tx, self.house, UUID(alert), mind)
        audience = "SELECT ring, unnest(numbers) AS number FROM batch JOIN batch_audience ON batch_id = id"
        async with transaction(self.house.pool) as tx:
            rows = await (await tx.execute(f"{audience} WHERE alert_id = %s", [alert])).fetchall()
        assert len(rows) == len({row["number"] for row in rows}), "nobody is planned twice"
        return {self.numbers[row["number"]]: row["ring"] for row in rows}
