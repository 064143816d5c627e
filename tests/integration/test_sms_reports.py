"""Delivery reports of gateways that call: only who shows the secret is heard, and nothing is told to anybody else."""

import statistics
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from service import api as program
from service.config import Settings
from service.delivery import ledger, providers, sms_reports
from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.provider_calls import Call
from service.delivery.provider_ways import Secret
from service.delivery.sms import Taken
from service.delivery.sms_reports import Reporters
from service.delivery.texts import Answered
from service.kit.clock import Clock
from service.kit.crypto import Keyring
from service.kit.db import Pool, transaction
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.limits import Limits
from tests.conftest import FixedClock
from tests.worked import SECRETS, worked

KANNEL, GATEWAY = "/v1/sms/kannel/report", "/v1/sms/gateway/report"
KEY = SECRETS["SMS_KANNEL_REPORT"]
BEARER = {"authorization": f"Bearer {SECRETS['SMS_GATEWAY_REPORT']}"}
SHOWN = {"SMS_KANNEL_REPORT", "SMS_KANNEL_INBOUND", "SMS_GATEWAY_REPORT"}


@pytest.fixture(autouse=True)
def _secrets_that_gateways_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the API only these: without those of carriers it must do."""
    for name, value in SECRETS.items():
        if name in SHOWN:
            monkeypatch.setenv(name, value)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    worked(tmp_path, "http://127.0.0.1:9")
    given: dict[str, Any] = settings.model_dump() | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "sms_providers": tmp_path / "sms-providers.toml",
        "sms_countries": ("UA",),
        "number_keys": f"k1:{'ab' * 32}",
    }
    return Settings(**{name: value for name, value in given.items() if name not in ("database_url", "redis_url")})


async def a_text(pool: Pool, clock: FixedClock, provider: str, name: str) -> int:
    """Let a text be taken by a provider that calls it so."""
    async with transaction(pool) as tx:
        made = await ledger.intend_alone(tx, "code", provider, 1, now=clock.now())
        await ledger.answered(tx, [Answered(made, 1, provider, 1, True, Taken((name,)))], now=clock.now())
        return made


async def state(pool: Pool, text: int) -> str:
    async with pool.connection() as tx:
        row = await (await tx.execute("SELECT state FROM sms_text WHERE id = %s", [text])).fetchone()
    assert row is not None
    return str(row["state"])


@pytest.mark.parametrize(("word", "became"), [("1", "delivered"), ("2", "failed"), ("8", "taken"), ("99", "taken")])
async def test_kannels_report_reaches_the_ledger(
    api: httpx.AsyncClient, pool: Pool, clock: FixedClock, word: str, became: str
) -> None:
    text = await a_text(pool, clock, "kannel", "abc")
    answer = await api.get(KANNEL, params={"key": KEY, "id": "abc", "state": word, "answer": ""})
    assert (answer.status_code, answer.text) == (200, "OK")
    assert await state(pool, text) == became


async def test_a_call_of_several_reports_is_heard_whole_or_not_at_all(
    api: httpx.AsyncClient, pool: Pool, clock: FixedClock
) -> None:
    texts = [await a_text(pool, clock, "gateway", name) for name in ("m-1", "m-2")]
    first = {"id": "m-1", "status": "delivered"}
    broken = await api.post(GATEWAY, json={"reports": [first, {"id": "m-2"}]}, headers=BEARER)
    assert broken.status_code == 400
    assert [await state(pool, one) for one in texts] == ["taken", "taken"]
    second = {"id": "m-2", "status": "undeliverable", "error": {"code": "unknown_subscriber"}}
    for _ in range(2):
        answer = await api.post(GATEWAY, json={"reports": [second, first]}, headers=BEARER)
        assert answer.status_code == 200
    assert [await state(pool, one) for one in texts] == ["delivered", "failed"]


async def test_a_report_of_a_text_that_nobody_knows_is_taken_and_changes_nothing(api: httpx.AsyncClient) -> None:
    answer = await api.get(KANNEL, params={"key": KEY, "id": "unheard-of", "state": "1", "answer": ""})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (KANNEL, {"key": "wrong"}),
        (KANNEL, {"key": ""}),
        (KANNEL, {}),
        (KANNEL, {"key": SECRETS["SMS_KANNEL_INBOUND"]}),
        (KANNEL, {"key": KEY + "x"}),
        (KANNEL, {"key": "ключ"}),
        (GATEWAY, {"key": SECRETS["SMS_GATEWAY_REPORT"]}),
        ("/v1/sms/operator/report", {"key": KEY}),
        ("/v1/sms/stranger/report", {"key": KEY}),
    ],
)
async def test_who_does_not_show_the_secret_is_told_nothing(
    api: httpx.AsyncClient, pool: Pool, clock: FixedClock, path: str, shown: dict[str, str]
) -> None:
    text = await a_text(pool, clock, "kannel", "abc")
    answer = await api.get(path, params=shown | {"id": "abc", "state": "1"})
    told = answer.json()
    told.pop("request_id")
    assert told == {
        "type": "/problems/gateway-unknown",
        "title": "Forbidden",
        "status": 403,
        "detail": "This is not a call of a gateway that this service knows.",
        "remedy": "Show the secret where `shown` of the file of providers says.",
    }
    assert await state(pool, text) == "taken"


async def test_a_stranger_takes_as_long_as_a_wrong_secret(settings: Settings) -> None:
    reporters = Reporters.open(providers.of(settings))
    call = Call(b"key=" + b"x" * 40 + b"&id=1&state=1", {}, b"")

    def took(name: str) -> float:
        began = time.perf_counter()
        for _ in range(100):
            try:
                reporters.caller(name, call)
            except Refused:
                continue
        return time.perf_counter() - began

    pairs = [(took("kannel"), took("stranger")) for _ in range(30)]
    known, unknown = (statistics.median(one) for one in zip(*pairs, strict=True))
    assert known == pytest.approx(unknown, rel=0.35)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"id": "abc"}, "The parameter state is missing."),
        ({"state": "1"}, "The parameter id is missing."),
        ({"id": "a b", "state": "1"}, "The parameter id is no id of a text."),
        ({"id": ["a", "b"], "state": "1"}, "A parameter stands there twice."),
    ],
)
async def test_a_malformed_report_is_refused_in_words(
    api: httpx.AsyncClient, query: dict[str, Any], detail: str
) -> None:
    answer = await api.get(KANNEL, params={"key": KEY} | query)
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)
    assert "[provider.report]" in answer.json()["remedy"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]]", b"\xff", b"5", b'{"reports": 1}', b'{"reports": [[]]}'])
async def test_a_body_that_is_none_is_refused_in_words(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.post(GATEWAY, content=body, headers=BEARER)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/sms-call-malformed"


async def test_a_body_has_a_limit(api: httpx.AsyncClient) -> None:
    answer = await api.post(GATEWAY, content=b" " * 70_000, headers=BEARER)
    assert answer.status_code == 413


async def test_a_gateway_that_calls_without_end_is_slowed_down_and_no_other(redis_url: str) -> None:
    limits = Limits(redis_url, Keyring(bytes(32)))
    way = providers.read(Path("docs/sms-providers.toml"))[1].report
    assert way is not None
    loud, other = (
        sms_reports.Reporter(name, way, providers.shown_secret(way.callback, of="x"), 3) for name in ("loud", "other")
    )
    for _ in range(3):
        await sms_reports.demand_room(limits, loud)
    with pytest.raises(Refused) as caught:
        await sms_reports.demand_room(limits, loud)
    assert caught.value.kind is Kind.TOO_MANY
    assert caught.value.after
    await sms_reports.demand_room(limits, other)
    await limits.close()


async def test_neither_secret_nor_id_is_logged(api: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        for key in (KEY, "wrong-secret-of-somebody"):
            await api.get(KANNEL, params={"key": key, "id": "id-of-a-text", "state": "?", "answer": "+380501234567"})
        await api.post(GATEWAY, json={"reports": [{"id": "id-of-a-text"}]}, headers=BEARER)
    said = repr(logs)
    assert said.count("/v1/sms/{provider}/report") == 3
    for secret in (KEY, "wrong-secret", SECRETS["SMS_GATEWAY_REPORT"], "id-of-a-text", "380501234567", "kannel/report"):
        assert secret not in said


async def test_the_api_opens_no_secret_of_a_carrier(
    settings: Settings, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await api.get(KANNEL, params={"key": KEY, "id": "a", "state": "1"})).status_code == 200
    known = {one.name: one for one in providers.of(settings)}
    with pytest.raises(Refused, match="SMS_KANNEL_PASSWORD is empty or unset"):
        GatewayCarrier.open(known["kannel"], clock=Clock())
    opened: list[str] = []
    secret = providers.secret

    def watched(kept: Secret, *, of: str) -> Hidden[str]:
        opened.append(kept.env)
        return secret(kept, of=of)

    monkeypatch.setattr(providers, "secret", watched)
    Reporters.open(known.values())
    assert set(opened) == {"SMS_KANNEL_REPORT", "SMS_GATEWAY_REPORT"}


@pytest.mark.parametrize(("value", "why"), [("", "is empty or unset"), ("short", "too short"), ("%2F" * 9, "signs")])
async def test_a_server_does_not_start_with_a_secret_that_is_missing_or_weak(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    monkeypatch.setenv("SMS_KANNEL_REPORT", value)
    with pytest.raises(Refused) as caught:
        program.run(settings)
    assert why in caught.value.detail
    assert "kannel" in caught.value.detail
    assert caught.value.where == "the variable SMS_KANNEL_REPORT"
