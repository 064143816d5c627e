"""The ledger of texts: one accepted text per recipient and revision, and none lost, wherever a worker dies."""

from datetime import timedelta

import pytest

from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater
from service.delivery.sms import (
    Answer,
    NotNow,
    NumberDead,
    OptedOut,
    Taken,
    TextRefused,
    Unanswered,
)
from service.delivery.texts import State
from service.kit.db import Pool
from tests.conftest import FixedClock
from tests.integration.texts import Office, Operator, a_provider

MINUTE = timedelta(seconds=61)


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def office(pool: Pool, clock: FixedClock, operator: Operator) -> Office:
    return Office(pool, clock, [operator], [a_provider()])  # type: ignore[arg-type]  # a clock that the test moves


async def killed(office: Office, operator: Operator, dies: str, count: int = 1) -> list[object]:
    """Let a worker die with texts on their way; return the parcels."""
    parcels = await office.a_batch(count)
    operator.dies = dies
    with pytest.raises(BaseExceptionGroup):
        await office.send(parcels)
    operator.dies = ""
    return parcels


@pytest.mark.parametrize(
    ("answer", "outcome", "state", "handed"),
    [
        (Taken(("a", "b")), Accepted("b"), State.TAKEN, 1),
        (NumberDead("gone"), AddressDead("gone"), State.REFUSED, 0),
        (OptedOut("stop"), AddressDead("opted-out"), State.REFUSED, 0),
        (TextRefused("spam"), MessageRefused("spam"), State.REFUSED, 0),
        (NotNow(None, "throttled"), TryLater(None, "throttled"), State.WAITING, 0),
        (Unanswered((), "lost"), TryLater(timedelta(seconds=60), "unanswered"), State.UNANSWERED, 1),
    ],
)
async def test_each_answer_of_an_operator_has_one_consequence_and_one_line_in_the_ledger(
    office: Office, operator: Operator, answer: Answer, outcome: Outcome, state: State, handed: int
) -> None:
    operator.answers = iter([answer])
    parcels = await office.a_batch()
    assert await office.send(parcels) == [outcome]
    [entry] = (await office.entries(parcels)).values()
    assert (entry.state, entry.handed) == (state, handed)


async def test_whoever_was_taken_before_the_worker_died_is_not_texted_again(office: Office, operator: Operator) -> None:
    parcels = await office.a_batch(20)
    await office.send(parcels)  # and dies before the batch is settled
    assert await office.send(parcels) == [Accepted(f"north-{n}") for n in range(1, 21)] or len(operator.took) == 20
    assert len(operator.tried) == 20


async def test_a_worker_killed_before_the_text_went_out_loses_nobody(office: Office, operator: Operator) -> None:
    parcels = await killed(office, operator, "before")
    [waits] = await office.send(parcels)  # type: ignore[arg-type]  # parcels
    assert waits == TryLater(timedelta(seconds=60), "unanswered")
    assert operator.took == [], "within the minute nobody can say, so nothing is handed over"
    office.clock.advance(MINUTE)  # type: ignore[attr-defined]  # the test's clock
    assert await office.send(parcels) == [Accepted("north-1")]  # type: ignore[arg-type]  # parcels
    [entry] = (await office.entries(parcels)).values()  # type: ignore[arg-type]  # parcels
    assert (entry.state, entry.handed) == (State.TAKEN, 2), "counted as handed over twice"
