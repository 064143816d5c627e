"""Firebase App Check: who may register where an operator asks for it, by keys from a stub in Google's place."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import RSAKey

from service.config import Settings
from service.kit.errors import Refused
from service.residents.app_check import HEADER, AppCheck
from service.residents.web_push import encoded
from tests.build import FIRST_FID
from tests.conftest import NOW, FixedClock
from tests.integration.test_residents_api import wish
from tests.integration.test_web_push_registrations import asks
from tests.integration.test_web_push_registrations import wish as web_push_wish
from tests.push_service import Answer, PushService, push_service
from tests.subscribing import Subscriber

PROJECT, APP = "1234567890", "1:1234567890:android:321abc456def7890"
KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "two"})


def seconds(moment: Any) -> int:
    return int(moment.timestamp())


def token(key: RSAKey = KEY, *, head: dict[str, Any] | None = None, **changed: Any) -> str:
    """What the app's library would give; what is changed may be left out by None."""
    said = {
        "iss": f"https://firebaseappcheck.googleapis.com/{PROJECT}",
        "aud": [f"projects/{PROJECT}", "projects/some-name"],
        "sub": APP,
        "iat": seconds(NOW),
        "exp": seconds(NOW + timedelta(hours=1)),
    }
    said = {name: value for name, value in (said | changed).items() if value is not None}
    header = {"alg": "RS256", "typ": "JWT", "kid": key.kid} | (head or {})
    return jwt.encode({name: value for name, value in header.items() if value is not None}, said, key)


def published(*keys: RSAKey) -> Answer:
    shown = [key.as_dict(private=False) | {"alg": "RS256", "use": "sig"} for key in keys]
    return Answer(200, body=json.dumps({"keys": shown}).encode())


@pytest.fixture
async def google() -> AsyncIterator[PushService]:
    async with push_service() as one:
        one.answer = lambda _: published(KEY)
        yield one


def opened(google: PushService, *, apps: tuple[str, ...] = ()) -> AppCheck:
    url = f"{google.url}/v1/jwks"
    settings = Settings(app_check_projects=(PROJECT,), app_check_apps=apps, app_check_keys=url, loopback_only=True)
    return AppCheck.open(settings)


async def refusal(check: AppCheck, given: str | None, *, now: Any = NOW) -> str:
    with pytest.raises(Refused) as refused:
        await check.demand(given, now=now)
    return refused.value.name


@pytest.fixture
async def demanding(app: FastAPI, google: PushService) -> AppCheck:
    check = opened(google)
    app.state.house.put(check)
    app.state.house.put(asks("93.184.215.14"))
    return check


async def test_without_the_setting_nobody_is_asked_for_anything(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/registrations", json=wish())).status_code == 201


async def test_an_app_of_ours_registers_and_another_does_not(api: httpx.AsyncClient, demanding: AppCheck) -> None:
    nobody = await api.post("/v1/registrations", json=wish())
    assert (nobody.status_code, nobody.json()["type"]) == (403, "/problems/app-check-missing")
    forged = await api.post("/v1/registrations", json=wish(), headers={HEADER: token(OTHER, head={"kid": "one"})})
    assert (forged.status_code, forged.json()["type"]) == (403, "/problems/app-check-refused")
    mine = await api.post("/v1/registrations", json=wish(), headers={HEADER: token()})
    assert mine.status_code == 201
    owner = {"Authorization": f"Bearer {mine.json()['secret']}"}
    change = {"address": {"kind": "fid", "value": FIRST_FID[:-1] + "Z"}}
    url = f"/v1/registrations/{mine.json()['id']}"
    assert (await api.patch(url, json=change, headers=owner)).status_code == 403
    assert (await api.patch(url, json=change, headers=owner | {HEADER: token()})).status_code == 200
    assert (await api.patch(url, json={"languages": ["en"]}, headers=owner)).status_code == 200
    assert (await api.get(url, headers=owner)).status_code == 200


async def test_phones_without_google_need_no_word_of_google(api: httpx.AsyncClient, demanding: AppCheck) -> None:
    answer = await api.post("/v1/registrations", json=web_push_wish(Subscriber()))
    assert answer.json()["type"] == "/problems/web-push-not-offered", "and not app-check-missing"


async def test_while_googles_keys_cannot_be_had_nobody_passes_in_silence(
    api: httpx.AsyncClient, demanding: AppCheck, google: PushService
) -> None:
    google.answer = lambda _: Answer(503)
    answer = await api.post("/v1/registrations", json=wish(), headers={HEADER: token()})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/app-check-keys-away")
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize(
    "broken",
    [
        {"iss": f"https://firebaseappcheck.googleapis.com/{PROJECT}9"},
        {"iss": f"https://evil.example/{PROJECT}"},
        {"iss": "https://firebaseappcheck.googleapis.com/"},
        {"iss": None},
        {"aud": ["projects/999"]},
        {"aud": "projects/999"},
        {"aud": None},
        {"exp": seconds(NOW - timedelta(minutes=1))},
        {"exp": None},
        {"exp": "soon"},
        {"iat": seconds(NOW + timedelta(minutes=5))},
        {"head": {"kid": "unknown"}},
        {"head": {"kid": None}},
    ],
)
async def test_a_token_of_another_project_time_or_key_is_refused(google: PushService, broken: dict[str, Any]) -> None:
    assert await refusal(opened(google), token(**broken)) == "app-check-refused"


@pytest.mark.parametrize("given", ["", "x", "a.b.c", token()[:-2] + "AA", "x" * 5000])
async def test_what_is_no_token_is_refused(google: PushService, given: str) -> None:
    assert await refusal(opened(google), given) in {"app-check-refused", "app-check-missing"}


async def test_no_other_way_of_signing_is_believed(google: PushService) -> None:
    body = token().split(".")[1]
    for algorithm in ("HS256", "none", "RS512"):
        head = encoded(json.dumps({"alg": algorithm, "kid": "one"}).encode())
        # The published key as if it were a secret: the oldest trick there is.
        mac = hmac.digest(KEY.as_pem(private=False), f"{head}.{body}".encode(), hashlib.sha256)
        for signature in (encoded(mac), ""):
            assert await refusal(opened(google), f"{head}.{body}.{signature}") == "app-check-refused"


async def test_an_operator_may_name_the_apps(google: PushService) -> None:
    check = opened(google, apps=(APP,))
    await check.demand(token(), now=NOW)
    assert await refusal(check, token(sub="1:1234567890:web:0")) == "app-check-refused"


async def test_keys_are_fetched_once_and_anew_after_six_hours(google: PushService, clock: FixedClock) -> None:
    check = opened(google)
    for _ in range(5):
        await check.demand(token(), now=NOW)
    assert len(google.got) == 1
    later = NOW + timedelta(hours=6, seconds=1)
    await check.demand(token(exp=seconds(later) + 60), now=later)
    assert len(google.got) == 2


async def test_a_new_key_is_believed_at_once_and_unknown_ones_make_no_flood(google: PushService) -> None:
    check = opened(google)
    await check.demand(token(), now=NOW)
    google.answer = lambda _: published(KEY, OTHER)
    later = NOW + timedelta(seconds=61)
    await check.demand(token(OTHER), now=later)
    assert len(google.got) == 2
    for number in range(50):
        assert await refusal(check, token(head={"kid": f"x{number}"}), now=later) == "app-check-refused"
    assert len(google.got) == 2


async def test_while_google_is_away_known_keys_are_believed_for_a_day(google: PushService) -> None:
    check = opened(google)
    await check.demand(token(), now=NOW)
    google.answer = lambda _: Answer(cut=True)
    for hours in (7, 23):
        later = NOW + timedelta(hours=hours)
        await check.demand(token(exp=seconds(later) + 60), now=later)
    later = NOW + timedelta(hours=31)
    assert await refusal(check, token(exp=seconds(later) + 60), now=later) == "app-check-keys-away"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, body=b"<html>"),
        Answer(200, body=b"[]"),
        Answer(200, body=b'{"keys":[]}'),
        Answer(200, body=b'{"keys":[{"kty":"oct","kid":"one","k":"AAAA"}]}'),
        Answer(200, endless=True),
        Answer(302, {"location": "https://evil.example/"}),
        Answer(cut=True),
    ],
)
async def test_an_answer_that_is_no_set_of_keys_lets_nobody_pass(google: PushService, answer: Answer) -> None:
    google.answer = lambda _: answer
    assert await refusal(opened(google), token()) in {"app-check-keys-away", "app-check-refused"}


@pytest.mark.parametrize("url", ["http://192.0.2.1/jwks", "http://127.0.0.1/jwks", "ftp://x/", "jwks"])
def test_keys_come_over_tls_or_not_at_all(url: str) -> None:
    with pytest.raises(Refused) as refused:
        AppCheck.open(Settings(app_check_projects=("1",), app_check_keys=url))
    assert refused.value.name == "app-check-not-encrypted"
