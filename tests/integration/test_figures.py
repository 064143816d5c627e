"""Figures for alarms: who may read them, what they tell, and that they tell nothing of a person."""

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from service import figures
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery.model import Accepted, AddressDead, ChannelName, TryLater
from service.delivery.outcomes import OutcomeBook
from service.figures import Figures
from service.kit.db import Pool, transaction
from service.kit.house import House
from service.kit.processes import free_port
from tests.build import an_admin, an_admin_with_key
from tests.conftest import METRICS, METRICS_KEY, SERVER_KEY, FixedClock
from tests.integration.desk import Desk, a_desk
from tests.integration.mail import a_bulletin, planned
from tests.integration.test_api_process import running


async def told(api: httpx.AsyncClient) -> str:
    answer = await api.get("/metrics", headers=METRICS)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_figures_are_for_operators_and_whoever_shows_the_key_and_nobody_else(
    app: FastAPI, api: httpx.AsyncClient, pool: Pool
) -> None:
    async with transaction(pool) as tx:
        key = await an_admin_with_key(tx)
    for shown, status in ((METRICS_KEY, 200), (key, 200), ("x", 401), ("", 401)):
        answer = await api.get("/metrics", headers={"Authorization": f"Bearer {shown}"})
        assert answer.status_code == status, shown
    assert (await api.get("/metrics")).status_code == 401
    house: House = app.state.house
    house.put(house.get(Settings).model_copy(update={"metrics_key": None}))
    assert (await api.get("/metrics", headers=METRICS)).status_code == 401


async def test_figures_tell_what_waits_what_came_of_it_and_what_stands_in_the_way(
    api: httpx.AsyncClient, pool: Pool, house: House, clock: FixedClock
) -> None:
    book = OutcomeBook()
    book.note(
        ChannelName.FCM, [Accepted("m")] * 34 + [AddressDead("unregistered")] * 3 + [TryLater(None, "Bad: +380")] * 25
    )
    async with transaction(pool) as tx:
        await book.write(tx)
        await book.write(tx)
        await planned(tx, house, await a_bulletin(tx, house), range(1, 3))
        await delivery.pause(tx, await an_admin(tx), reason="wrong texts", now=clock.now())
    clock.advance(timedelta(seconds=90))
    text = await told(api)
    for line in (
        'surefoot_queue_oldest_seconds{severity="severe"} 90.0',
        'surefoot_queue_oldest_seconds{severity="extreme"} 0.0',
        'surefoot_batches_waiting{severity="severe"} 1.0',
        'surefoot_outcomes_total{channel="fcm",outcome="accepted",reason=""} 30.0',
        'surefoot_outcomes_total{channel="fcm",outcome="dead",reason="unregistered"} 0.0',
        'surefoot_outcomes_total{channel="fcm",outcome="later",reason="other"} 30.0',
        "surefoot_sending_held 1.0",
        "surefoot_database_up 1.0",
        "surefoot_redis_up 1.0",
        "surefoot_alerts_expiring 0.0",
    ):
        assert line in text.splitlines()
    assert "+380" not in text


async def test_r26_figures_of_people_stand_still_for_ten_seconds(
    app: FastAPI, api: httpx.AsyncClient, pool: Pool
) -> None:
    before = await told(api)
    book = OutcomeBook()
    book.note(ChannelName.FCM, [Accepted("m")] * 500)
    async with transaction(pool) as tx:
        await book.write(tx)
    assert counted(await told(api)) == counted(before) == []
    app.state.house.get(Figures)._until -= 10
    assert counted(await told(api)) == ['surefoot_outcomes_total{channel="fcm",outcome="accepted",reason=""} 500.0']


def counted(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("surefoot_outcomes_total")]


async def test_while_the_database_is_away_the_key_still_reads_the_figures(
    app: FastAPI, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: House) -> None:
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr(figures, "_in_database", away)
    app.state.house.put(Figures(app.state.metrics.registry))
    assert "surefoot_database_up 0.0" in await told(api)


async def test_no_label_could_name_a_person_or_a_place(api: httpx.AsyncClient) -> None:
    labels = set(re.findall(r'(\w+)="', await told(api)))
    assert labels <= {
        "method",
        "became",
        "route",
        "status",
        "le",
        "severity",
        "channel",
        "outcome",
        "reason",
        "language",
        "world",
    }


# --- over a socket: who listens no more is forgotten


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    made = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url, "SUREFOOT_SERVER_KEY": SERVER_KEY.hex()}
    made |= {"SUREFOOT_PORT": str(free_port()), "SUREFOOT_METRICS_KEY": METRICS_KEY}
    with running(made, tmp_path / "api.log") as (_, url):
        yield url


async def test_a_listener_whose_connection_ends_is_forgotten(
    api: httpx.AsyncClient, database_url: str, server: str
) -> None:
    desk: Desk = await a_desk(api, database_url)
    path = f"{server}/v1/alerts/{await desk.approved()}/progress"
    headers = {"Authorization": f"Bearer {desk.keys['anna']}"}
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", path, headers=headers) as stream:
        lines = stream.aiter_lines()  # kept: whoever drops it ends the connection
        assert await anext(lines) == "retry: 3000"
        async with httpx.AsyncClient(base_url=server, timeout=30) as other:
            assert "surefoot_progress_listeners 1.0" in await told(other)
    async with httpx.AsyncClient(base_url=server, timeout=30) as other:
        for _ in range(40):
            if "surefoot_progress_listeners 0.0" in await told(other):
                return
            await asyncio.sleep(0.5)
    raise AssertionError("it is still counted")


async def test_texts_are_told_apart_by_age_as_they_wait_for_their_turn_and_not_for_a_worker(
    api: httpx.AsyncClient, pool: Pool, house: House, clock: FixedClock
) -> None:
    async with transaction(pool) as tx:
        await planned(tx, house, await a_bulletin(tx, house), range(1, 3))
        await tx.execute("UPDATE batch SET channel = 'sms'")
    clock.advance(timedelta(seconds=700))
    lines = (await told(api)).splitlines()
    assert 'surefoot_texts_oldest_seconds{severity="severe"} 700.0' in lines
    assert 'surefoot_texts_oldest_seconds{severity="minor"} 0.0' in lines
    assert 'surefoot_queue_oldest_seconds{severity="severe"} 0.0' in lines


async def test_what_waits_for_a_budget_is_not_late(api: httpx.AsyncClient, pool: Pool, house: House) -> None:
    async with transaction(pool) as tx:
        await planned(tx, house, await a_bulletin(tx, house), range(1, 3))
        await tx.execute("UPDATE batch SET channel = 'sms', parked_at = now(), created_at = now() - interval '1 day'")
    assert 'surefoot_texts_oldest_seconds{severity="severe"} 0.0' in (await told(api)).splitlines()
