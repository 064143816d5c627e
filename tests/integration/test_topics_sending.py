"""Letters to topics over real HTTP/2 to the stub, which judges every body and spreads it to who follows."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from service.delivery import topics
from service.delivery.channels.fcm import FcmChannel
from service.delivery.channels.fcm_topics import FcmTopics, encoded
from service.delivery.channels.unconfigured import Unconfigured
from service.delivery.model import Accepted, ChannelName, Payload, TryLater
from service.delivery.topics import Claimed, Generation, Letter
from service.demo.fcm import complaint
from service.kit.clock import Clock
from tests.build import AWAY, HERE
from tests.fakes import StubOfGoogle, stub_of_google
from tests.integration.parcels import a_warning, never, settings_for

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
KEY = Generation(1, False, bytes(range(32)), NOW)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubOfGoogle]:
    with stub_of_google(tmp_path_factory.mktemp("google")) as stub:
        yield stub


@pytest.fixture(autouse=True)
def _no_faults_of_an_earlier_test(google: StubOfGoogle) -> None:
    google.fail()


@pytest.fixture
async def channel(google: StubOfGoogle) -> AsyncIterator[FcmTopics]:
    devices = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
    yield FcmTopics(devices, clock=Clock())
    await devices.close()


def a_letter(*names: str, said: Payload | None = None) -> Claimed:
    return Claimed(1, 1, NOW, said or a_warning(), Letter("uk", 0, names).condition)


async def brought(google: StubOfGoogle, letter: Claimed, channel: FcmTopics) -> list[str]:
    """Send a letter and return to which phones the stub carried it."""
    google.follow(last=["the-end"])
    addresses = []
    async with httpx.AsyncClient() as client, client.stream("GET", f"{google.url}/_stub/stream") as stream:
        lines = stream.aiter_lines()
        assert json.loads(await anext(lines)) == {"event": "listening"}
        for one in (letter, a_letter("the-end")):
            [outcome] = await channel.send([one], shut=never)
            assert isinstance(outcome, Accepted)
        async for line in lines:
            address = json.loads(line)["address"]
            if address == "last":
                break
            addresses.append(address)
    return addresses


async def test_a_phone_that_follows_several_topics_of_a_message_gets_it_once(
    channel: FcmTopics, google: StubOfGoogle
) -> None:
    here, away = KEY.name(HERE, "uk"), KEY.name(AWAY, "uk")
    google.follow(one=[here, away], other=[away], stranger=[KEY.name(HERE, "ar")])
    assert await brought(google, a_letter(here, away), channel) == ["one", "other"]
    assert await brought(google, a_letter(here), channel) == ["one"]


async def test_every_letter_goes_out_once_and_carries_the_signed_text(channel: FcmTopics, google: StubOfGoogle) -> None:
    letters = [a_letter(*(KEY.name(HERE + n, "uk") for n in range(start, start + 5))) for start in range(0, 100, 5)]
    outcomes = await channel.send(letters, shut=never)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    got = [one for one in google.letters() if one["address"] in {letter.condition for letter in letters}]
    assert sorted(one["address"] for one in got) == sorted(letter.condition for letter in letters)
    assert got[0]["message"]["data"] == dict(letters[0].payload.data)
    assert got[0]["message"]["android"]["priority"] == "high"


async def test_a_shut_gate_leaves_every_letter_unsent(channel: FcmTopics, google: StubOfGoogle) -> None:
    before = len(google.letters())
    outcomes = await channel.send([a_letter("sf1-live-x")] * 20, shut=lambda: True)
    assert {type(outcome) for outcome in outcomes} == {TryLater}
    assert len(google.letters()) == before


async def test_what_google_cannot_take_now_waits(channel: FcmTopics, google: StubOfGoogle) -> None:
    google.fail({"status": 429, "times": 1, "headers": {"retry-after": "60"}})
    [outcome] = await channel.send([a_letter("sf1-live-x")], shut=never)
    assert isinstance(outcome, TryLater)
    assert outcome.after == timedelta(seconds=60)


def test_the_stub_takes_no_more_to_a_topic_than_google_does() -> None:
    letter = a_letter("sf1-live-x", said=a_warning(body="я" * 600))
    assert complaint(json.loads(encoded(letter.payload, letter.condition, now=NOW))) is not None
    short = replace(letter.payload, body="")
    assert complaint(json.loads(encoded(short, letter.condition, now=NOW))) is None


async def test_without_fcm_every_letter_waits_and_an_operator_is_told() -> None:
    [outcome] = await Unconfigured(ChannelName.TOPIC).send([a_letter("x")], shut=never)
    assert isinstance(outcome, TryLater)
    assert outcome.ours


def test_what_is_measured_is_what_is_sent() -> None:
    said = replace(a_warning(), body="")
    message = json.loads(encoded(said, Letter("uk", 0, ("a",)).condition, now=NOW))["message"]
    data = sum(len(key.encode()) + len(value.encode()) for key, value in message["data"].items())
    apple = json.dumps(message["apns"]["payload"], ensure_ascii=False, separators=(",", ":"))
    assert topics.measure(said) == data + len(apple.encode())


@pytest.mark.parametrize(
    "condition",
    ["", "'a' in topics && 'b' in topics", "'a b' in topics", "a in topics", " || ".join(["'a' in topics"] * 6)],
)
def test_the_stub_takes_only_conditions_that_google_takes_and_we_make(condition: str) -> None:
    assert complaint({"message": {"condition": condition, "data": {}}}) is not None
    assert complaint({"message": {"condition": "'a' in topics || 'b-_.~%' in topics", "data": {}}}) is None
