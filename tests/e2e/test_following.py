"""A warning is taken back in mid-send, by real processes; what went out is counted at the stub, not in our tables."""

import time
from collections import Counter

from tests.e2e.crowd import a_zone, crowd, rows
from tests.e2e.system import System, wait_for


def sent(system: System, alert: str) -> Counter[tuple[str, str]]:
    """Count what the provider was asked to bring, by kind of message and address."""
    found = [one for one in system.google.alerts() if one["message"]["data"]["alert"] == alert]
    return Counter((one["message"]["data"]["message"], one["address"]) for one in found)


def kinds(system: System, alert: str, kind: str) -> set[str]:
    return {address for told, address in sent(system, alert) if told == kind}


def begun(system: System, phones: int) -> str:
    """Let a warning be under way: most messages are answered that they must wait a second."""
    zone, cell = a_zone(system)
    crowd(system, cell, phones)
    system.google.fail({"status": 503, "share": 0.7, "headers": {"Retry-After": "1"}})
    system.start("worker")
    alert = system.warn(zone)
    wait_for(lambda: len(sent(system, alert)) > 5, what="the first messages")
    return alert


def test_r17_an_alert_that_is_withdrawn_in_mid_send_stops_within_two_seconds(system: System) -> None:
    alert = begun(system, 300)
    system.must("POST", f"/alerts/{alert}/withdraw", by="anna", json={"wrong": "place", "reason": "wrong bank"})
    time.sleep(2)
    system.google.fail()
    before = sent(system, alert)
    assert len(before) < 300, "the withdrawal came too late to prove anything"
    time.sleep(4)
    assert sent(system, alert) == before
    assert rows(system, "SELECT count(*) FROM batch WHERE state <> 'done'") == 0
    assert system.state(alert) == "withdrawn"


def test_r19_a_correction_in_mid_send_stops_the_warning_and_follows_it_to_whom_it_reached(system: System) -> None:
    alert = begun(system, 300)
    look = system.must("POST", f"/alerts/{alert}/correction/preview", by="borys", json={"wrong": "place"})
    body = {"wrong": "place", "reason": "wrong bank", "content": look["content"]}
    correction = system.must("POST", f"/alerts/{alert}/correction", by="borys", json=body)["id"]
    time.sleep(2)
    system.google.fail()
    warned = kinds(system, alert, "warning")
    assert len(warned) < 300, "the correction came too late to prove anything"
    system.wait_until_sent(correction)
    assert kinds(system, alert, "warning") == warned, "a warning went out after its correction"
    assert warned <= kinds(system, alert, "correction"), "somebody was warned and not corrected"
    assert max(count for (kind, _), count in sent(system, alert).items() if kind == "correction") == 1


def test_r19_an_update_in_mid_send_reaches_everybody_once_and_the_warning_nobody_after_it(system: System) -> None:
    zone, cell = a_zone(system)
    phones = crowd(system, cell, 200)
    system.google.fail({"status": 503, "share": 0.7, "headers": {"Retry-After": "1"}})
    system.start("worker")
    alert = system.warn(zone)
    wanted = {"zone_id": zone, "template": "update", "severity": "extreme", "exercise": False, "reach_m": 5000}
    update = system.must("POST", f"/alerts/{alert}/update", by="anna", json={**wanted, "place": "Testovo"})["id"]
    system.must("POST", f"/alerts/{update}/submit", by="anna")
    wait_for(lambda: len(sent(system, alert)) > 5, what="the first messages")
    system.must("POST", f"/alerts/{update}/approve", by="borys")
    time.sleep(2)
    system.google.fail()
    warned = kinds(system, alert, "warning")
    assert len(warned) < len(phones), "the update came too late to prove anything"
    system.wait_until_sent(update)
    assert kinds(system, alert, "warning") == warned
    assert kinds(system, alert, "update") == phones, "nobody is lost"
    assert max(count for (kind, _), count in sent(system, alert).items() if kind == "update") == 1
