"""The access token of the FCM channel: one fetch for all, in time, and no trouble of it breaks a batch."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.delivery.channels.fcm import FcmChannel
from service.delivery.channels.fcm_answers import Fault
from service.delivery.model import Accepted, TryLater
from service.kit.clock import Clock
from tests.fakes import StubOfGoogle, stub_of_google
from tests.integration.parcels import never, sent, settings_for, to


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


async def test_a_token_that_dies_early_is_replaced_and_the_message_goes_out(
    channel: FcmChannel, google: StubOfGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.delivery.channels.fcm_access._REST_SECONDS", 0.0)
    assert isinstance(await sent(channel), Accepted)
    google.revoke_tokens()
    outcomes = await channel.send([to(f"revoked-{n}") for n in range(500)], shut=never)
    assert {type(one) for one in outcomes} == {Accepted}


async def test_an_account_that_google_refuses_keeps_the_messages_and_tells_an_operator(
    channel: FcmChannel, google: StubOfGoogle
) -> None:
    before = google.counts()["tokens"]
    google.fail({"status": 401})
    outcomes = await channel.send([to(str(n)) for n in range(500)], shut=never)
    assert set(outcomes) == {TryLater(None, Fault.CREDENTIALS, ours=True)}
    assert google.counts()["tokens"] - before <= 2, "each refusal asked for a token"


@contextlib.asynccontextmanager
async def a_token_endpoint(said: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer each connection with these bytes, or never; yields the address and what was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if said is None:
            await reader.read()  # until the other side gives up
        else:
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/token", asked
    server.close()


def http(status: str, body: bytes, *headers: bytes) -> bytes:
    lines = [
        f"HTTP/1.1 {status}".encode(),
        b"Connection: close",
        b"Content-Length: %d" % len(body),
        *headers,
        b"",
        body,
    ]
    return b"\r\n".join(lines)


TOKENS: list[tuple[bytes | None, TryLater]] = [
    (http("400 Bad Request", b'{"error":"invalid_grant"}'), TryLater(None, Fault.CREDENTIALS, ours=True)),
    (http("200 OK", b"<html>"), TryLater(None, Fault.UNKNOWN)),
    (http("200 OK", b'{"access_token":"a","expires_in":"soon"}'), TryLater(None, Fault.UNKNOWN)),
    (http("302 Found", b"", b"Location: http://127.0.0.1:9/"), TryLater(None, Fault.CREDENTIALS, ours=True)),
    (b"", TryLater(None, Fault.NO_ANSWER)),
    (None, TryLater(None, Fault.NO_ANSWER)),
]


@pytest.mark.parametrize(("said", "outcome"), TOKENS)
async def test_without_a_token_all_messages_wait_and_google_is_asked_once(
    google: StubOfGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes | None, outcome: TryLater
) -> None:
    monkeypatch.setattr("service.delivery.channels.fcm_access._TIMEOUT_SECONDS", 0.5)
    async with a_token_endpoint(said) as (address, asked):
        broken = tmp_path / "account.json"
        broken.write_text(json.dumps(json.loads(google.account.read_text()) | {"token_uri": address}))
        channel = FcmChannel.open(settings_for(google.url, broken), clock=Clock())
        outcomes = await channel.send([to(str(n)) for n in range(1200)], shut=never)
        await channel.close()
    assert set(outcomes) == {outcome}
    assert len(asked) == 1


async def test_a_token_in_its_last_minutes_serves_while_the_next_one_is_fetched(
    channel: FcmChannel, google: StubOfGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("google.auth._helpers.REFRESH_THRESHOLD", timedelta(hours=2))
    assert isinstance(await sent(channel), Accepted)
    before = google.counts()["tokens"]
    outcomes = await channel.send([to(f"stale-{n}") for n in range(100)], shut=never)
    assert {type(one) for one in outcomes} == {Accepted}
    assert google.counts()["tokens"] > before
