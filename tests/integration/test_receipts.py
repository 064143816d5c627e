"""Receipts: an acknowledged one is committed, whoever comes with it and whatever happens beside it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg_pool import PoolTimeout

from service.delivery import receiving, silence
from service.delivery.model import Bulletin, Receipt
from service.delivery.receiving import Desk
from service.delivery.silence import Policy
from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Refused
from service.kit.house import House
from tests.build import AlertsStub, a_newcomer, a_resident, a_verified_resident
from tests.conftest import NOW
from tests.integration.mail import Phone, a_bulletin, planned, received


@dataclass
class Sent:
    """A warning in batches, and the phones that it was planned for."""

    said: Bulletin
    batches: list[int]
    phones: list[Phone]


@pytest.fixture
async def sent(pool: Pool, house: House, alerts: AlertsStub) -> Sent:
    """Three phones in one batch, two in another."""
    async with transaction(pool) as tx:
        entries = [(await a_resident(tx, house, a_newcomer(f"{n:022}")))[0] for n in range(5)]
        said = await a_bulletin(tx, house)
        numbers = [entry.registration.number for entry in entries]
        await planned(tx, house, said, numbers[:3])
        batches = await planned(tx, house, said, numbers[3:], (1, "uk"))
    return Sent(said, batches, [Phone.of(house, entry.registration.id) for entry in entries])


async def heard(api: httpx.AsyncClient, *receipts: object) -> list[int]:
    answers = await asyncio.gather(*(api.post("/v1/receipts", json=one) for one in receipts))
    return [answer.status_code for answer in answers]


async def test_every_receipt_that_was_acknowledged_is_in_the_database(
    api: httpx.AsyncClient, sent: Sent, tx: Tx
) -> None:
    first, second = sent.batches
    named = [phone.receipt(sent.said.lineage, first) for phone in sent.phones[:3]]
    named += [phone.receipt(sent.said.lineage, second) for phone in sent.phones[3:]]
    assert await heard(api, *named, *named) == [202] * 10
    assert await received(tx) == {first: [0, 1, 2], second: [0, 1]}


async def test_who_learned_by_a_sync_names_no_batch_and_is_found(api: httpx.AsyncClient, sent: Sent, tx: Tx) -> None:
    assert (
        await heard(
            api, sent.phones[1].receipt(sent.said.lineage, None), sent.phones[4].receipt(sent.said.lineage, None)
        )
        == [202] * 2
    )
    assert await received(tx) == {sent.batches[0]: [1], sent.batches[1]: [1]}


async def test_a_phone_is_heard_under_the_number_that_it_had_when_it_was_warned(
    api: httpx.AsyncClient, house: House, pool: Pool, tx: Tx, alerts: AlertsStub
) -> None:
    async with transaction(pool) as other:
        old, proof = await a_verified_resident(other, house)
        said = await a_bulletin(other, house)
        (batch,) = await planned(other, house, said, [old.registration.number])
        new, _ = await a_resident(other, house, a_newcomer(replaces=proof))
    assert await heard(api, Phone.of(house, new.registration.id).receipt(said.lineage, batch)) == [202]
    assert await received(tx) == {batch: [0]}


async def test_nobody_learns_from_a_receipt_who_is_registered_or_was_warned(
    api: httpx.AsyncClient, house: House, sent: Sent, tx: Tx
) -> None:
    stranger = Phone.of(house, uuid4())
    first, second = sent.batches
    answers = [
        await api.post("/v1/receipts", json=body)
        for body in (
            sent.phones[0].receipt(sent.said.lineage, first),
            stranger.receipt(sent.said.lineage, first),
            stranger.receipt(sent.said.lineage, None),
            sent.phones[0].receipt(sent.said.lineage, second),
            sent.phones[0].receipt(sent.said.lineage, 10**12),
        )
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert await received(tx) == {first: [0]}


async def test_a_batch_of_another_message_takes_no_receipt(
    api: httpx.AsyncClient, house: House, sent: Sent, pool: Pool, tx: Tx
) -> None:
    async with transaction(pool) as other:
        another = await a_bulletin(other, house)
    assert await heard(api, sent.phones[0].receipt(another.lineage, sent.batches[0])) == [202]
    assert await received(tx) == {}


async def test_a_forged_receipt_is_refused_without_a_look_at_the_database(
    api: httpx.AsyncClient, sent: Sent, tx: Tx
) -> None:
    forger = Phone(sent.phones[0].registration, bytes(32))
    with patch.object(Desk, "keep", side_effect=AssertionError("it was taken for genuine")):
        answer = await api.post("/v1/receipts", json=forger.receipt(sent.said.lineage, sent.batches[0]))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/receipt-forged")
    assert await received(tx) == {}


async def test_a_caller_that_goes_away_takes_no_other_receipt_with_it_nor_its_own(
    app: FastAPI, sent: Sent, tx: Tx
) -> None:
    desk: Desk = app.state.house.get(Desk)
    keeping = [asyncio.create_task(desk.keep(one, now=NOW)) for one in genuine(sent)]
    await asyncio.sleep(0)
    keeping[0].cancel()
    await asyncio.wait(keeping)
    assert [one.cancelled() for one in keeping] == [True, False, False, False, False]
    assert await received(tx) == {sent.batches[0]: [0, 1, 2], sent.batches[1]: [0, 1]}


def genuine(sent: Sent) -> list[Receipt]:
    return [Receipt(phone.registration, sent.said.lineage, 1, None, b"") for phone in sent.phones]


async def test_while_the_database_is_away_each_is_told_when_to_come_again_and_none_is_acknowledged(
    api: httpx.AsyncClient, sent: Sent, tx: Tx
) -> None:
    bodies = [phone.receipt(sent.said.lineage, None) for phone in sent.phones]
    for trouble in (PoolTimeout("nobody"), psycopg.OperationalError("gone"), TimeoutError()):
        with patch.object(receiving, "write", side_effect=trouble):
            answers = await asyncio.gather(*(api.post("/v1/receipts", json=one) for one in bodies))
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["type"] for answer in answers} == {"/problems/receipts-wait"}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert await received(tx) == {}
    assert await heard(api, *bodies) == [202] * 5


async def test_a_surprise_in_one_commit_leaves_nobody_waiting_and_the_next_one_works(
    app: FastAPI, sent: Sent, tx: Tx
) -> None:
    desk: Desk = app.state.house.get(Desk)
    with patch.object(receiving, "write", side_effect=KeyError("odd")), pytest.raises(Refused):
        await asyncio.wait_for(desk.keep(genuine(sent)[0], now=NOW), 5)
    await desk.keep(genuine(sent)[0], now=NOW)
    assert await received(tx) == {sent.batches[0]: [0]}


async def test_more_than_can_be_written_soon_are_told_to_come_again(pool: Pool, sent: Sent) -> None:
    with patch.object(receiving, "MOST_WAITING", 3):
        desk = Desk(pool)
        answers = await asyncio.gather(*(desk.keep(one, now=NOW) for one in genuine(sent)), return_exceptions=True)
    assert [type(one).__name__ for one in answers] == ["NoneType"] * 3 + ["Refused"] * 2


async def test_many_receipts_share_a_commit_and_two_processes_never_block_each_other(
    pool: Pool, house: House, alerts: AlertsStub, tx: Tx
) -> None:
    async with transaction(pool) as other:
        said = await a_bulletin(other, house)
        ids = [(await a_resident(other, house, a_newcomer(f"{n:022}")))[0].registration for n in range(120)]
        for start in range(0, 120, 10):
            batches = await planned(other, house, said, [one.number for one in ids[start : start + 10]])
    told = [Receipt(one.id, said.lineage, 1, batches[n // 10], b"") for n, one in enumerate(ids)]
    one, other_process = Desk(pool), Desk(pool)
    both = [
        *(one.keep(receipt, now=NOW) for receipt in told),
        *(other_process.keep(receipt, now=NOW) for receipt in reversed(told)),
    ]
    with patch.object(receiving, "write", wraps=receiving.write) as written:
        await asyncio.wait_for(asyncio.gather(*both), 20)
    assert written.call_count < 12
    assert await received(tx) == {batch: list(range(10)) for batch in batches}


async def test_a_verified_receipt_stops_escalation_and_silence_after_a_while_does_not(
    api: httpx.AsyncClient, sent: Sent, pool: Pool, house: House, tx: Tx
) -> None:
    batch, now = sent.batches[0], house.clock.now()
    wait = timedelta(minutes=10)

    policy = Policy(sent.said.alert_id, sent.said.revision, wait)

    async def unheard(later: timedelta) -> int:
        async with transaction(pool) as other:
            return sum(len(one.numbers) for one in await silence.due(other, [policy], limit=1, now=now + later))

    assert await unheard(timedelta(minutes=9)) == 0, "it is still being sent"
    async with transaction(pool) as other:
        await other.execute(
            "UPDATE batch SET state = 'done', fates = 'aad', finished_at = %s WHERE id = %s", [now, batch]
        )
    assert await unheard(timedelta(minutes=9)) == 1, "whose address is dead waits for nothing"
    assert await unheard(wait) == 3
    assert await heard(api, sent.phones[0].receipt(sent.said.lineage, batch)) == [202]
    assert await unheard(wait) == 2
