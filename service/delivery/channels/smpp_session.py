"""One connection to an SMSC: requests and their responses by sequence number, so many at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiosmpplib import SmppCommand
from aiosmpplib import SmppCommandStatus as Status

from service.delivery.channels.smpp_pdus import HEADER, LONGEST, RESPONSE, Pdu, framed, next_sequence

Hear: TypeAlias = Callable[[Pdu], Awaitable[int]]
"""Takes a deliver_sm or data_sm in, and returns the command_status of the answer."""

_TICK = 0.25
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


class Session(asyncio.Protocol):
    """A connection, until it is lost. `patience` is for one response, `quiet` for enquire_link."""

    def __init__(self, hear: Hear, *, window: int, patience: float, quiet: float) -> None:
        self._hear = hear
        self._window = asyncio.Semaphore(window)
        self._patience = patience
        self._quiet = quiet
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._outgoing: list[bytes] = []
        self._sequence = 0
        # In the order of asking, which is the order of their ends.
        self._waiting: dict[int, tuple[float, asyncio.Future[Pdu]]] = {}
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
        for _, future in waiting.values():
            if not future.done():
                future.set_exception(Lost(sent=True))

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
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
            _, future = self._waiting.pop(pdu.sequence, (0.0, None))
            if future is not None and not future.done():
                future.set_result(pdu)
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

    async def ask(self, command: int, body: bytes) -> Pdu:
        """Send a request when there is room in the window, and return its response; Lost or NoAnswer."""
        async with self._window:
            return await self.ask_at_once(command, body)

    def ask_at_once(self, command: int, body: bytes) -> asyncio.Future[Pdu]:
        """Send a request past the window."""
        future: asyncio.Future[Pdu] = self._loop.create_future()
        if not self.is_open:
            future.set_exception(Lost(sent=False))
            return future
        self._sequence = next_sequence(self._sequence)
        self._waiting[self._sequence] = (self._loop.time() + self._patience, future)
        self._write(framed(command, self._sequence, body))
        return future

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
            sequence, (until, future) = next(iter(self._waiting.items()))
            if until > now and not future.done():
                return
            del self._waiting[sequence]
            if not future.done():
                future.set_exception(NoAnswer())

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


def _looked_at(response: asyncio.Future[Pdu]) -> None:
    """Take note of an error that nobody waits for."""
    if not response.cancelled():
        response.exception()
