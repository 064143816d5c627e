"""What gateways answer, and what their silence means, over sockets: each answer has one consequence."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.delivery.channels.sms_gateway_answers import Fault
from service.delivery.sms import Answer, NotNow, NumberDead, OptedOut, Taken, TextRefused, Unanswered
from service.kit.processes import free_port
from tests.certificates import a_certificate
from tests.push_service import Answer as Said
from tests.push_service import PushService, push_service
from tests.worked import FORM, SECRETS, a_gateway, a_text, carrier_of, submitted, worked


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def server() -> AsyncIterator[PushService]:
    async with push_service() as serving:
        yield serving


SAID = [
    (Said(200, body=b'{"ok": true, "id": "abc"}'), Taken(("abc",))),
    (Said(200, body=b'{"ok": true}'), Taken(())),
    (Said(200, body=b'{"ok": true, "id": {"a": 1}}'), Taken(())),
    (Said(400, body=b'{"code": "dead"}'), NumberDead(Fault.NUMBER_DEAD)),
    (Said(200, body=b'{"code": "dead"}'), NumberDead(Fault.NUMBER_DEAD)),
    (Said(403, body=b"on the STOP list"), OptedOut(Fault.OPTED_OUT)),
    (Said(422, body=b'{"codes": [{"n": 7}]}'), TextRefused(Fault.REFUSED)),
    (Said(413), TextRefused(Fault.REFUSED)),
    (Said(200, {"retry-after": "30"}, b'{"code": "slow"}'), NotNow(timedelta(seconds=30), Fault.NOT_NOW)),
    (Said(429, {"retry-after": "7"}), NotNow(timedelta(seconds=7), Fault.TOO_MANY)),
    (Said(429), NotNow(None, Fault.TOO_MANY)),
    (Said(503, {"retry-after": "soon"}), NotNow(None, Fault.UNAVAILABLE)),
    (Said(502, body=b"<html>Bad Gateway"), NotNow(None, Fault.UNAVAILABLE)),
    (Said(400, body=b'{"code": "money"}'), NotNow(None, Fault.REFUSES_US, ours=True)),
    (Said(401), NotNow(None, Fault.REFUSES_US, ours=True)),
    (Said(402), NotNow(None, Fault.REFUSES_US, ours=True)),
    (Said(403), NotNow(None, Fault.REFUSES_US, ours=True)),
    (Said(404), NotNow(None, Fault.BAD_REQUEST, ours=True)),
    (Said(400, body=b"{"), NotNow(None, Fault.BAD_REQUEST, ours=True)),
    (Said(302, {"location": "http://127.0.0.1:1/"}), NotNow(None, Fault.REDIRECTED, ours=True)),
    (Said(500), Unanswered((), Fault.UNKNOWN)),
    (Said(504), Unanswered((), Fault.UNKNOWN)),
    (Said(500, body=b'{"code": "maybe"}'), Unanswered((), Fault.UNKNOWN)),
    (Said(200, body=b"welcome"), Unanswered((), Fault.UNKNOWN)),
    (Said(200, body=b'{"ok": "false"}'), Unanswered((), Fault.UNKNOWN)),
    (Said(200, body=b"[" * 100_000), Unanswered((), Fault.UNKNOWN)),
    (Said(200, endless=True), Unanswered((), Fault.UNKNOWN)),
    (Said(cut=True), Unanswered((), Fault.NO_ANSWER)),
    (Said(200, delay=3), Unanswered((), Fault.NO_ANSWER)),
]


@pytest.mark.parametrize(("said", "answer"), SAID, ids=lambda one: repr(one)[:60])
async def test_each_answer_has_one_meaning(tmp_path: Path, server: PushService, said: Said, answer: Answer) -> None:
    server.answer = lambda _: said
    assert await submitted(carrier_of(a_gateway(tmp_path, f"{server.url}/send", FORM))) == answer
    assert len(server.got) == 1, "nothing is sent twice by the way there"


async def test_a_lost_answer_keeps_our_id_so_that_a_report_can_tell(tmp_path: Path, server: PushService) -> None:
    server.answer = lambda _: Said(cut=True)
    answer = await submitted(carrier_of(worked(tmp_path, server.url)["kannel"]))
    assert isinstance(answer, Unanswered)
    assert f"id={answer.ids[0]}&" in server.got[0].headers["x-kannel-dlr-url"]


async def test_kannels_own_words_are_understood(tmp_path: Path, server: PushService) -> None:
    kannel = worked(tmp_path, server.url)["kannel"]
    for said, kind, ours in [
        (Said(202, body=b"3: Queued for later delivery"), Taken, None),
        (Said(403, body=b"Authorization failed for sendsms"), NotNow, True),
        (Said(503, body=b"Temporal failure, try again later."), NotNow, False),
        (Said(400, body=b"Missing receiver number, rejected"), NotNow, True),
        (Said(202, body=b"something else"), Unanswered, None),
    ]:
        server.says(said)
        answer = await submitted(carrier_of(kannel))
        assert (type(answer), getattr(answer, "ours", None)) == (kind, ours)


async def test_what_never_had_a_connection_was_not_sent(tmp_path: Path) -> None:
    here = f"http://127.0.0.1:{free_port()}/send"
    assert await submitted(carrier_of(a_gateway(tmp_path, here, FORM))) == NotNow(None, Fault.NO_CONNECTION)


async def test_a_host_that_does_not_answer_the_call_was_not_sent_to(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        carrier = carrier_of(a_gateway(tmp_path, f"http://127.0.0.1:{deaf.getsockname()[1]}/", FORM))
        assert await submitted(carrier) == NotNow(None, Fault.NO_CONNECTION)
        for one in waiting:
            one.close()


async def test_who_has_no_certificate_that_is_believed_gets_nothing(tmp_path: Path) -> None:
    authority = a_certificate(tmp_path, "authority")
    own = a_certificate(tmp_path, "own", by=authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.file, own.key_file)
    async with push_service(context) as server:
        server.answer = lambda _: Said(200, body=b'{"ok": true}')
        here = f"{server.url}/send"
        stranger = await submitted(carrier_of(a_gateway(tmp_path, here, FORM)))
        assert stranger == NotNow(None, Fault.CERTIFICATE, ours=True)
        assert server.got == []
        vouched = a_gateway(tmp_path, here, f'ca = "{authority.file}"\n{FORM}')
        assert await submitted(carrier_of(vouched)) == Taken(())


async def test_no_more_requests_are_open_at_once_than_the_file_says(tmp_path: Path, server: PushService) -> None:
    server.answer = lambda _: Said(200, body=b'{"ok": true}', delay=0.02)
    carrier = carrier_of(a_gateway(tmp_path, f"{server.url}/send", "at_once = 4\n" + FORM))
    answers = await asyncio.gather(*(carrier.submit(a_text()) for _ in range(60)))
    await carrier.close()
    assert set(answers) == {Taken(())}
    assert server.most_open == 4


async def test_a_gateway_that_fails_rests_and_is_back_within_seconds_once_it_is_well(
    tmp_path: Path, server: PushService
) -> None:
    server.answer = lambda _: Said(503)
    carrier = carrier_of(a_gateway(tmp_path, f"{server.url}/send", FORM))
    for _ in range(5):
        assert carrier.ready
        await carrier.submit(a_text())
    assert not carrier.ready
    answer = await carrier.submit(a_text())
    assert isinstance(answer, NotNow)
    assert answer.reason == Fault.RESTING
    assert len(server.got) == 5, "nobody is asked who rests"
    server.answer = lambda _: Said(200, body=b'{"ok": true}')
    await asyncio.sleep(2.1)
    assert await submitted(carrier) == Taken(())
    assert carrier.ready


async def test_dead_numbers_and_refused_texts_are_no_fault_of_the_gateway(tmp_path: Path, server: PushService) -> None:
    server.answer = lambda _: Said(400, body=b'{"code": "dead"}')
    carrier = carrier_of(a_gateway(tmp_path, f"{server.url}/send", FORM))
    for _ in range(20):
        await carrier.submit(a_text())
    assert carrier.ready
    await carrier.close()
