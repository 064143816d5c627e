"""Texts when workers and operators fail: nothing is lost, what is doubled was in doubt, and each repeat is counted."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from service.delivery import spending
from service.delivery.model import Severity
from service.kit.db import Tx
from service.operators import actions as operators
from service.operators.model import Done, Role
from tests.conftest import ServerUrls, a_database
from tests.e2e.system import wait_for
from tests.e2e.texting import Texters
from tests.smsc import an_smsc

WINDOW = 10
PRICE = 50_000  # of a segment, in millionths
# At the kill those that had their turn, twice the window; at the lost bind the window.
MOST_IN_DOUBT = 3 * WINDOW


@pytest.fixture
def texters(tmp_path: Path, server_urls: ServerUrls, template: str) -> Iterator[Texters]:
    with a_database(server_urls, template) as database_url, an_smsc() as smsc:
        made = Texters(database_url, server_urls.redis, tmp_path, smsc, window=WINDOW)
        yield made
        made.stop()


def test_a_worker_killed_between_text_and_answer_and_a_lost_bind_lose_nobody_and_double_only_what_was_in_doubt(
    texters: Texters,
) -> None:
    people = texters.people(300)
    texters.smsc.tell("receipts", delay=0.1, early=True)  # each is taken, and answered only later
    texters.start("first")
    alert = texters.tell(list(people))
    wait_for(lambda: len(texters.taken()) > 60, what="the first texts")
    texters.kill("first")
    texters.start("second")
    wait_for(lambda: len(texters.taken()) > 160, what="the next worker's texts")
    texters.smsc.tell("drop")
    assert len(texters.taken()) < len(people), "the faults came too late to prove anything"
    wait_for(lambda: not texters.left(alert), 60, what="the end")
    taken = texters.taken()
    assert set(taken) == set(people.values()), "nobody is lost"
    assert max(taken.values()) <= 2
    doubled = {number for number, times in taken.items() if times == 2}
    assert 0 < len(doubled) <= MOST_IN_DOUBT
    repeated = {people[number] for (number,) in texters.ask("SELECT number FROM sms_text WHERE handed = 2")}
    assert doubled <= repeated, "each is counted"
    assert len(repeated) <= MOST_IN_DOUBT
    fates = "".join(one for (one,) in texters.ask("SELECT fates FROM batch WHERE alert_id = %s", alert))
    assert set(fates) <= {"a", "x"}
    [(unknown,)] = texters.ask("SELECT count(*) FROM sms_text WHERE state = 'unknown'")
    assert fates.count("x") == unknown, "only of whom nobody could say twice"


def test_an_smsc_that_was_gone_loses_nothing_and_the_most_severe_go_first_when_it_is_back(texters: Texters) -> None:
    people = texters.people(300)
    numbers = list(people)
    texters.smsc.tell("away")
    texters.start("worker")
    minor = texters.tell(numbers[:100], Severity.MINOR)
    severe = texters.tell(numbers[100:200], Severity.SEVERE)
    extreme = texters.tell(numbers[200:], Severity.EXTREME)
    claimed = "SELECT FROM batch WHERE attempts > 0"
    wait_for(lambda: len(texters.ask(claimed)) == len(texters.ask("SELECT FROM batch")), what="tries in vain")
    texters.smsc.tell("back")
    wait_for(lambda: not any(map(texters.left, (extreme, severe, minor))), 60, what="the end")
    order = [f"+{one['destination_addr']}" for one in texters.smsc.tell("seen")]
    assert sorted(order) == sorted(people.values()), "each once"
    place = {number: order.index(people[number]) for number in numbers}
    last_extreme = max(place[number] for number in numbers[200:])
    last_severe = max(place[number] for number in numbers[100:200])
    assert sum(place[number] < last_extreme for number in numbers[:200]) <= 2 * WINDOW
    assert sum(place[number] < last_severe for number in numbers[:100]) <= 2 * WINDOW


def test_a_budget_that_is_reached_in_mid_alert_goes_to_the_nearest_until_an_admin_lifts_it(texters: Texters) -> None:
    numbers = [*(people := texters.people(300))]
    texters.more["SUREFOOT_SMS_ALERT_BUDGET"] = "7"  # a segment is 0.05: enough for 140
    texters.start("worker")
    alert = texters.tell(numbers, rings=3)
    wait_for(lambda: len(texters.taken()) >= 140, what="the nearest")
    parked = "SELECT ring, size FROM batch WHERE alert_id = %s AND parked_at IS NOT NULL ORDER BY ring"
    wait_for(lambda: texters.ask(parked, alert) == [(1, 60), (2, 100)], what="a stop")
    assert {people[number] for number in numbers[:100]} <= set(texters.taken())
    assert not {people[number] for number in numbers[200:]} & set(texters.taken())
    wait_for(lambda: texters.left(alert) == 2, what="the end of what was paid for")
    texters.kill("worker")  # a stop outlives whoever noticed it
    texters.start("worker")
    lift(texters, alert, 8)
    wait_for(lambda: not texters.left(alert), what="the end")
    taken = texters.taken()
    assert set(taken) == set(people.values())
    assert set(taken.values()) == {1}
    [(spent,)] = texters.ask("SELECT spent FROM sms_spending WHERE alert_id = %s", alert)
    assert spent == 300 * PRICE


def lift(texters: Texters, alert: UUID, amount: int) -> None:
    async def act(tx: Tx) -> None:
        now = texters.clock.now()
        admin = next(iter(await operators.everybody(tx)), None)
        if admin is None:
            added = await operators.add(tx, None, "admin", frozenset({Role.ADMIN}), now=now)
            assert isinstance(added, Done)
            admin = added.operator
        await spending.lift(tx, admin, alert, amount=amount, reason="the rest of the valley", now=now)

    texters.act(act)
