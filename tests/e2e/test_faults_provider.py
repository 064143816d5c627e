"""A provider that fails in every way, is away for hours, and a machine whose clock jumps: everybody is warned."""

import json
import sys
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from service.kit.processes import child
from tests.e2e.crowd import a_zone, crowd, demand_nobody_lost, demand_once_each, sent_to
from tests.e2e.jumping import jump
from tests.e2e.system import ROOT, System, wait_for

SPEED = 240
UNREGISTERED = {
    "status": 404,
    "body": json.dumps(
        {
            "error": {
                "code": 404,
                "status": "NOT_FOUND",
                "details": [
                    {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED"}
                ],
            }
        }
    ),
}
# Together 30 %: a rule is asked when those before it let a message through, so the shares come to that, if barely.
KINDS: list[dict[str, Any]] = [
    {"status": 503, "share": 0.05},
    {"status": 503, "share": 0.03, "headers": {"Retry-After": "2"}},
    {"status": 503, "share": 0.02, "body": ""},
    {"status": 500, "share": 0.05},
    {"status": 429, "share": 0.04, "headers": {"Retry-After": "3"}},
    {"status": 429, "share": 0.02},
    {"status": 502, "share": 0.03, "body": "<html><body>Bad Gateway</body></html>"},
    {"status": 400, "share": 0.03, "body": '{"error": {"code": 400}}'},
    {"status": 401, "share": 0.01},
    {"status": 403, "share": 0.02},
    {"status": 418, "share": 0.01, "body": "?"},
    {"status": 503, "share": 0.02, "reset": True},
    {"status": 200, "share": 0.02, "body": '{"na'},
]


def test_a_provider_that_answers_three_in_ten_with_errors_of_all_kinds_loses_nobody_and_kills_no_address(
    system: System,
) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 1_500)
    gone = set(sorted(phones)[:5])
    system.google.fail(*(UNREGISTERED | {"address": address} for address in gone), *KINDS)
    # Hours pass in minutes: a provider in trouble is asked ever more seldom.
    system.more["SUREFOOT_CLOCK"] = f"{datetime.now(UTC).isoformat()}@{time.time()}x{SPEED}"
    system.start("worker")
    alert = system.warn(zone)
    system.wait_until_sent(alert, 120)
    repeats = demand_nobody_lost(system, alert, phones - gone, most=5)
    assert repeats <= 0.1 * len(phones), "only an answer that was broken on the way makes a message come twice"


def test_a_provider_that_is_away_for_an_hour_is_not_stormed_and_nobody_is_lost(system: System) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 1_000)
    system.google.fail({"status": 503})
    system.more["SUREFOOT_CLOCK"] = f"{datetime.now(UTC).isoformat()}@{time.time()}x{SPEED}"
    system.start("worker")
    alert = system.warn(zone)
    wait_for(lambda: system.google.counts()["answers"].get("503", 0) > 100, what="the first refusals")
    time.sleep(3600 / SPEED)
    assert not sent_to(system, alert)
    asked = system.google.counts()["answers"]["503"]
    assert asked < 20 * len(phones), "more than 20 tries each in an hour are a storm"
    system.google.fail()
    system.wait_until_sent(alert, 90)
    demand_once_each(system, alert, phones)


def test_a_clock_that_jumps_two_hours_on_and_six_back_in_mid_send_loses_nobody(system: System) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 2_000)
    system.google.fail({"status": 503, "share": 0.5, "delay": 0.3})
    file = system.folder / "hours"
    jump(file, 0)
    log = (system.folder / "jumping.log").open("ab")
    words = [sys.executable, "-m", "tests.e2e.jumping", str(file), "worker"]
    system.programs["jumping"] = child(words, system.environment(), cwd=ROOT, stdout=log, stderr=log)
    log.close()
    alert = system.warn(zone)
    wait_for(lambda: len(sent_to(system, alert)) > 50, what="the first messages")
    for hours in (2, -4):
        jump(file, hours)
        before = len(sent_to(system, alert))
        assert before < len(phones), "the jump came too late to prove anything"
        wait_for(partial(more_than, system, alert, before), 30, what="the next messages")
    system.google.fail()
    system.wait_until_sent(alert, 90)
    demand_once_each(system, alert, phones)


def more_than(system: System, alert: str, known: int) -> bool:
    return len(sent_to(system, alert)) > known
