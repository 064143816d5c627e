"""Batches of texts from their claim to their fates: numbers, stops, withdrawals, receipts by other ways, reports."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.config import Settings
from service.delivery import actions, queueing, texting
from service.delivery.model import Batch, Bulletin, ChannelName, Lot, Message, Severity, TryLater
from service.delivery.sms import Answer, Arrival, NumberDead, OptedOut, Report, Taken, Unanswered
from service.kit.crypto import SealKeys
from service.kit.db import Pool, Tx, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import claiming, numbers, owning, phones
from service.residents.model import Consent
from service.residents.numbers import NumberOpener
from tests.conftest import FixedClock
from tests.integration.texts import TEXT, TOLD, Office, Operator, a_provider

KEY = bytes(range(64, 96))
MINUTE = timedelta(seconds=61)


class Town:
    """People who are told by text, and the worker that tells them."""

    def __init__(self, house: House, settings: Settings, clock: FixedClock) -> None:
        self.house = house
        self.clock = clock
        self.operator = Operator()
        self.office = Office(house.pool, clock, [self.operator], [a_provider()])
        self.keys = SealKeys([("first", KEY)])
        keys = {"number_keys": f"first:{KEY.hex()}", "sms_countries": ("UA",)}
        house.put(Settings(**{**settings.model_dump(by_alias=True, exclude_none=True), **keys}))
        house.put(NumberOpener(self.keys))

    async def people(self, *phones_of: str) -> list[int]:
        async with transaction(self.house.pool) as tx:
            return [await self._person(tx, number) for number in phones_of]

    async def _person(self, tx: Tx, number: str) -> int:
        one = await owning.newcomer(tx, "uk", now=self.clock.now())
        await self.own(tx, one.number, number)
        return one.number

    async def own(self, tx: Tx, person: int, number: str) -> None:
        sealed = numbers.seal(self.house.keyring, self.keys, Hidden(number))
        row = claiming.row_of(person, sealed, Consent("test", "uk", self.clock.now()))
        await owning.own(tx, person, row, now=self.clock.now())

    async def plan(self, people: Sequence[int], *, told: Bulletin = TOLD, source: int | None = None) -> int:
        """Write one batch and return its id."""
        async with transaction(self.house.pool) as tx:
            if not await (
                await tx.execute("SELECT 1 AS one FROM dispatch WHERE alert_id = %s", [told.alert_id])
            ).fetchone():
                await actions.announce(tx, told, [TEXT, replace(TEXT, language="en", sms="")])
            by = ChannelName.SMS
            lot = Lot(0, True, by, "uk", tuple(people), beside=source is not None, source=source)
            await queueing.enqueue(tx, told, [lot], clock=self.house.clock)
            return await last_batch(tx)

    async def claim(self, batch: int) -> Batch | None:
        async with transaction(self.house.pool) as tx:
            return await actions.claim(tx, self.house, batch)

    async def work(self, batch: int, *answers: Answer, settles: bool = True) -> list[Any]:
        """Let a worker do its job with a batch."""
        self.operator.say(*answers)
        claimed = await self.claim(batch)
        if claimed is None:
            return []
        outcomes = await self.office.send(claimed.parcels())
        if settles:
            await self.settle(claimed, outcomes)
        return outcomes

    async def settle(self, claimed: Batch, outcomes: Sequence[Any]) -> None:
        answers = dict(zip(claimed.destinations, outcomes, strict=True))
        async with transaction(self.house.pool) as tx:
            await actions.settle(tx, self.house, claimed, answers, jitter=0)

    async def fates(self, batch: int) -> str:
        row = await self.row("SELECT fates FROM batch WHERE id = %s", batch)
        return str(row["fates"])

    async def row(self, query: str, *values: Any) -> dict[str, Any]:
        async with transaction(self.house.pool) as tx:
            row = await (await tx.execute(query.encode(), values)).fetchone()
            assert row is not None
            return row

    async def is_texted(self, person: int) -> bool:
        async with transaction(self.house.pool) as tx:
            now = self.clock.now()
            return person in await phones.to_text(tx, self.house, [person], exercise=False, now=now)


async def last_batch(tx: Tx) -> int:
    row = await (await tx.execute("SELECT max(id) AS id FROM batch")).fetchone()
    assert row is not None
    return int(row["id"])


@pytest.fixture
def town(pool: Pool, house: House, settings: Settings, clock: FixedClock) -> Town:
    return Town(house, settings, clock)


async def test_a_batch_of_texts_goes_its_way_and_leaves_neither_numbers_nor_words(town: Town) -> None:
    numbers_of = [f"+38067000000{n}" for n in range(3)]
    batch = await town.plan(await town.people(*numbers_of))
    await town.work(batch)
    assert sorted(town.operator.took) == numbers_of
    assert {sms.text.reveal() for sms in town.operator.sent} == {TEXT.sms}
    assert {sms.validity for sms in town.operator.sent} == {timedelta(hours=12)}
    assert await town.fates(batch) == "aaa"
    kept = await town.row("SELECT * FROM sms_text LIMIT 1")
    assert (kept["template"], kept["revision"], kept["provider"]) == ("alert-warning", 1, "north")
    assert not any("380" in str(value) or str(value) in TEXT.sms for value in (kept["template"], kept["provider"]))


async def test_a_repeat_is_cancelled_by_a_stop_and_whoever_may_have_got_the_text_still_counts(town: Town) -> None:
    stays, stops = await town.people("+380670000001", "+380670000002")
    batch = await town.plan([stays, stops])
    await town.work(batch, Unanswered((), "lost"), Unanswered((), "lost"))
    async with transaction(town.house.pool) as tx:
        await phones.opt_out(tx, town.house, Hidden("+380670000002"), by_operator=False, now=town.clock.now())
    town.clock.advance(MINUTE)
    await town.work(batch)
    assert town.operator.took == ["+380670000001"]
    assert await town.fates(batch) == "ax", "R19: it may have gone out"


async def test_a_repeat_is_cancelled_by_withdrawal_and_only_whom_a_text_may_have_reached_hears_more(
    town: Town,
) -> None:
    people = await town.people("+380670000001", "+380670000002")
    batch = await town.plan(people)
    claimed = await town.claim(batch)
    assert claimed is not None
    town.operator.say(Unanswered((), "lost"))
    [doubted] = await town.office.send(claimed.parcels()[:1])
    await town.settle(claimed, [doubted, TryLater(timedelta(seconds=1), "crowded")])
    async with transaction(town.house.pool) as tx:
        await actions.stop(tx, TOLD.alert_id, 1, now=town.clock.now())
    town.clock.advance(MINUTE)
    assert await town.work(batch) == []
    assert len(town.operator.tried) == 1
    assert await town.fates(batch) == "xs", "R19: of the second it is known that nothing was handed over"


async def test_a_withdrawal_while_texts_wait_for_their_turn_counts_as_well(town: Town) -> None:
    people = await town.people("+380670000001", "+380670000002", "+380670000003")
    batch = await town.plan(people)
    claimed = await town.claim(batch)
    assert claimed is not None
    town.operator.say(Taken(("1",)), Unanswered((), "lost"))
    outcomes = await town.office.send(claimed.parcels()[:2])
    async with transaction(town.house.pool) as tx:
        await actions.stop(tx, TOLD.alert_id, 1, now=town.clock.now())
    await town.settle(claimed, [*outcomes, TryLater(timedelta(seconds=1), "crowded")])
    assert await town.fates(batch) == "axs"


async def test_a_receipt_of_the_push_cancels_the_text_and_its_repeat(town: Town) -> None:
    people = await town.people("+380670000001", "+380670000002", "+380670000003")
    async with transaction(town.house.pool) as tx:
        await actions.announce(tx, TOLD, [TEXT])
        lot = Lot(0, verified=True, channel=ChannelName.FCM, language="uk", numbers=tuple(people))
        await queueing.enqueue(tx, TOLD, [lot], clock=town.house.clock)
        push = await last_batch(tx)
    batch = await town.plan(people, source=push)
    claimed = await town.claim(batch)
    assert claimed is not None
    town.operator.say(Unanswered((), "lost"))
    [doubted] = await town.office.send(claimed.parcels()[:1])
    crowded = TryLater(timedelta(seconds=1), "crowded")
    await town.settle(claimed, [doubted, crowded, crowded])
    async with transaction(town.house.pool) as tx:
        await tx.execute("INSERT INTO batch_receipt VALUES (%s, B'110')", [push])
    town.clock.advance(MINUTE)
    await town.work(batch)
    assert town.operator.took == ["+380670000003"]
    assert await town.fates(batch) == "xha"


async def test_whoever_told_his_operator_to_stop_is_recorded_as_having_said_so(town: Town) -> None:
    [person] = await town.people("+380670000001")
    batch = await town.plan([person])
    await town.work(batch, OptedOut("0x00000410"))
    assert await town.fates(batch) == "d"
    async with transaction(town.house.pool) as tx:
        assert await phones.is_out(tx, town.house, Hidden("+380670000001"))


async def test_a_number_that_nobody_has_gets_nothing_more_until_it_is_confirmed_anew(town: Town) -> None:
    [person] = await town.people("+380670000001")
    batch = await town.plan([person])
    await town.work(batch, NumberDead("ESME_RINVDSTADR"))
    assert await town.fates(batch) == "d"
    assert not await town.is_texted(person)
    async with transaction(town.house.pool) as tx:
        assert not await phones.is_out(tx, town.house, Hidden("+380670000001"))


@pytest.mark.parametrize(("arrival", "out"), [(Arrival.UNKNOWN_SUBSCRIBER, False), (Arrival.OPTED_OUT, True)])
async def test_a_report_ends_a_number_as_an_answer_does(town: Town, arrival: Arrival, out: bool) -> None:  # noqa: FBT001 - what becomes of it
    [person] = await town.people("+380670000001")
    batch = await town.plan([person])
    await town.work(batch)
    await town.office.hear(Report("north", "north-1", arrival))
    async with transaction(town.house.pool) as tx:
        await texting.follow(tx, town.house)
        assert await phones.is_out(tx, town.house, Hidden("+380670000001")) is out
    assert not await town.is_texted(person)
    assert await town.fates(batch) == "x"


async def test_a_late_report_of_an_old_number_does_not_end_the_new_one(town: Town) -> None:
    [person] = await town.people("+380670000001")
    await town.work(await town.plan([person]))
    async with transaction(town.house.pool) as tx:
        await town.own(tx, person, "+380670000002")
    await town.office.hear(Report("north", "north-1", Arrival.UNKNOWN_SUBSCRIBER))
    async with transaction(town.house.pool) as tx:
        await texting.follow(tx, town.house)
    assert await town.is_texted(person)


async def test_a_report_that_comes_while_the_batch_is_in_hand_counts_once_it_is_settled(town: Town) -> None:
    [person] = await town.people("+380670000001")
    batch = await town.plan([person])
    claimed = await town.claim(batch)
    assert claimed is not None
    outcomes = await town.office.send(claimed.parcels())
    await town.office.hear(Report("north", "north-1", Arrival.FAILED))
    await town.settle(claimed, outcomes)
    assert await town.fates(batch) == "x", "R21: it was taken, but not delivered"


async def test_what_cannot_go_by_text_is_refused_and_an_operator_is_told(town: Town) -> None:
    [person] = await town.people("+380670000001")
    batch = await town.plan([person])
    async with transaction(town.house.pool) as tx:
        await tx.execute("UPDATE dispatch_text SET sms = ''")
    await town.work(batch)
    assert await town.fates(batch) == "r"
    assert "no-text" in (await town.row("SELECT trouble FROM sending"))["trouble"]


@pytest.mark.parametrize(
    ("severity", "message", "queue"),
    [
        (Severity.MINOR, Message.WARNING, "texts"),
        (Severity.SEVERE, Message.WARNING, "urgent-texts"),
        (Severity.MINOR, Message.CORRECTION, "urgent-texts"),
    ],
)
async def test_texts_wait_in_queues_of_their_own_and_the_urgent_apart(
    town: Town, severity: Severity, message: Message, queue: str
) -> None:
    [person] = await town.people("+380670000001")
    batch = await town.plan([person], told=replace(TOLD, severity=severity, message=message))
    await town.work(batch, Unanswered((), "lost"))
    async with transaction(town.house.pool) as tx:
        rows = await (await tx.execute("SELECT queue_name FROM procrastinate_jobs ORDER BY id")).fetchall()
    assert [row["queue_name"] for row in rows] == [queue], "the second waits as the same job"
