"""Registrations that go: by expiry after long silence, and by word of their owner, with every trace of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from service import worker
from service.config import Settings
from service.delivery import canaries
from service.kit.db import Pool, Tx, transaction
from service.kit.house import House
from service.operators.model import Operator
from service.residents import actions, leaving
from tests.build import AlertsStub, a_newcomer, a_resident, a_verified_resident
from tests.conftest import NOW, FixedClock
from tests.integration.looks import everything
from tests.integration.mail import Phone, a_bulletin
from tests.integration.test_residents_api import register

LIFE = timedelta(days=270)


async def left(tx: Tx) -> int:
    [row] = await (await tx.execute("SELECT count(*) AS n FROM registration")).fetchall()
    return int(row["n"])


async def test_a_registration_without_a_sign_of_life_for_270_days_goes_with_everything_of_it(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    entry, proof = await a_resident(tx, house)
    entry, _ = await a_resident(tx, house, a_newcomer(replaces=proof))
    assert await leaving.expire(tx, life=LIFE, now=NOW + LIFE) == 0
    assert await leaving.expire(tx, life=LIFE, now=NOW + LIFE + timedelta(seconds=1)) == 1
    assert await traces(tx, [str(entry.registration.id)]) == []
    for table in ("registration", "registration_cell", "registration_past", "procrastinate_jobs"):
        assert await (await tx.execute(f"SELECT 1 FROM {table}")).fetchall() == [], table  # noqa: S608 - a test's own


async def traces(tx: Tx, private: Sequence[str]) -> list[str]:
    kept = await everything(tx)
    return [one for one in private if one in kept]


async def test_any_call_of_its_owner_is_a_sign_of_life(tx: Tx, house: House, alerts: AlertsStub) -> None:
    await a_resident(tx, house)
    _, alive = await a_resident(tx, house)
    await actions.recognise(tx, alive, now=NOW + timedelta(days=200))
    assert await leaving.expire(tx, life=LIFE, now=NOW + timedelta(days=271)) == 1
    assert await left(tx) == 1
    await actions.recognise(tx, alive, now=NOW + timedelta(days=271))


async def test_a_canary_need_not_show_that_it_lives(
    tx: Tx, house: House, alerts: AlertsStub, operator: Operator
) -> None:
    entry, _ = await a_resident(tx, house)
    await canaries.mark(tx, house, operator, entry.registration.id, answers=False)
    assert await leaving.expire(tx, life=LIFE, now=NOW + timedelta(days=3000)) == 0


async def test_a_receipt_over_http_is_a_sign_of_life_and_a_forged_one_is_none(
    api: httpx.AsyncClient, app: FastAPI, pool: Pool, clock: FixedClock
) -> None:
    house: House = app.state.house
    url, owner, body = await register(api)
    async with transaction(pool) as tx:
        said = await a_bulletin(tx, house)
    phone = Phone.of(house, UUID(body["id"]))
    clock.advance(timedelta(days=200))
    forged = phone.receipt(said.lineage, None) | {"mac": "A" * 43}
    assert (await api.post("/v1/receipts", json=forged)).status_code == 403
    assert await seen_at(pool) == NOW
    assert (await api.post("/v1/receipts", json=phone.receipt(said.lineage, None))).status_code == 202
    assert await seen_at(pool) == NOW + timedelta(days=200)
    clock.advance(timedelta(days=100))
    await worker._expire(house)
    assert (await api.get(url, headers=owner)).status_code == 200


async def seen_at(pool: Pool) -> datetime:
    async with transaction(pool) as tx:
        [row] = await (await tx.execute("SELECT seen_at FROM registration")).fetchall()
    moment: datetime = row["seen_at"]
    return moment


async def test_a_receipt_is_a_sign_of_life_noted_once_a_day(tx: Tx, house: House, alerts: AlertsStub) -> None:
    entry, _ = await a_resident(tx, house)
    for hours, noted in ((1, 0), (25, 25), (26, 25), (50, 50)):
        await leaving.heard(tx, [entry.registration.id], now=NOW + timedelta(hours=hours))
        [row] = await (await tx.execute("SELECT seen_at FROM registration")).fetchall()
        assert row["seen_at"] == NOW + timedelta(hours=noted)


async def test_a_round_of_expiry_forgets_a_few_only_so_that_a_jumping_clock_does_not_forget_all(
    tx: Tx, house: House, alerts: AlertsStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "PAGE", 2)
    for _ in range(5):
        await a_resident(tx, house)
    later = NOW + timedelta(days=3000)
    assert [await leaving.expire(tx, life=LIFE, now=later) for _ in range(4)] == [2, 2, 1, 0]


async def test_who_is_held_by_somebody_just_now_is_passed_over(pool: Pool, house: House, alerts: AlertsStub) -> None:
    async with transaction(pool) as tx:
        await a_resident(tx, house)
    async with transaction(pool) as busy, transaction(pool) as tx:
        await busy.execute("SELECT FROM registration FOR UPDATE")
        assert await leaving.expire(tx, life=LIFE, now=NOW + timedelta(days=3000)) == 0


async def test_the_worker_lets_them_go_and_the_phone_learns_it_by_404_and_registers_anew(
    api: httpx.AsyncClient, app: FastAPI, clock: FixedClock
) -> None:
    url, owner, _ = await register(api)
    await worker._expire(app.state.house)
    assert (await api.get(url, headers=owner)).status_code == 200
    clock.advance(timedelta(days=271))
    await worker._expire(app.state.house)
    assert (await api.get(url, headers=owner)).status_code == 404
    await register(api)


def test_no_setting_forgets_phones_sooner_than_half_a_year() -> None:
    assert Settings().registration_life == LIFE
    with pytest.raises(ValueError, match="180"):
        Settings(registration_days=179)


async def test_a_forgotten_phones_waiting_job_goes_with_it_and_others_stay(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    one, proof = await a_resident(tx, house)
    other, _ = await a_resident(tx, house)
    await leaving.forget(tx, await actions.recognise(tx, proof, now=NOW))
    assert await traces(tx, [str(one.registration.id)]) == []
    assert await traces(tx, [str(other.registration.id)]) != []


async def test_who_is_taken_over_leaves_no_waiting_job(tx: Tx, house: House, alerts: AlertsStub) -> None:
    old, _ = await a_resident(tx, house)
    await a_verified_resident(tx, house)
    assert await traces(tx, [str(old.registration.id)]) == []
