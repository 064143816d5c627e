"""Texts when workers and operators fail: nothing is lost, what is doubled was in doubt, and each repeat is counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.delivery.model import Severity
from tests.conftest import ServerUrls, a_database
from tests.e2e.system import wait_for
from tests.e2e.texting import Texters
from tests.smsc import an_smsc

WINDOW = 10


@pytest.fixture
def texters(tmp_path: Path, server_urls: ServerUrls, template: str) -> Iterator[Texters]:
    with a_database(server_urls, template) as database_url, an_smsc() as smsc:
        made = Texters(database_url, server_urls.redis, tmp_path, smsc, window=WINDOW)
        yield made
        made.stop()


def test_workers_killed_between_text_and_answer_lose_nobody_and_double_no_more_than_was_in_doubt(
    texters: Texters,
) -> None:
    people = texters.people(400)
    texters.smsc.tell("receipts", delay=0.15, early=True)  # each is taken, and answered only later
    texters.start("first")
    alert = texters.tell(list(people))
    wait_for(lambda: len(texters.taken()) > 60, what="the first texts")
    texters.kill("first")
    texters.start("second")
    wait_for(lambda: len(texters.taken()) > 160, what="the next worker's texts")
    texters.smsc.tell("drop")
    wait_for(lambda: len(texters.taken()) > 240, what="texts after a lost bind")
    assert len(texters.taken()) < len(people), "the faults came too late to prove anything"
    texters.kill("second")
    texters.start("third")
    wait_for(lambda: not texters.left(alert), 60, what="the end")
    taken = texters.taken()
    assert set(taken) == set(people.values()), "nobody is lost"
    assert max(taken.values()) <= 2
    doubled = {number for number, times in taken.items() if times == 2}
    assert 0 < len(doubled) <= 3 * WINDOW
    repeated = {people[number] for (number,) in texters.ask("SELECT number FROM sms_text WHERE handed = 2")}
    assert doubled <= repeated, "each is counted"
    assert len(repeated) <= 3 * WINDOW
    fates = "".join(one for (one,) in texters.ask("SELECT fates FROM batch WHERE alert_id = %s", alert))
    assert fates == "a" * len(people)


def test_an_smsc_that_was_gone_loses_nothing_and_the_most_severe_go_first_when_it_is_back(texters: Texters) -> None:
    people = texters.people(300)
    numbers = list(people)
    texters.smsc.tell("away")
    texters.start("worker")
    minor = texters.tell(numbers[:100], Severity.MINOR)
    severe = texters.tell(numbers[100:200], Severity.SEVERE)
    extreme = texters.tell(numbers[200:], Severity.EXTREME)
    wait_for(lambda: texters.ask("SELECT FROM batch WHERE attempts > 1"), what="tries in vain")
    texters.smsc.tell("back")
    for alert in (extreme, severe, minor):
        wait_for(lambda alert=alert: not texters.left(alert), 60, what="the end")
    order = [f"+{one['destination_addr']}" for one in texters.smsc.tell("seen")]
    assert sorted(order) == sorted(people.values()), "each once"
    place = {number: order.index(people[number]) for number in numbers}
    last_extreme = max(place[number] for number in numbers[200:])
    last_severe = max(place[number] for number in numbers[100:200])
    assert sum(place[number] < last_extreme for number in numbers[:200]) <= 2 * WINDOW
    assert sum(place[number] < last_severe for number in numbers[:100]) <= 2 * WINDOW
