"""The real programs where people are reached by text: operators of mobile networks, and those who write to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ServerUrls, a_database
from tests.e2e.system import System, running
from tests.fakes import stub_of_google
from tests.smsc import RunningSmsc

NUMBER = "4455"
"""The one that people write to."""

HEADER, UCS2 = 0x40, 8

_OPERATOR = """
[[provider]]
name = "{name}"
protocol = "smpp"
sender = "{sender}"
answerable = true
weight = 1
per_second = {per_second}
price = "0.05"

[provider.smpp]
host = "127.0.0.1"
port = {port}
tls = false
system_id = "surefoot"
password = {{env = "OPERATOR_PASSWORD"}}
window = {window}
"""
SECRETS = {"OPERATOR_PASSWORD": "a-long-password"}


def an_operator(
    smsc: RunningSmsc, *, name: str = "operator", sender: str = NUMBER, per_second: int = 100, window: int = 10
) -> str:
    """Return what stands of an SMSC in the file of providers; its password is in `SECRETS`."""
    return _OPERATOR.format(name=name, sender=sender, per_second=per_second, window=window, port=smsc.port)


def settings(providers: Path) -> dict[str, str]:
    """Return what a deployment sets that is reached by text, by the operators of this file."""
    return {
        "SUREFOOT_SMS_PROVIDERS": str(providers),
        "SUREFOOT_SMS_COUNTRIES": "UA",
        "SUREFOOT_SMS_NUMBER": NUMBER,
        "SUREFOOT_NUMBER_KEYS": f"k1:{'ab' * 32}",
        "SUREFOOT_AUTHORITY_SHORT": "Mine line",
    }


@dataclass(frozen=True)
class Ground:
    """Where a system is put up: its folder, and servers of which it gets a database."""

    folder: Path
    server_urls: ServerUrls
    template: str


@contextmanager
def a_system(
    ground: Ground, providers: str, more: dict[str, str], *, clock: str | None = None, port: int | None = None
) -> Iterator[System]:
    """Run API and worker, with these operators and their secrets (`more`), until the end of the block."""
    file = ground.folder / "providers.toml"
    file.write_text(providers)
    with a_database(ground.server_urls, ground.template) as database_url, stub_of_google(ground.folder) as google:
        system = System(google, database_url, ground.server_urls.redis, ground.folder, clock=clock)
        system.port = port or system.port
        system.more = settings(file) | more
        with running(system):
            yield system


def write(smsc: RunningSmsc, sender: str, text: str, *, header: bytes = b"") -> int | None:
    """Let somebody write to us, or a part of it behind its header; return the status of our answer."""
    octets = (header + text.encode("utf-16-be")).hex()
    said = {"source": sender.removeprefix("+"), "to": NUMBER, "octets": octets}
    status: int | None = smsc.tell("write", **said, data_coding=UCS2, esm_class=HEADER if header else 0)
    return status
