"""How far an alert got: figures that stand still, a stream that ends, receipts of phones that nobody knows."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import h3
import httpx
import pytest
from fastapi import FastAPI
from shapely.geometry import shape

from service.alerts import actions as alerts
from service.alerts import progress
from service.alerts.progress import Listeners
from service.config import Settings
from service.kit.db import Pool, transaction
from service.kit.errors import Refused
from service.kit.house import House
from service.kit.processes import free_port
from tests.conftest import SERVER_KEY, FixedClock
from tests.integration.desk import Desk, a_desk
from tests.integration.mail import planned
from tests.integration.test_api_process import running


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return await a_desk(api, database_url)


async def plan(pool: Pool, house: House, alert: str, numbers: range) -> None:
    async with transaction(pool) as tx:
        await planned(tx, house, (await alerts.get(tx, UUID(alert))).bulletin(), numbers)


async def counted(desk: Desk, alert: str) -> dict[str, Any]:
    counts: dict[str, Any] = (await desk.must("GET", f"/alerts/{alert}", "anna"))["counts"]
    return counts


async def test_r26_figures_stand_still_for_ten_seconds_whoever_looks(
    desk: Desk, pool: Pool, house: House, clock: FixedClock
) -> None:
    alert = await desk.approved()
    await plan(pool, house, alert, range(1, 31))
    assert (await counted(desk, alert))["planned"] == 30
    await plan(pool, house, alert, range(31, 101))
    clock.advance(timedelta(seconds=9))
    assert (await counted(desk, alert))["planned"] == 30
    async with transaction(pool) as tx:  # another process, with nothing in its memory
        shown = await progress.look(tx, await alerts.get(tx, UUID(alert)), now=clock.now())
    assert shown is not None
    assert shown.counts is not None
    assert shown.counts.planned == 30
    clock.advance(timedelta(seconds=2))
    counts = await counted(desk, alert)
    assert counts["planned"] == 100
    assert counts["by_channel"] == [{"channel": "fcm", "planned": 100, "accepted": "<20", "received": "<20"}]


async def test_r26_a_clock_that_went_back_does_not_freeze_the_figures_for_ever(
    desk: Desk, pool: Pool, house: House, clock: FixedClock
) -> None:
    alert = await desk.approved()
    await counted(desk, alert)
    await plan(pool, house, alert, range(1, 31))
    clock.advance(timedelta(hours=-1))
    assert (await counted(desk, alert))["planned"] == 30


async def test_r26_an_operator_looks_at_so_many_audiences_an_hour_and_no_more(desk: Desk) -> None:
    alert = await desk.draft()
    answers = [(await desk.ask("GET", f"/alerts/{alert}/preview", "borys")).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert (await desk.ask("GET", f"/alerts/{alert}/preview", "anna")).status_code == 200


# --- phones that nobody knows


async def near(desk: Desk, resolution: int = 5) -> str:
    zone = await desk.must("GET", f"/zones/{desk.zone}")
    middle = shape(zone["geometry"]).representative_point()
    return str(h3.latlng_to_cell(middle.y, middle.x, resolution))


async def sent_to_topics(pool: Pool, alert: str) -> None:
    """Note that a letter to topics went out, as the worker would."""
    async with transaction(pool) as tx:
        await tx.execute("INSERT INTO topic_plan VALUES (%s, 1, '{1}', 0, now()) ON CONFLICT DO NOTHING", [alert])
        await tx.execute(
            "INSERT INTO topic_letter (alert_id, revision, language, ring, topics, attempts, due_at, created_at)"
            " VALUES (%s, 1, 'en', 0, '{t}', 1, now(), now())",
            [alert],
        )


async def heard(desk: Desk, alert: str, cell: str, *, times: int = 1, revision: int = 1) -> None:
    body = {"alert": alert, "revision": revision, "cell": cell}
    for _ in range(times):
        assert (await desk.ask("POST", "/receipts/anonymous", json=body)).status_code == 202


async def test_unverified_receipts_are_a_figure_of_their_own_and_never_added(desk: Desk, pool: Pool) -> None:
    alert = await desk.approved()
    await sent_to_topics(pool, alert)
    await heard(desk, alert, await near(desk), times=34)
    counts = await counted(desk, alert)
    assert counts["unverified"] == 30
    assert {counts[name] for name in ("planned", "accepted", "received")} == {"<20"}


async def test_no_cell_counts_more_than_its_ceiling_nor_any_that_was_told_nothing(
    desk: Desk, app: FastAPI, pool: Pool
) -> None:
    house: House = app.state.house
    house.put(house.get(Settings).model_copy(update={"unverified_per_cell": 25}))
    alert, here = await desk.approved(), await near(desk)
    await heard(desk, await desk.approved(), here)
    await sent_to_topics(pool, alert)
    await heard(desk, alert, here, times=40)
    await heard(desk, alert, h3.latlng_to_cell(-30, -30, 5), times=3)
    await heard(desk, alert, here, revision=2)
    await heard(desk, await desk.draft(), here)
    async with transaction(pool) as tx:
        rows = await (await tx.execute("SELECT alert_id::text, cell, heard FROM unverified_receipt")).fetchall()
    assert rows == [{"alert_id": alert, "cell": h3.str_to_int(here), "heard": 25}]


async def test_an_anonymous_receipt_says_nothing_finer_than_resolution_five(desk: Desk, pool: Pool) -> None:
    alert = await desk.approved()
    for cell in (await near(desk, 6), await near(desk, 7), await near(desk, 4), "x"):
        body = {"alert": alert, "revision": 1, "cell": cell}
        answer = await desk.ask("POST", "/receipts/anonymous", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == "body.cell"
    async with transaction(pool) as tx:
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'unverified_receipt'"
        assert {row["column_name"] for row in await (await tx.execute(columns)).fetchall()} == {
            "alert_id",
            "cell",
            "heard",
        }


# --- over real HTTP, two processes of the API, no Redis


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[list[str]]:
    made = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url, "SUREFOOT_SERVER_KEY": SERVER_KEY.hex()}
    made["SUREFOOT_CLOCK"] = "2026-11-02T09:00:00Z@0x20"
    with ExitStack() as stack:
        yield [
            stack.enter_context(running(made | {"SUREFOOT_PORT": str(free_port())}, tmp_path / f"{name}.log"))[1]
            for name in ("one", "other")
        ]


async def events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Parse a stream as the HTML standard says; comments are passed over."""
    one: dict[str, Any] = {}
    async for line in answer.aiter_lines():
        if not line and "data" in one:
            yield one | json.loads(one["data"])
        if not line:
            one = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            one[name] = value


async def test_operators_follow_an_alert_live_through_any_process_until_it_is_sent(
    desk: Desk, pool: Pool, house: House, servers: list[str]
) -> None:
    alert = await desk.approved()
    headers = {"Authorization": f"Bearer {desk.keys['borys']}"}
    path = f"/v1/alerts/{alert}/progress"
    async with httpx.AsyncClient(headers=headers, timeout=20) as client:
        streams = [client.stream("GET", url + path) for url in servers]
        async with streams[0] as first, streams[1] as second:
            assert first.headers["content-type"].startswith("text/event-stream")
            assert first.headers["cache-control"] == "no-store"
            told, other = events(first), events(second)
            assert (await anext(told))["counts"]["planned"] == "<20"
            await anext(other)
            await plan(pool, house, alert, range(1, 41))
            one, another = await asyncio.gather(anext(told), anext(other))
            assert one["counts"]["planned"] == another["counts"]["planned"] == 40
            assert (one["id"], one["at"]) == (another["id"], another["at"])
            await desk.must("POST", f"/alerts/{alert}/withdraw", "anna", json={"reason": "wrong place"})
            rest = [event async for event in told]
            assert [event["event"] for event in rest][-1] == "end"
            assert rest[-1]["state"] == "withdrawn"
        resumed = await client.get(servers[1] + path, headers={"Last-Event-ID": rest[-1]["id"]})
        assert resumed.status_code == 204
        again = await client.get(servers[1] + path, headers={"Last-Event-ID": "x"})
        assert [line for line in again.text.splitlines() if line.startswith("event")][-1] == "event: end"
        assert (
            await client.get(servers[0] + "/v1/alerts/01936f3e-8f2a-7bbb-8000-1c0ffee00003/progress")
        ).status_code == 404
        client.headers.clear()
        assert (await client.get(servers[0] + path)).status_code == 401


async def test_a_listener_who_goes_away_is_forgotten_and_too_many_are_refused(
    desk: Desk, house: House, pool: Pool
) -> None:
    house.put(Listeners())
    alert = UUID(await desk.approved())
    async with transaction(pool) as tx:
        streams = [await progress.follow(tx, house, alert, seen=None) for _ in range(2)]
    with patch.object(progress, "MOST_LISTENERS", 2):
        for stream in streams:
            assert stream is not None
            await anext(stream)
        async with transaction(pool) as tx:
            with pytest.raises(Refused, match="Too many"):
                await progress.follow(tx, house, alert, seen=None)
    assert house.get(Listeners).count == 2
    for stream in streams:
        await stream.aclose()  # type: ignore[union-attr]  # as the server does when the caller goes
    assert house.get(Listeners).count == 0
