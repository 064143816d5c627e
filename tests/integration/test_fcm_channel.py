"""The FCM channel over real HTTP/2 to the stub, which judges every body by Google's schema."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.delivery import payload
from service.delivery.channels.fcm import FcmChannel
from service.delivery.channels.fcm_answers import Fault
from service.delivery.model import Accepted, AddressDead, TryLater
from service.kit.clock import Clock
from service.kit.errors import Refused
from service.residents.model import AddressKind
from tests.e2e.relay import Relay, port_of
from tests.fakes import StubOfGoogle, stub_of_google
from tests.integration.parcels import a_warning, never, sent, settings_for, to


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubOfGoogle]:
    with stub_of_google(tmp_path_factory.mktemp("google")) as stub:
        yield stub


@pytest.fixture(autouse=True)
def _no_faults_of_an_earlier_test(google: StubOfGoogle) -> None:
    google.fail()


@pytest.fixture
async def channel(google: StubOfGoogle) -> AsyncIterator[FcmChannel]:
    channel = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
    yield channel
    await channel.close()


async def test_a_batch_arrives_whole_each_with_its_own_address(channel: FcmChannel, google: StubOfGoogle) -> None:
    said = a_warning()
    parcels = [to(f"whole-{n}", said, kind) for n in range(250) for kind in (AddressKind.FID, AddressKind.TOKEN)]
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
    ({"status": 403}, TryLater, Fault.PERMISSION),
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


async def test_nobody_listening_is_no_answer_and_no_exception(google: StubOfGoogle) -> None:
    channel = FcmChannel.open(settings_for("http://127.0.0.1:9", google.account), clock=Clock())
    got = await sent(channel)
    await channel.close()
    assert got == TryLater(None, Fault.NO_ANSWER)


async def test_connections_cut_in_mid_batch_cost_nobody_his_message(google: StubOfGoogle) -> None:
    google.fail({"status": 200, "delay": 2.0, "body": json.dumps({"name": "projects/p/messages/1"})})
    before = arrived(google)
    with Relay(port_of(google.url)) as relay:
        channel = FcmChannel.open(settings_for(f"http://127.0.0.1:{relay.port}", google.account), clock=Clock())
        sending = asyncio.create_task(channel.send([to(f"cut-{n}") for n in range(1100)], shut=never))
        while await asyncio.to_thread(arrived, google) - before < 1000:
            pass
        relay.turn(port_of(google.url))
        outcomes = await sending
        assert outcomes.count(TryLater(None, Fault.NO_ANSWER)) == 1000, "those on the way when the cut came"
        assert [type(one) for one in outcomes].count(Accepted) == 100, "the rest went over new connections"
        await channel.close()


def arrived(google: StubOfGoogle) -> int:
    return sum(google.counts()["versions"].values())


async def test_a_server_that_hangs_is_given_up(google: StubOfGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.delivery.channels.fcm._TIMEOUT", timedelta(seconds=1))
    google.fail({"status": 200, "delay": 5})
    channel = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
    began = time.monotonic()
    assert await sent(channel) == TryLater(None, Fault.NO_ANSWER)
    assert time.monotonic() - began < 4
    await channel.close()


async def test_with_loopback_only_no_proxy_of_the_machine_is_asked(
    google: StubOfGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    channel = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
    got = await sent(channel)
    await channel.close()
    assert isinstance(got, Accepted)


@pytest.mark.parametrize(
    "endpoint", ["https://fcm.googleapis.com", "http://192.0.2.1:80", "http://", "http://localhost:80"]
)
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


def test_without_tls_neither_credentials_nor_addresses_leave_this_machine(google: StubOfGoogle, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        FcmChannel.open(settings_for("http://192.0.2.1:80", google.account, loopback_only=False), clock=Clock())
    assert refused.value.name == "fcm-not-encrypted"


async def test_an_address_arrives_as_it_is_whatever_it_holds(channel: FcmChannel, google: StubOfGoogle) -> None:
    odd = 'odd"}},\\\n\u2028\ud83d\ude00"token":"x'.encode("utf-16", "surrogatepass").decode("utf-16")
    await channel.send([to(odd, kind=kind) for kind in (AddressKind.FID, AddressKind.TOKEN)], shut=never)
    got = [one["message"] for one in google.messages(odd)]
    assert [(one.get("token"), one.get("fid")) for one in got] in (
        [(odd, None), (None, odd)],
        [(None, odd), (odd, None)],
    )


def test_r18_an_exercise_is_marked_in_every_push() -> None:
    assert ("exercise", "0") in a_warning().data
