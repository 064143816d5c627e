"""A second SMSC: Debian's Kannel, set up from the worked configuration in docs/kannel and docs/sms-providers.toml."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import smsutil

from service.delivery import providers
from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.provider_calls import Call, parameters, read_report, shown
from service.delivery.providers import Provider, read_inbound
from service.delivery.sms import Sms, Taken
from service.kit.clock import Clock
from service.kit.hidden import Hidden
from tests import kannel as k
from tests.carriers import an_sms, until

pytestmark = pytest.mark.skipif(bool(k.absent()), reason=f"Kannel is not installed (no {k.absent()})")

NUMBER = "+380501112233"
WARNING = "Небезпечна ділянка: Іванівка 23.09.2026. Не йдіть туди. Поверніться тим шляхом, яким прийшли. " * 2


@dataclass
class Calls:
    """What Kannel calls while there is no API: keeps each call and answers 200."""

    heard: queue.Queue[tuple[str, Call]] = field(default_factory=queue.Queue)

    def keep(self, path: str, headers: dict[str, str], body: bytes) -> None:
        parts = urlsplit(path)
        self.heard.put((parts.path, Call(parts.query.encode(), headers, body)))


@dataclass(frozen=True)
class Running:
    kannel: k.Kannel
    calls: Calls
    provider: Provider


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, calls = tmp_path_factory.mktemp("kannel"), Calls()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # Kannel reports by GET and hands inbound texts over by POST
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            calls.keep(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, pytest.MonkeyPatch.context() as patch:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        api = f"http://127.0.0.1:{server.server_port}"
        for name, value in (("PASSWORD", k.PASSWORD), ("INBOUND", k.INBOUND_KEY), ("REPORT", k.REPORT_KEY)):
            patch.setenv(f"SMS_KANNEL_{name}", value)
        said = f"{NUMBER} 1234 ucs2 {''.join(f'%{octet:02X}' for octet in 'Стоп'.encode('utf-16-be'))}"
        with k.kannel(folder, calls=api, says=said) as up:
            yield Running(up, calls, a_provider(folder, up, api))
        server.shutdown()


def a_provider(folder: Path, up: k.Kannel, api: str) -> Provider:
    """The worked provider, but for the ports."""
    worked = (k.DOCS / "sms-providers.toml").read_text()
    for old, new in (("13013", str(up.sendsms_port)), ("https://api.example.org", api)):
        assert old in worked
        worked = worked.replace(old, new)
    file = folder / "providers.toml"
    file.write_text(worked)
    return next(one for one in providers.read(file) if one.name == "kannel")


def arrived(up: k.Kannel, to: str) -> str:
    """Put the parts together that came for a number, by their headers."""
    parts = {got.header[5] if got.header else 1: got.body for got in up.got() if got.to.endswith(to.lstrip("+"))}
    return "".join(parts[number].decode("utf-16-be") for number in sorted(parts))


async def test_a_cyrillic_text_of_three_parts_arrives_whole(running: Running) -> None:
    assert len(smsutil.split(WARNING).parts) == 3
    carrier = GatewayCarrier.open(running.provider, clock=Clock())
    answer = await carrier.submit(an_sms(WARNING, to=NUMBER, urgent=True))
    await until(lambda: len([one for one in running.kannel.got() if one.to == NUMBER]) >= 3)
    await carrier.close()
    assert isinstance(answer, Taken)
    assert arrived(running.kannel, NUMBER) == WARNING
    assert {one.sender for one in running.kannel.got()} == {"1234"}


async def test_what_somebody_writes_comes_in_and_is_answered(running: Running) -> None:
    inbound = running.provider.inbound
    assert inbound is not None
    found = None
    while found is None:
        path, call = running.calls.heard.get(timeout=10)
        if path == "/v1/sms/kannel/inbound":
            assert shown(inbound.callback, call) == k.INBOUND_KEY
            found = read_inbound(running.provider, parameters(inbound.callback, call)[0], now=datetime.now(UTC))
    assert (found.text.reveal(), found.sender.reveal(), found.to, found.part) == ("Стоп", NUMBER, "1234", None)
    reply = "Ви більше не отримуватимете попереджень."
    to_them = Sms(found.sender, Hidden(reply), timedelta(hours=1))
    before = len(running.kannel.got())
    carrier = GatewayCarrier.open(running.provider, clock=Clock())
    assert isinstance(await carrier.submit(to_them), Taken)
    await until(lambda: len(running.kannel.got()) > before)
    await carrier.close()
    assert running.kannel.got()[-1].body.decode("utf-16-be") == reply


async def test_reports_come_back_by_the_id_that_we_gave(running: Running) -> None:
    report = running.provider.report
    assert report is not None
    carrier = GatewayCarrier.open(running.provider, clock=Clock())
    answer = await carrier.submit(an_sms("Danger", to="+380509998877"))
    await carrier.close()
    assert isinstance(answer, Taken)
    found = ""
    while found != answer.ids[-1]:
        path, call = running.calls.heard.get(timeout=10)
        if path == "/v1/sms/kannel/report":
            assert shown(report.callback, call) == k.REPORT_KEY
            found = read_report("kannel", report, parameters(report.callback, call)[0]).message_id


def test_kannel_itself_writes_down_no_number_and_no_word(running: Running) -> None:
    said = running.kannel.own_words()
    assert running.kannel.got()
    assert NUMBER.lstrip("+") not in said
    assert "Іванівка" not in said
    assert not [one for one in running.kannel.folder.iterdir() if one.suffix in {".store", ".bak", ".access"}]
