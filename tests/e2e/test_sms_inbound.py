"""What people write, by the real programs: an API, a worker bound to an SMSC, a gateway; and nothing of it is left."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qs

import httpx
import psycopg
import pytest

from service.kit.processes import free_port
from tests import secrecy
from tests.e2e import by_text
from tests.e2e.system import System, wait_for
from tests.integration import gateways
from tests.integration.gateways import KEY
from tests.smsc import RunningSmsc, an_smsc

WORDS = ("Чарівнопілля", "Zauberfeld", "бабусині яблука", "grandmother", "квітучий")


class Sent:
    """What a gateway was asked to send, by number."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}

    def add(self, form: dict[str, list[str]]) -> None:
        self.texts.setdefault(form["to"][0].removeprefix("+"), []).append(form["text"][0])


@contextmanager
def a_gateway(sent: Sent) -> Iterator[int]:
    """Take every text that it is asked to send; yield its port."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            sent.add(parse_qs(body))
            answer = b'{"id": "m-%d"}' % time.monotonic_ns()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class World:
    """The running programs, and how people write to them. Each person writes from a number of his own."""

    def __init__(self, system: System, smsc: RunningSmsc, sent: Sent) -> None:
        self.system, self.smsc, self.sent = system, smsc, sent
        self.people = 0

    def somebody(self) -> str:
        self.people += 1
        return f"38067{4455000 + self.people}"

    def by_operator(self, sender: str, text: str, *, header: bytes = b"") -> int | None:
        return by_text.write(self.smsc, sender, text, header=header)

    def direct(self, sender: str, text: str, **more: str) -> httpx.Response:
        query = {"from": sender, "to": "4455", "text": text, "key": KEY} | more
        return httpx.get(f"{self.system.url}/v1/sms/direct/inbound", params=query, timeout=20)

    def apart(self, sender: str, text: str, **more: str) -> httpx.Response:
        form = {"from": sender, "to": "4455", "text": text} | more
        headers = {"X-Key": KEY}
        return httpx.post(f"{self.system.url}/v1/sms/apart/inbound", data=form, headers=headers, timeout=20)

    def answers(self, sender: str, count: int = 1) -> list[str]:
        """Wait for so many answers by the operator."""
        wait_for(lambda: len(self.smsc.texts(sender)) >= count, 20, what=f"answer {count}")
        return self.smsc.texts(sender)


@pytest.fixture(scope="module")
def world(ground: by_text.Ground) -> Iterator[World]:
    sent = Sent()
    more = {"SUREFOOT_WORKER_METRICS_PORT": str(free_port()), "SUREFOOT_LOG_LEVEL": "DEBUG"}
    secrets = gateways.SECRETS | by_text.SECRETS
    with an_smsc() as smsc, a_gateway(sent) as port:
        providers = by_text.an_operator(smsc) + gateways.write(ground.folder, port=port).read_text()
        with by_text.a_system(ground, providers, secrets | more) as system:
            made = World(system, smsc, sent)
            wait_for(lambda: made.by_operator("Bank", "hello") == 0, what="a session")
            yield made


def headers(of: int, *, wide: bool) -> list[bytes]:
    """Return the headers of a text's parts, in order (3GPP 23.040, 9.2.3.24)."""
    if wide:
        return [bytes((6, 8, 4, 0x12, 0x34, of, number)) for number in range(1, of + 1)]
    return [bytes((5, 0, 3, 0x56, of, number)) for number in range(1, of + 1)]


@pytest.mark.parametrize("wide", [False, True])
def test_a_text_of_more_than_nine_parts_out_of_order_is_answered_once_by_the_operators_session(
    world: World, *, wide: bool
) -> None:
    sender, parts = world.somebody(), [f"частина {number} про знахідку, " for number in range(1, 13)]
    arriving = list(zip(headers(12, wide=wide), parts, strict=True))
    Random(3).shuffle(arriving)  # noqa: S311 - a test's order
    for header, text in [*arriving, arriving[0], arriving[-1]]:
        assert world.by_operator(sender, text, header=header) == 0
    assert len(world.answers(sender)) == 1
    time.sleep(1.5)
    assert len(world.answers(sender)) == 1


def test_what_an_operator_delivers_again_is_answered_once(world: World) -> None:
    sender = world.somebody()
    assert [world.by_operator(sender, "I found a grenade") for _ in range(3)] == [0, 0, 0]
    (answer,) = world.answers(sender)
    assert "112" in answer
    time.sleep(1.5)
    assert world.answers(sender) == [answer]


def test_an_answer_that_the_api_left_is_sent_once_by_the_worker(world: World) -> None:
    sender = world.somebody()
    assert [world.apart(sender, "11", id=name).status_code for name in ("m1", "m1")] == [200, 200]
    wait_for(lambda: sender in world.sent.texts, 20, what="the answer")
    time.sleep(1.5)
    assert len(world.sent.texts[sender]) == 1


def test_nothing_that_people_write_nor_their_numbers_is_found_anywhere(world: World) -> None:
    place, foreign, more, another, last = WORDS
    with secrecy.everything_said_to_redis(world.system.redis_url) as said:
        people = [world.somebody() for _ in range(6)]
        answer = world.direct(people[0], f"33 {place}", id=f"named-{another}").text
        assert answer
        assert world.apart(people[1], f"I found a bomb in {foreign} by {more}").status_code == 200
        for number, part in ((2, f" {last} {place}"), (1, f"міна {more}")):
            assert world.direct(people[2], part, udh=f"050003{7:02x}02{number:02x}").status_code == 200
        assert world.apart(people[3], f"міна {last}", udh="05000309" + "0301").status_code == 200, (
            "the rest never comes"
        )
        assert world.by_operator(people[4], f"{another} {place} {foreign}") == 0
        assert world.direct(people[5], "stop").text
        assert world.answers(people[4])
        wait_for(lambda: people[1] in world.sent.texts, 20, what="the answer")
        troubles(world, people[0], place)
        worker = httpx.get(f"http://127.0.0.1:{world.system.more['SUREFOOT_WORKER_METRICS_PORT']}").content
        figures = {"Authorization": f"Bearer {world.system.keys['anna']}"}
        api = httpx.get(f"{world.system.url}/metrics", headers=figures).content
        # Read while parts and answers still wait.
        held = secrecy.in_redis(world.system.redis_url)
    places = {
        **secrecy.in_files(world.system.folder, "*.log"),
        **secrecy.in_database(world.system.database_url),
        **held,
        "what Redis was told": b"\n".join(said),
        "the worker's figures": worker,
        "the API's figures": api,
    }
    secrets = {*WORDS, answer, *people, *(number.removeprefix("380") for number in people), KEY}
    assert secrecy.found(secrets, places) == []
    assert len(places["api.log"].splitlines()) > 10
    assert b"EVALSHA" in places["what Redis was told"]
    assert b"surefoot_sms_inbound_total" in api
    assert b"surefoot_sms_inbound_total" in worker


def troubles(world: World, sender: str, text: str) -> None:
    """Bring calls that fail: of nobody, of another form, too large, of a wrong method; and break the database."""
    url = f"{world.system.url}/v1/sms"
    query = {"from": sender, "text": text, "key": KEY}
    assert httpx.get(f"{url}/direct/inbound", params=query | {"key": "wrong"}).status_code == 403
    assert httpx.get(f"{url}/direct/inbound", params={"sender": sender, "text": text, "key": KEY}).status_code == 400
    assert httpx.get(f"{url}/direct/inbound", params=query | {"udh": "0500030702zz"}).status_code in (200, 400)
    assert httpx.delete(f"{url}/direct/inbound", params=query).status_code == 405
    assert httpx.get(f"{url}/{text}/inbound", params=query).status_code == 403
    large = httpx.post(f"{url}/apart/inbound", data={"from": sender, "text": text * 9000}, headers={"X-Key": KEY})
    assert large.status_code == 413
    with psycopg.connect(world.system.database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE opted_out RENAME TO not_there")
        assert httpx.get(f"{url}/direct/inbound", params=query | {"text": "stop"}).status_code == 500
        assert world.by_operator(sender, "stop") not in (0, None), "the operator keeps it"
        connection.execute("ALTER TABLE not_there RENAME TO opted_out")
