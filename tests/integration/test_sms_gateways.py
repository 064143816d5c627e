"""Texts that gateways bring over HTTP: who may, what is answered, and that nothing is lost where it cannot be."""

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.config import Settings
from service.conversations.outbox import Letter, Outbox
from service.kit.db import Pool
from service.kit.house import House
from tests.conftest import FixedClock
from tests.integration import gateways
from tests.integration.gateways import KEY

SENDER = "+380671234567"


@pytest.fixture(params=["redis"])
def settings(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Settings:
    for name, value in gateways.SECRETS.items():
        monkeypatch.setenv(name, value)
    more: dict[str, Any] = {"REDIS_URL": "redis://127.0.0.1:9"} if request.param == "no redis" else {}
    given = settings.model_dump() | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "server_key": os.urandom(32).hex(),  # no other test's keyed hashes
        "sms_providers": gateways.write(tmp_path),
        "sms_countries": ("UA",),
        "number_keys": f"k1:{'ab' * 32}",
        **more,
    }
    return Settings(**{name: value for name, value in given.items() if name not in ("database_url", "redis_url")})


async def direct(api: httpx.AsyncClient, text: str, *, key: str = KEY, **more: str) -> httpx.Response:
    query = {"from": SENDER[1:], "to": "4455", "text": text, "key": key} | more
    return await api.get("/v1/sms/direct/inbound", params=query)


async def apart(api: httpx.AsyncClient, text: str, *, key: str = KEY, **more: str) -> httpx.Response:
    form = {"from": SENDER, "to": "4455", "text": text} | more
    return await api.post("/v1/sms/apart/inbound", data=form, headers={"X-Key": key})


async def left(app: FastAPI, clock: FixedClock) -> list[Letter]:
    house: House = app.state.house
    letters, _ = await house.get(Outbox).take(100, now=clock.now())
    return letters


async def silenced(pool: Pool) -> int:
    async with pool.connection() as tx:
        row = await (await tx.execute("SELECT count(*) AS found FROM opted_out")).fetchone()
    assert row is not None
    return int(row["found"])


async def test_a_text_is_answered_in_the_response_where_the_gateway_takes_it_so(api: httpx.AsyncClient) -> None:
    answer = await direct(api, "11")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "go back" in answer.text.casefold()


async def test_a_call_repeated_by_the_gateway_gets_the_same_answer(api: httpx.AsyncClient) -> None:
    first = await direct(api, "33 Testovo", id="m-1")
    assert (await direct(api, "33 Testovo", id="m-1")).text == first.text != ""
    assert (await direct(api, "33 Testovo", id="m-2")).text == ""


async def test_parts_that_come_out_of_order_are_answered_once(api: httpx.AsyncClient) -> None:
    got = [await direct(api, f"{number}", udh=f"05000307{2:02x}{number:02x}") for number in (2, 1)]
    assert [one.text == "" for one in got] == [True, False]


async def test_elsewhere_the_answer_waits_for_a_worker(api: httpx.AsyncClient, app: FastAPI, clock: FixedClock) -> None:
    await left(app, clock)
    answer = await apart(api, "I found a grenade")
    assert (answer.status_code, answer.text) == (200, "")
    (letter,) = await left(app, clock)
    assert (letter.provider, letter.to.reveal(), letter.urgent) == ("apart", SENDER, True)
    assert "112" in letter.reply.text.reveal()
    assert await left(app, clock) == []


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x"])
@pytest.mark.parametrize("name", ["direct", "apart", "nobody"])
async def test_who_does_not_show_the_secret_is_nobody(api: httpx.AsyncClient, name: str, key: str) -> None:
    query = {"from": SENDER, "text": "stop", "key": key}
    for method in ("GET", "POST"):
        answer = await api.request(method, f"/v1/sms/{name}/inbound", params=query, headers={"X-Key": key})
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/gateway-unknown"
        assert SENDER[1:] not in answer.text


async def test_the_doors_of_texts_and_of_reports_refuse_strangers_in_the_same_words(api: httpx.AsyncClient) -> None:
    told = []
    for door in ("direct/inbound", "nobody/inbound", "direct/report", "nobody/report"):
        answer = await api.post(f"/v1/sms/{door}", params={"key": "wrong"})
        told.append((answer.status_code, {name: said for name, said in answer.json().items() if name != "request_id"}))
    assert told == [told[0]] * 4


async def test_a_call_of_another_form_repeats_nothing_of_it(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/sms/direct/inbound", params={"key": KEY, "sender": SENDER, "text": "Testovo"})
    assert answer.status_code == 400
    assert "Testovo" not in answer.text
    assert SENDER[1:] not in answer.text


@pytest.mark.parametrize("settings", ["no redis"], indirect=True)
async def test_without_redis_a_gateway_keeps_what_could_not_be_answered_but_an_end_is_an_end(
    api: httpx.AsyncClient, pool: Pool
) -> None:
    answer = await apart(api, "I found a grenade")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert (await direct(api, "11")).text != "", "what is answered in the response needs no Redis"
    assert (await apart(api, "stop")).status_code == 200
    assert await silenced(pool) == 1


async def test_r22_by_a_sender_that_nobody_can_answer_an_end_is_an_end(
    api: httpx.AsyncClient, app: FastAPI, clock: FixedClock, pool: Pool
) -> None:
    await left(app, clock)
    said = [{"from": SENDER, "text": "hello", "id": "1"}, {"from": SENDER, "text": "STOP", "id": "2"}]
    answer = await api.post("/v1/sms/deaf/inbound", json={"messages": said}, headers={"X-Key": KEY})
    assert (answer.status_code, answer.text) == (200, "")
    assert await silenced(pool) == 1
    assert await left(app, clock) == []


async def test_figures_name_nobody(api: httpx.AsyncClient) -> None:
    for number in range(30):
        await direct(api, f"text {number}", **{"from": "Bank"})
    told = (await api.get("/metrics", headers={"Authorization": "Bearer a-key-for-figures"})).text
    assert 'surefoot_sms_inbound_total{became="refused"}' in told
    assert "Bank" not in told
