"""The ledger of texts: one accepted text per recipient and revision, and none lost, wherever a worker dies."""

import asyncio
from datetime import timedelta

import pytest

from service.delivery import ledger
from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, Parcel, TryLater, Unproved
from service.delivery.sms import (
    Answer,
    Arrival,
    NotNow,
    NumberDead,
    OptedOut,
    Report,
    Taken,
    TextRefused,
    Unanswered,
)
from service.delivery.texts import State
from service.kit.db import Pool, transaction
from tests.conftest import FixedClock
from tests.integration.texts import ALERT, Office, Operator, a_provider, delivered

MINUTE = timedelta(seconds=61)
DOUBT = TryLater(timedelta(seconds=60), "unanswered")


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def office(pool: Pool, clock: FixedClock, operator: Operator) -> Office:
    return Office(pool, clock, [operator], [a_provider()])


async def killed(office: Office, operator: Operator, dies: str, count: int = 1) -> list[Parcel]:
    """Let a worker die with texts on their way; return the parcels."""
    parcels = await office.a_batch(count)
    operator.dies = dies
    with pytest.raises(BaseExceptionGroup):
        await office.send(parcels)
    operator.dies = ""
    return parcels


@pytest.mark.parametrize(
    ("answer", "outcome", "line"),
    [
        (Taken(("a", "b")), Accepted("b"), (State.TAKEN, 1)),
        (NumberDead("gone"), AddressDead("gone"), (State.REFUSED, 0)),
        (OptedOut("stop"), AddressDead("opted-out"), (State.REFUSED, 0)),
        (TextRefused("spam"), MessageRefused("spam"), (State.REFUSED, 0)),
        (NotNow(None, "throttled"), TryLater(None, "throttled"), (State.WAITING, 0)),
        (Unanswered((), "lost"), DOUBT, (State.UNANSWERED, 1)),
    ],
)
async def test_each_answer_of_an_operator_has_one_consequence_and_one_line_in_the_ledger(
    office: Office, operator: Operator, answer: Answer, outcome: Outcome, line: tuple[State, int]
) -> None:
    operator.say(answer)
    parcels = await office.a_batch()
    assert await office.send(parcels) == [outcome]
    [entry] = (await office.entries(parcels)).values()
    assert (entry.state, entry.handed) == line


@pytest.mark.parametrize("answer", [NumberDead("gone"), OptedOut("stop"), TextRefused("spam"), NotNow(None, "busy")])
async def test_what_was_not_taken_is_tried_again_where_the_worker_died_before_it_was_settled(
    office: Office, operator: Operator, answer: Answer
) -> None:
    operator.say(answer)
    parcels = await office.a_batch()
    await office.send(parcels)
    assert await office.send(parcels) == [Accepted("north-1")]
    [entry] = (await office.entries(parcels)).values()
    assert (entry.state, entry.handed) == (State.TAKEN, 1), "not counted as a repeat: the first was refused"


async def test_whoever_was_taken_before_the_worker_died_is_not_texted_again(office: Office, operator: Operator) -> None:
    parcels = await office.a_batch(20)
    first = await office.send(parcels)  # and dies before the batch is settled
    assert await office.send(parcels) == first
    assert len(operator.tried) == 20


async def test_a_worker_killed_before_the_text_went_out_loses_nobody(office: Office, operator: Operator) -> None:
    parcels = await killed(office, operator, "before")
    assert await office.send(parcels) == [DOUBT]
    assert operator.took == [], "within the minute nobody can say, so nothing is handed over"
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [Accepted("north-1")]
    [entry] = (await office.entries(parcels)).values()
    assert (entry.state, entry.handed) == (State.TAKEN, 2), "counted as handed over twice"


async def test_a_worker_killed_after_the_text_was_taken_doubles_it_once_and_counts_it(
    office: Office, operator: Operator
) -> None:
    parcels = await killed(office, operator, "after", 3)
    began = len(operator.took)
    assert 1 <= began <= 3
    office.clock.advance(MINUTE)
    outcomes = await office.send(parcels)
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert set(operator.took) == {one.address.value.reveal() for one in parcels}, "nobody is lost"
    assert len(operator.took) == 3 + began
    async with transaction(office.pool) as tx:
        [counted] = await ledger.counts(tx, ALERT, 1)
    assert (counted.state, counted.texts) == (State.TAKEN, 3)
    assert counted.repeated >= began
    async with transaction(office.pool) as tx:
        total = await (await tx.execute("SELECT total FROM outcome_count WHERE outcome = 'repeated'")).fetchone()
    assert total == {"total": counted.repeated}


async def test_what_nobody_can_say_twice_is_not_handed_over_a_third_time(office: Office, operator: Operator) -> None:
    parcels = await office.a_batch()
    operator.say(Unanswered((), "lost"), Unanswered((), "lost"))
    for _ in range(2):
        assert await office.send(parcels) == [DOUBT]
        assert await office.send(parcels) == [DOUBT], "nor before its minute is over"
        office.clock.advance(MINUTE)
    assert await office.send(parcels) == [Unproved("unknown")]
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [Unproved("unknown")]
    assert len(operator.tried) == 2
    [entry] = (await office.entries(parcels)).values()
    assert (entry.state, entry.handed) == (State.UNKNOWN, 2)


async def test_a_repeat_that_the_operator_did_not_take_stays_in_doubt_and_is_tried_again(
    office: Office, operator: Operator
) -> None:
    parcels = await office.a_batch()
    operator.say(Unanswered((), "lost"), NotNow(None, "busy"))
    await office.send(parcels)
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [TryLater(None, "busy")]
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [Accepted("north-1")]
    [entry] = (await office.entries(parcels)).values()
    assert (entry.state, entry.handed) == (State.TAKEN, 2)


async def test_a_report_within_the_minute_saves_the_repeat(office: Office, operator: Operator) -> None:
    operator.say(Unanswered(("p1", "p2", "p3"), "lost"))
    parcels = await office.a_batch()
    await office.send(parcels)
    await office.hear(delivered("p3"))
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [Accepted("p3")]
    assert len(operator.tried) == 1


async def test_a_report_of_some_parts_does_not_save_a_text_whose_rest_is_in_doubt(
    office: Office, operator: Operator
) -> None:
    operator.say(Unanswered(("p1",), "lost"))
    parcels = await office.a_batch(sms="Мінна небезпека. " * 6)
    await office.send(parcels)
    await office.hear(delivered("p1"))
    operator.told = delivered("p1")
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [Accepted("north-1")]
    assert operator.asked == [("p1",)]


@pytest.mark.parametrize(
    ("arrival", "outcome", "tried"),
    [
        (Arrival.DELIVERED, Accepted("a"), 1),
        (Arrival.UNDERWAY, Accepted("a"), 1),
        (Arrival.FAILED, Unproved("failed"), 1),
        (Arrival.EXPIRED, Unproved("failed"), 1),
        (Arrival.UNKNOWN_SUBSCRIBER, AddressDead("unknown-subscriber"), 1),
        (Arrival.OPTED_OUT, AddressDead("opted-out"), 1),
        (Arrival.UNKNOWN, Accepted("north-1"), 2),
        (None, Accepted("north-1"), 2),
    ],
)
async def test_before_a_text_is_repeated_the_operator_is_asked(
    office: Office, operator: Operator, arrival: Arrival | None, outcome: Outcome, tried: int
) -> None:
    operator.say(Unanswered(("a",), "lost"))
    parcels = await office.a_batch()
    await office.send(parcels)
    operator.told = None if arrival is None else Report("north", "a", arrival)
    office.clock.advance(MINUTE)
    assert await office.send(parcels) == [outcome]
    assert operator.asked == [("a",)]
    assert len(operator.tried) == tried


async def test_a_report_that_comes_before_the_response_counts(office: Office, operator: Operator) -> None:
    operator.on_taken = office.hear
    parcels = await office.a_batch(30)
    await office.send(parcels)
    assert {one.state for one in (await office.entries(parcels)).values()} == {State.DELIVERED}


async def test_two_workers_that_hold_one_batch_hand_each_text_over_once(office: Office, operator: Operator) -> None:
    operator.slow = 0.01
    parcels = await office.a_batch(60)
    one, other = await asyncio.gather(office.send(parcels), office.send(parcels))
    assert sorted(operator.tried) == sorted(one.address.value.reveal() for one in parcels)
    for pair in zip(one, other, strict=True):
        assert any(isinstance(outcome, Accepted) for outcome in pair)


async def test_the_gate_is_looked_at_before_every_single_text(office: Office, operator: Operator) -> None:
    parcels = await office.a_batch(50)
    outcomes = await office.channel().send(parcels, shut=lambda: len(operator.tried) >= 1)
    held = [one for one in outcomes if one == TryLater(None, "held")]
    assert len(operator.tried) + len(held) == 50
    assert held
    assert {one.handed for one in (await office.entries(parcels)).values()} <= {0, 1}


async def test_reports_of_unknown_texts_change_nothing_and_are_counted_after_an_hour(office: Office) -> None:
    await office.hear(delivered("nobody's"), delivered("nobody's"), Report("north", "x", Arrival.UNDERWAY))
    office.clock.advance(timedelta(minutes=61))
    async with transaction(office.pool) as tx:
        await ledger.tidy(tx, now=office.clock.now())
        counted = await (await tx.execute("SELECT outcome, reason, total FROM outcome_count")).fetchall()
        left = await (await tx.execute("SELECT count(*)::int AS parts FROM sms_part")).fetchone()
    assert counted == [{"outcome": "report", "reason": "unknown-id", "total": 2}]
    assert left == {"parts": 0}


async def test_old_ids_and_old_answers_to_people_are_forgotten_and_warnings_are_kept(
    office: Office, operator: Operator
) -> None:
    operator.say(Unanswered((), "lost"), Taken(("1",)), Taken(("2",)))
    doubted, taken = await office.a_batch(2)
    await office.send([doubted])
    await office.send([taken])
    await office.say("code")
    async with transaction(office.pool) as tx:
        await tx.execute("UPDATE batch SET state = 'done'")
    office.clock.advance(timedelta(days=15))
    async with transaction(office.pool) as tx:
        await ledger.tidy(tx, now=office.clock.now())
        kept = await (await tx.execute("SELECT number, state, mark FROM sms_text ORDER BY number")).fetchall()
        parts = await (await tx.execute("SELECT FROM sms_part")).fetchall()
    left = [(doubted.number, "unknown", None), (taken.number, "taken", None)]
    assert [tuple(row.values()) for row in kept] == left
    assert parts == []
