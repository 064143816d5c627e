"""Numbers change hands: who was silent for half a year is asked once, and texted no more if nobody answers."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from service.config import Settings
from service.delivery.model import AddressDead, MessageRefused, TryLater
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.residents import confirming, leaving, phones
from tests import unseen
from tests.conftest import FixedClock
from tests.integration.street import OURS, Handset, Street

HALF_A_YEAR = timedelta(days=180, seconds=1)


@pytest.fixture
async def street(app: FastAPI, api: httpx.AsyncClient, database_url: str, clock: FixedClock) -> Street:
    return await Street.opened(app, api, database_url, clock)


async def keep_up(street: Street) -> None:
    """What a worker does every ten minutes, and the jobs that come of it."""
    now, life = street.clock.now(), street.house.get(Settings).registration_life
    async with transaction(street.pool) as tx:
        await leaving.expire(tx, life=life, now=now)
        await confirming.keep_up(tx, street.house, now=now)
    await street.work()


async def reached(street: Street) -> int:
    """Count to whom a text would go."""
    numbers = [row["number"] for row in await street.rows("SELECT number FROM registration")]
    async with transaction(street.pool) as tx:
        return len(await phones.to_text(tx, street.house, numbers, exercise=False, now=street.clock.now()))


async def replies(street: Street) -> None:
    async with transaction(street.pool) as tx:
        await phones.alive(tx, street.house, Hidden(OURS), now=street.clock.now())


async def asked(street: Street, clock: FixedClock) -> Handset:
    """Register a number and let it be silent until it was asked."""
    one = await street.proved()
    clock.advance(HALF_A_YEAR)
    await keep_up(street)
    return one


async def test_after_180_silent_days_a_neutral_text_asks_once_and_warnings_go_on(
    street: Street, clock: FixedClock
) -> None:
    await street.proved()
    clock.advance(timedelta(days=179))
    await keep_up(street)
    assert len(street.network.sent) == 1
    clock.advance(timedelta(days=1, seconds=1))
    for _ in range(3):
        await keep_up(street)
    assert len(street.network.sent) == 2
    assert street.network.to(OURS)[1] == (
        "Повідомлення про небезпечні ділянки надходять лише на номери, якими користуються. Щоб отримувати їх далі, "
        "відкрийте застосунок або вкажіть номер ще раз там, де його вказували."
    )
    assert await reached(street) == 1


async def test_where_people_can_write_to_us_the_text_names_the_number(street: Street, clock: FixedClock) -> None:
    street.set(sms_number="4224")
    await asked(street, clock)
    assert "4224" in street.network.to(OURS)[1]
    assert "STOP" not in street.network.to(OURS)[1]


async def test_any_reply_is_a_sign_of_life_and_the_half_year_begins_anew(street: Street, clock: FixedClock) -> None:
    await asked(street, clock)
    clock.advance(timedelta(days=13))
    await replies(street)
    for _ in range(17):
        clock.advance(timedelta(days=10))
        await keep_up(street)
    assert (len(street.network.sent), await reached(street)) == (2, 1)


async def test_a_receipt_of_its_phone_is_a_sign_of_life(street: Street, clock: FixedClock) -> None:
    one = await asked(street, clock)
    clock.advance(timedelta(days=2))
    async with transaction(street.pool) as tx:
        row = await one.registered()
        await leaving.heard(tx, [row["id"]], now=clock.now())
    clock.advance(timedelta(days=13))
    await keep_up(street)
    assert await reached(street) == 1


async def test_who_does_not_answer_in_14_days_is_texted_no_more_and_forgotten_later(
    street: Street, clock: FixedClock
) -> None:
    await asked(street, clock)
    clock.advance(timedelta(days=13, hours=23))
    await keep_up(street)
    assert await reached(street) == 1
    clock.advance(timedelta(hours=2))
    await keep_up(street)
    assert await reached(street) == 0
    async with transaction(street.pool) as tx:
        assert await unseen.in_tables(tx, unseen.of_number(OURS)) == []
    assert len(await street.rows("SELECT FROM phone")) == 1
    clock.advance(timedelta(days=76))
    await keep_up(street)
    assert await street.rows("SELECT FROM phone UNION ALL SELECT FROM registration") == []
    assert len(street.network.sent) == 2


async def test_a_lapsed_fallback_goes_and_its_app_stays(street: Street, clock: FixedClock) -> None:
    app = await street.by_push()
    await app.names(OURS)
    await street.work()
    await app.prove()
    clock.advance(HALF_A_YEAR)
    await keep_up(street)
    clock.advance(timedelta(days=15))
    await keep_up(street)
    assert (await app.asks("GET")).json()["phone"] == "lapsed"
    clock.advance(timedelta(days=91))
    await keep_up(street)
    assert (await app.asks("GET")).json()["phone"] is None


async def test_a_lapsed_number_is_proved_anew_by_its_app(street: Street, clock: FixedClock) -> None:
    one = await asked(street, clock)
    clock.advance(timedelta(days=15))
    await keep_up(street)
    assert (await one.names(OURS)).json()["phone"] == "lapsed"
    await street.work()
    assert (await one.prove())["phone"] == "proved"
    assert await reached(street) == 1


async def test_nobody_lapses_because_the_question_could_not_be_sent(street: Street, clock: FixedClock) -> None:
    await street.proved()
    street.network.answers = [TryLater(None, "no-operator")]
    clock.advance(HALF_A_YEAR)
    await keep_up(street)
    clock.advance(timedelta(days=15))
    await keep_up(street)
    assert await reached(street) == 1


async def test_the_question_to_a_number_that_nobody_has_ends_it(street: Street, clock: FixedClock) -> None:
    await street.proved()
    street.network.answers = [AddressDead("unknown-subscriber")]
    clock.advance(HALF_A_YEAR)
    await keep_up(street)
    assert await reached(street) == 0


@pytest.mark.parametrize("outcome", [AddressDead("unknown-subscriber"), MessageRefused("malformed")])
async def test_a_code_that_cannot_arrive_looks_to_its_caller_like_one_that_did(
    street: Street, outcome: AddressDead | MessageRefused
) -> None:
    street.network.answers = [outcome]
    one = await street.by_text()
    await street.work()
    assert (await one.asks("GET")).json()["phone"] == "unproved"
    assert await street.rows("SELECT wanted FROM phone_claim") == [{"wanted": False}]


async def test_a_code_that_waits_is_another_one_when_it_goes_and_counts_once(street: Street, clock: FixedClock) -> None:
    street.set(codes_a_number=3)
    street.network.answers = [TryLater(None, "crowded")] * 4
    one = await street.by_text()
    for _ in range(5):
        await street.work()
        await street.rows("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' RETURNING id")
    assert len(street.network.sent) == 1
    assert (await one.prove())["phone"] == "proved"


async def test_a_number_that_nobody_proved_is_forgotten_after_a_day(street: Street, clock: FixedClock) -> None:
    app = await street.by_push()
    await app.names(OURS)
    by_text = await street.by_text()
    clock.advance(timedelta(days=1, seconds=1))
    await keep_up(street)
    assert (await app.asks("GET")).json()["phone"] is None
    assert (await by_text.asks("GET")).status_code == 404
    assert await street.rows("SELECT FROM phone_claim") == []
    assert await street.rows("SELECT FROM code_count") == []
    assert street.network.sent == [] or len(street.network.sent) <= 2
