"""Every API process follows the record by itself: no Redis, no word from another."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.kit.db import open_pool, transaction
from service.kit.processes import free_port
from service.zones.records import Annulling
from tests.build import a_feature, a_square, a_zone, an_admin
from tests.conftest import SERVER_KEY
from tests.integration.acts import a_second, cleared, decided
from tests.integration.test_api_process import running

HERE = {"lat": 45.005, "lon": 17.005}
SECONDS = 2.0


@pytest.fixture
def processes(database_url: str, tmp_path: Path) -> Iterator[list[str]]:
    """Two API processes on one database, with no Redis at all."""
    made = {"PATH": "", "DATABASE_URL": database_url, "SUREFOOT_SERVER_KEY": SERVER_KEY.hex()}
    with ExitStack() as stack:
        yield [
            stack.enter_context(running({**made, "SUREFOOT_PORT": str(free_port())}, tmp_path / f"{number}.log"))[1]
            for number in range(2)
        ]


def _told(url: str) -> list[str]:
    answer: Mapping[str, Any] = httpx.post(f"{url}/v1/check", json=HERE).json()
    return [one["relation"] for one in answer["answers"]]


def _shown(url: str) -> int:
    return int(httpx.get(f"{url}/v1/zones").json()["numberMatched"])


def _await(processes: list[str], relations: list[str]) -> None:
    began = time.monotonic()
    while [_told(url) for url in processes] != [relations] * len(processes):
        assert time.monotonic() - began < SECONDS, [_told(url) for url in processes]
        time.sleep(0.05)


async def test_each_process_learns_within_two_seconds_without_redis_what_is_new_released_and_annulled(
    database_url: str, processes: list[str]
) -> None:
    pool = await open_pool(database_url, size=2)
    assert [_told(url) for url in processes] == [["unknown"]] * 2
    async with transaction(pool) as tx:
        admin = await an_admin(tx)
        second = await a_second(tx, admin)
        zone = await a_zone(tx, admin)
        wrong = await a_zone(tx, admin, a_feature("Z-2", a_square(17.012)))
    _await(processes, ["inside", "within_500m"])
    async with transaction(pool) as tx:
        await decided(tx, (admin, second), [zone.id], cleared(None))
    _await(processes, ["within_500m"])
    async with transaction(pool) as tx:
        await decided(tx, (admin, second), [wrong.id], Annulling("the wrong hemisphere"))
    _await(processes, ["unknown"])
    assert [_shown(url) for url in processes] == [0, 0]
    await pool.close()
