"""An operator of a mobile network that a test fills with answers, and batches of texts for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

from service.delivery import actions, ledger, payload, queueing
from service.delivery.channels.sms import SmsChannel
from service.delivery.channels.sms_lines import Lines
from service.delivery.channels.sms_rates import Rates
from service.delivery.model import (
    Bulletin,
    ChannelName,
    Lot,
    Message,
    Outcome,
    Parcel,
    Payload,
    Severity,
    Text,
)
from service.delivery.provider_ways import Secret, SmppWay
from service.delivery.providers import Protocol, Provider
from service.delivery.sms import Answer, Arrival, Carrier, Report, Sms, Taken
from service.delivery.texts import Entry
from service.kit.clock import Clock
from service.kit.db import Pool, transaction
from service.kit.hidden import Hidden
from service.residents.model import Address, AddressKind
from tests.conftest import NOW, FixedClock

ALERT = UUID(int=7)
TOLD = Bulletin(
    ALERT, ALERT, 1, Message.WARNING, Severity.SEVERE, exercise=False, zone_id=UUID(int=8), reach_m=5000,
    issued_at=NOW, expires_at=NOW + timedelta(days=90),
)  # fmt: skip
TEXT = Text("uk", "ltr", "Мінна небезпека", "Зупиніться.", "Мінна небезпека біля Тестового. Стійте.")


class Killed(BaseException):
    """The worker ends here, as by kill -9: nothing after it runs."""


@dataclass
class Operator:
    """Takes every text, unless it is told otherwise; keeps what it took by the number."""

    name: str = "north"
    ready: bool = True
    answers: Iterator[Answer] | None = None
    told: Report | None = None
    took: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    sent: list[Sms] = field(default_factory=list)
    dies: str = ""  # "before" or "after" it has taken the text
    on_taken: Callable[[Report], Awaitable[None]] | None = None  # a report that comes before the response
    slow: float = 0.0

    def say(self, *answers: Answer) -> None:
        """Answer the next texts so."""
        self.answers = iter(answers)

    async def submit(self, sms: Sms) -> Answer:
        number = sms.to.reveal()
        self.tried.append(number)
        self.sent.append(sms)
        if self.dies == "before":
            raise Killed
        await asyncio.sleep(self.slow)
        answer = next(self.answers, None) if self.answers else None
        if answer is None:
            self.took.append(number)
            answer = Taken((f"{self.name}-{len(self.took)}",))
            if self.on_taken:
                await self.on_taken(delivered(f"{self.name}-{len(self.took)}"))
        if self.dies == "after":
            raise Killed
        return answer

    async def ask(self, ids: tuple[str, ...]) -> Report | None:
        self.asked.append(ids)
        return self.told

    async def close(self) -> None:
        pass


def a_provider(name: str = "north", *, per_second: int = 5_000, window: int = 50) -> Provider:
    way = SmppWay(host="127.0.0.1", port=2775, system_id="test", password=Secret(env="NONE"), window=window)
    return Provider(name, Protocol.SMPP, "Test", 1, per_second, Decimal("0.05"), answerable=True, way=way)


@dataclass
class Office:
    """A worker's channel to the operators, and the batches that it sends."""

    pool: Pool
    clock: FixedClock
    operators: Sequence[Carrier]
    providers: Sequence[Provider]
    out: list[str] = field(default_factory=list)

    @property
    def time(self) -> Clock:
        return cast("Clock", self.clock)

    def channel(self) -> SmsChannel:
        """Return the channel of a worker that has just begun: it knows what the ledger knows."""
        rates = Rates(self.providers)
        lines = Lines(self.providers, {one.name: one for one in self.operators}, rates=rates, clock=self.time)
        return SmsChannel(lines, self.pool, clock=self.time, opted_out=self._opted_out)

    async def _opted_out(self, number: Hidden[str]) -> None:
        self.out.append(number.reveal())

    async def a_batch(self, count: int = 1, *, told: Bulletin = TOLD, sms: str = TEXT.sms) -> list[Parcel]:
        """Plan so many people and return their parcels."""
        async with transaction(self.pool) as tx:
            row = await (await tx.execute("SELECT coalesce(max(id), 0) AS last FROM batch")).fetchone()
            assert row is not None
            if not await (
                await tx.execute("SELECT 1 AS one FROM dispatch WHERE alert_id = %s", [told.alert_id])
            ).fetchone():
                await actions.announce(tx, told, [TEXT])
            lot = Lot(0, verified=True, channel=ChannelName.SMS, language="uk", numbers=tuple(range(1, count + 1)))
            await queueing.enqueue(tx, told, [lot], clock=self.time)
            found = await tx.execute(
                "SELECT id, numbers FROM batch JOIN batch_audience ON batch_id = id WHERE id > %s ORDER BY id",
                [row["last"]],
            )
            return [
                a_parcel(row["id"], number, replace(a_payload(told, now=self.clock.now()), body=sms))
                for row in await found.fetchall()
                for number in row["numbers"]
            ]

    async def entries(self, parcels: Sequence[Parcel]) -> dict[int, Entry]:
        async with transaction(self.pool) as tx:
            return await ledger.entries(tx, parcels[0].batch)

    async def hear(self, *reports: Report) -> None:
        """Take these in by one commit, as a worker does with those that come at one time."""
        async with transaction(self.pool) as tx:
            await ledger.heard(tx, reports, now=self.clock.now())

    async def send(self, parcels: Sequence[Parcel], *, channel: SmsChannel | None = None) -> list[Outcome]:
        return await (channel or self.channel()).send(parcels, shut=lambda: False)

    async def say(self, template: str, *, provider: str | None = None) -> Outcome:
        said = Sms(Hidden("+380670000000"), Hidden("Ваш код 123456."), timedelta(minutes=10))
        return await self.channel().say(said, template=template, provider=provider)


def a_payload(told: Bulletin, *, now: datetime = NOW, rank: int = 30_000) -> Payload:
    return payload.encode_sms(told, TEXT, rank=rank, now=now)


def a_parcel(batch: int, number: int, said: Payload) -> Parcel:
    to = Address(AddressKind.SMS, Hidden(f"+380670{number:06d}"))
    return Parcel(said, to, batch, number, number.to_bytes(32, "big"))


def delivered(name: str, arrival: Arrival = Arrival.DELIVERED) -> Report:
    return Report("north", name, arrival)
