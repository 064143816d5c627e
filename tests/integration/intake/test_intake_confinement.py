"""What the reading process can no longer do: the real process, the real kernel."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.intake import confinement, frames, landlock
from service.intake.model import LIMITS
from service.kit.errors import Refused

ROOT = Path(__file__).parents[3]
TRIALS = """
import ctypes, json, os, resource, socket, subprocess, sys, threading
from pathlib import Path
from dataclasses import replace
from service.intake import confinement, landlock
from service.intake.model import LIMITS
secret, folder, twice = sys.argv[1:]
if twice == "twice":
    confinement.become_nobody(ctypes.CDLL(None, use_errno=True), walls=True)
confinement.confine(Path(folder), LIMITS, os.getppid())

def tried(what):
    try:
        what()
    except (OSError, RuntimeError, ValueError) as error:
        return type(error).__name__
    return "done"

print(json.dumps({
    "inet": tried(lambda: socket.socket(socket.AF_INET)),
    "inet6": tried(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX)),
    "pair": tried(socket.socketpair),
    "netlink": tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "fork": tried(os.fork),
    "program": tried(lambda: os.execv("/bin/true", ["true"])),
    "thread": tried(lambda: threading.Thread(target=print).start()),
    "kill": tried(lambda: os.kill(os.getppid(), 0)),
    "secret": tried(lambda: open(secret).read()),
    "passwd": tried(lambda: open("/etc/passwd").read()),
    "parent": tried(lambda: open(f"/proc/{os.getppid()}/environ").read()),
    "outside": tried(lambda: open(secret + ".new", "w")),
    "inside": tried(lambda: open(folder + "/note", "w").write("x")),
    "too much": tried(lambda: os.truncate(folder + "/note", 3 * LIMITS.file_bytes)),
    "many files": tried(lambda: [open("/dev/null") for _ in range(100)]),
    "more": tried(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))),
    "uid": os.geteuid(),
    "walls": landlock.version(ctypes.CDLL(None, use_errno=True)) > 0,
    "memory": resource.getrlimit(resource.RLIMIT_AS)[1],
    "seconds": resource.getrlimit(resource.RLIMIT_CPU)[0],
}))
"""
FILES = {"secret", "passwd", "parent", "outside"}


def tried_by(folder: Path, how: str) -> dict[str, Any]:
    secret = folder / "secret"
    secret.write_text("SUREFOOT_SIGNING_KEY=…")
    own = folder / "own"
    own.mkdir(mode=0o777)
    own.chmod(0o777)
    command = [sys.executable, "-W", "ignore", "-c", TRIALS, str(secret), str(own), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("how", ["once", "twice"], ids=["as we are", "as nobody already"])
def test_the_reading_process_has_no_network_no_program_no_file_but_its_own(tmp_path: Path, how: str) -> None:
    found = tried_by(tmp_path, how)
    allowed = {"inside"} if found["walls"] else {"inside", *FILES}
    trials = {name: what for name, what in found.items() if isinstance(what, str)}
    assert {name for name, what in trials.items() if what == "done"} <= allowed
    assert trials["inside"] == "done"
    assert found["uid"] != 0
    assert found["memory"] == LIMITS.memory_bytes
    assert found["seconds"] == LIMITS.seconds + 1


SHUT = """
import platform
platform.machine = lambda: "mips"
from service.intake import stranger
stranger.main()
"""


def test_where_the_network_cannot_be_shut_off_nothing_is_read(tmp_path: Path) -> None:
    layout = {"columns": {"notation": None}, "format": None}
    order = {"folder": str(tmp_path), "parent": os.getpid(), "layout": layout, "limits": {}}
    command = [sys.executable, "-c", SHUT, json.dumps(order)]
    done = subprocess.run(command, cwd=ROOT, input=b'{"type":"Feature"}', capture_output=True, check=False, timeout=30)
    ((word, refused), *_) = frames.heard(done.stdout[frames.LENGTH_BYTES :])
    assert word == "refused"
    assert isinstance(refused, Refused)
    assert refused.name == "reading-not-confined"
    assert "mips" in refused.detail
    assert refused.remedy


def test_root_in_a_closed_home_without_landlock_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(confinement, "_is_open", lambda _: False)
    with pytest.raises(OSError, match="Landlock"):
        confinement.become_nobody(None, walls=False)  # type: ignore[arg-type]  # it must refuse before any call


def test_an_older_kernel_without_landlock_is_known_as_one() -> None:
    class Old:
        def syscall(self, *_: object) -> int:
            return -1

    assert landlock.version(Old()) == 0  # type: ignore[arg-type]  # a kernel that has no such call
