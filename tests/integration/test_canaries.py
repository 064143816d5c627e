"""Canaries: the whole path is tried every few minutes, and nobody is warned or counted by it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from service.delivery import canaries
from service.delivery.jobs import send
from service.delivery.model import Accepted, ChannelName, Channels, Gate, Outcome, Parcel, TryLater
from service.delivery.outcomes import OutcomeBook
from service.delivery.records import Canary
from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Refused
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Operator
from service.residents import actions as residents
from service.residents import audience
from service.residents.model import CellRings, Change
from tests.build import HERE, NETWORK, AlertsStub, a_newcomer, a_verified_resident, an_admin
from tests.conftest import METRICS, FixedClock
from tests.integration.mail import Phone


class Way:
    """A provider that gives one answer and keeps what it was given."""

    name, batch_size = ChannelName.FCM, 500

    def __init__(self) -> None:
        self.answer: Outcome = Accepted("m-1")
        self.sent: list[Parcel] = []

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        assert not shut()
        self.sent += parcels
        return [self.answer for _ in parcels]


@dataclass
class Rig:
    """A worker in the test's hand."""

    pool: Pool
    house: House
    clock: FixedClock
    way: Way

    async def marked(self, *, answers: bool = True) -> UUID:
        """Mark a phone of the service's own, in a cell with another phone."""
        async with transaction(self.pool) as tx:
            entry, _ = await a_verified_resident(tx, self.house)
            await a_verified_resident(tx, self.house, a_newcomer("0" * 22))
            await canaries.mark(tx, self.house, await an_admin(tx), entry.registration.id, answers=answers)
        return entry.registration.id

    async def turn(self, minutes: float = 0) -> Canary:
        """Let the time pass, the sweep look and the worker send what waits."""
        self.clock.advance(timedelta(minutes=minutes))
        await self.look()
        async with transaction(self.pool) as tx:
            waiting = await (await tx.execute("SELECT id FROM batch WHERE state <> 'done'")).fetchall()
        for row in waiting:
            context = SimpleNamespace(additional_context={"house": self.house})
            await send.func(context, batch=row["id"])  # type: ignore[arg-type]  # all that the job reads of it
        async with transaction(self.pool) as tx:
            return (await canaries.everybody(tx))[0]

    async def look(self) -> None:
        async with transaction(self.pool) as tx:
            await canaries.keep_up(tx, self.house)


@pytest.fixture
def rig(pool: Pool, house: House, clock: FixedClock, alerts: AlertsStub) -> Rig:
    way = Way()
    house.put(Channels(dict.fromkeys(ChannelName, way), Gate()))
    house.put(OutcomeBook())
    return Rig(pool, house, clock, way)


async def test_a_canary_gets_a_silent_message_by_the_way_of_warnings_and_its_receipt_is_timed(
    rig: Rig, api: httpx.AsyncClient
) -> None:
    bird = await rig.marked()
    assert (await rig.turn()).answered_at is None
    (parcel,) = rig.way.sent
    told = dict(parcel.payload.data)
    assert (told["kind"], parcel.payload.title) == ("canary", "")
    receipt = Phone.of(rig.house, bird).receipt(UUID(told["alert"]), int(told["batch"]))
    rig.clock.advance(timedelta(seconds=4))
    assert (await api.post("/v1/receipts", json=receipt)).status_code == 202
    heard = await rig.turn()
    assert (heard.answered_at, heard.delay_s) == (rig.clock.now(), 4.0)
    assert len(rig.way.sent) == 1, "not asked again so soon"
    await rig.turn(minutes=5)
    assert len(rig.way.sent) == 2


async def test_an_alarm_is_raised_for_a_canary_that_does_not_answer(rig: Rig, api: httpx.AsyncClient) -> None:
    await rig.marked()
    for _ in range(3):
        await rig.turn(minutes=5)
    with capture_logs() as logs:
        silent = await rig.turn(minutes=5)
    assert silent.silence(now=rig.clock.now()) == timedelta(minutes=20)
    assert {(one["event"], one.get("language"), one.get("seconds")) for one in logs} >= {("canary.silent", "uk", 1200)}
    figures = (await api.get("/metrics", headers=METRICS)).text
    assert 'surefoot_canary_silent_seconds{channel="fcm",language="uk"} 1200.0' in figures


async def test_where_a_canary_sends_no_receipts_the_providers_word_is_the_answer(rig: Rig) -> None:
    await rig.marked(answers=False)
    rig.way.answer = TryLater(None, "unavailable")
    await rig.turn()
    assert (await rig.turn()).answered_at is None
    rig.way.answer = Accepted("m-2")
    await rig.turn(minutes=1)
    assert (await rig.turn()).delay_s == 60.0


async def test_r26_a_canary_is_in_no_audience_whatever_its_app_asks(
    tx: Tx, house: House, alerts: AlertsStub, operator: Operator
) -> None:
    entry, _ = await a_verified_resident(tx, house)
    await a_verified_resident(tx, house, a_newcomer("0" * 22))
    await canaries.mark(tx, house, operator, entry.registration.id, answers=True)
    await residents.change(tx, house, entry.registration, Change(NETWORK, cells=entry.cells), now=house.clock.now())
    area, now = CellRings([HERE], [0]), house.clock.now()
    assert await audience.count(tx, area, exercise=False, now=now) == 1
    standing = await audience.standing(tx, [HERE], after=0, limit=10)
    assert entry.registration.number not in [number for _, numbers in standing for number in numbers]
    assert alerts.joined[-1].cells.reveal() == ()
    await canaries.unmark(tx, house, operator, entry.registration.id)
    await residents.change(tx, house, entry.registration, Change(NETWORK, cells=entry.cells), now=now)
    assert await audience.count(tx, area, exercise=False, now=now) == 2


async def test_r17_marking_a_canary_is_audited_and_each_channel_and_language_has_one(
    tx: Tx, house: House, alerts: AlertsStub, operator: Operator
) -> None:
    one, _ = await a_verified_resident(tx, house)
    other, _ = await a_verified_resident(tx, house, a_newcomer("0" * 22))
    await canaries.mark(tx, house, operator, one.registration.id, answers=True)
    with pytest.raises(Refused, match="already"):
        await canaries.mark(tx, house, operator, other.registration.id, answers=True)
    with pytest.raises(Refused, match="no canary"):
        await canaries.unmark(tx, house, operator, other.registration.id)
    with pytest.raises(Refused, match="no registration"):
        await canaries.mark(tx, house, operator, uuid4(), answers=True)
    acts = await (await tx.execute("SELECT act, operator_id FROM audit WHERE act LIKE 'canaries.%'")).fetchall()
    assert acts == [{"act": "canaries.mark", "operator_id": operator.id}]


async def test_two_workers_ask_a_canary_once_and_old_test_messages_are_forgotten(rig: Rig, tx: Tx) -> None:
    await rig.marked()
    await asyncio.gather(rig.look(), rig.look())
    assert await count(tx) == 1
    for _ in range(3):
        await rig.turn(minutes=60 * 13)
    assert await count(tx) == 2


async def count(tx: Tx) -> int:
    row = await (await tx.execute("SELECT count(*) AS made FROM dispatch WHERE message = 'canary'")).fetchone()
    return int(row["made"]) if row else 0


async def test_a_canary_whose_registration_is_gone_stays_silent_and_alarms_until_another_takes_its_place(
    rig: Rig,
) -> None:
    bird = await rig.marked()
    await rig.turn()
    async with transaction(rig.pool) as tx:
        await tx.execute("DELETE FROM registration WHERE id = %s", [bird])
    gone = await rig.turn(minutes=20)
    assert (gone.number, gone.silence(now=rig.clock.now())) == (None, timedelta(minutes=20))
    async with transaction(rig.pool) as tx:
        other, _ = await a_verified_resident(tx, rig.house, a_newcomer("1" * 22))
        await canaries.mark(tx, rig.house, await an_operator(tx), other.registration.id, answers=True)
    sent = len(rig.way.sent)
    await rig.turn(minutes=5)
    assert len(rig.way.sent) == sent + 1


async def an_operator(tx: Tx) -> Operator:
    return (await operators.everybody(tx))[0]


async def test_without_canaries_nothing_is_sent(rig: Rig, tx: Tx) -> None:
    await rig.look()
    assert await count(tx) == 0
