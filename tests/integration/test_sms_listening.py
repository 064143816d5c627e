"""Answers go out once: what may have been sent is not repeated, what was not is tried again, or left to others."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from service.conversations import listening
from service.conversations.listening import MOST_SENDING, Listener
from service.conversations.outbox import Outbox
from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater
from service.delivery.sms import Sms, SmsDesk
from service.kit.errors import Refused
from service.kit.house import House
from tests.conftest import FixedClock
from tests.integration.letterbox import SENDER, Letterbox, Talk, letterbox, own_keys, part, text

SOON, NOT_NOW = TryLater(timedelta(milliseconds=20), "no session"), TryLater(timedelta(seconds=9), "no session")


@dataclass
class Operator:
    """Takes what it is given, after the outcomes that a test wants."""

    outcomes: list[Outcome | Exception] = field(default_factory=list)
    said: list[Sms] = field(default_factory=list)
    named: list[str | None] = field(default_factory=list)
    templates: set[str] = field(default_factory=set)
    silent: asyncio.Event | None = None

    async def say(self, sms: Sms, *, template: str, provider: str | None = None) -> Outcome:
        self.said.append(sms)
        self.named.append(provider)
        self.templates.add(template)
        if self.silent is not None:
            await self.silent.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted("1")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
async def box(house: House, redis_url: str, operator: Operator) -> AsyncIterator[Letterbox]:
    own = own_keys(house)
    made = letterbox(own, Talk(), redis_url)
    own.put(made.inbox)
    own.put(made.outbox)
    own.put(SmsDesk(operator))
    await made.outbox.take(1000, now=house.clock.now())  # what other tests left
    yield made
    await made.close()


@pytest.fixture
async def listener(house: House, box: Letterbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    monkeypatch.setattr(listening, "_REST", timedelta(milliseconds=20))
    made = Listener(house)
    yield made
    await made.close()


async def sent(listener: Listener) -> None:
    while tasks := listener._sending:
        await asyncio.wait(tasks)


async def test_an_answer_goes_out_by_the_operator_who_brought_the_text(listener: Listener, operator: Operator) -> None:
    await listener.hear(text("I found a mine", provider="vodafone"))
    await listener.hear(text("Testovo", provider="kyivstar"))
    await sent(listener)
    assert sorted((one.to.reveal(), one.urgent) for one in operator.said) == [(SENDER, False), (SENDER, True)]
    assert operator.templates == {"talk.test"}
    assert set(operator.named) == {"vodafone", "kyivstar"}
    assert all(timedelta(0) < one.validity <= timedelta(minutes=15) for one in operator.said)


@pytest.mark.parametrize(
    ("outcomes", "tries"),
    [
        ([Accepted("1")], 1),
        ([TryLater(None, "unanswered")], 1),
        ([AddressDead("unknown")], 1),
        ([MessageRefused("no")], 1),
        ([RuntimeError("380671234567")], 1),
        ([SOON, SOON], 3),
    ],
)
async def test_what_may_have_gone_out_is_never_repeated_and_what_has_not_is(
    listener: Listener,
    operator: Operator,
    outcomes: list[Outcome | Exception],
    tries: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operator.outcomes = [*outcomes]
    await listener.hear(text("Testovo"))
    await sent(listener)
    assert len(operator.said) == tries


async def test_nobody_gets_an_answer_after_a_quarter_of_an_hour(
    listener: Listener, operator: Operator, clock: FixedClock
) -> None:
    operator.outcomes = [SOON] * 9
    await listener.hear(text("Testovo"))
    await asyncio.sleep(0.01)
    clock.advance(timedelta(minutes=15))
    await sent(listener)
    assert len(operator.said) == 1


async def test_an_answer_that_waits_when_a_worker_ends_is_sent_by_another(
    listener: Listener, operator: Operator, box: Letterbox, house: House
) -> None:
    operator.outcomes = [NOT_NOW]
    await listener.hear(text("Testovo"))
    await asyncio.sleep(0.05)
    await listener.close()
    with pytest.raises(Refused):
        await listener.hear(text("too late"))
    other = Listener(house)
    await other.look()
    await sent(other)
    assert len(operator.said) == 2
    assert operator.said[0].text == operator.said[1].text


async def test_an_operator_who_takes_nothing_gets_no_more_texts_taken(listener: Listener, operator: Operator) -> None:
    operator.silent = asyncio.Event()
    for number in range(MOST_SENDING):
        await listener.hear(text("village", sender=f"+38067{1_000_000 + number}"))
    with pytest.raises(Refused, match="Too many answers wait"):
        await listener.hear(text("village"))
    operator.silent.set()
    await sent(listener)
    await listener.hear(text("village"))


async def test_answers_of_the_api_and_to_broken_texts_are_sent_together(
    listener: Listener, operator: Operator, box: Letterbox, house: House, clock: FixedClock
) -> None:
    letter = await box.inbox.write(text("Testovo"))
    assert letter is not None
    await house.get(Outbox).put(letter)
    await listener.hear(part("I found a thing in", 1, 2, sender="+380671234568"))
    await listener.look()
    clock.advance(timedelta(seconds=30))
    await listener.look()
    await sent(listener)
    assert [one.to.reveal() for one in operator.said] == [SENDER, "+380671234568"]
