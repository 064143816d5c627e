"""The whole way of a number, from naming it to forgetting it: it stands nowhere in the clear, and at last nowhere."""

import logging
from datetime import timedelta

import httpx
import pytest
import redis.asyncio
from fastapi import FastAPI

from service.delivery.model import TryLater
from service.kit import log
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.residents import numbers, phones
from tests import unseen
from tests.conftest import FixedClock
from tests.integration.street import OURS, THEIRS, Handset, Street


@pytest.fixture
async def street(app: FastAPI, api: httpx.AsyncClient, database_url: str, clock: FixedClock) -> Street:
    log.configure(level="DEBUG")
    return await Street.opened(app, api, database_url, clock)


async def look(street: Street, redis_url: str, secret: frozenset[str]) -> None:
    """Search tables, jobs and Redis."""
    async with transaction(street.pool) as tx:
        assert await unseen.in_tables(tx, secret) == []
    assert await unseen.in_redis(redis_url, secret) == []


async def live(street: Street, redis_url: str) -> tuple[Handset, Handset, frozenset[str]]:
    """Name, prove, fail, ask again; look after each step. Return who is left, and all that must stay hidden."""
    secret = unseen.of_number(OURS) | unseen.of_number(THEIRS)
    by_text = await street.by_text()
    app = await street.by_push()
    street.network.answers = [TryLater(None, "crowded")]
    await look(street, redis_url, secret)
    await app.names("067 123-45-68")
    await look(street, redis_url, secret)
    await street.work()
    await street.rows("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' RETURNING id")
    await street.work()
    codes = [by_text.code(OURS), app.code(THEIRS)]
    secret |= unseen.of_text(*street.network.to(OURS), *street.network.to(THEIRS))
    await look(street, redis_url, secret)
    assert (await by_text.asks("POST", "/phone/verify", code="000000")).status_code == 422
    assert (await by_text.asks("PUT", "/phone", number="911", consent={"wording": "w", "language": "uk"})).is_error
    await by_text.prove()
    await app.prove(THEIRS)
    await look(street, redis_url, secret)
    numbered = await street.rows("SELECT number FROM phone")
    async with transaction(street.pool) as tx:
        asked = [row["number"] for row in numbered]
        found = await phones.to_text(tx, street.house, asked, exercise=False, now=street.clock.now())
    assert len(found) == 2
    assert "380" not in repr(found)
    assert codes[0] != codes[1]
    return by_text, app, secret


async def test_a_number_stands_nowhere_from_its_naming_to_its_end(
    street: Street, redis_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    by_text, app, secret = await live(street, redis_url)
    async with transaction(street.pool) as tx:
        await phones.alive(tx, street.house, by_text.hidden, now=street.clock.now())
        await phones.opt_out(tx, street.house, by_text.hidden, by_operator=False, now=street.clock.now())
    assert (await app.asks("DELETE", "/phone")).status_code == 204
    await street.work()
    await look(street, redis_url, secret)
    metrics = await street.api.get("/metrics", headers={"Authorization": "Bearer a-key-for-figures"})
    said = capfd.readouterr()
    told = f"{caplog.text}\n{said.out}\n{said.err}\n{metrics.text}"
    assert "route=" in told or "http.request" in told, "or nothing was logged, and nothing found"
    assert unseen.found(told, secret) == []


async def test_forgotten_means_that_nothing_is_left_but_the_hash_of_who_said_stop(
    street: Street, redis_url: str, clock: FixedClock
) -> None:
    by_text, app, secret = await live(street, redis_url)
    hashes = {number: numbers.hashed(street.house.keyring, Hidden(number)).hex() for number in (by_text.number, THEIRS)}
    async with transaction(street.pool) as tx:
        assert await unseen.in_tables(tx, hashes.values()) != [], "or the search would find nothing"
    async with transaction(street.pool) as tx:
        await phones.opt_out(tx, street.house, by_text.hidden, by_operator=False, now=clock.now())
    assert (await app.asks("DELETE")).status_code == 204
    clock.advance(timedelta(seconds=1))
    async with transaction(street.pool) as tx:
        assert await unseen.in_tables(tx, [*secret, hashes[THEIRS], app.body["id"], by_text.body["id"]]) == []
        assert await unseen.in_tables(tx, [hashes[OURS]]) == [hashes[OURS]]
        kept = await (await tx.execute("SELECT encode(hash, 'hex') AS hash FROM opted_out")).fetchall()
    assert kept == [{"hash": hashes[OURS]}], "an opt-out that was forgotten could not be kept"


async def test_the_search_finds_a_number_however_it_is_written(street: Street, redis_url: str) -> None:
    secret = unseen.of_number(OURS)
    for written in ("+380671234567", "380671234567", "067 123 4567", "671234567", "2b333830363731323334353637"):
        assert unseen.found(f"x{written}y", secret) != [], written
    async with transaction(street.pool) as tx:
        await tx.execute(
            "INSERT INTO code_count (bucket, day, codes) VALUES (%s, now(), 1)", [OURS.encode() * 2 + b"123456"]
        )
        assert await unseen.in_tables(tx, secret) != []
        await tx.execute("DELETE FROM code_count")
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        for put in (client.set("n-kept", OURS), client.hset("n-kept", "of", OURS), client.set(f"n-{OURS}", "1")):
            await client.delete("n-kept")
            await put
            assert await unseen.in_redis(redis_url, secret) != []
            await client.delete("n-kept", f"n-{OURS}")
