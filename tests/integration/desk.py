"""Operators at their desks, over HTTP on the real app."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h3
import httpx
from shapely.geometry import shape

from service.kit.db import open_pool, transaction
from service.operators import actions
from service.operators.model import Done, Role
from tests.conftest import NOW

OUTLINES = Path(__file__).parents[1] / "data" / "outlines.geojsonl"


@dataclass
class Desk:
    """Operators at their desks: anna writes, borys approves, clara may do everything but is not always there."""

    api: httpx.AsyncClient
    keys: dict[str, str]
    zone: str = ""

    async def ask(self, method: str, path: str, by: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[by]}"} if by else {}
        return await self.api.request(method, f"/v1{path}", headers=headers, **more)

    async def must(self, method: str, path: str, by: str | None = None, **more: Any) -> Any:
        answer = await self.ask(method, path, by, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def draft(self, **changes: Any) -> str:
        alert: str = (await self.must("POST", "/alerts", "anna", json=self.body(**changes)))["id"]
        return alert

    def body(self, **changes: Any) -> dict[str, Any]:
        wanted = {"zone_id": self.zone, "template": "hazard_near", "severity": "severe", "exercise": False}
        return wanted | {"reach_m": 3000, "place": "Testovo", "place_names": {"uk": "Тестове"}} | changes

    async def approved(self, **changes: Any) -> str:
        alert = await self.draft(**changes)
        await self.must("POST", f"/alerts/{alert}/submit", "anna")
        await self.must("POST", f"/alerts/{alert}/approve", "borys")
        return alert


async def add_operators(api: httpx.AsyncClient, database_url: str) -> dict[str, str]:
    """Make the first operator as the command line would, the others over HTTP."""
    pool = await open_pool(database_url, size=1)
    async with transaction(pool) as tx:
        roles = frozenset({Role.ADMIN, Role.AUTHOR, Role.EDITOR})
        done = await actions.add(tx, None, "anna", roles, now=NOW)
    await pool.close()
    assert isinstance(done, Done)
    assert done.key is not None
    keys = {"anna": done.key.reveal()}
    headers = {"Authorization": f"Bearer {keys['anna']}"}
    made = await api.post("/v1/operators", headers=headers, json={"name": "borys", "roles": ["admin", "approver"]})
    assert made.status_code == 201, made.text
    return keys | {"borys": made.json()["key"]}


async def a_desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    """Anna and Borys, and a live zone that came in from a file."""
    desk = Desk(api, await add_operators(api, database_url))
    query = {"authority": "Authority of the Test", "dated": "2024-07-31", "exercise": "false", "wait": "true"}
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json-seq"}
    answer = await api.post("/v1/zones/imports", params=query, headers=headers, content=OUTLINES.read_bytes())
    assert answer.status_code < 300, answer.text
    desk.zone = (await desk.must("GET", "/zones/records", "anna"))[0]["id"]
    return desk


async def widen(desk: Desk) -> None:
    """Import the outlines once more, each reaching further east."""
    rows = [json.loads(line) for line in OUTLINES.read_text().splitlines()]
    for row in rows:
        row["geometry"] = {"type": "Polygon", "coordinates": [square_around(row["geometry"]["coordinates"][0])]}
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json-seq"}
    query = {"authority": "Authority of the Test", "dated": "2024-08-31", "exercise": "false", "wait": "true"}
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    answer = await desk.api.post("/v1/zones/imports", params=query, headers=headers, content=content)
    assert answer.status_code < 300, answer.text
    assert answer.json()["changed"]


def square_around(ring: list[list[float]]) -> list[list[float]]:
    west, east = min(x for x, _ in ring) - 0.01, max(x for x, _ in ring) + 0.01
    south, north = min(y for _, y in ring) - 0.01, max(y for _, y in ring) + 0.01
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


async def exercise_zone(desk: Desk) -> str:
    """Take in the same zones as an exercise; return the id of one."""
    query = {"authority": "Authority of the Test", "dated": "2024-07-31", "exercise": "true", "wait": "true"}
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json-seq"}
    answer = await desk.api.post("/v1/zones/imports", params=query, headers=headers, content=OUTLINES.read_bytes())
    assert answer.status_code < 300, answer.text
    records = await desk.must("GET", "/zones/records", "anna")
    found: str = next(record["id"] for record in records if record["exercise"])
    return found


# --- what comes after a warning


async def told(desk: Desk, resolution: int = 7, *, zone: str = "") -> list[dict[str, Any]]:
    """What phones pull in the middle of a zone."""
    found = await desk.must("GET", f"/zones/{zone or desk.zone}")
    middle = shape(found["geometry"]).representative_point()
    cell = h3.latlng_to_cell(middle.y, middle.x, resolution)
    query = {"cell": cell, "exercise": str(found["properties"].get("exercise", False)).lower()}
    alerts: list[dict[str, Any]] = (await desk.must("GET", "/alerts/live", params=query))["alerts"]
    return alerts


async def updating(desk: Desk, alert: str, **changes: Any) -> str:
    """Draft an update; return its id."""
    wanted = desk.body(**{"template": "update", **changes})
    made: str = (await desk.must("POST", f"/alerts/{alert}/update", "anna", json=wanted))["id"]
    return made


async def approve(desk: Desk, alert: str) -> dict[str, Any]:
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    approved: dict[str, Any] = await desk.must("POST", f"/alerts/{alert}/approve", "borys")
    return approved


async def prepared(desk: Desk, alert: str, wrong: str = "place") -> dict[str, Any]:
    found: dict[str, Any] = await desk.must(
        "POST", f"/alerts/{alert}/correction/preview", "borys", json={"wrong": wrong}
    )
    return found


async def corrected(desk: Desk, alert: str, wrong: str = "place") -> dict[str, Any]:
    body = {"wrong": wrong, "reason": "wrong bank", "content": (await prepared(desk, alert, wrong))["content"]}
    made: dict[str, Any] = await desk.must("POST", f"/alerts/{alert}/correction", "borys", json=body)
    return made


async def state(desk: Desk, alert: str) -> str:
    found: str = (await desk.must("GET", f"/alerts/{alert}", "anna"))["state"]
    return found
