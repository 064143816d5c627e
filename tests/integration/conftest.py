"""What integration tests of several features share."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI

from service.kit.db import Tx
from service.kit.house import House
from service.operators.model import Operator
from service.places.model import Stated
from service.residents.actions import Joining
from tests.build import AlertsStub, an_admin
from tests.carriers import Heard
from tests.conftest import FixedClock
from tests.integration import schoolhouse
from tests.integration.atoll import AS_EXERCISE, AS_REAL
from tests.integration.letterbox import Letterbox, Talk, letterbox, own_keys
from tests.smsc import RunningSmsc, an_smsc

NOWHERE = "redis://127.0.0.1:9"


@pytest.fixture
def alerts(house: House) -> AlertsStub:
    """Alerts that plan nothing, in the house's place for them."""
    stub = AlertsStub()
    house.put(Joining(stub))
    return stub


@pytest.fixture
async def operator(tx: Tx) -> Operator:
    """An admin, alone."""
    return await an_admin(tx)


@pytest.fixture(scope="module")
def running_smsc() -> Iterator[RunningSmsc]:
    with an_smsc() as smsc:
        yield smsc


@pytest.fixture
def smsc(running_smsc: RunningSmsc) -> RunningSmsc:
    """An SMSC that has forgotten what other tests asked of it."""
    running_smsc.tell("forget")
    return running_smsc


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
async def opened(house: House, talk: Talk, redis_url: str) -> AsyncIterator[Callable[..., Letterbox]]:
    """Opens as many inboxes as a test wants, each as if in a process of its own."""
    own, made_on_redis = own_keys(house), []
    async with AsyncExitStack() as stack:

        def open_one(url: str | None = redis_url, **more: bool) -> Letterbox:
            made = letterbox(own, talk, url, **more)
            stack.push_async_callback(made.close)
            made_on_redis.extend([made] if url == redis_url else [])
            return made

        yield open_one
        assert all(one.shared.there for one in made_on_redis), "Redis took every script"


@pytest.fixture(params=["redis", "no redis"])
def box(request: pytest.FixtureRequest, opened: Callable[..., Letterbox], redis_url: str) -> Letterbox:
    return opened(redis_url if request.param == "redis" else NOWHERE)


@pytest.fixture
def worlds(request: pytest.FixtureRequest) -> tuple[Stated, ...]:
    """As what the invented island is loaded; a test may say otherwise."""
    return getattr(request, "param", (AS_REAL, AS_EXERCISE))


@pytest.fixture
async def school(
    api: httpx.AsyncClient, app: FastAPI, database_url: str, clock: FixedClock, worlds: tuple[Stated, ...]
) -> schoolhouse.School:
    return await schoolhouse.opened(api, app, database_url, clock, worlds)
