"""A whole installation for the benches of sending: API, one worker, a great crowd, and two people who warn it."""

import contextlib
import math
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from service.delivery.model import Severity
from service.kit.crypto import Keyring
from service.kit.processes import child, free_port
from tests.bench.bare import await_answer
from tests.bench.fcm_stub import PROJECT, RunningStub, fcm_stub
from tests.bench.load import cpu_seconds
from tests.bench.push_receipts import postmaster
from tests.bench.push_stub import Look, look
from tests.bench.registrations import MIDDLE, Crowd
from tests.bench.system import System, say, system
from tests.e2e.system import add_two_operators

_CELL_M = 2_430  # from the middle of a cell to the next one's
_METRES_A_DEGREE = 111_195
_CORNERS = 32
_GLANCE_SECONDS = 0.02
_PATIENCE_SECONDS = 60
_SLOWEST = 200  # messages a second: who is slower has stopped
# No budget of the provider's is to be measured, and its slow start ends at once.
_UNLIMITED = "60000000"


@dataclass
class Office:
    """What runs, and who asks."""

    made: System
    stub: RunningStub
    crowd: Crowd
    keys: dict[str, str]
    environment: dict[str, str]
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['SUREFOOT_PORT']}"

    @property
    def radius_m(self) -> float:
        """How far the crowd's country reaches."""
        return (self.crowd.radius + 1) * _CELL_M

    def start(self, name: str, kind: str = "worker") -> int:
        """Start one program under a name; return its process."""
        self.programs[name] = child(self.made.command(kind), self.environment)
        return self.programs[name].pid

    def kill(self, name: str) -> None:
        self.programs.pop(name).kill()

    def ask(self, method: str, path: str, *, by: str = "anna", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[by]}"}
        answer = httpx.request(method, f"{self.url}/v1{path}", headers=headers, timeout=120, **more)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def prepare(self, radius_m: float, severity: Severity, *, reach_m: int = 0) -> str:
        """Write a warning of a round area in the middle of the country, ready to be approved."""
        body = {"area": circle(radius_m), "reach_m": reach_m, "template": "hazard_near", "place": "Testovo"}
        body |= {"severity": severity.name.lower(), "exercise": False}
        alert: str = self.ask("POST", "/alerts", json=body)["id"]
        self.ask("POST", f"/alerts/{alert}/submit")
        return alert

    def approve(self, alert: str) -> float:
        """Approve it; return the moment at which the approver pressed the button."""
        pressed = time.time()
        self.ask("POST", f"/alerts/{alert}/approve", by="borys")
        return pressed

    def withdraw(self, alert: str) -> None:
        self.ask("POST", f"/alerts/{alert}/withdraw", by="borys", json={"wrong": "mistake", "reason": "a bench"})

    def first_of(self, alert: str) -> Look:
        """Wait for the first message of an alert."""
        return self._until(alert, lambda seen: seen.count > 0)

    def some_of(self, alert: str, count: int) -> Look:
        """Wait for so many messages of an alert."""
        return self._until(alert, lambda seen: seen.count >= count)

    def all_of(self, alert: str) -> Look:
        """Wait until an alert is planned and all its outcomes are stored."""
        return self._until(alert, lambda seen: seen.count > 0 and self._is_done(alert))

    def everybody_tried(self, alert: str) -> Look:
        """Wait until an alert is planned and the first message of everybody came."""
        planned = "SELECT pass = 2 FROM alert_plan WHERE alert_id = %(id)s"
        return self._until(alert, lambda seen: self.query(planned, alert) and seen.count >= self.planned(alert))

    def _until(self, alert: str, enough: Any) -> Look:
        give_up = time.monotonic() + _PATIENCE_SECONDS + self.crowd.count / _SLOWEST
        while time.monotonic() < give_up:
            seen = look(self.stub, alert)
            if enough(seen):
                return seen
            time.sleep(_GLANCE_SECONDS)
        raise RuntimeError("the alert is not sent")

    def _is_done(self, alert: str) -> bool:
        return bool(
            self.query(
                "SELECT count(*) FILTER (WHERE state <> 'done') = 0 AND (SELECT pass = 2 FROM alert_plan"
                " WHERE alert_id = %(id)s) FROM batch WHERE alert_id = %(id)s",
                alert,
            )
        )

    def planned(self, alert: str) -> int:
        """Count the recipients of an alert so far."""
        return int(self.query("SELECT coalesce(sum(size), 0) FROM batch WHERE alert_id = %(id)s", alert))

    def query(self, text: str, alert: str) -> Any:
        with psycopg.connect(self.made.database) as tx:
            row = tx.execute(text.encode(), {"id": alert}).fetchone()
        return row[0] if row else None

    def cost(self, name: str) -> float:
        """Return the processor seconds that a worker and PostgreSQL have used."""
        return cpu_seconds(self.programs[name].pid) + cpu_seconds(postmaster(self.made))

    def most_mb(self, name: str) -> float:
        """Return the most memory that a program ever held."""
        status = Path(f"/proc/{self.programs[name].pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def circle(radius_m: float) -> dict[str, Any]:
    """Return a round area in the middle of the country as GeoJSON."""
    north, east = MIDDLE
    across = _METRES_A_DEGREE * math.cos(math.radians(north))
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    ring = [
        [east + radius_m * math.cos(one) / across, north + radius_m * math.sin(one) / _METRES_A_DEGREE] for one in turns
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


@contextlib.contextmanager
def office(crowd: Crowd) -> Iterator[Office]:
    """Load the crowd and start everything but the workers."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stub = stack.enter_context(fcm_stub(Path(folder), program="tests.bench.push_stub"))
        made = stack.enter_context(system())
        began = time.perf_counter()
        crowd.write(made.database, Keyring(made.settings.need_server_key()), now=datetime.now(UTC))
        say(f"{crowd.count:,} registrations were loaded in {time.perf_counter() - began:.0f} s")
        keys = add_two_operators(made.database)
        desk = Office(made, stub, crowd, keys, environment(made, stub))
        stack.callback(lambda: ended(desk))
        desk.start("api", "api")
        await_answer(desk.programs["api"], f"{desk.url}/readyz", 60.0)
        yield desk


def environment(made: System, stub: RunningStub) -> dict[str, str]:
    return made.environment | {
        "SUREFOOT_PORT": str(free_port()),
        "SUREFOOT_FCM_PROJECT": PROJECT,
        "SUREFOOT_FCM_ENDPOINT": stub.url,
        "SUREFOOT_FCM_PER_MINUTE": _UNLIMITED,
        "NO_PROXY": "127.0.0.1",
        "SUREFOOT_AUTHORITY": "Authority of the Bench",
        "SUREFOOT_CONFIRMED_LANGUAGES": "uk,ru,es,ar",
        "SUREFOOT_EPOCH": "bench",
        "GOOGLE_APPLICATION_CREDENTIALS": str(stub.account),
        "SSL_CERT_FILE": str(stub.authority),
        "REQUESTS_CA_BUNDLE": str(stub.authority),
    }


def ended(desk: Office) -> None:
    """End all that runs."""
    for program in desk.programs.values():
        program.terminate()
    for program in desk.programs.values():
        program.wait(40)
