"""A local SMSC (SMPP 3.4): takes texts, reports on them, and lets phones write. smpp34 speaks the protocol."""

import argparse
import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import smpp34
from aiosmpplib.state import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    RECEIPTED_MESSAGE_ID,
    SAR_MSG_REF_NUM,
    SAR_SEGMENT_SEQNUM,
    SAR_TOTAL_SEGMENTS,
)

from service.kit.processes import die_with_parent
from service.kit.sms import decode_gsm, read_header

Do: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Any]]

_RECEIPT = 0x04
_HEADER = 0x40
_UCS2 = 8
_PATIENCE = 10.0
_PIECES = (SAR_MSG_REF_NUM, SAR_SEGMENT_SEQNUM, SAR_TOTAL_SEGMENTS)
_WORDS = ("", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD")
STATES = {word: number for number, word in enumerate(_WORDS)}


@dataclass
class Rule:
    """What becomes of the next parts that come in, to one number or any: refused by a status, or never answered."""

    times: int = 1
    skip: int = 0  # so many parts are taken before
    to: str = ""
    status: int = 0
    silent: bool = False


@dataclass
class Receipts:
    """How texts are reported: not at all without a `stat`; `early` before the response to submit_sm."""

    stat: str = "DELIVRD"
    err: str = "000"
    delay: float = 0.0
    copies: int = 1
    early: bool = False
    parameters: bool = False
    decimal: bool = False  # ids of responses are hexadecimal: whether those of receipts are not


@dataclass
class Smsc:
    """What one SMSC knows and does. Its numbers are those of a demo or a test; it keeps them in memory only."""

    taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parts: int = 0
    refused: int = 0
    rules: list[Rule] = field(default_factory=list)
    receipts: Receipts = field(default_factory=Receipts)
    states: dict[str, str] = field(default_factory=dict)
    listeners: list[asyncio.Queue[dict[str, Any]]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(0x1A0))
    _sessions: dict[str, smpp34.Esme] = field(default_factory=dict)
    _unanswered: list[smpp34.SubmitSmEvent] = field(default_factory=list)
    _pieces: dict[tuple[str, int], dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, host: str, port: int) -> None:
        """Answer until cancelled."""
        server = smpp34.Server(host, port, system_id="demo", inbound_capacity=10_000)
        await server.start()
        try:
            while True:
                event = await server.next()
                if isinstance(event, smpp34.SubmitSmEvent):
                    self._take(event)
                elif isinstance(event, smpp34.Esme):
                    self._sessions[event.session_id] = event
                else:
                    self._sessions.pop(event.session_id, None)
        finally:
            await server.stop()

    def _take(self, event: smpp34.SubmitSmEvent) -> None:
        rule = self._rule_for(event.destination_addr)
        if rule is not None and rule.silent:
            self._unanswered.append(event)
        elif rule is not None and rule.status:
            self.refused += 1
            event.reject(rule.status)
        else:
            self._accept(event)

    def _rule_for(self, to: str) -> Rule | None:
        rule = next((rule for rule in self.rules if rule.times and rule.to in {"", to}), None)
        if rule is None or rule.skip:
            if rule is not None:
                rule.skip -= 1
            return None
        rule.times -= 1
        return rule

    def _accept(self, event: smpp34.SubmitSmEvent) -> None:
        number = next(self._ids)
        self.parts += 1
        self.keep(event)
        wanted, how = bool(event.registered_delivery & 1), self.receipts
        self.states[f"{number:X}"] = how.stat if wanted else "ENROUTE"
        if wanted and how.stat and how.early:
            self._soon(self._report_first(event, number, how))
            return
        event.accept(f"{number:X}")
        if wanted and how.stat:
            self._soon(self._report(event, number, how))

    def keep(self, event: smpp34.SubmitSmEvent) -> None:
        """Keep a part, and the whole text once all its parts are there."""
        which, text = read_part(event)
        if which is None:
            self._whole(event.destination_addr, text)
            return
        reference, number, of = which
        pieces = self._pieces[event.destination_addr, reference]
        pieces[number] = text
        if len(pieces) == of:
            self._whole(event.destination_addr, "".join(pieces[one] for one in sorted(pieces)))
            del self._pieces[event.destination_addr, reference]

    def _whole(self, to: str, text: str) -> None:
        self.taken[to].append(text)
        for events in self.listeners:
            events.put_nowait({"event": "text", "to": to, "text": text})

    async def _report_first(self, event: smpp34.SubmitSmEvent, number: int, how: Receipts) -> None:
        await self._report(event, number, how)
        event.accept(f"{number:X}")

    async def _report(self, event: smpp34.SubmitSmEvent, number: int, how: Receipts) -> None:
        await asyncio.sleep(how.delay)
        message_id = str(number) if how.decimal else f"{number:X}"
        said = f"id:{message_id} sub:001 dlvrd:001 submit date:2611260500 done date:2611260501 stat:{how.stat}"
        tlvs = [
            smpp34.Tlv(RECEIPTED_MESSAGE_ID, f"{number:X}".encode() + b"\0"),
            smpp34.Tlv(MESSAGE_STATE, bytes([STATES.get(how.stat, 7)])),
        ]
        for _ in range(how.copies):
            await self.deliver(
                event.destination_addr,
                event.source_addr,
                b"" if how.parameters else f"{said} err:{how.err} text:".encode(),
                esm_class=_RECEIPT,
                tlvs=tlvs if how.parameters else [],
            )

    async def deliver(self, source: str, to: str, octets: bytes, **more: Any) -> int | None:
        """Hand a message over to whoever is bound to receive; return the status of its answer.

        None without one. smpp34 1.5 does not see the answers of a session that was bound as receiver only.
        """
        session = next((one for one in reversed(self._sessions.values()) if one.can_receive), None)
        if session is None:
            return None
        try:
            answer = await session.deliver_sm(
                to, octets, source_addr=source, source_addr_ton=1, source_addr_npi=1, **more
            )
        except (smpp34.SmppError, RuntimeError, ConnectionError):
            return None
        return answer.command_status

    def _soon(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def do(self, asked: Mapping[str, Any]) -> Any:
        """Do what whoever controls it asks: rule, receipts, write, texts, counts, forget."""
        said = {name: value for name, value in asked.items() if name != "do"}
        match asked["do"]:
            case "rule":
                self.rules.append(Rule(**said))
            case "receipts":
                self.receipts = Receipts(**said)
            case "write":
                return await self._write(**said)
            case "texts":
                return self.taken
            case "counts":
                texts = sum(map(len, self.taken.values()))
                return {"texts": texts, "parts": self.parts, "refused": self.refused, "bound": len(self._sessions)}
            case "forget":
                self.taken.clear()
                self.rules.clear()
                self.receipts, self.parts, self.refused = Receipts(), 0, 0
            case unknown:
                raise ValueError(f"nobody can do {unknown!r}")
        return None

    async def _write(self, source: str, to: str, octets: str, **more: Any) -> int | None:
        more["tlvs"] = [smpp34.Tlv(int(tag), bytes.fromhex(value)) for tag, value in more.get("tlvs", {}).items()]
        return await self.deliver(source, to, bytes.fromhex(octets), **more)


def read_part(event: smpp34.SubmitSmEvent) -> tuple[tuple[int, int, int] | None, str]:
    """Return which part of a text this is (reference, number, of), and what it says."""
    tlvs = {one.tag: one.value for one in event.tlvs}
    octets = event.short_message or tlvs.get(MESSAGE_PAYLOAD, b"")
    which: tuple[int, int, int] | None = None
    if event.esm_class & _HEADER:
        found, octets = read_header(octets)
        which = None if found is None else (found.reference, found.number, found.of)
    elif all(tag in tlvs for tag in _PIECES):
        reference, number, of = (int.from_bytes(tlvs[tag], "big") for tag in _PIECES)
        which = (reference, number, of)
    return which, octets.decode("utf-16-be", "replace") if event.data_coding == _UCS2 else decode_gsm(octets)


async def control(do: Do, events: Callable[[], asyncio.Queue[dict[str, Any]]], port: int) -> asyncio.Server:
    """Listen for lines of JSON: each asks for one thing and is answered by one line; `listen` is answered for ever."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(said: Any) -> None:
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()

        try:
            async for line in reader:
                asked = json.loads(line)
                if asked["do"] == "listen":
                    queue = events()
                    await say({"event": "listening"})
                    while True:
                        await say(await queue.get())
                await say(await do(asked))
        except ConnectionError:
            pass
        finally:
            writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)


async def run(port: int, control_port: int) -> None:
    smsc = Smsc()

    def events() -> asyncio.Queue[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        smsc.listeners.append(queue)
        return queue

    serving = asyncio.create_task(smsc.serve("127.0.0.1", port))
    async with await control(smsc.do, events, control_port):
        await serving


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    asked = parser.parse_args()
    die_with_parent()
    asyncio.run(run(asked.port, asked.control))


if __name__ == "__main__":
    main()
