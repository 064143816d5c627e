"""The demo as people start it: a process of its own, among production's variables, ended in every way."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "service", "demo"]
LEAVE = ["--exit", "--json"]


@dataclass
class Trap:
    """A port of this machine that notes whether anybody knocks."""

    knocks: list[object] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def port(self) -> int:
        found: int = self.listener.getsockname()[1]
        return found

    def watch(self) -> None:
        while True:
            try:
                _, who = self.listener.accept()
            except OSError:
                return
            self.knocks.append(who)


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    made = Trap()
    threading.Thread(target=made.watch, daemon=True).start()
    yield made
    made.listener.close()


def production(trap: Trap) -> dict[str, str]:
    """The environment of somebody whose shell is set up for production; every address leads into the trap."""
    place = f"127.0.0.1:{trap.port}"
    return os.environ | {
        "DATABASE_URL": f"postgresql://someone:secret@{place}/production",
        "REDIS_URL": f"redis://{place}/0",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(trap.port),
        "PGSERVICE": "production",
        "GOOGLE_APPLICATION_CREDENTIALS": "/production/credentials.json",
        "HTTP_PROXY": f"http://{place}",
        "HTTPS_PROXY": f"http://{place}",
        "ALL_PROXY": f"http://{place}",
        "SUREFOOT_FCM_ENDPOINT": f"http://{place}",
        "SUREFOOT_FCM_PROJECT": "production",
        "SUREFOOT_DATA": "/production/data",
        "SUREFOOT_KEY": "sf_production",
        "SUREFOOT_SERVER_KEY": "not even a key",
        "SUREFOOT_SIGNING_KEY": "not even a key",
        "SUREFOOT_LOOPBACK_ONLY": "false",
        "SUREFOOT_HOST": "192.0.2.1",
        "SUREFOOT_CLOCK": "2020-01-01T00:00:00+00:00@0x30",
    }


@dataclass
class Starter:
    """Starts programs and, at the end of a test, ends what is still there."""

    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def run(self, *words: str, environment: dict[str, str] | None = None) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment or dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def demo(self, data: Path, *words: str, environment: dict[str, str] | None = None) -> "subprocess.Popen[str]":
        return self.run(*PROGRAM, "--data", str(data), *words, environment=environment)

    def clear(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture
def starter() -> Iterator[Starter]:
    made = Starter()
    yield made
    made.clear()


@dataclass(frozen=True)
class Run:
    """A demo that has come to its end."""

    data: Path
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory, trap: Trap) -> Iterator[Run]:
    """The demo once through, in a new folder, among production's variables."""
    data = tmp_path_factory.mktemp("demo") / "data"
    made = Starter()
    process = made.demo(data, "--phones", "150", *LEAVE, environment=production(trap))
    out, err = process.communicate(timeout=180)
    yield Run(data, process.returncode, out, err)
    made.clear()


def inhabitants(folder: Path) -> list[str]:
    """Every process that has a file of the folder open or works inside it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = [link.readlink() for link in (process / "cwd", *(process / "fd").iterdir())]
            named = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if any(folder in link.parents for link in held):
            found.append(f"{process.name}: {named}")
    return found


def until(asked: Callable[[], bool], *, seconds: float, what: str) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if asked():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if words in line:
            return said
    assert process.stderr is not None
    raise AssertionError(f"{words!r} was never said:\n{said}\n{process.stderr.read()}")


def nobody_is_left(data: Path) -> None:
    until(lambda: not inhabitants(data), seconds=20, what=f"an end of {inhabitants(data)}")


def test_exactly_those_meant_are_warned_and_productions_variables_are_ignored(first_run: Run, trap: Trap) -> None:
    assert first_run.status == 0, f"{first_run.out}\n{first_run.err}"
    assert first_run.out.count("\n") == 1
    said = json.loads(first_run.out)
    assert (said["missed"], said["extra"], said["late"], said["wrong_language"]) == ([], [], [], [])
    assert said["meant"] == said["warned"] > 40
    assert said["by_push"] > 30
    assert said["by_sync"] > 0
    assert said["accepted"] <= said["sent"] <= said["planned"]
    assert said["unregistered"] > 0
    assert said["received"] == said["warned"] - said["unregistered"]
    assert set(said["languages"]) == {"en", "uk", "ru", "es", "ar"}
    assert (said["forged"], said["sent_twice"]) == (0, 0)
    assert said["troubles"] == []
    assert trap.knocks == []
    nobody_is_left(first_run.data)


def test_whoever_has_no_data_gets_one_whole_text_and_what_people_write_is_answered(first_run: Run) -> None:
    texts = json.loads(first_run.out)["texts"]
    faults = ("missed", "extra", "repeated", "cut", "wrong_language", "unanswered")
    assert [name for name in faults if texts[name]] == []
    assert texts["texted"] == texts["planned"] == texts["accepted"] == texts["delivered"]
    assert texts["meant"] <= texts["texted"] <= texts["meant"] + texts["allowed"]
    assert texts["meant"] > 6
    assert texts["asked"] > 10
    assert (texts["doubled"], texts["unknown"], texts["parked"]) == (0, 0, 0)


def test_the_demos_logs_name_neither_numbers_nor_places(first_run: Run) -> None:
    said = "".join(log.read_text(errors="replace") for log in first_run.data.glob("*.log"))
    assert re.search(r"\b\+?1\d{3}55501\d\d\b", said) is None
    assert "Cormorant" not in said
    assert "Traceback" not in said


def test_a_second_start_works_a_second_copy_is_refused_and_ctrl_c_ends_all(first_run: Run, starter: Starter) -> None:
    with contextlib.ExitStack() as stack:
        # Where this fails, another program has the demo's favourite port already.
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8000)))
        again = starter.demo(first_run.data, "--phones", "20", "--seed", "3")
        said = read_until(again, "Ctrl-C ends the demo")
    assert "Exactly those meant were warned." in said
    assert "is refused: " in said
    address = said.split("The API answers at ")[1].split(",")[0]
    assert not address.endswith(":8000")
    assert httpx.get(f"{address}/docs", trust_env=False).status_code == 200

    copy = starter.demo(first_run.data, *LEAVE)
    out, err = copy.communicate(timeout=60)
    assert copy.returncode == 2
    assert out == ""
    assert "Another Surefoot" in err

    again.send_signal(signal.SIGINT)
    assert again.wait(30) == 0
    nobody_is_left(first_run.data)


def test_sigterm_in_the_middle_ends_all_even_where_a_shell_has_switched_ctrl_c_off(
    tmp_path: Path, starter: Starter
) -> None:
    data = tmp_path / "data"
    ignoring = 'trap "" INT; exec "$@"'
    process = starter.run("sh", "-c", ignoring, "sh", *PROGRAM, "--data", str(data), "--phones", "200")
    read_until(process, "The warning will be about")
    process.terminate()
    assert process.wait(90) == 130
    nobody_is_left(data)


def test_when_the_parent_is_killed_nothing_stays_behind(tmp_path: Path, starter: Starter) -> None:
    data = tmp_path / "data"
    waiting = "import subprocess, sys; subprocess.call(sys.argv[1:])"
    parent = starter.run(sys.executable, "-c", waiting, *PROGRAM, "--data", str(data))
    read_until(parent, "The warning will be about")
    assert inhabitants(data)
    parent.kill()
    parent.wait()
    nobody_is_left(data)


def test_a_folder_that_the_demo_did_not_make_is_refused_and_left_alone(tmp_path: Path, starter: Starter) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    process = starter.demo(tmp_path, *LEAVE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == ""
    assert "was not made by Surefoot" in err
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]
