"""Our SMPP carrier against the client library's own loop, at one window, on one SMSC that takes everything."""

import asyncio
import contextlib
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiosmpplib import (
    ESME,
    NPI,
    TON,
    AbstractBroker,
    AbstractHook,
    PhoneNumber,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.correlator import SimpleCorrelator

from service.delivery.channels.smpp import SmppCarrier
from service.delivery.sms import Taken
from tests.bench.system import say
from tests.bench.target import Target
from tests.carriers import PASSWORD, Heard, a_carrier, an_smpp_provider, an_sms, until
from tests.smsc import RunningSmsc, an_smsc

TARGETS = {"smpp_vs_library": Target(least=0.9)}
_WINDOW = 10
_TEXT = "Небезпечна ділянка: Іванівка. Не йдіть туди. 23.09.2026/17"


async def run(*, quick: bool) -> dict[str, float]:
    """Let both send in nine turns, and another begin each time; quick: in five, of fewer texts.

    One turn says little: on a machine with other work the same code is half as fast again, or as slow, a second later.
    """
    count, turns = (300, 5) if quick else (3_000, 9)
    rates: dict[str, list[float]] = {"ours": [], "library": []}
    with tempfile.TemporaryDirectory() as folder, an_smsc(program="service.demo.smsc") as smsc:
        smsc.tell("receipts", stat="")
        say(f"{count:,} texts in each turn, {_WINDOW} on the way at once")
        provider = an_smpp_provider(smsc.port, Path(folder), window=_WINDOW)
        async with a_carrier(provider, Heard()) as carrier:

            async def library() -> None:
                async with library_to(smsc) as window:
                    rates["library"].append(await measured(smsc, "the library", count, window.send))

            async def ours() -> None:
                sent = await measured(smsc, "the carrier", count, lambda texts: send_by_carrier(carrier, texts))
                rates["ours"].append(sent)

            for turn in range(turns):
                for one in (library, ours) if turn % 2 else (ours, library):
                    await one()
    pairs = zip(rates["ours"], rates["library"], strict=True)
    return {
        "smpp_vs_library": statistics.median(ours / library for ours, library in pairs),
        "carrier_per_s": statistics.median(rates["ours"]),
        "library_per_s": statistics.median(rates["library"]),
    }


async def measured(smsc: RunningSmsc, name: str, count: int, send: Callable[[int], Awaitable[int]]) -> float:
    """Return texts a second; the SMSC itself says that it took each of them."""
    before = (await smsc.asked("counts"))["texts"]
    began = time.perf_counter()
    taken = await send(count)
    a_second = count / (time.perf_counter() - began)
    found = (await smsc.asked("counts"))["texts"] - before
    if taken != count or found != count:
        raise RuntimeError(f"{name}: {taken} of {count} answered, {found} taken")
    say(f"{name}: {a_second:,.0f}/s")
    return a_second


async def send_by_carrier(carrier: SmppCarrier, count: int) -> int:
    """Hand texts over as a worker does: as many callers as the window has room for, and some that wait."""
    numbers = iter(range(count))

    async def work() -> int:
        taken = 0
        for number in numbers:
            taken += isinstance(await carrier.submit(an_sms(_TEXT, to=f"+38050{number:07}")), Taken)
        return taken

    return sum(await asyncio.gather(*(work() for _ in range(2 * _WINDOW))))


class Window(AbstractBroker, AbstractHook):  # type: ignore[misc] # the library ships no types
    """What the library asks of its user: a queue of what is to be sent, and ears for what comes back."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[SubmitSm] = asyncio.Queue()
        self._room = asyncio.Semaphore(_WINDOW)
        self._taken = 0
        self._expected = 0
        self._done = asyncio.Event()

    async def send(self, count: int) -> int:
        self._taken, self._expected = 0, count
        self._done.clear()
        for number in range(count):
            self._queue.put_nowait(_submit_sm(f"38050{number:07}"))
        await self._done.wait()
        return self._taken

    async def enqueue(self, message: SmppMessage) -> None:
        self._queue.put_nowait(message)

    async def dequeue(self) -> SmppMessage:
        await self._room.acquire()
        return await self._queue.get()

    async def sending(self, *_: object) -> None:
        """Not needed here."""

    async def received(self, smpp_message: SmppMessage | None, *_: object) -> None:
        if isinstance(smpp_message, SubmitSmResp):
            self._room.release()
            self._taken += smpp_message.command_status == SmppCommandStatus.ESME_ROK
            self._expected -= 1
            if not self._expected:
                self._done.set()

    async def send_error(self, _: SmppMessage, error: Exception, __: str) -> None:
        raise error


class Forgetful(SimpleCorrelator):  # type: ignore[misc] # the library ships no types
    """Remembers no text for its receipt: with every text the library's own goes through all that it remembers."""

    async def put_delivery(self, smsc_message_id: str, submit_sm: SubmitSm) -> None:
        """Keep nothing."""


def _submit_sm(to: str) -> SubmitSm:
    return SubmitSm(
        short_message=_TEXT,
        source=PhoneNumber("Surefoot", TON.ALPHANUMERIC, NPI.UNKNOWN),
        destination=PhoneNumber(to, TON.INTERNATIONAL, NPI.ISDN),
        encoding="ucs2",
    )


@contextlib.asynccontextmanager
async def library_to(smsc: RunningSmsc) -> AsyncIterator[Window]:
    """The library's own session at its barest, its log turned off."""
    window = Window()
    more: dict[str, Any] = {
        "log_level": logging.CRITICAL,
        "broker": window,
        "hook": window,
        "correlator": Forgetful("surefoot"),
    }
    esme = ESME("127.0.0.1", smsc.port, "surefoot", PASSWORD[:8], **more)
    running = asyncio.create_task(esme.start())
    await until(esme._bound.is_set)
    try:
        yield window
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
