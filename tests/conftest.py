"""What tests stand on: real servers, a fresh database each, a clock that the test moves."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import hypothesis
import psycopg
import pytest
import structlog
from fastapi import FastAPI
from psycopg import sql
from starlette.routing import BaseRoute

from service import api as api_program
from service.alerts import joining
from service.config import MIGRATIONS, Settings
from service.delivery.model import Published
from service.guidance.opening import open_guidance
from service.guidance.shelf import Shelf
from service.i18n import catalogues as catalogues_program
from service.i18n import laying, loading
from service.i18n.catalogues import Catalogues
from service.kit.crypto import Keyring, SealKeys, Signer
from service.kit.data_folder import DataFolder
from service.kit.db import Pool, Tx, migrate, open_pool
from service.kit.embedded import EmbeddedServers
from service.kit.house import House
from service.lessons.loading import Own
from service.lessons.shelf import Lessons
from service.residents.actions import Joining
from service.residents.numbers import NumberOpener
from tests.quick_disk import quick_folder

SHARED = Path(__file__).parents[2] / "shared" / "data"
LOCALES = Path(os.environ.get("SUREFOOT_TEST_LOCALES", Path(__file__).parents[1] / "locales"))
SERVER_KEY = bytes(range(32))
SIGNING_KEY = bytes(range(32, 64))
NUMBER_KEYS = f"first:{bytes(range(64, 96)).hex()}"
METRICS_KEY = "a-key-for-figures"
METRICS = {"Authorization": f"Bearer {METRICS_KEY}"}
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


# The same examples at every run, so that a change is judged by what it changed; SUREFOOT_TEST_EXPLORE=1 seeks new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile("explore" if os.environ.get("SUREFOOT_TEST_EXPLORE") else "same")


def pytest_configure(config: pytest.Config) -> None:
    """Let no setting of the machine reach a test."""
    for name in list(os.environ):
        if name.startswith("SUREFOOT_") and not name.startswith(("SUREFOOT_TEST_", "SUREFOOT_REQUIRE_")):
            del os.environ[name]
    for name in ("DATABASE_URL", "REDIS_URL", "GOOGLE_APPLICATION_CREDENTIALS"):
        os.environ.pop(name, None)
    read_ours_once()


def read_ours_once() -> None:
    """Read the shipped catalogues once a worker: hundreds of apps, half a second each, need not do that anew."""
    read = loading.load_all
    ours = cache(partial(read, LOCALES))

    def load_all(folder: Path) -> list[loading.Catalogue]:
        return [*ours()] if folder == LOCALES else read(folder)

    for module in (loading, laying, catalogues_program):
        setattr(module, "load_all", load_all)  # noqa: B010 - each has it by name


# What takes longest begins first, so that no worker is left alone with it at the end.
# Those that mostly wait come before those that mostly work, so that they do not starve one another.
LONG = (
    "tests/e2e/test_demo", "tests/e2e/test_faults", "tests/conformance/test_openapi",
    "tests/conformance/test_docker_image", "tests/e2e/", "tests/property/",
)  # fmt: skip
MOST_WORKERS = 4


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than processors, as half of the suite waits for others; none where a path is asked for."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; each stays with one worker (`loadfile`), for its fixtures' sake."""
    for item in items:
        demand_order(item)
    items.sort(key=lambda item: next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG)))


def demand_order(item: pytest.Item) -> None:
    """Refuse a test over a set: its order is another in each worker, which then agree on nothing."""
    for mark in item.iter_markers("parametrize"):
        values = mark.args[1] if len(mark.args) > 1 else mark.kwargs.get("argvalues")
        if isinstance(values, set | frozenset):
            raise pytest.UsageError(f"{item.nodeid} is parametrised over a set: sort it")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Under SUREFOOT_REQUIRE_ALL a skipped test is a failure, but for absent shared data."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy's wrapper result
    if report.skipped and os.environ.get("SUREFOOT_REQUIRE_ALL") and "shared data" not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped although SUREFOOT_REQUIRE_ALL is set: {report.longrepr}"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Undo what a program run inside a test did to the logs: its handler writes to a stream that the test closes."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data; a test that needs it is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is absent")
    return SHARED


@dataclass(frozen=True)
class ServerUrls:
    database: str
    redis: str


@pytest.fixture(scope="session")
def server_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerUrls]:
    """A worker's PostgreSQL and Redis: given by SUREFOOT_TEST_DATABASE_URL and …_REDIS_URL, or embedded."""
    given = os.environ.get("SUREFOOT_TEST_DATABASE_URL")
    if given:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        yield ServerUrls(given, named(os.environ["SUREFOOT_TEST_REDIS_URL"], worker))
        return
    with (
        quick_folder(tmp_path_factory.mktemp("servers")) as folder,
        DataFolder.take(folder / "data", purpose="tests") as data,
        EmbeddedServers.start(data, durable=False) as servers,
    ):
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
            connection.execute("SELECT pg_reload_conf()")
        yield ServerUrls(servers.database_url, servers.redis_url)


def named(url: str, database: str) -> str:
    """Return the URL of another database of the same server; Redis's have numbers for names."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def template(server_urls: ServerUrls) -> str:
    """A migrated database that each test copies."""
    name = f"template_{uuid4().hex}"
    with psycopg.connect(server_urls.database, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(named(server_urls.database, name), MIGRATIONS)
    return name


@contextmanager
def a_database(server_urls: ServerUrls, template: str) -> Iterator[str]:
    """Copy the template for as long as the block runs."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_urls.database, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        yield named(server_urls.database, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_url(server_urls: ServerUrls, template: str) -> Iterator[str]:
    with a_database(server_urls, template) as url:
        yield url


@pytest.fixture
def redis_url(server_urls: ServerUrls) -> str:
    return server_urls.redis


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, size=8)
    yield pool
    await pool.close()


@pytest.fixture
async def tx(pool: Pool) -> AsyncIterator[Tx]:
    async with pool.connection() as connection:
        yield connection
        await connection.rollback()


@dataclass
class FixedClock:
    """Stands still until the test moves it."""

    moment: datetime = NOW
    speed: float = field(default=1.0)

    def now(self) -> datetime:
        return self.moment

    def advance(self, span: timedelta) -> None:
        self.moment += span

    def really(self, span: timedelta) -> timedelta:
        return span / self.speed


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return Settings(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        locales=LOCALES,
        server_key=SERVER_KEY.hex(),
        signing_key=SIGNING_KEY.hex(),
        confirmed_languages=("uk", "ru", "es", "ar"),
        authority="Exercise Authority",
        epoch="tests",
        metrics_key=METRICS_KEY,
        sms_countries=("UA",),
        number_keys=NUMBER_KEYS,
    )


@pytest.fixture(scope="session")
def catalogues() -> Catalogues:
    return Catalogues.load(LOCALES, confirmed=frozenset({"uk", "ru", "es", "ar"}), default="en")


@pytest.fixture
def house(pool: Pool, clock: FixedClock, settings: Settings, catalogues: Catalogues) -> House:
    made = House(pool, clock, Keyring(SERVER_KEY))  # type: ignore[arg-type]  # a clock that the test moves
    made.put(settings)
    made.put(catalogues)
    made.put(open_guidance(settings))
    made.put(Shelf())
    made.put(Own())
    made.put(Lessons())
    made.put(Signer(SIGNING_KEY))
    made.put(Published())
    made.put(NumberOpener(SealKeys(settings.number_keyring)))
    return made


@pytest.fixture(scope="session")
def routes() -> list[BaseRoute]:
    """Every route, as FastAPI works it out at its first request: hundreds of apps need not do that anew."""
    return api_program.build(Settings(locales=LOCALES)).router.routes


@pytest.fixture
async def app(settings: Settings, clock: FixedClock, routes: list[BaseRoute]) -> AsyncIterator[FastAPI]:
    """The real app on a fresh database, its clock in the test's hand."""
    app = api_program.build(settings)
    app.router.routes = [*routes]  # a test may add some of its own
    async with app.router.lifespan_context(app):
        house = replace(app.state.house, clock=clock)
        house.put(Joining(joining.into(house)))
        app.state.house = house
        yield app


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real app; errors of the program are answers, as they are over a socket."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
