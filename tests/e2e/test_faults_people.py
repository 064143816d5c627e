"""People come late, were away, stop the sending or take a warning back: nobody is lost by it."""

import time
from datetime import UTC, datetime, timedelta

import httpx

from tests.e2e.crowd import a_zone, crowd, demand_once_each, sent_to
from tests.e2e.system import System, cell_at, wait_for

FAR = (-52.0, -120.0)


def test_who_registers_before_planning_moves_in_later_or_was_away_for_40_days_learns_of_it(system: System) -> None:
    zone, cell = a_zone(system)
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
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 1_000)
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
    demand_once_each(system, alert, phones)


def test_a_withdrawn_alert_stops_and_phones_that_pull_read_the_correction(system: System) -> None:
    zone, cell = a_zone(system)
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
