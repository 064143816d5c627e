"""The way by text: whose turn it is, which operator carries it, and what happens while none or no database is there."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from service.delivery import ledger
from service.delivery.channels import sms as channel
from service.delivery.channels import sms_book
from service.delivery.model import Accepted, AddressDead, Outcome, Severity, TryLater
from service.delivery.sms import Answer, NotNow, OptedOut, Taken, Unanswered
from service.kit.db import Pool, transaction
from tests.conftest import FixedClock
from tests.integration.texts import TOLD, Office, Operator, a_payload, a_provider

MILD, GRAVE = replace(TOLD, severity=Severity.MINOR), replace(TOLD, severity=Severity.EXTREME)
MINOR, EXTREME = timedelta(hours=24), timedelta(hours=6)  # by their validities texts are told apart


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience that a test can wait for."""
    monkeypatch.setattr(channel, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(channel, "AWAY_SECONDS", 0.3)


def an_office(pool: Pool, clock: FixedClock, *operators: Operator, per_second: int = 5_000, window: int = 50) -> Office:
    providers = [a_provider(one.name, per_second=per_second, window=window) for one in operators]
    return Office(pool, clock, list(operators), providers)


async def test_the_most_severe_passes_what_waits_for_the_operators_rate(pool: Pool, clock: FixedClock) -> None:
    operator = Operator()
    office = an_office(pool, clock, operator, per_second=50, window=1)
    many = await office.a_batch(90)
    [one] = await office.a_batch(1)
    minor = [replace(each, payload=a_payload(TOLD, rank=10_000)) for each in many]
    severe = replace(one, payload=a_payload(TOLD, rank=40_000), number=one.number)
    way = office.channel()
    slow = asyncio.create_task(office.send(minor, channel=way))
    await asyncio.sleep(0.2)
    before = len(operator.tried)
    assert 0 < before < 80
    await office.send([severe], channel=way)
    assert len(operator.tried) <= before + 5, "only what had its turn already went before it"
    await slow


async def test_while_no_operator_is_there_texts_wait_and_nothing_is_written(
    pool: Pool, clock: FixedClock, hurried: None
) -> None:
    operator = Operator(ready=False)
    office = an_office(pool, clock, operator)
    parcels = await office.a_batch(3)
    assert {one.reason for one in await office.send(parcels) if isinstance(one, TryLater)} == {"no-operator"}
    assert await office.entries(parcels) == {}


async def test_when_an_operator_is_back_the_most_severe_go_first(pool: Pool, clock: FixedClock) -> None:
    operator = Operator(ready=False)
    office = an_office(pool, clock, operator, per_second=100, window=1)
    minor = [replace(one, payload=a_payload(MILD, rank=10_000)) for one in await office.a_batch(30)]
    severe = [replace(one, payload=a_payload(GRAVE, rank=40_000)) for one in await office.a_batch(10)]
    way = office.channel()
    sending = [asyncio.create_task(office.send(each, channel=way)) for each in (minor, severe)]
    await asyncio.sleep(0.3)
    operator.ready = True
    outcomes = [one for each in sending for one in await each]
    assert all(isinstance(one, Accepted) for one in outcomes)
    order = [sms.validity for sms in operator.sent]
    assert order == [EXTREME] * 10 + [MINOR] * 30


async def test_what_has_no_turn_in_time_goes_back_unwritten(pool: Pool, clock: FixedClock, hurried: None) -> None:
    operator = Operator()
    office = an_office(pool, clock, operator, per_second=10)
    parcels = await office.a_batch(40)
    outcomes = await office.send(parcels)
    crowded = [one for one in outcomes if isinstance(one, TryLater) and one.reason == "crowded"]
    assert len(crowded) + len(operator.took) == 40
    assert crowded
    assert len(await office.entries(parcels)) == len(operator.took), "R19: of nobody else it is said"


async def test_another_operator_carries_the_texts_of_one_that_is_away(pool: Pool, clock: FixedClock) -> None:
    away, there = Operator("north", ready=False), Operator("south")
    office = an_office(pool, clock, away, there)
    outcomes = await office.send(await office.a_batch(10))
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert (len(away.tried), len(there.took)) == (0, 10)


async def test_one_text_in_doubt_holds_back_no_other_of_its_batch(pool: Pool, clock: FixedClock, hurried: None) -> None:
    operator = Operator()
    operator.say(Unanswered((), "lost"))
    office = an_office(pool, clock, operator, per_second=10)
    outcomes = await office.send(await office.a_batch(30))
    waits = {one.after for one in outcomes if isinstance(one, TryLater)}
    assert len(waits) == 1
    assert waits == {channel._SOON}


@pytest.mark.parametrize(
    ("answer", "outcome", "state"),
    [
        (Taken(("7",)), Accepted("7"), "taken"),
        (NotNow(None, "busy"), TryLater(None, "busy"), "waiting"),
        (OptedOut("stop"), AddressDead("opted-out"), "refused"),
    ],
)
async def test_a_single_thing_is_said_at_once_and_leaves_its_template_and_its_outcome(
    pool: Pool, clock: FixedClock, answer: Answer, outcome: Outcome, state: str
) -> None:
    operator = Operator()
    operator.say(answer)
    office = an_office(pool, clock, operator)
    assert await office.say("number-code") == outcome
    assert bool(office.out) is isinstance(answer, OptedOut), "who said stop is recorded"
    async with transaction(pool) as tx:
        rows = await (await tx.execute("SELECT template, state, number, batch_id, mark FROM sms_text")).fetchall()
    assert rows == [{"template": "number-code", "state": state, "number": None, "batch_id": None, "mark": None}]


async def test_an_answer_goes_by_the_operator_that_was_named_or_not_at_all(
    pool: Pool, clock: FixedClock, hurried: None
) -> None:
    north, south = Operator("north"), Operator("south", ready=False)
    office = an_office(pool, clock, north, south)
    assert isinstance(await office.say("answer", provider="north"), Accepted)
    assert await office.say("answer", provider="south") == TryLater(channel._SOON, "no-operator")
    assert len(north.tried) == 1


async def test_what_cannot_be_written_down_is_not_handed_over(
    pool: Pool, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = Operator()
    office = an_office(pool, clock, operator)
    parcels = await office.a_batch(5)

    async def away(*_: object, **__: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(ledger, "intend", away)
    assert await office.send(parcels) == [TryLater(None, "not-written")] * 5
    assert operator.tried == []


async def test_an_answer_is_written_once_the_database_is_back(
    pool: Pool, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator, tries, write = Operator(), [], ledger.answered
    monkeypatch.setattr(sms_book, "_AGAIN_SECONDS", 0.01)

    async def at_first_away(*said: object, **more: object) -> object:
        tries.append(said)
        if len(tries) < 3:
            raise psycopg.OperationalError
        return await write(*said, **more)  # type: ignore[arg-type]  # what it was called with

    monkeypatch.setattr(ledger, "answered", at_first_away)
    office = an_office(pool, clock, operator)
    parcels = await office.a_batch(1)
    assert await office.send(parcels) == [Accepted("north-1")]
    assert [one.state.value for one in (await office.entries(parcels)).values()] == ["taken"]


async def test_a_slow_operator_does_not_hold_back_the_texts_of_a_fast_one(pool: Pool, clock: FixedClock) -> None:
    slow, fast = Operator("north"), Operator("south")
    providers = [a_provider("north", per_second=5), a_provider("south", per_second=2_000)]
    office = Office(pool, clock, [slow, fast], providers)
    outcomes = await asyncio.wait_for(office.send(await office.a_batch(100)), 4)
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert len(slow.took) <= 20
