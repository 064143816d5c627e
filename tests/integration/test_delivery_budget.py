"""One budget for all workers: in Redis, or divided among the senders that PostgreSQL counts."""

import asyncio
import re
import socket
import time
from uuid import uuid4

import httpx
import pytest
import redis.asyncio

from service import worker
from service.config import Settings
from service.delivery import actions
from service.delivery.channels import fcm_figures
from service.delivery.channels.budget import Budget
from service.delivery.channels.fcm_answers import Fault
from service.delivery.channels.pacing import RAMP_SECONDS, Pace
from service.delivery.model import TryLater
from service.kit.db import Tx
from service.kit.processes import free_port

QUOTA = 60_000


@pytest.fixture
def name() -> str:
    return f"test-{uuid4().hex}"


async def used(budget: Budget, *, seconds: float, wanted: int = 100_000) -> int:
    """Take all that there is for a while; return how much it was."""
    end, went = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        granted, wait = await budget.grant(wanted)
        went += granted
        await asyncio.sleep(max(0.01, min(wait, 0.05)))
    return went


def allowed(seconds: float, *, parts: int = 1) -> float:
    """Return what may go in so many seconds at the full speed, and what may go at once."""
    pace = Pace(QUOTA, parts=parts)
    return pace.at_first + pace.full * seconds


async def test_three_workers_together_keep_to_one_budget(redis_url: str, name: str) -> None:
    workers = [Budget(name, QUOTA, redis_url=redis_url) for _ in range(3)]
    for each in workers:
        each.divide(3)
    began = time.monotonic()
    went = await asyncio.gather(*(used(each, seconds=1.0) for each in workers))
    took = time.monotonic() - began
    assert not any(each.is_divided for each in workers)
    assert 0.4 * Pace(QUOTA).full < sum(went) <= allowed(took)
    for each in workers:
        await each.close()


async def test_without_redis_each_worker_keeps_to_its_share(name: str) -> None:
    workers = [Budget(name, QUOTA) for _ in range(3)]
    for each in workers:
        each.divide(3)
    began = time.monotonic()
    went = await asyncio.gather(*(used(each, seconds=1.0) for each in workers))
    took = time.monotonic() - began
    assert max(went) <= allowed(took, parts=3)
    assert sum(went) > 0.4 * Pace(QUOTA).full


async def test_redis_counts_as_a_worker_alone_would(redis_url: str, name: str) -> None:
    far, near = Budget(name, QUOTA, redis_url=redis_url), Budget(name, QUOTA)
    by_redis, alone = await asyncio.gather(used(far, seconds=1.0), used(near, seconds=1.0))
    assert by_redis == pytest.approx(alone, rel=0.15)
    assert far.speed == pytest.approx(near.speed, rel=0.15)
    await far.close()


async def test_a_redis_that_does_not_answer_costs_no_message_and_hardly_any_time(name: str) -> None:
    budget = Budget(name, QUOTA, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    budget.divide(2)
    began = time.monotonic()
    assert (await budget.grant(1))[0] == 1
    assert budget.is_divided
    assert await used(budget, seconds=0.3) > 0
    assert time.monotonic() - began < 2
    await budget.close()


async def test_after_redis_was_flushed_or_lost_the_speed_is_what_it_was(redis_url: str, name: str) -> None:
    budget = Budget(name, 600_000, redis_url=redis_url)
    budget._own.warm = RAMP_SECONDS
    assert (await budget.grant(1))[0] == 1
    async with redis.asyncio.from_url(redis_url) as client:
        assert await client.delete(f"surefoot:budget:{{{name}}}") == 1
    await budget.grant(1)
    assert budget.speed > 0.9 * Pace(600_000).full
    budget._rests_until = time.monotonic() + 60
    budget.divide(2)
    assert budget.is_divided
    assert budget.speed > 0.9 * Pace(600_000).full, "both shares together"
    await budget.close()


async def test_all_workers_go_slower_when_one_was_told_that_it_is_too_much(redis_url: str, name: str) -> None:
    told, other = (Budget(name, 600_000, redis_url=redis_url) for _ in range(2))
    told._own.warm = RAMP_SECONDS
    await told.grant(1)
    told.slow_down()
    await told.grant(1)
    await other.grant(1)
    assert other.speed < 0.9 * Pace(600_000).full
    await told.close()
    await other.close()


async def test_senders_are_counted_while_they_live(tx: Tx) -> None:
    one, two = uuid4(), uuid4()
    assert await actions.beat(tx, one) == 1
    assert await actions.beat(tx, two) == 2
    await tx.execute("UPDATE sender SET beat_at = now() - interval '11 seconds' WHERE id = %s", [two])
    assert await actions.beat(tx, one) == 1
    await tx.execute("UPDATE sender SET beat_at = now() - interval '2 minutes' WHERE id = %s", [two])
    await actions.beat(tx, one)
    row = await (await tx.execute("SELECT count(*)::int AS kept FROM sender")).fetchone()
    assert row == {"kept": 1}


def test_a_worker_shows_what_google_answered_by_meaning_where_the_setting_says() -> None:
    port = free_port()
    worker._show_figures(Settings(worker_metrics_port=port))
    fcm_figures.answered(TryLater(None, Fault.UNAVAILABLE))
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert re.search(r'surefoot_fcm_answers_total\{meaning="unavailable"\} [1-9]', shown)
    assert "surefoot_fcm_breaker_open 0.0" in shown


def test_a_port_that_is_taken_shows_no_figures_and_stops_no_warning() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        worker._show_figures(Settings(worker_metrics_port=taken.getsockname()[1]))
