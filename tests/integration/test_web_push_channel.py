"""The Web Push channel over real sockets: what arrives is opened by code that is not ours."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.config import Settings
from service.delivery.channels import web_push, web_push_hosts
from service.delivery.channels.web_push import WebPushChannel
from service.delivery.channels.web_push_answers import Fault
from service.delivery.channels.web_push_health import PATIENCE
from service.delivery.channels.web_push_vapid import Vapid, create
from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, Parcel, Payload, TryLater
from service.kit.clock import Clock
from service.kit.internet import Names
from service.residents.web_push import Permitted
from tests.certificates import a_certificate
from tests.integration.parcels import a_warning, never
from tests.push_service import Answer, Pushed, PushService, push_service
from tests.subscribing import Subscriber
from tests.unit.test_web_push_vapid import claims

CONTACT = "mailto:push@example.org"


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as one:
        yield one


def a_channel(*, names: Names | None = None, permitted: Permitted | None = None) -> WebPushChannel:
    here = Permitted(loopback_only=True)
    return WebPushChannel(
        Vapid(create(), CONTACT), names or Names(loopback_only=True), permitted or here, clock=Clock()
    )


def at(service: PushService, path: str = "/one") -> Subscriber:
    return Subscriber(service.url + path)


def to(phone: Subscriber, said: Payload | None = None) -> Parcel:
    return Parcel(said or a_warning(), phone.address())


async def sent(channel: WebPushChannel, *phones: Subscriber) -> list[Outcome]:
    return await channel.send([to(phone) for phone in phones], shut=never)


def later(fault: Fault, seconds: float | None = None, *, ours: bool = False) -> TryLater:
    return TryLater(None if seconds is None else timedelta(seconds=seconds), fault.value, ours=ours)


async def test_a_warning_arrives_whole_readable_by_the_phone_alone(service: PushService) -> None:
    phone, channel, said = at(service), a_channel(), a_warning()
    assert await sent(channel, phone) == [Accepted("201")]
    [got] = service.got
    assert phone.read(got.body) == dict(said.data)
    assert got.headers["content-encoding"] == "aes128gcm"
    assert got.headers["urgency"] == "high"
    assert got.headers["ttl"] == str(int(timedelta(weeks=4).total_seconds()))
    assert claims(got.headers["authorization"], channel.vapid.public)["aud"] == service.url
    assert len(got.body) <= 4096


async def test_nothing_beside_the_body_tells_what_is_said_to_whom(service: PushService) -> None:
    one, other, channel = at(service, "/one"), at(service, "/other"), a_channel()
    await sent(channel, one, other)
    topics = [got.headers["topic"] for got in service.got]
    assert topics[0] != topics[1], "the same alert is called otherwise for every phone"
    for got in service.got:
        assert len(got.headers["topic"]) == 32
        assert "00000000-0000-0000-0000-000000000001" not in f"{got.headers}"


async def test_r19_a_later_message_of_a_lineage_takes_the_place_of_an_earlier_one_that_waits(
    service: PushService,
) -> None:
    phone, channel = at(service), a_channel()
    await channel.send([to(phone, a_warning(body="one")), to(phone, a_warning(body="another"))], shut=never)
    assert len({got.headers["topic"] for got in service.got}) == 1
    assert len({phone.open(got.body) for got in service.got}) == 2


async def test_outcomes_come_in_the_order_of_the_parcels(service: PushService) -> None:
    answers = {"/dead": 410, "/gone": 404, "/large": 413, "/fine": 201}
    service.answer = lambda pushed: Answer(answers[pushed.path])
    outcomes = await sent(a_channel(), *(at(service, path) for path in answers))
    assert [type(one) for one in outcomes] == [AddressDead, AddressDead, MessageRefused, Accepted]


async def test_a_redirect_is_not_followed(service: PushService) -> None:
    async with push_service() as inside:
        service.answer = lambda _: Answer(307, {"location": f"{inside.url}/secret"})
        assert await sent(a_channel(), at(service)) == [later(Fault.UNKNOWN)]
        assert inside.connections == 0


async def test_an_answer_without_end_is_read_no_further_than_it_matters(service: PushService) -> None:
    service.answer = lambda _: Answer(201, endless=True)
    began = time.monotonic()
    assert await sent(a_channel(), at(service)) == [Accepted("201")]
    assert time.monotonic() - began < 3


async def test_a_connection_cut_or_refused_is_no_answer_and_no_exception(service: PushService) -> None:
    service.answer = lambda _: Answer(cut=True)
    outcomes = await sent(a_channel(), at(service), Subscriber("http://127.0.0.1:9/one"))
    assert outcomes == [later(Fault.NO_ANSWER)] * 2


async def test_a_pause_stops_within_the_batch(service: PushService) -> None:
    looks = iter(range(1000))
    phones = [at(service, f"/{number}") for number in range(60)]
    outcomes = await a_channel().send([to(one) for one in phones], shut=lambda: next(looks) >= 20)
    assert outcomes.count(later(Fault.HELD)) + len(service.got) == 60
    assert 5 <= len(service.got) <= 20


async def test_a_failing_server_is_rested_and_asked_again_by_one_message(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 1000.0
    monkeypatch.setattr(web_push_hosts, "_moment", lambda: moment)
    monkeypatch.setattr(web_push_hosts, "OF_STRANGERS", web_push_hosts.Room(10, 1e6))
    service.answer = lambda _: Answer(503)
    channel, phones = a_channel(), [at(service, f"/{number}") for number in range(100)]
    outcomes = await channel.send([to(one) for one in phones], shut=never)
    room = web_push_hosts.OF_STRANGERS.at_once
    assert PATIENCE <= len(service.got) < PATIENCE + room, "those under way when it was seen to fail"
    assert {type(one) for one in outcomes} == {TryLater}

    asked = len(service.got)
    assert await sent(channel, phones[0]) == [later(Fault.RESTING, 30)]
    assert len(service.got) == asked
    moment += 31
    service.answer = lambda _: Answer(201)
    assert await sent(channel, *phones[:1]) == [Accepted("201")]
    assert await sent(channel, *phones[:9]) == [Accepted("201")] * 9


async def test_a_server_that_hangs_holds_back_no_other(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_push_hosts, "TIMEOUT", timedelta(seconds=1))
    monkeypatch.setattr(web_push, "PATIENCE_SECONDS", 2.0)
    arrived: list[float] = []
    began = time.monotonic()

    def noted(_: Pushed) -> Answer:
        arrived.append(time.monotonic() - began)
        return Answer()

    async with push_service() as stuck:
        stuck.answer = lambda _: Answer(delay=60)
        service.answer = noted
        slow = [at(stuck, f"/{number}") for number in range(60)]
        fast = [at(service, f"/{number}") for number in range(40)]
        outcomes = await sent(a_channel(), *slow, *fast)
    assert outcomes[60:] == [Accepted("201")] * 40
    assert max(arrived) < 2
    assert {type(one) for one in outcomes[:60]} == {TryLater}
    assert time.monotonic() - began < 4
    assert len(stuck.got) <= 2 * web_push_hosts.OF_STRANGERS.at_once


async def test_no_server_gets_more_at_once_than_its_slots_nor_faster_than_its_pace(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_push_hosts, "OF_STRANGERS", web_push_hosts.Room(3, 100))
    service.answer = lambda _: Answer(delay=0.01)
    channel, began = a_channel(), time.monotonic()
    phones = [at(service, f"/{number}") for number in range(50)]
    batches = [sent(channel, *phones[:25]), sent(channel, *phones[25:])]
    outcomes = [one for batch in await asyncio.gather(*batches) for one in batch]
    assert outcomes == [Accepted("201")] * 50
    assert service.most_open <= 3
    assert time.monotonic() - began >= 49 / 100


async def test_what_has_no_turn_in_time_waits_for_the_next_try(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_push_hosts, "OF_STRANGERS", web_push_hosts.Room(2, 20))
    monkeypatch.setattr(web_push, "PATIENCE_SECONDS", 0.5)
    outcomes = await sent(a_channel(), *(at(service, f"/{number}") for number in range(100)))
    assert outcomes.count(later(Fault.CROWDED)) == 100 - len(service.got)
    assert 5 <= len(service.got) <= 15


async def test_one_servers_wish_for_rest_holds_back_no_others_next_try(service: PushService) -> None:
    service.answer = lambda _: Answer(429, {"retry-after": "3600"})
    alone = await sent(a_channel(), at(service))
    assert alone == [later(Fault.QUOTA, 3600)]
    both = await sent(a_channel(), at(service), Subscriber("http://127.0.0.1:9/one"))
    assert both == [later(Fault.QUOTA), later(Fault.NO_ANSWER)]


async def test_a_name_that_comes_to_lead_inside_is_not_asked() -> None:
    """DNS rebinding: the open internet at registration, the inside when something is sent."""
    traps = [["10.0.0.7"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["93.184.215.14", "::1"]]
    answers = iter([["93.184.215.14"], *traps])

    async def look_up(_: str) -> list[str]:
        return next(answers)

    names, phone = Names(look_up), Subscriber("https://push.example.org/one")
    assert await names.address("push.example.org") == "93.184.215.14"
    for _ in traps:
        channel = a_channel(names=names, permitted=Permitted())
        assert await sent(channel, phone) == [later(Fault.NOT_PUBLIC)]


async def test_connections_go_where_the_name_led_when_it_was_looked_at_and_nowhere_else(service: PushService) -> None:
    asked: list[str] = []

    async def look_up(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    channel = a_channel(names=Names(look_up, loopback_only=True))
    port = service.url.rpartition(":")[2]
    phones = [Subscriber(f"http://push.invalid.example:{port}/{number}") for number in range(3)]
    assert await sent(channel, *phones) == [Accepted("201")] * 3
    assert await sent(channel, *phones) == [Accepted("201")] * 3
    assert asked == ["push.invalid.example"], "looked at once a minute, and bound to it until then"
    assert service.got[0].headers["host"] == f"push.invalid.example:{port}"


async def test_a_name_that_is_looked_up_anew_and_leads_inside_loses_its_connections(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 0.0
    monkeypatch.setattr(web_push_hosts, "_moment", lambda: moment)
    addresses = ["127.0.0.1"]

    async def look_up(_: str) -> list[str]:
        return addresses

    channel = a_channel(names=Names(look_up, loopback_only=True))
    phone = Subscriber(f"http://push.invalid.example:{service.url.rpartition(':')[2]}/one")
    assert await sent(channel, phone) == [Accepted("201")]
    addresses[:] = ["127.0.0.1", "10.0.0.7"]
    moment += 61
    assert await sent(channel, phone) == [later(Fault.NOT_PUBLIC)]


async def test_without_the_demos_setting_this_machine_is_never_asked(service: PushService) -> None:
    port = service.url.rpartition(":")[2]
    for permitted in (Permitted(), Permitted((f"127.0.0.1:{port}",))):
        channel = a_channel(names=Names(), permitted=permitted)
        assert await sent(channel, at(service)) == [later(Fault.NOT_ALLOWED, ours=True)]
    assert service.connections == 0


async def test_over_tls_a_server_is_asked_only_if_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = a_certificate(tmp_path, "authority")
    own = a_certificate(tmp_path, "push", by=authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.file, own.key_file)
    async with push_service(context) as service:
        assert await sent(a_channel(), at(service)) == [later(Fault.CERTIFICATE)]
        assert service.got == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        phone = at(service)
        assert await sent(a_channel(), phone) == [Accepted("201")]
        assert phone.read(service.got[0].body)["kind"] == "alert"


async def test_no_proxy_of_the_machine_is_asked(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await sent(a_channel(), at(service)) == [Accepted("201")]


async def test_the_channel_opens_with_the_workers_settings(service: PushService) -> None:
    settings = Settings(vapid_key=create().hex(), vapid_contact=CONTACT, loopback_only=True)
    channel = WebPushChannel.open(settings, clock=Clock())
    assert await sent(channel, at(service)) == [Accepted("201")]
    await channel.close()
