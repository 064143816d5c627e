"""Servers that are killed, full, away and come back lose nothing, and a copy of the database does not send."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psycopg
import pytest
import redis
from psycopg import sql

from service.kit.processes import free_port
from tests.conftest import ServerUrls, named
from tests.e2e.crowd import OUTLINES, a_zone, crowd, demand_nobody_lost, demand_once_each, rows, sent_to
from tests.e2e.own_servers import OwnServers, own_servers
from tests.e2e.system import System, running, wait_for
from tests.e2e.test_faults_workers import SLOW
from tests.fakes import stub_of_google


@dataclass
class Own:
    """A system and the servers under it, which nobody else uses."""

    servers: OwnServers
    system: System

    def restart(self) -> None:
        self.servers.start()
        self.system.wait_for_api()


@pytest.fixture(scope="module")
def own_standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("own")
    with contextlib.ExitStack() as stack:
        servers = stack.enter_context(own_servers(folder / "data"))
        google = stack.enter_context(stub_of_google(folder, delay=0.02))
        made = System(google, servers.database_url, servers.redis_url, folder)
        system = stack.enter_context(running(made, worker=False))
        system.import_zones(OUTLINES)
        yield Own(servers, system)


@pytest.fixture
def own(own_standing: Own) -> Iterator[Own]:
    # Two batches at a time: the others wait when the fault comes.
    own_standing.system.more["SUREFOOT_WORKER_CONCURRENCY"] = "2"
    yield own_standing
    own_standing.system.be_as_before()


def test_a_restored_copy_of_the_database_does_not_send(system: System, server_urls: ServerUrls) -> None:
    zone, cell = a_zone(system)
    system.start("worker")
    wait_for(lambda: rows(system, "SELECT count(*) FROM sending WHERE epoch = 'e2e'"), what="the epoch")
    system.kill("worker")
    phones = crowd(system, cell, 50)
    alert = system.warn(zone)
    system.stop()
    original = system.database_url
    with a_copy(server_urls, original) as copy:
        system.database_url, system.more["SUREFOOT_EPOCH"] = copy, "the copy"
        system.start_api()
        system.start("worker")
        time.sleep(5)
        assert not sent_to(system, alert)
        done = system.command("alerts", "resume", "--reason", "this is the new home", key="borys")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: sent_to(system, alert) == dict.fromkeys(phones, 1), what="sending")
        system.stop()
    system.database_url = original


@contextlib.contextmanager
def a_copy(server_urls: ServerUrls, url: str) -> Iterator[str]:
    """Restore a backup of a database beside it."""
    source = url.rpartition("/")[2]
    names = sql.Identifier(f"{source}_copy"), sql.Identifier(source)
    with psycopg.connect(server_urls.database, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(*names))
        yield named(url, f"{source}_copy")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))


def test_without_redis_from_the_start_everybody_is_warned_once(system: System) -> None:
    system.more["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    system.stop()
    system.start_api()
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 1_000)
    system.start("worker")
    alert = system.warn(zone)
    system.wait_until_sent(alert)
    demand_once_each(system, alert, phones)
    system.stop()


def test_redis_flushed_and_killed_in_mid_send_repeats_nothing(own: Own) -> None:
    zone, cell = a_zone(own.system)
    phones = crowd(own.system, cell, 4_000)
    own.system.google.fail(SLOW)
    own.system.start("worker")
    alert = own.system.warn(zone)
    wait_for(lambda: len(sent_to(own.system, alert)) > 100, what="the first messages")
    with redis.Redis.from_url(own.servers.running.redis_url) as client:
        client.flushall()
    wait_for(lambda: len(sent_to(own.system, alert)) > 500, what="more messages")
    own.servers.kill_redis()
    assert len(sent_to(own.system, alert)) < len(phones), "the kill came too late to prove anything"
    own.system.wait_until_sent(alert)
    demand_once_each(own.system, alert, phones)


def test_postgresql_killed_in_mid_send_loses_nobody_and_the_api_says_that_it_is_away(own: Own) -> None:
    own.restart()
    zone, cell = a_zone(own.system)
    phones = crowd(own.system, cell, 4_000)
    own.system.google.fail(SLOW)
    own.system.start("worker")
    alert = own.system.warn(zone)
    wait_for(lambda: len(sent_to(own.system, alert)) > 100, what="the first messages")
    own.servers.kill_database()
    assert len(sent_to(own.system, alert)) < len(phones), "the kill came too late to prove anything"
    where = {"cell": cell}
    answer = wait_for(lambda: away(own.system.ask("GET", "/alerts/live", params=where)), what="a 503")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/database-away"
    assert answer.headers["retry-after"]
    own.restart()
    own.system.wait_until_sent(alert)
    demand_nobody_lost(own.system, alert, phones, most=2)


def test_postgresql_whose_disk_is_full_in_mid_send_loses_nobody_once_there_is_room(own: Own) -> None:
    """Its files may not grow: without room for its log it ends, as on a full disk; only the errors' numbers differ."""
    own.restart()
    zone, cell = a_zone(own.system)
    phones = crowd(own.system, cell, 4_000)
    own.system.google.fail(SLOW)
    own.system.start("worker")
    alert = own.system.warn(zone)
    wait_for(lambda: len(sent_to(own.system, alert)) > 100, what="the first messages")
    own.servers.let_files_grow(64 * 1024)
    assert len(sent_to(own.system, alert)) < len(phones), "the disk filled too late to prove anything"
    wait_for(lambda: away(own.system.ask("GET", "/alerts/live", params={"cell": cell})), what="a 503")
    refused = own.system.ask("POST", "/alerts", by="anna", json={})
    assert refused.status_code == 503
    own.restart()
    own.system.wait_until_sent(alert)
    demand_nobody_lost(own.system, alert, phones, most=3)


def away(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 503 else None
