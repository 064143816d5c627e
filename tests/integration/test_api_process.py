"""The API as the program that people run: granian, its port, its end, its log."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.kit.processes import free_port
from tests.conftest import SERVER_KEY

ROOT = Path(__file__).parents[2]
PLACE = "50.4501"


@pytest.fixture
def environment(database_url: str, redis_url: str) -> dict[str, str]:
    made = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SUREFOOT_SERVER_KEY": SERVER_KEY.hex()}
    return {"PATH": os.environ["PATH"], "SUREFOOT_PORT": str(free_port()), **made}


@contextmanager
def running(environment: Mapping[str, str], log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    url = f"http://127.0.0.1:{environment['SUREFOOT_PORT']}"
    with log.open("wb") as out:
        program = subprocess.Popen([sys.executable, "-m", "service", "api"], env=environment, cwd=ROOT, stderr=out)
    try:
        give_up = time.monotonic() + 30
        while not answers(url):
            assert program.poll() is None, log.read_text()
            assert time.monotonic() < give_up, "the API does not answer"
            time.sleep(0.1)
        yield program, url
    finally:
        program.kill()
        program.wait(10)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_the_api_serves_and_ends_cleanly_when_told(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    with running(environment, log) as (program, url):
        with httpx.Client(base_url=url) as client:
            told = client.post("/v1/check", json={"lat": float(PLACE), "lon": 30.52}, params={"q": PLACE})
            assert told.status_code == 200, told.text
            assert client.post("/v1/operators", content=iter([b"x" * 70_000])).status_code == 413
            assert client.get("/v1/operators", headers={"X-Forwarded-For": "203.0.113.99"}).status_code == 401
        program.send_signal(signal.SIGTERM)
        assert program.wait(15) == 0
    written = log.read_text()
    lines = [json.loads(line) for line in written.splitlines()]
    seen = [(one["method"], one["route"], one["status"]) for one in lines if one["event"] == "http.request"]
    assert [one for one in seen if one[1] != "/readyz"] == [
        ("POST", "/v1/check", 200),
        ("POST", "/v1/operators", 413),
        ("GET", "/v1/operators", 401),
    ]
    for personal in (PLACE, "203.0.113", "127.0.0.1"):
        assert personal not in written


def test_a_port_that_another_has_is_said_clearly(environment: dict[str, str], tmp_path: Path) -> None:
    with running(environment, tmp_path / "api.log"):
        command = [sys.executable, "-m", "service", "api"]
        second = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
        )
    assert second.returncode == 2
    assert f"Cannot listen at 127.0.0.1:{environment['SUREFOOT_PORT']}: Address already in use." in second.stderr
    assert "SUREFOOT_PORT" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SUREFOOT_SERVER_KEY", "", "SUREFOOT_SERVER_KEY"),
        ("SUREFOOT_SERVER_KEY", "short", "64 hexadecimal digits"),
        ("SUREFOOT_CLOCK", "noon", "a clock is written"),
        ("SUREFOOT_TRUSTED_PROXIES", "10.0.0.0/8,proxy", "SUREFOOT_TRUSTED_PROXIES"),
        ("SUREFOOT_HOST", "host.invalid", "Cannot listen at host.invalid"),
    ],
)
def test_a_setting_that_is_wrong_is_named(environment: dict[str, str], name: str, value: str, said: str) -> None:
    command = [sys.executable, "-m", "service", "api"]
    wrong = environment | {name: value}
    done = subprocess.run(command, env=wrong, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
