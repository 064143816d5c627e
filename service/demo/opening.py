"""Everything that the demo runs on this machine: servers, a stub of Google, the API, a worker."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.config import MIGRATIONS
from service.demo.household import Household
from service.demo.mobile import SHORT_CODE
from service.demo.screen import Screen
from service.kit.clock import Clock
from service.kit.crypto import Signer
from service.kit.data_folder import DataFolder
from service.kit.db import migrate
from service.kit.embedded import EmbeddedServers
from service.kit.errors import Refused
from service.kit.processes import free_port
from service.publication.owning import own_trust

LANGUAGES = ("uk", "ru", "es", "ar")
"""Whose unreviewed texts the demo confirms, for itself only and visibly."""

_PREFERRED_PORT = 8000
_PORT_TRIES = 3
_PROJECT = "surefoot-demo"
SPEED = 8
"""How many times as fast the service's clock runs, so that a minute without a receipt is soon over."""

ESCALATE_MINUTES = 1
_PROVIDERS = """
[[provider]]
name = "demo"
protocol = "smpp"
sender = "{sender}"
answerable = true
weight = 1
per_second = 200
price = "0.05"

[provider.smpp]
host = "127.0.0.1"
port = {port}
tls = false
system_id = "surefoot"
password = {{env = "DEMO_SMSC_PASSWORD"}}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """Where the demo's programs are; `service_key` is the public key that its phones were built with."""

    api: str
    google: str
    smsc_control: int
    database: str
    service_key: bytes
    household: Household


@contextmanager
def everything(data: Path, screen: Screen) -> Iterator[Running]:
    """Run servers, stub, API and worker until the end of the block."""
    with DataFolder.take(data, purpose="demo") as folder:
        # Every run begins with an empty world; the folder's lock says that no server of an earlier one still lives.
        shutil.rmtree(folder.path / "postgres", ignore_errors=True)
        for old in folder.path.glob("*.log"):
            old.unlink()
        screen.say(
            "[bold]This is a demo: zones lie in the open ocean, phones are simulated, nothing leaves this machine."
        )
        with EmbeddedServers.start(folder, durable=False) as servers:
            migrate(servers.database_url, MIGRATIONS)
            screen.say(f"PostgreSQL and Redis run under {folder.path}; the tables are up to date.")
            household = Household(folder.path, _environment(folder, servers))
            try:
                yield _start(folder, servers, household, screen)
            finally:
                household.stop()


def _environment(folder: DataFolder, servers: EmbeddedServers) -> dict[str, str]:
    """Return every setting of the demo's programs; the caller's are gone already."""
    return own_trust(folder, now=Clock().now()) | {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "SUREFOOT_SERVER_KEY": folder.secret("server_key").hex(),
        "SUREFOOT_EPOCH": folder.secret("epoch", 16).hex(),
        "SUREFOOT_DATA": str(folder.path),
        "SUREFOOT_LOOPBACK_ONLY": "true",
        "SUREFOOT_CONFIRMED_LANGUAGES": ",".join(LANGUAGES),
        # The fleet names a network for each phone, as a proxy before a real service would.
        "SUREFOOT_TRUSTED_PROXIES": "127.0.0.1",
        "SUREFOOT_API_PROCESSES": "2",
        "SUREFOOT_FCM_PROJECT": _PROJECT,
        # Nobody knows how many follow a topic, so their fetches are spread as if they were a million: here in a second.
        "SUREFOOT_SYNCS_PER_SECOND": "1000000",
        "SUREFOOT_CLOCK": _clock(),
        # The country of the numbers that are kept for stories.
        "SUREFOOT_SMS_COUNTRIES": "US",
        "SUREFOOT_SMS_NUMBER": SHORT_CODE,
        "SUREFOOT_SMS_PROVIDERS": str(folder.path / "providers.toml"),
        "SUREFOOT_NUMBER_KEYS": f"demo:{folder.secret('number_key').hex()}",
    }


def _clock() -> str:
    now = Clock().now()
    return f"{now.isoformat()}@{now.timestamp()}x{SPEED}"


def _start(folder: DataFolder, servers: EmbeddedServers, household: Household, screen: Screen) -> Running:
    """Start all three programs at once; only the worker waits for another: it reads the account that the stub makes."""
    control = _start_smsc(folder, household)
    port = free_port(_PREFERRED_PORT)
    household.start("api", ["service", "api"], {"SUREFOOT_PORT": str(port)})
    google = _start_google(folder, household)
    worker = {"SUREFOOT_FCM_ENDPOINT": google, "GOOGLE_APPLICATION_CREDENTIALS": str(folder.path / "google.json")}
    worker["DEMO_SMSC_PASSWORD"] = folder.secret("smsc", 4).hex()
    household.start("worker", ["service", "worker", "--queues", "urgent,delivery"], worker)
    household.start("packs", ["service", "worker", "--queues", "slow"], worker)
    api = _wait_for_api(household, port)
    screen.say(f"The API answers at {api}, its documentation at {api}/docs.")
    screen.say(f"A worker runs; what it sends goes to a stub of Google at {google} and to an SMSC of this machine.")
    screen.say(f"The service's clock runs {SPEED} times as fast: {ESCALATE_MINUTES} minute is {60 / SPEED:.1f} s.")
    languages = ", ".join(LANGUAGES)
    screen.say(f"Nobody has reviewed the texts in {languages}: they are confirmed for this demo only.")
    return Running(api, google, control, servers.database_url, Signer(folder.secret("signing_key")).public, household)


def _start_google(folder: DataFolder, household: Household) -> str:
    port = free_port()
    account = str(folder.path / "google.json")
    words = ["service.demo.fcm", "--port", str(port), "--account", account, "--project", _PROJECT]
    household.start("google", words)
    household.wait_for("google", f"http://127.0.0.1:{port}/_stub/counts")
    return f"http://127.0.0.1:{port}"


def _start_smsc(folder: DataFolder, household: Household) -> int:
    """Start the SMSC; return its control port. Nobody waits for it: a worker binds again until it is there."""
    port, control = free_port(), free_port()
    (folder.path / "providers.toml").write_text(_PROVIDERS.format(sender=SHORT_CODE, port=port))
    household.start("smsc", ["service.demo.smsc", "--port", str(port), "--control", str(control)])
    return control


def _wait_for_api(household: Household, port: int) -> str:
    """Return the API's address; where another program has taken its port since we looked, start it at another."""
    for _ in range(_PORT_TRIES):
        try:
            household.wait_for("api", f"http://127.0.0.1:{port}/readyz")
        except Refused:
            household.drop("api")
            port = free_port()
            household.start("api", ["service", "api"], {"SUREFOOT_PORT": str(port)})
        else:
            return f"http://127.0.0.1:{port}"
    raise household.failure("api")
