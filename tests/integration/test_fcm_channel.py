"""The FCM channel over real HTTP/2 to the stub, which judges every body by Google's schema."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from service.config import Settings
from service.delivery import payload
from service.delivery.channels.fcm import FcmChannel
from service.delivery.channels.fcm_answers import Fault
from service.delivery.model import (
    Accepted,
    AddressDead,
    Bulletin,
    Outcome,
    Parcel,
    Payload,
    Severity,
    Text,
    TryLater,
)
from service.kit.clock import Clock
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents.model import Address, AddressKind
from tests.fakes import PROJECT, StubOfGoogle, stub_of_google

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubOfGoogle]:
    with stub_of_google(tmp_path_factory.mktemp("google")) as stub:
        yield stub


@pytest.fixture
async def channel(google: StubOfGoogle) -> AsyncIterator[FcmChannel]:
    google.fail()
    channel = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
    yield channel
    await channel.close()


def settings_for(endpoint: str, account: Path, *, loopback_only: bool = True) -> Settings:
    return Settings(
        GOOGLE_APPLICATION_CREDENTIALS=account,
        fcm_project=PROJECT,
        fcm_endpoint=endpoint,
        loopback_only=loopback_only,
    )


def a_warning(language: str = "uk", body: str = "Зупиніться. " * 20) -> Payload:
    told = Bulletin(
        UUID(int=1),
        1,
        Severity.SEVERE,
        exercise=False,
        zone_id=UUID(int=2),
        reach_m=5000,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=90),
    )
    text = Text(language, "ltr", "Мінна небезпека", body)
    return payload.encode(told, text, now=NOW, batch=7, signature=bytes(64))


def to(address: str, said: Payload | None = None, kind: AddressKind = AddressKind.TOKEN) -> Parcel:
    return Parcel(said or a_warning(), Address(kind, Hidden(address)))


def never() -> bool:
    return False


async def sent(channel: FcmChannel, address: str = "a") -> Outcome:
    return (await channel.send([to(address)], shut=never))[0]


async def test_a_batch_arrives_whole_each_with_its_own_address(channel: FcmChannel, google: StubOfGoogle) -> None:
    said = a_warning()
    parcels = [to(f"whole-{n}", said, kind) for n in range(250) for kind in AddressKind]
    outcomes = await channel.send(parcels, shut=never)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    got = [one["address"] for one in google.messages() if one["address"].startswith("whole-")]
    assert sorted(got) == sorted(parcel.address.value.reveal() for parcel in parcels)


async def test_what_arrives_is_what_was_measured_and_said(channel: FcmChannel, google: StubOfGoogle) -> None:
    said = a_warning()
    await channel.send([to("measured", said)], shut=never)
    [got] = google.messages("measured")
    assert got["message"]["data"] == dict(said.data)
    assert got["message"]["apns"]["payload"]["aps"] == payload.aps(said)
    whole = json.dumps({"aps": payload.aps(said), **dict(said.data)}, ensure_ascii=False, separators=(",", ":"))
    assert payload.measure(said) == len(whole.encode()) + payload.ADDED_FOR_APPLE


async def test_an_alert_never_carries_a_collapse_key_on_android(channel: FcmChannel, google: StubOfGoogle) -> None:
    await channel.send([to("no-collapse")], shut=never)
    [got] = google.messages("no-collapse")
    assert "collapse_key" not in got["message"]["android"]
    assert got["message"]["android"]["priority"] == "high"
    assert "notification" not in got["message"]


BROKEN: list[tuple[dict[str, Any], type, str]] = [
    ({"status": 429, "headers": {"Retry-After": "7"}}, TryLater, Fault.QUOTA),
    ({"status": 500}, TryLater, Fault.INTERNAL),
    ({"status": 503}, TryLater, Fault.UNAVAILABLE),
    ({"status": 502, "body": "<html>Bad Gateway</html>"}, TryLater, Fault.UNKNOWN),
    ({"status": 200, "body": "not json"}, TryLater, Fault.UNKNOWN),
    ({"status": 418}, TryLater, Fault.UNKNOWN),
    ({"status": 400, "body": "{}"}, TryLater, Fault.UNKNOWN),
    ({"status": 403}, TryLater, Fault.CREDENTIALS),
    ({"status": 503, "reset": True}, TryLater, Fault.NO_ANSWER),
]


@pytest.mark.parametrize(("rule", "outcome", "reason"), BROKEN)
async def test_a_fault_of_the_provider_keeps_the_message(
    channel: FcmChannel, google: StubOfGoogle, rule: dict[str, Any], outcome: type, reason: str
) -> None:
    google.fail(rule)
    got = await sent(channel)
    assert isinstance(got, outcome)
    assert isinstance(got, TryLater)
    assert got.reason == reason
    assert got.after == (timedelta(seconds=7) if rule["status"] == 429 else None)


async def test_an_unknown_device_is_dead_and_only_that(channel: FcmChannel, tmp_path: Path) -> None:
    with stub_of_google(tmp_path) as google:
        google.know({"address": "known", "platform": "android", "online": True})
        mine = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
        outcomes = await mine.send([to("known"), to("unknown")], shut=never)
        await mine.close()
    assert [type(one) for one in outcomes] == [Accepted, AddressDead]


async def test_a_pause_stops_within_the_batch(channel: FcmChannel, google: StubOfGoogle) -> None:
    google.fail({"status": 200, "delay": 0.05, "share": 1.0})
    looks = iter(range(10_000))
    outcomes = await channel.send([to(f"paused-{n}") for n in range(1000)], shut=lambda: next(looks) >= 450)
    unsent = [one for one in outcomes if one == TryLater(None, Fault.HELD)]
    assert len(unsent) == 550
    assert len([one for one in google.messages() if one["address"].startswith("paused-")]) == 450


async def test_a_refused_token_is_fetched_anew(channel: FcmChannel, google: StubOfGoogle) -> None:
    assert isinstance(await sent(channel), Accepted)
    google.revoke_tokens()
    first = await sent(channel)
    assert isinstance(first, TryLater)
    assert first.ours
    assert isinstance(await sent(channel), Accepted)


async def test_nobody_listening_is_no_answer_and_no_exception(google: StubOfGoogle) -> None:
    channel = FcmChannel.open(settings_for("http://127.0.0.1:9", google.account), clock=Clock())
    got = await sent(channel)
    await channel.close()
    assert got == TryLater(None, Fault.NO_ANSWER)


async def test_a_server_that_hangs_is_given_up(google: StubOfGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.delivery.channels.fcm._TIMEOUT", timedelta(seconds=1))
    google.fail({"status": 200, "delay": 5})
    channel = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
    began = time.monotonic()
    assert await sent(channel) == TryLater(None, Fault.NO_ANSWER)
    assert time.monotonic() - began < 4
    await channel.close()


async def test_many_failures_of_the_token_dial_google_once(google: StubOfGoogle, tmp_path: Path) -> None:
    account = json.loads(google.account.read_text()) | {"token_uri": "http://127.0.0.1:9/token"}
    broken = tmp_path / "account.json"
    broken.write_text(json.dumps(account))
    channel = FcmChannel.open(settings_for(google.url, broken), clock=Clock())
    outcomes = await asyncio.wait_for(channel.send([to(str(n)) for n in range(500)], shut=never), 30)
    await channel.close()
    assert {type(one) for one in outcomes} == {TryLater}


@pytest.mark.parametrize("endpoint", ["https://fcm.googleapis.com", "http://192.0.2.1:80", "http://"])
def test_with_loopback_only_nothing_can_leave_this_machine(google: StubOfGoogle, endpoint: str) -> None:
    with pytest.raises(Refused) as refused:
        FcmChannel.open(settings_for(endpoint, google.account), clock=Clock())
    assert refused.value.name == "loopback-only"


def test_a_missing_or_broken_account_is_said_clearly(google: StubOfGoogle, tmp_path: Path) -> None:
    broken = tmp_path / "account.json"
    broken.write_text("{}")
    for account in (broken, tmp_path / "none.json"):
        with pytest.raises(Refused, match="service account"):
            FcmChannel.open(settings_for(google.url, account), clock=Clock())


async def test_a_text_that_holds_the_placeholder_is_not_sent_to_the_wrong_phone(channel: FcmChannel) -> None:
    said = a_warning(body="{the-address-goes-here} " * 3)
    with pytest.raises(ValueError, match="placeholder"):
        await channel.send([to("x", said)], shut=never)


def test_r18_an_exercise_is_marked_in_every_push() -> None:
    assert ("exercise", "0") in a_warning().data
