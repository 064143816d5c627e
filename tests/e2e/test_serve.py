"""`surefoot serve`, `check` and the commands beside a running copy, as somebody new would use them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.kit.crypto import Signer
from service.kit.processes import free_port
from service.publication import jws
from service.publication.model import KeySet, PublishedKey, World
from service.publication.signing import sign_keys
from tests.e2e.system import ROOT, wait_for

OFFLINE = Signer(bytes(32))


class Newcomer:
    """Somebody with nothing configured but a folder and a port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.environment = {"PATH": os.environ["PATH"], "SUREFOOT_DATA": str(folder), "SUREFOOT_PORT": str(self.port)}

    def type(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service", *words]
        environment = self.environment | more
        return subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def serve(self, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as said:
            command = [sys.executable, "-m", "service", "serve"]
            return subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=said, stderr=said)

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    return Newcomer(tmp_path / "data")


@pytest.fixture
def served(newcomer: Newcomer, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = newcomer.serve(tmp_path / "serve.log")
    wait_for(newcomer.answers, 40, what="serve")
    yield program
    program.kill()
    program.wait()


def key_of(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["key"])


def test_serve_works_with_nothing_configured_and_commands_join_it(
    newcomer: Newcomer, served: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    key = key_of(newcomer.type("operators", "add", "Ana", "--role", "admin", "--role", "editor", "--json"))
    outlines = str(ROOT / "tests" / "data" / "outlines.geojsonl")
    words = ["zones", "import", outlines, "--authority", "A", "--dated", "2024-07-31", "--json"]
    refused = newcomer.type(*words)
    assert refused.returncode == 2
    assert "SUREFOOT_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr
    taken = newcomer.type(*words, SUREFOOT_KEY=key)
    assert taken.returncode == 0, taken.stderr
    listed = newcomer.type("operators", "list", SUREFOOT_KEY=key)
    assert "Ana" in listed.stdout
    second = newcomer.type("serve")
    assert second.returncode == 2
    assert "Traceback" not in second.stderr
    stop_and_leave_nothing(newcomer, served, tmp_path / "data")


def stop_and_leave_nothing(newcomer: Newcomer, served: subprocess.Popen[bytes], folder: Path) -> None:
    served.send_signal(signal.SIGTERM)
    assert served.wait(40) == 0
    assert not newcomer.answers()
    wait_for(lambda: not _users_of(folder), 20, what="the end of every server")


def _users_of(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                inside = [str(one.readlink()) for one in (entry / "fd").iterdir()]
            except OSError:
                continue
            if any(name.startswith(str(folder)) for name in inside):
                found.append(entry.name)
    return found


def test_when_serve_is_killed_all_that_it_started_ends(
    newcomer: Newcomer, served: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    served.kill()
    served.wait()
    wait_for(lambda: not newcomer.answers() and not _users_of(tmp_path / "data"), 30, what="the end of all")


def test_a_queue_that_nobody_knows_is_named(newcomer: Newcomer) -> None:
    done = newcomer.type("worker", "--queues", "urgent,fast")
    assert done.returncode == 2
    assert "'fast'" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_says_what_would_stop_production_and_its_status_tells(newcomer: Newcomer) -> None:
    done = newcomer.type("check", "--json")
    assert done.returncode == 1
    found: dict[str, Any] = json.loads(done.stdout)
    stops = {one["what"] for one in found["found"] if one["verdict"] == "stop"}
    assert stops >= {"database", "FCM", "server key", "signing key", "epoch"}
    assert not found["ready"]


def a_key_set(signer: Signer) -> bytes:
    """Sign a set of one live key with the root key of these tests."""
    now = datetime.now(UTC)
    span = timedelta(days=1)
    key = PublishedKey(jws.kid_of(signer.public), signer.public, World.LIVE, now - span, now + span)
    return sign_keys(OFFLINE, KeySet(1, now, (key,)))


def test_check_is_content_with_what_production_needs(
    newcomer: Newcomer, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    account = tmp_path / "account.json"
    account.write_text("{}")
    newcomer.environment |= {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SUREFOOT_SERVER_KEY": "a1" * 32,
        "SUREFOOT_SIGNING_KEY": "b2" * 32,
        "SUREFOOT_EPOCH": "here",
        "SUREFOOT_FCM_PROJECT": "p",
        "GOOGLE_APPLICATION_CREDENTIALS": str(account),
        "SUREFOOT_ROOT_KEY": OFFLINE.public.hex(),
    }
    first = key_of(newcomer.type("operators", "add", "Ana", "--role", "admin", "--role", "author", "--json"))
    key_of(
        newcomer.type("operators", "add", "Bo", "--role", "admin", "--role", "approver", "--json", SUREFOOT_KEY=first)
    )
    untrusted = newcomer.type("check", "--json")
    assert [one["what"] for one in json.loads(untrusted.stdout)["found"] if one["verdict"] == "stop"] == ["key set"]
    keys = tmp_path / "keys.json"
    keys.write_bytes(a_key_set(Signer(bytes.fromhex("b2" * 32))))
    published = newcomer.type("keys", "publish", str(keys), SUREFOOT_KEY=first)
    assert published.returncode == 0, published.stderr
    done = newcomer.type("check", "--json")
    assert done.returncode == 0, done.stdout
    assert "a1a1" not in done.stdout
    paused = newcomer.type("alerts", "pause", "--reason", "a test", SUREFOOT_KEY=first)
    assert paused.returncode == 0, paused.stderr
    assert newcomer.type("check").returncode == 1
