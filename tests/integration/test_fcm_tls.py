"""The FCM channel over TLS, as to Google: HTTP/2 or nothing, and nobody whose certificate is not trusted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from service.config import Settings
from service.delivery import payload
from service.delivery.channels.fcm import FcmChannel
from service.delivery.channels.fcm_answers import Fault
from service.delivery.model import Accepted, Parcel, TryLater
from service.kit.clock import Clock
from service.kit.hidden import Hidden
from service.residents.model import Address, AddressKind
from tests.certificates import a_certificate
from tests.fakes import PROJECT, StubOfGoogle, stub_of_google


@dataclass(frozen=True)
class Certified:
    """A stub with TLS, and the authority that vouches for it."""

    google: StubOfGoogle
    authority: Path


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    folder = tmp_path_factory.mktemp("google")
    authority = a_certificate(folder, "authority")
    own = a_certificate(folder, "stub", by=authority)
    with stub_of_google(folder, tls=(own.file, own.key_file), authority=authority.file) as google:
        yield Certified(google, authority.file)


def channel_to(google: StubOfGoogle) -> FcmChannel:
    settings = Settings(GOOGLE_APPLICATION_CREDENTIALS=google.account, fcm_project=PROJECT, fcm_endpoint=google.url)
    return FcmChannel.open(settings, clock=Clock())


def parcels(count: int) -> list[Parcel]:
    said = payload.encode_code(str(UUID(int=1)))
    return [Parcel(said, Address(AddressKind.FID, Hidden(f"fid-{n}"))) for n in range(count)]


async def test_messages_to_google_go_by_http_2(certified: Certified, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certified.authority))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    channel = channel_to(certified.google)
    outcomes = await channel.send(parcels(500), shut=lambda: False)
    await channel.close()
    assert {type(one) for one in outcomes} == {Accepted}
    assert certified.google.counts()["versions"] == {"2": 500}


async def test_a_stranger_in_googles_place_gets_neither_token_nor_message(
    certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = certified.google.counts()
    channel = channel_to(certified.google)
    without_token = await channel.send(parcels(500), shut=lambda: False)
    assert set(without_token) == {TryLater(None, Fault.CERTIFICATE, ours=True)}

    monkeypatch.setattr(channel._access, "token", a_token)
    with_token = await channel.send(parcels(500), shut=lambda: False)
    await channel.close()
    assert TryLater(None, Fault.CERTIFICATE, ours=True) in with_token
    assert {type(one) for one in with_token} == {TryLater}
    assert certified.google.counts() == before


async def a_token() -> str:
    return "token"
