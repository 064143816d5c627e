"""What operators report of texts: each report reaches its own text, however many come at one time."""

import pytest

from service.delivery.sms import Arrival, Taken
from service.delivery.texts import State
from service.kit.db import Pool, transaction
from tests.conftest import FixedClock
from tests.integration.texts import Office, Operator, a_provider, delivered


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def office(pool: Pool, clock: FixedClock, operator: Operator) -> Office:
    return Office(pool, clock, [operator], [a_provider()])


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(
    ("reports", "state", "fate"),
    [
        ([Arrival.UNDERWAY], State.TAKEN, "a"),
        ([Arrival.DELIVERED], State.DELIVERED, "a"),
        ([Arrival.DELIVERED, Arrival.DELIVERED], State.DELIVERED, "a"),
        ([Arrival.FAILED], State.FAILED, "x"),
        ([Arrival.EXPIRED], State.FAILED, "x"),
        ([Arrival.FAILED, Arrival.DELIVERED], State.DELIVERED, "a"),
        ([Arrival.DELIVERED, Arrival.FAILED], State.DELIVERED, "a"),
        ([Arrival.UNKNOWN], State.TAKEN, "a"),
    ],
)
async def test_r21_who_is_reported_as_not_reached_does_not_count_as_warned(
    office: Office, reports: list[Arrival], state: State, fate: str, *, together: bool
) -> None:
    [parcel] = await office.a_batch()
    await office.send([parcel])
    async with transaction(office.pool) as tx:
        await tx.execute("UPDATE batch SET fates = 'a', state = 'done' WHERE id = %s", [parcel.batch])
    told = [delivered("north-1", one) for one in reports]
    for some in [told] if together else [[one] for one in told]:
        await office.hear(*some)
    [entry] = (await office.entries([parcel])).values()
    assert entry.state is state
    async with transaction(office.pool) as tx:
        row = await (await tx.execute("SELECT fates FROM batch WHERE id = %s", [parcel.batch])).fetchone()
    assert row == {"fates": fate}


async def test_reports_of_many_texts_that_come_at_one_time_each_reach_their_own(office: Office) -> None:
    parcels = await office.a_batch(6)
    await office.send(parcels)
    async with transaction(office.pool) as tx:
        await tx.execute("UPDATE batch SET fates = 'aaxxaa', state = 'done'")
    arrivals = dict(enumerate([Arrival.FAILED, Arrival.DELIVERED, Arrival.DELIVERED, Arrival.UNDERWAY], 1))
    known = {entry.ids[0]: number for number, entry in (await office.entries(parcels)).items()}
    named = {number: name for name, number in known.items()}
    reports = [delivered(named[number], arrival) for number, arrival in arrivals.items()]
    await office.hear(delivered("nobody's"), *reversed(reports), *reports)
    states = {number: entry.state for number, entry in (await office.entries(parcels)).items()}
    expected = [State.FAILED, State.DELIVERED, State.DELIVERED, State.TAKEN, State.TAKEN, State.TAKEN]
    assert states == dict(enumerate(expected, 1))
    async with transaction(office.pool) as tx:
        row = await (await tx.execute("SELECT fates FROM batch")).fetchone()
    assert row == {"fates": "xaaxaa"}


async def test_an_id_that_an_operator_uses_again_names_the_later_text(office: Office, operator: Operator) -> None:
    operator.say(Taken(("7",)), Taken(("7",)))
    first, second = await office.a_batch(2)
    await office.send([first])
    await office.hear(delivered("7"))
    await office.send([second])
    states = {number: one.state for number, one in (await office.entries([first])).items()}
    assert states == {first.number: State.DELIVERED, second.number: State.TAKEN}, "an old report says nothing of it"
    await office.hear(delivered("7"))
    assert (await office.entries([first]))[second.number].state is State.DELIVERED
