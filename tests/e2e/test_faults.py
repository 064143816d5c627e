"""What breaks on the way loses nobody: killed workers, absent servers, late registrations, phones that were away."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from shapely.geometry import shape

from service.config import MIGRATIONS
from service.kit.data_folder import DataFolder
from service.kit.db import migrate
from service.kit.embedded import EmbeddedServers
from tests.e2e.relay import Relay, port_of
from tests.e2e.system import Phone, System, cell_at, running, wait_for
from tests.e2e.test_main_job import first_outline, outlines, zone_at
from tests.fakes import stub_of_google

FAR = (-52.0, -120.0)


@pytest.fixture
def system(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[System]:
    with (
        stub_of_google(tmp_path, delay=0.02) as google,
        running(System(google, database_url, redis_url, tmp_path), worker=False) as system,
    ):
        system.import_zones(outlines())
        yield system


def the_zone(system: System) -> tuple[str, str]:
    """A zone's id and the cell in its middle."""
    zone = zone_at(system, first_outline(outlines()))
    middle = shape(zone["geometry"]).representative_point()
    return zone["id"], cell_at(middle.y, middle.x)


def crowd(system: System, cell: str, many: int) -> list[Phone]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: system.register([cell], verify=False), range(many)))


def sent_to(system: System, alert: str) -> Counter[str]:
    found = [one for one in system.google.alerts() if one["message"]["data"]["alert"] == alert]
    assert {one["message"]["data"]["revision"] for one in found} <= {"1"}
    return Counter(one["address"] for one in found)


def rows(system: System, query: str) -> int:
    with psycopg.connect(system.database_url) as connection:
        found = connection.execute(query).fetchone()
        return int(found[0]) if found else 0


def test_a_worker_killed_while_planning_leaves_nobody_out_and_plans_nobody_twice(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, cell = the_zone(system)
    phones = crowd(system, cell, 150)
    plain = System.environment
    monkeypatch.setattr(System, "environment", lambda self: plain(self) | {"SUREFOOT_PLAN_PAGE": "10"})
    alert = system.warn(zone)
    system.start("first", "worker")
    wait_for(lambda: rows(system, "SELECT count(*) FROM batch") >= 3, what="the first pages")
    system.kill("first")
    assert rows(system, "SELECT pass FROM alert_plan") == 0, "the kill came too late to prove anything"
    system.start("second", "worker")
    system.wait_until_sent(alert)
    assert rows(system, "SELECT sum(size) FROM batch") == len(phones)
    assert sent_to(system, alert).keys() == {phone.address for phone in phones}


def test_a_worker_killed_in_mid_send_is_relieved_within_15_seconds_and_phones_drop_the_repeats(system: System) -> None:
    zone, cell = the_zone(system)
    phones = crowd(system, cell, 250)
    system.google.fail({"status": 200, "delay": 1.0, "share": 0.5, "body": None})
    system.start("first", "worker")
    alert = system.warn(zone)
    wait_for(lambda: len(sent_to(system, alert)) > 20, what="the first messages")
    system.google.fail()
    system.kill("first")
    killed, before = time.monotonic(), sum(sent_to(system, alert).values())
    system.start("second", "worker")
    wait_for(lambda: sum(sent_to(system, alert).values()) > before, 15, what="the next attempt")
    assert time.monotonic() - killed < 15
    system.wait_until_sent(alert)
    counted = sent_to(system, alert)
    assert counted.keys() == {phone.address for phone in phones}
    assert max(counted.values()) <= 2


def test_who_registers_before_planning_moves_in_later_or_was_away_for_40_days_learns_of_it(system: System) -> None:
    zone, cell = the_zone(system)
    away = system.register([cell], verify=False)
    alert = system.warn(zone)
    early = system.register([cell], verify=False)
    assert [one["alert_id"] for one in early.live_alerts] == [alert]
    mover = system.register([cell_at(*FAR)], verify=False)
    assert mover.live_alerts == []
    system.start("worker")
    system.wait_until_sent(alert)
    url = f"{system.url}/v1/registrations/{mover.id}"
    moved = httpx.patch(url, json={"cells": [cell]}, headers=mover.headers)
    assert [one["alert_id"] for one in moved.json()["live_alerts"]] == [alert]
    wait_for(lambda: mover.address in sent_to(system, alert), what="the mover's push")
    assert sent_to(system, alert) == {phone.address: 1 for phone in (away, early, mover)}
    system.stop()
    later = datetime.now(UTC) + timedelta(days=40)
    system.clock = f"{later.isoformat()}@{time.time()}x1"
    system.start_api()
    live = system.must("GET", "/alerts/live", params={"cell": cell})
    assert [(one["alert_id"], one["state"]) for one in live["alerts"]] == [(alert, "live")]


def test_r17_a_pause_stops_all_sending_within_two_seconds_and_resuming_loses_nobody(system: System) -> None:
    zone, cell = the_zone(system)
    phones = crowd(system, cell, 200)
    system.google.fail({"status": 503, "share": 0.7, "headers": {"Retry-After": "1"}})
    system.start("worker")
    alert = system.warn(zone)
    wait_for(lambda: len(sent_to(system, alert)) > 5, what="the first messages")
    system.must("POST", "/sending/pause", by="anna", json={"reason": "a test of the switch"})
    time.sleep(2)
    system.google.fail()
    before = sum(sent_to(system, alert).values())
    time.sleep(3)
    assert sum(sent_to(system, alert).values()) == before
    assert before < len(phones), "the pause came too late to prove anything"
    assert system.ask("POST", "/sending/resume", json={"reason": "go on"}).status_code == 401
    system.must("POST", "/sending/resume", by="borys", json={"reason": "go on with it"})
    system.wait_until_sent(alert)
    assert sent_to(system, alert) == {phone.address: 1 for phone in phones}


def test_a_withdrawn_alert_stops_and_phones_that_pull_read_the_correction(system: System) -> None:
    zone, cell = the_zone(system)
    system.register([cell], verify=False)
    alert = system.warn(zone)
    system.must("POST", f"/alerts/{alert}/withdraw", by="borys", json={"wrong": "place", "reason": "wrong bank"})
    system.start("worker")
    time.sleep(4)
    assert not sent_to(system, alert)
    [entry] = system.must("GET", "/alerts/live", params={"cell": cell})["alerts"]
    assert entry["state"] == "withdrawn"
    assert "does not mean" in entry["texts"]["en"]["body"]
    assert system.state(alert) == "withdrawn"


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
        system.import_zones(outlines())
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
