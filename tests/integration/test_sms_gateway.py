"""Texts by way of gateways, over sockets: the worked configurations, hostile texts, every answer, every silence."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs

from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.channels.sms_gateway_answers import Fault
from service.delivery.sms import Answer, NotNow, NumberDead, OptedOut, Sms, Taken, TextRefused, Unanswered
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.kit.processes import free_port
from tests.certificates import a_certificate
from tests.push_service import Answer as Said
from tests.push_service import PushService, push_service
from tests.worked import SECRETS, a_gateway, carrier_of, worked

NUMBER = "+380501234567"
CYRILLIC = "23.09.2026/17 Небезпечно: Ізюм. Туди йти не можна."
HOSTILE = [
    "a&to=+380999999999&text=b",
    '"}],"to":"+380999999999","x":[{"y":"',
    "{to} {text} {secret.key} {{ }} %s %(to)s ${to}",
    "line\r\nX-Kannel-To: +380999999999\r\n\r\nGET / HTTP/1.1",
    "\x00\x1b[31m\u2028\u202e end",
    "100% +1 ?a=b#c;d=e /../.. \\n",
    "emoji 🧨 and e\u0301, and half of a pair \ud83e",
    "<text>]]></text> ' OR 1=1 --",
    " leading and trailing ",
]
FORM = """
form = {to = "{to}", text = "{text}", from = "{sender}"}
id = {json = "id"}
timeout_s = 1
answers = [
    {status = [200], json = "ok", equals = ["true"], means = "taken"},
    {json = "code", equals = ["dead"], means = "number-dead"},
    {body = "STOP (list)", equals = ["list"], means = "opted-out"},
    {json = "codes.0.n", equals = ["7"], means = "refused"},
    {json = "code", equals = ["slow"], means = "not-now"},
    {json = "code", equals = ["money"], means = "ours"},
    {status = [500], json = "code", equals = ["maybe"], means = "unanswered"},
]
"""


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def server() -> AsyncIterator[PushService]:
    async with push_service() as serving:
        yield serving


def a_text(text: str = CYRILLIC, *, to: str = NUMBER, urgent: bool = True) -> Sms:
    return Sms(Hidden(to), Hidden(text), timedelta(minutes=90), urgent=urgent)


def whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


async def submitted(carrier: GatewayCarrier, sms: Sms | None = None) -> Answer:
    try:
        return await carrier.submit(sms or a_text())
    finally:
        await carrier.close()


@pytest.mark.parametrize("text", [CYRILLIC, "Danger: Izium [north]", *HOSTILE])
async def test_kannel_gets_number_text_and_coding_each_in_its_place(
    tmp_path: Path, server: PushService, text: str
) -> None:
    server.answer = lambda _: Said(202, body=b"0: Accepted for delivery")
    answer = await submitted(carrier_of(worked(tmp_path, server.url)["kannel"]), a_text(text))
    (got,) = server.got
    assert (got.method, got.path) == ("POST", "/cgi-bin/sendsms"), "nothing personal in an address"
    assert got.body.decode() == whole(text)
    headers = {name: value for name, value in got.headers.items() if name.startswith("x-kannel")}
    assert isinstance(answer, Taken)
    (our_id,) = answer.ids
    report = "https://api.example.org/v1/sms/kannel/report?key=secret-of-kannels-reports"
    assert headers == {
        "x-kannel-username": "surefoot",
        "x-kannel-password": "kannels-password",
        "x-kannel-from": "1234",
        "x-kannel-to": NUMBER,
        "x-kannel-coding": "0" if text == "Danger: Izium [north]" or is_gsm(text) else "2",
        "x-kannel-validity": "90",
        "x-kannel-priority": "3",
        "x-kannel-dlr-mask": "31",
        "x-kannel-dlr-url": f"{report}&id={our_id}&state=%d&answer=%A",
    }
    assert got.headers["content-type"] == "text/plain; charset=UTF-8"


def is_gsm(text: str) -> bool:
    """Say whether a hostile text has only letters of the GSM alphabet; those above with none outside of ASCII have."""
    return text.isascii() and not set(text) & set("\x00\x1b`")


@pytest.mark.parametrize("text", [CYRILLIC, *HOSTILE])
async def test_a_gateway_that_takes_json_gets_each_value_as_one(tmp_path: Path, server: PushService, text: str) -> None:
    server.answer = lambda _: Said(202, body=b'{"messages": [{"id": "m-1", "status": "accepted"}]}')
    answer = await submitted(carrier_of(worked(tmp_path, server.url)["gateway"]), a_text(text))
    assert answer == Taken(("m-1",))
    (got,) = server.got
    assert got.path == "/v1/messages"
    assert got.headers["authorization"] == "Bearer the-gateways-key"
    assert got.headers["content-type"] == "application/json"
    said = json.loads(got.body)
    reference = said["messages"][0].pop("reference")
    assert len(reference) == 32
    assert said == {
        "messages": [
            {
                "to": NUMBER,
                "from": "INFO",
                "text": whole(text),
                "encoding": "gsm" if is_gsm(text) else "unicode",
                "validity": 90,
                "report_url": "https://api.example.org/v1/sms/gateway/report",
            }
        ]
    }


@pytest.mark.parametrize("text", [CYRILLIC, *HOSTILE])
@pytest.mark.parametrize("place", ["form", "query"])
async def test_in_a_form_or_a_query_each_value_stays_one(
    tmp_path: Path, server: PushService, text: str, place: str
) -> None:
    server.answer = lambda _: Said(200, body=b'{"ok": true, "id": 17}')
    http = FORM if place == "form" else FORM.replace("form =", 'method = "GET"\nquery =')
    assert await submitted(carrier_of(a_gateway(tmp_path, f"{server.url}/send", http)), a_text(text)) == Taken(("17",))
    (got,) = server.got
    raw = got.body.decode() if place == "form" else urlsplit(got.path).query
    assert parse_qsl(raw, strict_parsing=True) == [("to", NUMBER), ("text", whole(text)), ("from", "INFO")]


async def test_what_the_file_says_of_number_and_priority_is_kept(tmp_path: Path, server: PushService) -> None:
    http = FORM.replace('from = "{sender}"', 'p = "{priority}", s = "{validity_seconds}", c = "{coding}"')
    carrier = carrier_of(a_gateway(tmp_path, f"{server.url}/to/{{to}}", "plus = false\n" + http))
    await carrier.submit(a_text("plain", urgent=False))
    await carrier.submit(a_text(urgent=True))
    await carrier.close()
    plain, urgent = (dict(parse_qsl(got.body.decode())) for got in server.got)
    assert server.got[0].path == "/to/380501234567"
    assert plain == {"to": "380501234567", "text": "plain", "p": "0", "s": "5400", "c": "gsm7"}
    assert (urgent["p"], urgent["c"]) == ("1", "ucs2")


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


@pytest.mark.parametrize("to", ["", "+", "112 ", "+38050\r\nX: y", "+3805012345671234", "{to}", "tel:+380501234567"])
async def test_what_is_no_number_goes_nowhere(tmp_path: Path, server: PushService, to: str) -> None:
    answer = await submitted(carrier_of(a_gateway(tmp_path, f"{server.url}/send", FORM)), a_text(to=to))
    assert answer == NumberDead(Fault.NUMBER_DEAD)
    assert server.got == []


async def test_a_secret_that_no_header_can_hold_is_refused_before_anything_is_sent(
    tmp_path: Path, server: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_GATEWAY_KEY", "key\r\nx-evil: yes")
    with pytest.raises(Refused) as caught:
        carrier_of(worked(tmp_path, server.url)["gateway"])
    assert "secret.key" in caught.value.detail
    assert "evil" not in caught.value.detail
    monkeypatch.delenv("SMS_GATEWAY_KEY")
    with pytest.raises(Refused, match="SMS_GATEWAY_KEY is empty or unset"):
        carrier_of(worked(tmp_path, server.url)["gateway"])


async def test_an_impossible_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="url of the provider some"):
        carrier_of(a_gateway(tmp_path, "https://gateway.example:99999/", FORM))


async def test_neither_number_nor_text_nor_secret_is_logged_or_printed(tmp_path: Path, server: PushService) -> None:
    provider = worked(tmp_path, server.url)["kannel"]
    carrier, printed = carrier_of(provider), []
    with capture_logs() as logs:
        for said in (Said(200, body=NUMBER.encode() + CYRILLIC.encode()), Said(cut=True), Said(500)):
            server.says(said)
            printed.append(await carrier.submit(a_text()))
    await carrier.close()
    for found in (repr(logs), repr(printed), repr(carrier), repr(provider)):
        assert not any(one in found for one in (NUMBER, NUMBER[1:], "Ізюм", *SECRETS.values()))
    assert logs
