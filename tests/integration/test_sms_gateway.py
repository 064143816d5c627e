"""Texts by way of gateways, over sockets: the worked configurations, and hostile texts that stay one value."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs

from service.delivery.channels.sms_gateway_answers import Fault
from service.delivery.sms import NumberDead, Taken
from service.kit.errors import Refused
from tests.push_service import Answer as Said
from tests.push_service import PushService, push_service
from tests.worked import CYRILLIC, FORM, NUMBER, SECRETS, a_gateway, a_text, carrier_of, submitted, worked

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


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def server() -> AsyncIterator[PushService]:
    async with push_service() as serving:
        yield serving


def whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


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
