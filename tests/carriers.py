"""A provider reached by SMPP, and ears that keep what they hear."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.delivery.channels.smpp import SmppCarrier
from service.delivery.provider_ways import Secret, SmppWay
from service.delivery.providers import Protocol, Provider
from service.delivery.sms import Ears, Inbound, Report, Sms
from service.kit.clock import Clock
from service.kit.hidden import Hidden

NUMBER = "+380501112233"
PASSWORD = "a-long-password"
CYRILLIC = "Небезпечна ділянка: Іванівка 23.09.2026. Не йдіть туди. Поверніться тим шляхом, яким прийшли. 📵 " * 2
LATIN = "Danger near Ivanivka [23.09.2026/17]. Do not go there. Go back the way you came. {Call 101} " * 3


def an_smpp_provider(port: int, folder: Path, *, sender: str = "Surefoot", **way: Any) -> Provider:
    """A provider at this port of 127.0.0.1, without TLS unless it says so."""
    kept = folder / "password"
    kept.write_text(PASSWORD)
    asked: dict[str, Any] = {"system_id": "surefoot", "password": Secret(file=kept), "tls": False} | way
    return Provider(
        name="vodafone",
        protocol=Protocol.SMPP,
        sender=sender,
        weight=1,
        per_second=100,
        price=Decimal("0.05"),
        answerable=True,
        way=SmppWay(host="127.0.0.1", port=port, **asked),
    )


def an_sms(text: str = "Danger", *, to: str = NUMBER, **more: Any) -> Sms:
    more.setdefault("validity", timedelta(hours=1))
    return Sms(Hidden(to), Hidden(text), **more)


@dataclass
class Heard:
    """Ears that keep what they hear; while `fails` they raise."""

    reports: list[Report] = field(default_factory=list)
    texts: list[Inbound] = field(default_factory=list)
    fails: bool = False

    def ears(self) -> Ears:
        return Ears(self._report, self._text)

    async def _report(self, report: Report) -> None:
        if self.fails:
            raise RuntimeError(f"cannot keep {report}")
        self.reports.append(report)

    async def _text(self, inbound: Inbound) -> None:
        if self.fails:
            raise RuntimeError(f"cannot keep {inbound.text.reveal()}")
        self.texts.append(inbound)


@contextlib.asynccontextmanager
async def a_carrier(provider: Provider, heard: Heard, *, bound: bool = True, **more: Any) -> AsyncIterator[SmppCarrier]:
    """A carrier until the end of the block; it is waited for until it is bound."""
    carrier = SmppCarrier.open(provider, heard.ears(), clock=Clock(), **more)
    try:
        if bound:
            await until(lambda: carrier.ready)
        yield carrier
    finally:
        await carrier.close()


async def until(holds: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Wait until something holds; AssertionError if it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold in time"
        await asyncio.sleep(0.01)
