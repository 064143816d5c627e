"""The test SMSC's process: smpp34's server behind a front that cuts, refuses, hangs, encrypts and writes down."""

import argparse
import asyncio
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import smpp34

from service.demo.smsc import STATES, Smsc, control
from service.kit.processes import die_with_parent, free_port

HEADER = struct.Struct("!IIII")
SUBMIT, SUBMIT_RESP, QUERY, QUERY_RESP = 4, 0x80000004, 3, 0x80000003
BINDS = frozenset({1, 2, 9})
NAMES = (
    "destination_addr",
    "source_addr",
    "source_addr_ton",
    "source_addr_npi",
    "dest_addr_ton",
    "dest_addr_npi",
    "service_type",
    "esm_class",
    "priority_flag",
    "validity_period",
    "registered_delivery",
    "data_coding",
)


@dataclass
class Faults:
    """What goes wrong on the way: the next cuts, a status for binds or for the next text, silence of everything."""

    before: int = 0
    after: int = 0
    bind: int = 0
    status: int = 0
    hang: bool = False


@dataclass
class Front:
    inner: int
    smsc: Smsc
    public: int
    tls: ssl.SSLContext | None
    faults: Faults = field(default_factory=Faults)
    seen: list[dict[str, Any]] = field(default_factory=list)
    binds: list[dict[str, Any]] = field(default_factory=list)
    commands: dict[str, int] = field(default_factory=dict)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_server(self.relay, "127.0.0.1", self.public, ssl=self.tls)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.inner)
        both = [
            asyncio.create_task(self.inward(reader, inner_writer, writer)),
            asyncio.create_task(self.outward(inner_reader, writer)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        inner_writer.close()
        writer.transport.abort()
        self.writers.discard(writer)

    async def inward(
        self, reader: asyncio.StreamReader, inner: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        """Pass on what the client says; it ends the connection by returning."""
        while True:
            pdu = await read(reader)
            _, command, _, sequence = HEADER.unpack_from(pdu)
            self.commands[hex(command)] = self.commands.get(hex(command), 0) + 1
            if self.faults.hang:
                continue
            if command in BINDS:
                self.binds.append(bind_of(pdu))
            if command == SUBMIT:
                self.seen.append(fields_of(pdu))
                if self.faults.before:
                    self.faults.before -= 1
                    return
            own = self.own_answer(command, pdu, sequence)
            if own:
                back.write(own)
            else:
                inner.write(pdu)

    def own_answer(self, command: int, pdu: bytes, sequence: int) -> bytes:
        """Answer what smpp34 does not: query_sm, a refused bind, and a text by a status that is an operator's own."""
        if command == QUERY:
            return self.state_of(pdu, sequence)
        if command == SUBMIT and self.faults.status:
            status, self.faults.status = self.faults.status, 0
            return HEADER.pack(HEADER.size, SUBMIT_RESP, status, sequence)
        if command in BINDS and self.faults.bind:
            return HEADER.pack(HEADER.size, command | 0x80000000, self.faults.bind, sequence)
        return b""

    async def outward(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        while True:
            pdu = await read(reader)
            if HEADER.unpack_from(pdu)[1] == SUBMIT_RESP and self.faults.after:
                self.faults.after -= 1
                return
            if not self.faults.hang:
                back.write(pdu)

    def state_of(self, pdu: bytes, sequence: int) -> bytes:
        asked = pdu[HEADER.size :].partition(b"\0")[0]
        state = self.smsc.states.get(asked.decode())
        if state is None:
            return HEADER.pack(HEADER.size, QUERY_RESP, 0x67, sequence)
        body = asked + b"\0" + b"2611260501000000\0"[0 if state != "ENROUTE" else 16 :] + bytes((STATES[state], 0))
        return HEADER.pack(HEADER.size + len(body), QUERY_RESP, 0, sequence) + body

    async def do(self, asked: Mapping[str, Any]) -> Any:
        """Do what concerns the way to the SMSC; the rest is the SMSC's own."""
        looked_up = {"seen": self.seen, "wire": self.wire}
        done = {"drop": self.drop, "away": self.leave, "back": self.open}
        do = asked["do"]
        if do in looked_up:
            return looked_up[do]
        if do in done:
            await done[do]()
        elif do == "faults":
            self.faults = Faults(**{name: value for name, value in asked.items() if name != "do"})
        else:
            if do == "forget":
                self.faults = Faults()
                self.seen.clear()
            return await self.smsc.do(asked)
        return None

    @property
    def wire(self) -> dict[str, Any]:
        return {"binds": self.binds, "commands": self.commands, "open": len(self.writers)}

    async def leave(self) -> None:
        if self.server is not None:
            self.server.close()
        await self.drop()

    async def drop(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


async def read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    return head + await reader.readexactly(int.from_bytes(head, "big") - 4)


def bind_of(pdu: bytes) -> dict[str, Any]:
    system_id, password, system_type, _ = pdu[HEADER.size :].split(b"\0", 3)
    names = {"system_id": system_id.decode(), "password": password.decode(), "system_type": system_type.decode()}
    return {"command": HEADER.unpack_from(pdu)[1], **names}


def fields_of(pdu: bytes) -> dict[str, Any]:
    """Read a submit_sm by another implementation than the one that wrote it."""
    read = smpp34.decode(pdu)
    assert isinstance(read, smpp34.SubmitSm)
    fields = {name: getattr(read, name) for name in NAMES}
    tlvs = {str(one.tag): one.value.hex() for one in read.tlvs}
    return fields | {"short_message": read.short_message.hex(), "tlvs": tlvs}


async def run(public: int, control_port: int, tls: tuple[Path, Path] | None) -> None:
    smsc, inner, context = Smsc(), free_port(), None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    front = Front(inner, smsc, public, context)

    def events() -> asyncio.Queue[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        smsc.listeners.append(queue)
        return queue

    serving = asyncio.create_task(smsc.serve("127.0.0.1", inner))
    await front.open()
    async with await control(front.do, events, control_port):
        await serving


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--tls", type=Path, nargs=2)
    asked = parser.parse_args()
    die_with_parent()
    asyncio.run(run(asked.port, asked.control, tuple(asked.tls) if asked.tls else None))


if __name__ == "__main__":
    main()
