"""A school whose teachers hand in reports on lessons, over HTTP on the real app."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from service.places.model import Stated
from tests.conftest import FixedClock
from tests.integration.atoll import Atoll
from tests.integration.desk import Desk, add_operators

BASE = "/lessons/reports"
GAIN = {
    "lesson": "emergency.stop-go-back-tell", "revision": "1-3156c1a6", "form": "a",
    "asked": 80, "right_before": 31, "right_after": 66,
}  # fmt: skip  # a gain
PAGE = {"Origin": "null"}


def a_report(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sessions": 1,
        "date": "2026-10-30",
        "place_type": "school",
        "place": "XA1112",
        "delivery": "direct",
        "method": "lesson",
        "organisation": "Школа",
        "counts": {"female": {"5-12": 11, "13-17": 0}, "male": {"5-12": 9}},
        "first_timers": 15,
        "gains": [GAIN],
    }
    return made | changes


@dataclass
class School:
    """Teachers Tania and Taras hand in, Oksana is the authority's information officer, Anna an editor, Borys none."""

    desk: Desk
    clock: FixedClock
    atoll: Atoll
    database_url: str

    async def send(self, by: str | None = "tania", key: str = "", **changes: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid4().hex}
        if by:
            headers["Authorization"] = f"Bearer {self.desk.keys[by]}"
        return await self.desk.api.post(f"/v1{BASE}", headers=headers, json=a_report(**changes))

    async def kept(self, by: str = "tania", **changes: Any) -> str:
        answer = await self.send(by, **changes)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["id"]
        return made

    async def acts(self) -> list[dict[str, Any]]:
        trail: list[dict[str, Any]] = await self.desk.must("GET", "/audit", "anna")
        return [one for one in trail if one["act"].startswith("lessons.")]

    async def people(self, dimension: str) -> dict[str, Any]:
        found = await self.desk.must("GET", "/lessons/figures")
        return {one["value"]: one["people"] for one in found["figures"] if one["dimension"] == dimension}


async def opened(
    api: httpx.AsyncClient, app: FastAPI, database_url: str, clock: FixedClock, worlds: tuple[Stated, ...]
) -> School:
    desk = Desk(api, await add_operators(api, database_url))
    for name, role in (("tania", "educator"), ("taras", "educator"), ("oksana", "information-officer")):
        asked = await desk.must("POST", "/operators", "anna", json={"name": name, "roles": [role]})
        done = await desk.must("POST", f"/operators/changes/{asked['waiting']['id']}/confirm", "borys")
        desk.keys[name] = done["key"]
    return School(desk, clock, await Atoll.loaded(app, desk, *worlds), database_url)
