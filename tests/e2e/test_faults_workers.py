"""A worker that is killed on the way leaves nobody out, and sends to nobody more often than it must."""

import time

import pytest

from tests.e2e.crowd import crowd, rows, sent_to, the_zone
from tests.e2e.system import System, wait_for


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
