"""A second SMSC: Debian's Kannel, set up from docs/kannel and docs/sms-providers.toml, beside the real programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
import smsutil

from service.delivery import providers
from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.providers import Provider
from service.delivery.sms import Taken
from service.kit.clock import Clock
from service.kit.processes import free_port
from tests import kannel as k
from tests.carriers import an_sms, until
from tests.e2e import by_text
from tests.e2e.system import System, wait_for

pytestmark = pytest.mark.skipif(bool(k.absent()), reason=f"Kannel is not installed (no {k.absent()})")

WRITER, READER = "+380501112233", "+380509998877"
FOUND = "Я знайшов гранату"
WARNING = "Небезпечна ділянка: Іванівка 23.09.2026. Не йдіть туди. Поверніться тим шляхом, яким прийшли. " * 2
_TOLD = "SELECT arrival FROM sms_part WHERE provider = 'kannel' AND message_id = %s"
_STATES = "SELECT state FROM sms_text WHERE provider = 'kannel'"


@dataclass(frozen=True)
class Running:
    """Kannel on one side, API and worker on the other; `provider` is what the worker knows of Kannel."""

    kannel: k.Kannel
    system: System
    provider: Provider

    def ask(self, query: str, *values: str) -> list[tuple[str, ...]]:
        with psycopg.connect(self.system.database_url) as tx:
            return tx.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="module")
def running(ground: by_text.Ground) -> Iterator[Running]:
    api, sendsms = free_port(), free_port()
    worked = f"http://127.0.0.1:{api}"
    own = only_kannel((k.DOCS / "sms-providers.toml").read_text())
    for old, new in (("13013", str(sendsms)), ("https://api.example.org", worked)):
        assert old in own
        own = own.replace(old, new)
    secrets = {f"SMS_KANNEL_{name}": value for name, value in k.SECRETS.items()}
    says = f"{WRITER} 1234 ucs2 {''.join(f'%{octet:02X}' for octet in FOUND.encode('utf-16-be'))}"
    with (
        pytest.MonkeyPatch.context() as patch,
        by_text.a_system(ground, own, secrets, port=api) as system,
        k.kannel(ground.folder, calls=worked, says=says, sendsms=sendsms) as up,
    ):
        for name, value in secrets.items():
            patch.setenv(name, value)
        yield Running(up, system, providers.read(ground.folder / "providers.toml")[0])


def only_kannel(worked: str) -> str:
    """Return what stands of Kannel in the worked file of providers."""
    begun = worked[worked.index("# --- Kannel's sendsms") :]
    return begun[: begun.index("# --- A gateway that takes JSON")]


def arrived(up: k.Kannel, to: str) -> str:
    """Put the parts together that came for a number, by their headers."""
    parts = {got.header[5] if got.header else 1: got.body for got in up.got() if got.to == to}
    return "".join(parts[number].decode("utf-16-be") for number in sorted(parts))


def test_what_somebody_writes_comes_in_by_the_api_and_is_answered_by_the_worker(running: Running) -> None:
    wait_for(lambda: "112" in arrived(running.kannel, WRITER), what="the answer")
    answer = arrived(running.kannel, WRITER)
    assert "нікого не кличе" in answer, "R22: it says that nobody has been told by this text"
    assert {one.sender for one in running.kannel.got()} == {"1234"}
    wait_for(lambda: running.ask(_STATES) == [("delivered",)], what="Kannel's report of the answer")


async def test_a_cyrillic_text_of_three_parts_arrives_whole_and_is_reported_to_the_api(running: Running) -> None:
    assert len(smsutil.split(WARNING).parts) == 3
    carrier = GatewayCarrier.open(running.provider, clock=Clock())
    answer = await carrier.submit(an_sms(WARNING, to=READER, urgent=True, validity=timedelta(hours=1)))
    await until(lambda: len([one for one in running.kannel.got() if one.to == READER]) >= 3)
    await carrier.close()
    assert arrived(running.kannel, READER) == WARNING
    assert isinstance(answer, Taken)
    (name,) = answer.ids
    await until(lambda: running.ask(_TOLD, name) == [("delivered",)], seconds=20)


def test_kannel_itself_writes_down_no_number_and_no_word(running: Running) -> None:
    said = running.kannel.own_words()
    assert running.kannel.got()
    assert WRITER.lstrip("+") not in said
    assert READER.lstrip("+") not in said
    assert "Іванівка" not in said
    assert FOUND not in said
    assert not [one for one in running.kannel.folder.iterdir() if one.suffix in {".store", ".bak", ".access"}]
