"""Servers that are away and come back lose nothing, and a copy of the database does not send."""

import contextlib
import time
from pathlib import Path

import httpx
import pytest

from service.config import MIGRATIONS
from service.kit.data_folder import DataFolder
from service.kit.db import migrate
from service.kit.embedded import EmbeddedServers
from tests.e2e.crowd import OUTLINES, rows, sent_to, the_zone
from tests.e2e.relay import Relay, port_of
from tests.e2e.system import System, running, wait_for
from tests.fakes import stub_of_google


def test_a_restored_copy_of_the_database_does_not_send(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    zone, cell = the_zone(system)
    phone = system.register([cell], verify=False)
    system.start("worker")
    wait_for(lambda: rows(system, "SELECT count(*) FROM sending WHERE epoch = 'e2e'"), what="the epoch")
    system.kill("worker")
    plain = System.environment
    monkeypatch.setattr(System, "environment", lambda self: plain(self) | {"SUREFOOT_EPOCH": "the copy"})
    alert = system.warn(zone)
    system.start("copy", "worker")
    time.sleep(5)
    assert not sent_to(system, alert)
    done = system.command("alerts", "resume", "--reason", "this is the new home", key="borys")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: sent_to(system, alert) == {phone.address: 1}, what="sending")


def test_redis_gone_and_postgresql_stopped_and_back_lose_nothing(tmp_path: Path) -> None:
    with DataFolder.take(tmp_path / "own", purpose="tests") as folder, contextlib.ExitStack() as stack:
        servers = stack.enter_context(EmbeddedServers.start(folder))
        migrate(servers.database_url, MIGRATIONS)
        database = stack.enter_context(Relay(port_of(servers.database_url)))
        redis = stack.enter_context(Relay(port_of(servers.redis_url)))
        google = stack.enter_context(stub_of_google(tmp_path))
        urls = database.url(servers.database_url), redis.url(servers.redis_url)
        system = stack.enter_context(running(System(google, *urls, tmp_path)))
        system.import_zones(OUTLINES)
        zone, cell = the_zone(system)
        redis.turn(None)
        first = system.register([cell])
        alert = system.warn(zone)
        system.wait_until_sent(alert)
        assert sent_to(system, alert) == {first.address: 1}
        where = {"cell": cell}
        servers.stop()
        database.turn(None)
        answer = wait_for(lambda: away(system.ask("GET", "/alerts/live", params=where)), what="a 503")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/database-away"
        assert answer.headers["retry-after"]
        servers = stack.enter_context(EmbeddedServers.start(folder))
        database.turn(port_of(servers.database_url))
        wait_for(lambda: system.ask("GET", "/alerts/live", params=where).status_code == 200, what="the API's recovery")
        second = system.register([cell])
        assert [one["alert_id"] for one in second.live_alerts] == [alert]
        wait_for(lambda: second.address in sent_to(system, alert), 60, what="the push after the outage")
        assert sent_to(system, alert) == {first.address: 1, second.address: 1}


def away(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 503 else None
