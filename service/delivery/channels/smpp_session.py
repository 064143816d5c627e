"""One connection to an SMSC: requests and their responses by sequence number, so many at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from aiosmpplib import SmppCommand
from aiosmpplib import SmppCommandStatus as Status

from service.delivery.channels.smpp_pdus import HEADER, LONGEST, RESPONSE, Pdu, framed, next_sequence

Hear: TypeAlias = Callable[[Pdu], Awaitable[int]]
"""Takes a deliver_sm or data_sm in, and returns the command_status of the answer."""

_TICK = 0.25
_ROUNDS = 16
"""For so many rounds of the loop, which never wait, responses are read before the next requests go out.

That is a tenth of a millisecond, while the window is full. An SMSC that gets several at once has less work with each:
with no round the carrier was a tenth slower than the library, with three as fast, with sixteen a tenth faster.
"""
_LENGTH = 4
_MOST_HEARD = 500
"""So many inbound messages are looked at together; the SMSC keeps the others."""
_INBOUND = frozenset({SmppCommand.DELIVER_SM, SmppCommand.DATA_SM})
_SILENT = frozenset({SmppCommand.ALERT_NOTIFICATION, SmppCommand.OUTBIND})


class Lost(Exception):  # noqa: N818 - it is the connection that is lost
    """The connection ended; `sent` says whether the request had gone out."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("the connection to the SMSC ended")
        self.sent = sent


class NoAnswer(Exception):  # noqa: N818 - it is the answer that is missing
    """The SMSC is there and said nothing to this request in time."""


@dataclass(slots=True)
class _Request:
    """One request; only those `in_window` take up room in it. `until` is the loop's clock, once it has gone out."""

    command: int
    body: bytes = field(repr=False)
    response: asyncio.Future[Pdu]
    in_window: bool
    until: float = 0.0


class Session(asyncio.Protocol):
    """A connection, until it is lost. `patience` is for one response, `quiet` for enquire_link."""

    def __init__(self, hear: Hear, *, window: int, patience: float, quiet: float) -> None:
        self._hear = hear
        self._room = window
        self._patience = patience
        self._quiet = quiet
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._outgoing: list[bytes] = []
        self._gathering = False
        self._sequence = 0
        self._unsent: deque[_Request] = deque()
        # In the order of asking, which is the order of their ends.
        self._waiting: dict[int, _Request] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = self._loop.time()
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's form
        if not self.lost.done():
            self.lost.set_result(None)
        waiting, self._waiting = self._waiting, {}
        for request in waiting.values():
            _fail(request, Lost(sent=True))
        while self._unsent:
            _fail(self._unsent.popleft(), Lost(sent=False))

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._read(data)
        if self._unsent and not self._gathering:
            self._gather(_ROUNDS)

    def _gather(self, rounds: int) -> None:
        """Let more responses come in, then send what has room by all of them."""
        self._gathering = rounds > 0
        if self._gathering:
            self._loop.call_soon(self._gather, rounds - 1)
        else:
            self._fill_window()
            self._flush()

    def _read(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        at, there = 0, len(buffer)
        while there - at >= _LENGTH:
            length = int.from_bytes(buffer[at : at + _LENGTH], "big")
            if not HEADER.size <= length <= LONGEST:
                self.drop()  # whatever follows cannot be told apart
                return
            if there - at < length:
                break
            _, command, status, sequence = HEADER.unpack_from(buffer, at)
            self._take(Pdu(command, status, sequence, bytes(buffer[at + HEADER.size : at + length])))
            at += length
        del buffer[:at]

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE:
            request = self._waiting.pop(pdu.sequence, None)
            if request is not None:
                self._room += request.in_window
                if not request.response.done():
                    request.response.set_result(pdu)
        elif pdu.command in _INBOUND:
            self._let_hear(pdu)
        elif pdu.command == SmppCommand.ENQUIRE_LINK:
            self._write(framed(SmppCommand.ENQUIRE_LINK_RESP, pdu.sequence))
        elif pdu.command == SmppCommand.UNBIND:
            self._write(framed(SmppCommand.UNBIND_RESP, pdu.sequence))
            self.close()
        elif pdu.command not in _SILENT:
            unknown = framed(SmppCommand.GENERIC_NACK, pdu.sequence, status=Status.ESME_RINVCMDID)
            self._write(unknown)

    def _let_hear(self, pdu: Pdu) -> None:
        if len(self._tasks) >= _MOST_HEARD:
            self._acknowledge(pdu, Status.ESME_RX_T_APPN)
            return
        task = asyncio.create_task(self._hear_and_answer(pdu))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear_and_answer(self, pdu: Pdu) -> None:
        self._acknowledge(pdu, await self._hear(pdu))

    def _acknowledge(self, pdu: Pdu, status: int) -> None:
        self._write(framed(pdu.command | RESPONSE, pdu.sequence, b"\0", status=status))

    def _write(self, octets: bytes) -> None:
        """Send with whatever else is written in this round of the loop: one call of the system for all of it."""
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(octets)

    def _flush(self) -> None:
        octets, self._outgoing = b"".join(self._outgoing), []
        if octets and self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    @property
    def is_open(self) -> bool:
        return not self.lost.done() and self._transport is not None and not self._transport.is_closing()

    def ask(self, command: int, body: bytes) -> asyncio.Future[Pdu]:
        """Send a request once there is room in the window, in the order of asking; its response, or Lost or NoAnswer.

        Who no longer waits for a response does not make room: the SMSC has his request all the same.
        """
        request = _Request(command, body, self._loop.create_future(), in_window=True)
        if not self.is_open:
            _fail(request, Lost(sent=False))
        elif self._room and not self._unsent:
            self._send(request)
        else:
            self._unsent.append(request)
        return request.response

    def ask_at_once(self, command: int, body: bytes) -> asyncio.Future[Pdu]:
        """Send a request past the window."""
        request = _Request(command, body, self._loop.create_future(), in_window=False)
        if self.is_open:
            self._send(request)
        else:
            _fail(request, Lost(sent=False))
        return request.response

    def _send(self, request: _Request) -> None:
        self._room -= request.in_window
        request.until = self._loop.time() + self._patience
        self._sequence = next_sequence(self._sequence)
        self._waiting[self._sequence] = request
        self._write(framed(request.command, self._sequence, request.body))

    def _fill_window(self) -> None:
        while self._unsent and self._room and self.is_open:
            request = self._unsent.popleft()
            if not request.response.done():  # whoever asked may have gone away
                self._send(request)

    async def keep(self) -> None:
        """Watch until the connection is lost: give up on late responses, and ask now and then who is there."""
        asked: asyncio.Future[Pdu] | None = None
        while self.is_open:
            await asyncio.wait({self.lost}, timeout=_TICK)
            now = self._loop.time()
            self._give_up(now)
            if asked is not None and asked.done():
                if not asked.cancelled() and asked.exception() is not None:
                    self.drop()
                asked = None
            if asked is None and now - self._heard_at >= self._quiet and self.is_open:
                asked = self.ask_at_once(SmppCommand.ENQUIRE_LINK, b"")
                asked.add_done_callback(_looked_at)

    def _give_up(self, now: float) -> None:
        while self._waiting:
            sequence, request = next(iter(self._waiting.items()))
            if request.until > now:
                break
            del self._waiting[sequence]
            self._room += request.in_window
            _fail(request, NoAnswer())
        self._fill_window()

    async def unbind(self, seconds: float) -> None:
        """Let what came in be heard and acknowledged, say goodbye, and close."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        if self.is_open:
            goodbye = self.ask_at_once(SmppCommand.UNBIND, b"")
            goodbye.add_done_callback(_looked_at)  # an SMSC that only closes is a good end as well
            await asyncio.wait({goodbye}, timeout=seconds)
        self.close()
        for task in self._tasks:
            task.cancel()

    def close(self) -> None:
        """Close when all is written."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def drop(self) -> None:
        """End the connection now, whatever is on its way."""
        if self._transport is not None:
            self._transport.abort()


def _fail(request: _Request, error: Exception) -> None:
    if not request.response.done():
        request.response.set_exception(error)


def _looked_at(response: asyncio.Future[Pdu]) -> None:
    """Take note of an error that nobody waits for."""
    if not response.cancelled():
        response.exception()
