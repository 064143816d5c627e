"""An authority changes its words while everything runs: no restart, and a slip changes nothing."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.atlas.words import CAVEAT
from service.i18n import po
from tests.e2e.system import wait_for
from tests.e2e.test_serve import Newcomer
from tests.unit.test_guidance_overlay import OVERLAY

OURS = "uk"
FIRST = "Запису немає, та це не захист: небезпека може бути всюди."
SECOND = "Запису немає, але вибухонебезпечні предмети можуть бути й тут."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "own"
    (made / "guidance").mkdir(parents=True)
    (made / "guidance" / "overlay.yaml").write_text(OVERLAY)
    say(made, FIRST)
    return made


@pytest.fixture
def newcomer(tmp_path: Path, folder: Path) -> Newcomer:
    made = Newcomer(tmp_path / "data")
    made.environment |= {"SUREFOOT_OVERLAY": str(folder), "SUREFOOT_API_PROCESSES": "2"}
    return made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "serve.log"


@pytest.fixture
def served(newcomer: Newcomer, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = newcomer.serve(log)
    wait_for(newcomer.answers, 60, what="serve")
    yield program
    program.kill()
    program.wait()


def say(folder: Path, text: str) -> None:
    entry = po.Translation(CAVEAT.id, CAVEAT.english, text)
    po.write(po.path_of(folder / "locales", OURS), OURS, [entry])


def told(newcomer: Newcomer) -> set[str]:
    """What both processes of the API say: each connection may reach another one."""
    url = f"http://127.0.0.1:{newcomer.port}"
    asked = {"lat": 50.4501, "lon": 30.52}
    return {
        str(httpx.post(f"{url}/v1/check", json=asked, headers={"Accept-Language": OURS}).json()["caveat"])
        for _ in range(12)
    }


def readiness(newcomer: Newcomer) -> set[bool]:
    url = f"http://127.0.0.1:{newcomer.port}/readyz"
    return {bool(httpx.get(url).raise_for_status().json()["words"]) for _ in range(12)}


def test_r16_words_change_in_all_processes_at_a_signal_and_a_slip_changes_nothing(
    newcomer: Newcomer, served: subprocess.Popen[bytes], folder: Path, log: Path
) -> None:
    assert told(newcomer) == {FIRST}
    say(folder, SECOND)
    served.send_signal(signal.SIGHUP)
    wait_for(lambda: told(newcomer) == {SECOND}, 20, what="the new words")
    say(folder, "Дорога знову безпечна.")
    served.send_signal(signal.SIGHUP)
    wait_for(lambda: readiness(newcomer) == {False}, 20, what="the refusal")
    assert told(newcomer) == {SECOND}
    found = newcomer.type("check")
    assert "no danger" in found.stdout
    assert "keep to what they read" in " ".join(found.stdout.split())
    assert served.poll() is None, "nothing ended"
    say(folder, FIRST)
    wait_for(lambda: told(newcomer) == {FIRST}, 30, what="the mended words, without a signal")
    assert readiness(newcomer) == {True}
    assert "The authority, revision 5" in " ".join(newcomer.type("check").stdout.split())
    os.kill(served.pid, signal.SIGTERM)
    assert served.wait(40) == 0
    assert log.read_text().count("words.read") >= 2 * 4, "two of the API, two workers, two changes"
