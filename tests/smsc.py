"""A real SMSC for tests, in a process of its own: `with an_smsc() as smsc:` gives its port and its control."""

import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.kit.processes import child, free_port
from tests.certificates import Made


@dataclass(frozen=True)
class RunningSmsc:
    """Where it listens (127.0.0.1), where it is controlled, and its process.

    `tell("rule", …)` and the like block; in a coroutine that hears the SMSC itself, use `await asked(…)`.

    texts                      what was accepted, by number (no plus): {"380501234567": ["whole text", …]}
    counts                     texts, parts, refused, bound (sessions)
    rule    times skip to status silent    after `skip` parts, the next (to a number or any; times=-1: all) are refused
                               by a command_status (0x58 throttled, 0x14 queue full, 0x0B no such number), or never
                               answered
    receipts stat err delay copies early parameters decimal    how texts are reported from now on; stat="" not at all;
                               `early` before the response, `decimal` by an id in another base, `parameters` as TLVs
    write   source to octets(hex) data_coding esm_class tlvs({tag: hex})   somebody writes to us; returns the
                               command_status of our answer, None if nobody was bound
    faults  before after bind status hang    the connection is cut before/after the next submit_sm is taken (its
                               response is lost), binds or the next submit_sm are refused by a status of any kind,
                               nothing is answered at all
    drop, away, back           cut all connections once; be gone until `back`
    seen, wire                 each submit_sm field by field; binds, commands, open connections
    forget                     begin anew
    """

    port: int
    control: int
    pid: int

    def tell(self, do: str, **what: Any) -> Any:
        """Ask for one thing and return its answer."""
        with socket.create_connection(("127.0.0.1", self.control), timeout=20) as line, line.makefile("rwb") as both:
            both.write(json.dumps({"do": do, **what}).encode() + b"\n")
            both.flush()
            return json.loads(both.readline())

    async def asked(self, do: str, **what: Any) -> Any:
        return await asyncio.to_thread(self.tell, do, **what)

    def texts(self, number: str) -> list[str]:
        """Return the whole texts that were accepted for a number, with or without its plus."""
        found: list[str] = self.tell("texts").get(number.removeprefix("+"), [])
        return found


@contextlib.contextmanager
def an_smsc(*, tls: Made | None = None, program: str = "tests.smsc_front") -> Iterator[RunningSmsc]:
    """Run one until the end of the block; `program="service.demo.smsc"` is the bare one, without faults."""
    port, control = free_port(), free_port()
    words = ["--port", str(port), "--control", str(control)]
    if tls is not None:
        words += ["--tls", str(tls.file), str(tls.key_file)]
    process = child([sys.executable, "-m", program, *words], os.environ)
    try:
        smsc = RunningSmsc(port, control, process.pid)
        _await(smsc)
        yield smsc
    finally:
        process.terminate()
        process.wait(20)


def _await(smsc: RunningSmsc) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            smsc.tell("counts")
        except (OSError, ValueError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
