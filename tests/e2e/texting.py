"""Workers as separate processes, a real SMSC, and people who are told by text."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from service.delivery import actions, queueing
from service.delivery.model import Bulletin, ChannelName, Lot, Message, Severity, Text
from service.kit.clock import Clock
from service.kit.crypto import Keyring, SealKeys
from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.processes import child
from service.residents import claiming, numbers, owning
from service.residents.model import Consent
from tests.e2e.by_text import SECRETS, an_operator
from tests.e2e.system import ROOT, SERVER_KEY, SIGNING_KEY
from tests.smsc import RunningSmsc

T = TypeVar("T")
KEY = bytes(range(64, 96))
SAYS = "Danger near Testovo. Do not go there. Stop, go back the way you came, call 101."


@dataclass
class Texters:
    """Workers on one database, whose clock runs `speed` times as fast, so that a minute of doubt is soon over."""

    database_url: str
    redis_url: str
    folder: Path
    smsc: RunningSmsc
    per_second: int = 200
    window: int = 10
    speed: float = 30
    more: dict[str, str] = field(default_factory=dict)
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock_text = f"{datetime.now(UTC).isoformat()}@{time.time()}x{self.speed}"
        self.clock = Clock.parse(self.clock_text)
        self.file = self.folder / "providers.toml"
        self.file.write_text(
            an_operator(self.smsc, name="north", sender="1234", per_second=self.per_second, window=self.window)
        )

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SUREFOOT_SERVER_KEY": SERVER_KEY,
            "SUREFOOT_SIGNING_KEY": SIGNING_KEY,
            "SUREFOOT_LOOPBACK_ONLY": "true",
            "SUREFOOT_AUTHORITY": "Authority of the Test",
            "SUREFOOT_CLOCK": self.clock_text,
            "SUREFOOT_SMS_PROVIDERS": str(self.file),
            "SUREFOOT_SMS_COUNTRIES": "UA",
            "SUREFOOT_NUMBER_KEYS": f"first:{KEY.hex()}",
            **SECRETS,
            **self.more,
        }

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            command = [sys.executable, "-m", "service", "worker", "--queues", "urgent,delivery"]
            self.programs[name] = child(command, self.environment(), cwd=ROOT, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """Kill -9, without a word of warning."""
        self.programs[name].send_signal(signal.SIGKILL)
        self.programs.pop(name).wait()

    def stop(self) -> None:
        for program in self.programs.values():
            program.kill()
            program.wait()

    def act(self, act: Callable[[Tx], Awaitable[T]]) -> T:
        async def go() -> T:
            async with await psycopg.AsyncConnection.connect(self.database_url, row_factory=dict_row) as tx:
                return await act(tx)

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(go())).result()

    def people(self, many: int) -> dict[int, str]:
        """Let people be told by text; return their numbers by those of their registrations."""
        keyring, keys, now = Keyring(bytes.fromhex(SERVER_KEY)), SealKeys([("first", KEY)]), self.clock.now()

        async def add(tx: Tx) -> dict[int, str]:
            made = {}
            for place in range(many):
                number = f"+3806{uuid4().int % 10**5:05d}{place:03d}"
                one = await owning.newcomer(tx, "en", now=now)
                sealed = numbers.seal(keyring, keys, Hidden(number))
                row = claiming.row_of(one.number, sealed, Consent("test", "en", now))
                await owning.own(tx, one.number, row, now=now)
                made[one.number] = number
            return made

        return self.act(add)

    def tell(self, people: Sequence[int], severity: Severity = Severity.SEVERE, *, rings: int = 1) -> UUID:
        """Write the batches of one alert for these people, the first of whom are the nearest; return its id."""
        alert, now = uuid4(), self.clock.now()
        told = Bulletin(
            alert, alert, 1, Message.WARNING, severity, exercise=False, zone_id=None, reach_m=0,
            issued_at=now, expires_at=now + timedelta(days=90),
        )  # fmt: skip

        async def plan(tx: Tx) -> None:
            await actions.announce(tx, told, [Text("en", "ltr", "Danger", "Do not go there.", SAYS)])
            size = -(-len(people) // rings)
            lots = [
                Lot(ring, verified=True, channel=ChannelName.SMS, language="en", numbers=tuple(some))
                for ring in range(rings)
                if (some := people[ring * size : (ring + 1) * size])
            ]
            await queueing.enqueue(tx, told, lots, clock=self.clock)

        self.act(plan)
        return alert

    def ask(self, query: str, *values: Any) -> Any:
        with psycopg.connect(self.database_url) as tx:
            return tx.execute(query.encode(), values).fetchall()

    def left(self, alert: UUID) -> int:
        [(count,)] = self.ask("SELECT count(*) FROM batch WHERE alert_id = %s AND state <> 'done'", alert)
        return int(count)

    def taken(self) -> Counter[str]:
        """Return how often the SMSC took each number's text."""
        return Counter({f"+{number}": len(texts) for number, texts in self.smsc.tell("texts").items()})
