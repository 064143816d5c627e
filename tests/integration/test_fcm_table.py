"""Every error that FCM lists and every oddity that was seen, over TLS and through the job that sends: one row each."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import jobs, queueing
from service.delivery.channels.fcm import FcmChannel
from service.delivery.model import Bulletin, ChannelName, Channels, Fate, Gate, Lot, Message, Severity, Text
from service.delivery.outcomes import OutcomeBook
from service.demo.fcm import error
from service.kit.clock import Clock
from service.kit.db import Pool, transaction
from service.kit.house import House
from tests.build import FIRST_FID, AlertsStub, a_verified_resident
from tests.certificates import a_certificate
from tests.conftest import NOW
from tests.fakes import PROJECT, StubOfGoogle, stub_of_google
from tests.integration.looks import addresses

ALERT = UUID(int=7)
TOLD = Bulletin(
    ALERT, ALERT, 1, Message.WARNING, Severity.SEVERE, exercise=False, zone_id=UUID(int=8), reach_m=5000,
    issued_at=NOW, expires_at=NOW + timedelta(days=90),
)  # fmt: skip
HTML = "<!DOCTYPE html><title>Error</title>"
NOTHING = ""


@dataclass(frozen=True)
class Certified:
    google: StubOfGoogle
    folder: Path


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    folder = tmp_path_factory.mktemp("google")
    authority = a_certificate(folder, "authority")
    own = a_certificate(folder, "stub", by=authority)
    with stub_of_google(folder, tls=(own.file, own.key_file), authority=authority.file) as google:
        yield Certified(google, folder)


def said(status: int, name: str, code: str | None = None, field: str | None = None) -> dict[str, Any]:
    """Answer an error as Google writes it."""
    return {"status": status, "body": json.dumps(error(status, name, "words", code=code, field=field))}


def quota(subject: str, **headers: str) -> dict[str, Any]:
    body = error(429, "RESOURCE_EXHAUSTED", "words", code="QUOTA_EXCEEDED")
    violations = [{"subject": subject, "description": "too many"}]
    body["error"]["details"].append({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations})
    return {"status": 429, "body": json.dumps(body), "headers": headers}


Spoil = Callable[[Settings, Path, pytest.MonkeyPatch], Settings]


def by_a_stranger(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name)
    return settings


def with_a_key_that_was_deleted(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    assert settings.fcm_credentials is not None
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, *plain).decode()
    old = folder / "old.json"
    old.write_text(json.dumps(json.loads(settings.fcm_credentials.read_text()) | {"private_key": pem}))
    return settings.model_copy(update={"fcm_credentials": old})


def impatiently(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("service.delivery.channels.fcm._TIMEOUT", timedelta(seconds=0.5))
    return settings


def to_nobody(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings.model_copy(update={"fcm_endpoint": "https://127.0.0.1:9"})


@dataclass(frozen=True)
class Row:
    """What Google answers (or what is wrong on the way), and what comes of it.

    `fate` is the recipient's, `reason` why it waits (for how long at least: `after`), `dead` why its address was
    forgotten (empty: it was not), `trouble` what `GET /v1/sending` shows an operator.
    """

    name: str
    rule: dict[str, Any] | None
    fate: Fate
    trouble: str = NOTHING
    dead: str = NOTHING
    after: int = 2
    spoil: Spoil | None = field(default=None)


WAITS, DEAD, REFUSED, TAKEN = Fate.WAITING, Fate.DEAD, Fate.REFUSED, Fate.ACCEPTED
ROWS = [
    Row("accepted", None, TAKEN),
    # the published list
    Row("UNSPECIFIED_ERROR", said(520, "UNKNOWN", "UNSPECIFIED_ERROR"), WAITS),
    Row("INVALID_ARGUMENT of the token", said(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token"), DEAD,
        dead="bad-address"),
    Row("INVALID_ARGUMENT of the fid", said(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.fid"), DEAD,
        dead="bad-address"),
    Row("INVALID_ARGUMENT of our body", said(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data[0].value"),
        REFUSED, "refused for good: bad-message: message.data[0].value"),
    Row("INVALID_ARGUMENT without a field", said(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), REFUSED,
        "refused for good: bad-message: no field named"),
    Row("UNREGISTERED", said(404, "NOT_FOUND", "UNREGISTERED"), DEAD, dead="unregistered"),
    Row("NOT_FOUND without UNREGISTERED", said(404, "NOT_FOUND"), WAITS, "waits: not-found"),
    Row("SENDER_ID_MISMATCH", said(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), WAITS, "waits: sender-id-mismatch"),
    Row("PERMISSION_DENIED", said(403, "PERMISSION_DENIED"), WAITS, "waits: permission-denied"),
    Row("QUOTA_EXCEEDED of the project", quota("project:1"), WAITS, after=60),
    Row("QUOTA_EXCEEDED of a device", quota("device:1"), WAITS, after=60),
    Row("QUOTA_EXCEEDED of a topic", quota("topic:1"), WAITS, after=60),
    Row("QUOTA_EXCEEDED with a wish", quota("project:1", **{"Retry-After": "90"}), WAITS, after=90),
    Row("THIRD_PARTY_AUTH_ERROR", said(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), WAITS,
        "waits: apple-credentials-refused"),
    Row("UNAUTHENTICATED", said(401, "UNAUTHENTICATED"), WAITS, "waits: credentials-refused"),
    Row("UNAVAILABLE", said(503, "UNAVAILABLE", "UNAVAILABLE") | {"headers": {"Retry-After": "30"}}, WAITS, after=30),
    Row("INTERNAL", said(500, "INTERNAL", "INTERNAL"), WAITS),
    # what was seen beside it
    Row("400 with no details", {"status": 400, "body": '{"error":{"code":400,"status":"INVALID_ARGUMENT"}}'}, WAITS),
    Row("400 with nothing", {"status": 400, "body": ""}, WAITS),
    Row("413", {"status": 413, "body": HTML}, REFUSED, "refused for good: bad-message: too large"),
    Row("429 with nothing", {"status": 429, "body": ""}, WAITS, after=60),
    Row("502 as HTML", {"status": 502, "body": HTML}, WAITS),
    Row("504 as HTML", {"status": 504, "body": HTML}, WAITS),
    Row("200 with a broken body", {"status": 200, "body": '{"name": "proj'}, WAITS),
    Row("200 with nothing", {"status": 200, "body": ""}, WAITS),
    Row("200 without a name", {"status": 200, "body": "{}"}, WAITS),
    Row("a redirect", {"status": 302, "body": "", "headers": {"Location": "https://192.0.2.1/"}}, WAITS,
        "waits: redirected"),
    Row("a connection reset in mid-answer", {"status": 200, "reset": True}, WAITS),
    Row("no answer in time", {"status": 200, "delay": 3.0, "body": '{"name":"late"}'}, WAITS, spoil=impatiently),
    Row("nobody there", None, WAITS, spoil=to_nobody),
    Row("a certificate that nobody vouches for", None, WAITS, "waits: certificate", spoil=by_a_stranger),
    Row("an expired credential", None, WAITS, "waits: credentials-refused", spoil=with_a_key_that_was_deleted),
]  # fmt: skip


@pytest.fixture
async def opened(
    certified: Certified, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FcmChannel]:
    row: Row = request.getfixturevalue("row")
    google = certified.google
    google.fail(*([] if row.rule is None else [row.rule]))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(google.authority))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    settings = Settings(GOOGLE_APPLICATION_CREDENTIALS=google.account, fcm_project=PROJECT, fcm_endpoint=google.url)
    if row.spoil is not None:
        settings = row.spoil(settings, tmp_path, monkeypatch)
    channel = FcmChannel.open(settings, clock=Clock())
    yield channel
    await channel.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_each_answer_has_its_consequence_for_message_address_and_operator(
    row: Row, opened: FcmChannel, pool: Pool, house: House, alerts: AlertsStub
) -> None:
    async with transaction(pool) as tx:
        entry, _ = await a_verified_resident(tx, house)
        number = entry.registration.number
        await delivery.announce(tx, TOLD, [Text("uk", "ltr", "Мінна небезпека", "Зупиніться.")])
        lot = Lot(0, verified=True, channel=ChannelName.FCM, language="uk", numbers=(number,))
        await queueing.enqueue(tx, TOLD, [lot], clock=house.clock)
        batch = (await _one(tx, "SELECT id FROM batch"))["id"]
    house.put(Channels({ChannelName.FCM: opened}, Gate()))
    house.put(OutcomeBook())
    context: Any = SimpleNamespace(additional_context={"house": house})
    await jobs.send.func(context, batch=batch)
    async with transaction(pool) as tx:
        kept = await _one(tx, "SELECT fates, due_at FROM batch")
        held = await addresses(tx, house, number)
        grave = await _one(tx, "SELECT coalesce(dead_reason, '') AS why FROM registration")
        shown = (await delivery.status(tx)).trouble
    assert kept["fates"] == row.fate
    assert (held == {number: FIRST_FID}, grave["why"]) == (not row.dead, row.dead)
    assert shown == row.trouble
    if row.fate is Fate.WAITING:
        assert row.after <= (kept["due_at"] - NOW).total_seconds() <= 1.25 * row.after


async def _one(tx: Any, question: str) -> dict[str, Any]:
    row: dict[str, Any] | None = await (await tx.execute(question)).fetchone()
    assert row is not None
    return row
