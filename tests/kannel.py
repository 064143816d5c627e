"""Debian's Kannel as docs/kannel describes it, on ports of its own, with its fake operator instead of a real one."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from service.kit.processes import child, free_port

DOCS = Path(__file__).parents[1] / "docs"
BEARERBOX, SMSBOX, FAKESMSC = "bearerbox", "smsbox", "/usr/lib/kannel/test/fakesmsc"
SECRETS = {
    "PASSWORD": "sendsms-password",
    "INBOUND": "an-inbound-key-of-32-letters-----",
    "REPORT": "a-report-key-of-32-letters------",
}
_GOT = re.compile(
    rb"Got message \d+: <(?P<sender>\S+) (?P<to>\S+) (?:udh (?P<udh>\S+) data|(?P<kind>\S+)) (?P<words>[^>]*)>"
)
_SMSC = 'group = smsc\nsmsc = fake\nsmsc-id = "operator"\nport = {}\nconnect-allow-ip = "127.0.0.1"\n'


def absent() -> str:
    """Say which of Kannel's programs is not here; empty if all are."""
    return next((one for one in (BEARERBOX, SMSBOX, FAKESMSC) if shutil.which(one) is None), "")


@dataclass(frozen=True)
class Got:
    """What the fake operator got: header and body of one part."""

    sender: str
    to: str
    header: bytes
    body: bytes


@dataclass(frozen=True)
class Kannel:
    """Where texts are handed over, and where its programs write."""

    sendsms_port: int
    smsc_port: int
    folder: Path

    def got(self) -> list[Got]:
        """Return what came to the fake operator so far, in order."""
        said = b"".join(one.read_bytes() for one in sorted(self.folder.glob("fakesmsc*.log")))
        return [
            Got(
                found["sender"].decode(),
                found["to"].decode(),
                unquote_to_bytes(found["udh"] or b""),
                unquote_to_bytes(found["words"].replace(b"+", b" ")),
            )
            for found in _GOT.finditer(said)
        ]

    def own_words(self) -> str:
        """Return all that bearerbox and smsbox wrote."""
        return "".join((self.folder / f"{one}.log").read_text(errors="replace") for one in (BEARERBOX, SMSBOX))


@contextlib.contextmanager
def kannel(folder: Path, *, calls: str, says: str, sendsms: int) -> Iterator[Kannel]:
    """Run Kannel until the end of the block: it takes texts at the port `sendsms` and calls `calls`.

    Its fake operator hands in one message at once.
    """
    admin, smsbox, smsc = (free_port() for _ in range(3))
    conf = (DOCS / "kannel" / "kannel.conf").read_text()
    for old, new in (
        ("13000", str(admin)),
        ("13001", str(smsbox)),
        ("13013", str(sendsms)),
        ("https://api.example.org", calls),
        ("CHANGE-ME-sendsms", SECRETS["PASSWORD"]),
        ("CHANGE-ME-inbound", SECRETS["INBOUND"]),
    ):
        assert old in conf, f"kannel.conf has no {old} any more"
        conf = conf.replace(old, new)
    (folder / "kannel.conf").write_text(conf)
    (folder / "smsc.conf").write_text(_SMSC.format(smsc))
    running = []
    try:
        running.append(_start(folder, BEARERBOX, "-v", "2", "kannel.conf"))
        _await(smsbox)
        running.append(_start(folder, SMSBOX, "-v", "2", "kannel.conf"))
        _await(sendsms)
        _await(smsc)
        running.append(_start(folder, FAKESMSC, "-H", "127.0.0.1", "-r", str(smsc), "-i", "0.1", "-m", "1", says))
        yield Kannel(sendsms, smsc, folder)
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _start(folder: Path, program: str, *words: str) -> subprocess.Popen[bytes]:
    with (folder / f"{Path(program).name}.log").open("wb") as log:
        return child([program, *words], os.environ, cwd=folder, stdout=log, stderr=log)


def _await(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
