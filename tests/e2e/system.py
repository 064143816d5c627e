"""The real program as separate processes, and phones and operators that speak HTTP to it."""

import asyncio
import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h3
import httpx
import psycopg
from psycopg.rows import dict_row

from service.kit.crypto import mac
from service.kit.processes import child, free_port
from service.operators import actions as operators
from service.operators.model import Done, Role
from tests.conftest import NOW
from tests.fakes import PROJECT, StubOfGoogle

ROOT = Path(__file__).parents[2]
SERVER_KEY, SIGNING_KEY = bytes(range(32)).hex(), bytes(range(32, 64)).hex()
LANGUAGES = ("en", "uk", "ru", "es", "ar")


def wait_for(asked: Callable[[], Any], seconds: float = 30, *, what: str = "it") -> Any:
    """Ask until the answer is true and return it."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        found = asked()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@dataclass
class Phone:
    """One registration, as a phone holds it."""

    address: str
    cells: list[str]
    languages: list[str]
    id: str
    secret: str
    receipt_key: bytes
    live_alerts: list[dict[str, Any]]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@dataclass
class System:
    """API and workers on given servers, the stub of Google beside them."""

    google: StubOfGoogle
    database_url: str
    redis_url: str
    folder: Path
    clock: str | None = None
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        made = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SUREFOOT_SERVER_KEY": SERVER_KEY,
            "SUREFOOT_SIGNING_KEY": SIGNING_KEY,
            "SUREFOOT_EPOCH": "e2e",
            "SUREFOOT_PORT": str(self.port),
            "SUREFOOT_FCM_PROJECT": PROJECT,
            "SUREFOOT_FCM_ENDPOINT": self.google.url,
            "SUREFOOT_LOOPBACK_ONLY": "true",
            "SUREFOOT_CONFIRMED_LANGUAGES": "uk,ru,es,ar",
            "SUREFOOT_AUTHORITY": "Authority of the Test",
            "SUREFOOT_TRUSTED_PROXIES": "127.0.0.1",
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.google.account),
        }
        return made | ({"SUREFOOT_CLOCK": self.clock} if self.clock else {}) | self.more

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one program under a name of ours; its log goes to a file."""
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            command = [sys.executable, "-m", "service", *(arguments or (name,))]
            self.programs[name] = child(command, self.environment(), cwd=ROOT, stdout=log, stderr=log)
        return self.programs[name]

    def start_api(self) -> None:
        self.start("api")
        self.wait_for_api()

    def wait_for_api(self) -> None:
        wait_for(self._ready, 90, what="the API")

    def _ready(self) -> bool:
        assert self.programs["api"].poll() is None, (self.folder / "api.log").read_text()[-3000:]
        with contextlib.suppress(OSError, httpx.TransportError):
            # Asked by HTTP only once it listens: each of httpx's calls reads all authorities of the web anew.
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return httpx.get(f"{self.url}/readyz").status_code == 200
        return False

    def kill(self, name: str) -> None:
        """Kill -9, without a word of warning."""
        self.programs[name].send_signal(signal.SIGKILL)
        self.programs.pop(name).wait()

    def stop(self, *names: str) -> None:
        """End these programs, or all."""
        ending = [self.programs.pop(name) for name in names or list(self.programs)]
        for program in ending:
            program.terminate()
        for program in ending:
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    def be_as_before(self) -> None:
        """Kill the workers, heal the stub, forget the clock; the API runs on, for the next test."""
        for name in [name for name in self.programs if name != "api"]:
            self.kill(name)
        self.google.fail()
        self.more.clear()
        if self.clock is not None:
            self.clock = None
            self.stop()
        if "api" not in self.programs:
            self.start_api()

    def command(self, *arguments: str, key: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command line as an operator would."""
        more = {"SUREFOOT_KEY": self.keys[key]} if key else {}
        command = [sys.executable, "-m", "service", *arguments]
        return subprocess.run(
            command, env=self.environment() | more, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )

    def add_operators(self) -> None:
        """Anna writes, Borys approves; both are admins, as two must be."""
        self.keys = add_two_operators(self.database_url)

    def ask(self, method: str, path: str, *, by: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[by]}"} if by else {}
        return httpx.request(method, f"{self.url}/v1{path}", headers=headers, timeout=30, **more)

    def must(self, method: str, path: str, *, by: str | None = None, **more: Any) -> Any:
        answer = self.ask(method, path, by=by, **more)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def import_zones(self, file: Path, *, exercise: bool = False) -> dict[str, Any]:
        query = {
            "authority": "Authority of the Test",
            "dated": "2024-07-31",
            "exercise": str(exercise).lower(),
            "wait": "true",
        }
        kind = "application/geo+json-seq" if file.suffix == ".geojsonl" else "application/geo+json"
        headers = {"Authorization": f"Bearer {self.keys['anna']}", "Content-Type": kind}
        url = f"{self.url}/v1/zones/imports"
        answer = httpx.post(url, params=query, headers=headers, content=file.read_bytes(), timeout=60)
        assert answer.status_code < 300, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def register(
        self, cells: Sequence[str], *, languages: Sequence[str] = ("en",), name: str = "", verify: bool = True
    ) -> Phone:
        """Register a phone; with `verify` it echoes the code that the stub got for it."""
        address = base64.urlsafe_b64encode(os.urandom(110)).decode().rstrip("=") + name
        body = {
            "address": {"kind": "token", "value": address},
            "languages": list(languages),
            "cells": list(cells),
            "platform": "android",
        }
        network = f"2001:db8:{os.urandom(2).hex()}::1"
        answer = httpx.post(f"{self.url}/v1/registrations", json=body, headers={"X-Forwarded-For": network}, timeout=30)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        key = base64.urlsafe_b64decode(made["receipt_key"] + "==")
        phone = Phone(address, list(cells), list(languages), made["id"], made["secret"], key, made["live_alerts"])
        if verify:
            code = {"code": self.google.code_for(address)}
            url = f"{self.url}/v1/registrations/{phone.id}/verification"
            assert httpx.post(url, json=code, headers=phone.headers).status_code == 200
        return phone

    def send_receipt(self, phone: Phone, alert: str, batch: int | None) -> httpx.Response:
        parts = (bytes.fromhex(alert.replace("-", "")), (1).to_bytes(4, "big"), (batch or 0).to_bytes(8, "big"))
        made = base64.urlsafe_b64encode(mac(phone.receipt_key, *parts)).decode().rstrip("=")
        body = {"registration": phone.id, "alert": alert, "revision": 1, "batch": batch, "mac": made}
        return httpx.post(f"{self.url}/v1/receipts", json=body)

    def draft(self, zone: str, *, reach_m: int = 5000, exercise: bool = False) -> str:
        body = {
            "zone_id": zone,
            "template": "hazard_near",
            "severity": "severe",
            "exercise": exercise,
            "reach_m": reach_m,
            "place": "Testovo",
        }
        alert: str = self.must("POST", "/alerts", by="anna", json=body)["id"]
        return alert

    def warn(self, zone: str, *, reach_m: int = 5000, exercise: bool = False) -> str:
        """Draft, submit and approve a warning; return its id."""
        alert = self.draft(zone, reach_m=reach_m, exercise=exercise)
        self.must("POST", f"/alerts/{alert}/submit", by="anna")
        self.must("POST", f"/alerts/{alert}/approve", by="borys")
        return alert

    def state(self, alert: str) -> str:
        found: str = self.must("GET", f"/alerts/{alert}", by="anna")["state"]
        return found

    def wait_until_sent(self, alert: str, seconds: float = 90) -> None:
        wait_for(lambda: self.state(alert) == "sent", seconds, what="sending")


def add_two_operators(database_url: str) -> dict[str, str]:
    """Add them from a thread of their own, as a bench runs a loop already; return their keys by name."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_operators(database_url))).result()


async def _operators(database_url: str) -> dict[str, str]:
    """Add them without the command line, which takes seconds and has tests of its own; return their keys."""
    async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
        writing = frozenset({Role.ADMIN, Role.AUTHOR, Role.EDITOR})
        anna = await operators.add(tx, None, "anna", writing, now=NOW)
        assert isinstance(anna, Done)
        approving = frozenset({Role.ADMIN, Role.APPROVER})
        borys = await operators.add(tx, anna.operator, "borys", approving, now=NOW)
        assert isinstance(borys, Done)
        assert anna.key is not None
        assert borys.key is not None
        return {"anna": anna.key.reveal(), "borys": borys.key.reveal()}


@contextlib.contextmanager
def running(system: System, *, worker: bool = True) -> Iterator[System]:
    """Run API and worker until the end of the block."""
    try:
        system.start("api")
        if worker:
            system.start("worker")
        system.add_operators()
        system.wait_for_api()
        yield system
    finally:
        system.stop()


def cell_at(latitude: float, longitude: float) -> str:
    return str(h3.latlng_to_cell(latitude, longitude, 7))
