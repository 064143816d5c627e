"""Faults at their real length while a warning goes out: who was lost, who was told twice, how long nothing went out."""

import contextlib
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import redis
from rich.console import Console
from rich.table import Table

from tests.bench import faults_sms
from tests.bench.system import say
from tests.bench.target import Target
from tests.e2e.crowd import OUTLINES, a_zone, crowd, showings
from tests.e2e.nursery import Nursery
from tests.e2e.own_servers import OwnServers, own_servers
from tests.e2e.system import System, running
from tests.e2e.test_faults_provider import KINDS
from tests.fakes import stub_of_google

TARGETS = {"lost": Target(most=0), "shown_twice": Target(most=0), "sms_out_of_order": Target(most=0)}
_PATIENCE = 1_800.0
_SLOW = {"status": 200, "delay": 2.0, "body": '{"name": "projects/tests/messages/0"}'}
_KILLS = 10
_SAMPLE = 20


@dataclass(frozen=True)
class Row:
    """What one fault did. `repeats` are counted at the stub, `shown` is how often a phone showed what came twice."""

    fault: str
    recipients: int
    lost: int
    repeats: int
    shown: int
    gap_s: float


@dataclass
class Desk:
    """An installation on servers of its own. `outage` is how long what fails stays away, in seconds."""

    servers: OwnServers
    system: System
    phones: int
    outage: float

    def tried(self, fault: str, happen: Callable[[], None], *, workers: int = 1) -> Row:
        """Warn a crowd, let the fault happen in mid-send, wait until all is sent, and count."""
        say(fault)
        zone, cell = a_zone(self.system)
        phones = crowd(self.system, cell, self.phones)
        self.system.google.fail(_SLOW)
        alert = self.system.warn(zone)
        self.system.more["SUREFOOT_WORKER_CONCURRENCY"] = "1"  # a batch at a time, so that most wait when it happens
        for number in range(workers):
            self.system.start(f"worker {number}", "worker")
        self._wait(lambda: len(self.system.google.sent(alert)) > self.phones // 10)
        happen()
        self.system.google.fail()
        self.system.wait_until_sent(alert, _PATIENCE)
        row = self._counted(fault, alert, phones)
        self.system.be_as_before()
        return row

    def _wait(self, true: Callable[[], bool]) -> None:
        give_up = time.monotonic() + _PATIENCE
        while not true():
            if time.monotonic() > give_up:
                raise RuntimeError("nothing is sent")
            time.sleep(0.1)

    def _counted(self, fault: str, alert: str, phones: set[str]) -> Row:
        sent = self.system.google.sent(alert)
        often = [address for address, _ in sent.most_common(_SAMPLE)]
        moments = sorted(one["at"] for one in self.system.google.alerts() if one["message"]["data"]["alert"] == alert)
        return Row(
            fault=fault,
            recipients=len(phones),
            lost=len(phones - sent.keys()),
            repeats=sent.total() - len(sent),
            shown=max(showings(self.system, alert, address) for address in often),
            gap_s=max(after - before for before, after in pairwise(moments)),
        )

    def kill_workers(self) -> None:
        """Kill -9 ten workers at random moments; the next one is there before."""
        nursery = Nursery(self.system.environment(), self.system.folder / "nursery.log")
        chance, last = random.Random(), nursery.start()  # noqa: S311 - moments, nothing secret
        self.system.kill("worker 0")
        for _ in range(_KILLS - 1):
            before, last = last, nursery.start()
            time.sleep(chance.uniform(0, 3))
            os.kill(before, signal.SIGKILL)
        self.system.start("relief", "worker")
        os.kill(last, signal.SIGKILL)
        nursery.end()

    def lose_database(self) -> None:
        self.servers.kill_database()
        time.sleep(self.outage)
        self._start()

    def fill_disk(self) -> None:
        self.servers.let_files_grow(64 * 1024)
        time.sleep(self.outage)
        self._start()

    def lose_redis(self) -> None:
        with redis.Redis.from_url(self.servers.running.redis_url) as client:
            client.flushall()
        self.servers.kill_redis()
        time.sleep(self.outage)

    def lose_provider(self) -> None:
        self.system.google.fail({"status": 503})
        time.sleep(self.outage)

    def trouble_provider(self) -> None:
        self.system.google.fail(*KINDS)
        time.sleep(self.outage)

    def join(self) -> None:
        self.system.start("third", "worker")

    def _start(self) -> None:
        self.servers.start()
        self.system.wait_for_api()


@contextlib.contextmanager
def desk(*, quick: bool) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        home = Path(folder)
        servers = stack.enter_context(own_servers(home / "data"))
        google = stack.enter_context(stub_of_google(home, delay=0.02))
        made = System(google, servers.database_url, servers.redis_url, home)
        system = stack.enter_context(running(made, worker=False))
        system.import_zones(OUTLINES)
        yield Desk(servers, system, phones=2_000 if quick else 10_000, outage=4.0 if quick else 120.0)


async def run(*, quick: bool) -> dict[str, float]:
    """Let every fault happen once; quick: to a fifth of the people, for seconds instead of minutes."""
    with desk(quick=quick) as made:
        rows = [
            made.tried("kill -9 of a worker, ten times", made.kill_workers),
            made.tried("two workers and a third", made.join, workers=2),
            made.tried("PostgreSQL killed and away", made.lose_database),
            made.tried("PostgreSQL's disk full", made.fill_disk),
            made.tried("Redis flushed, killed and away", made.lose_redis),
            made.tried("30 % errors of all kinds", made.trouble_provider),
            made.tried("the provider away", made.lose_provider),
        ]
        texts = faults_sms.away(made.servers, quick=quick)
    rows.append(Row(faults_sms.FAULT, texts.recipients, texts.lost, texts.repeats, texts.most, texts.gap_s))
    show(rows, made.outage)
    figures = {
        "lost": float(sum(row.lost for row in rows)),
        # A text that nobody answered goes out twice, counted: a cost, which no phone can hide.
        "shown_twice": float(sum(row.shown > 1 for row in rows if row.fault != faults_sms.FAULT)),
        "sms_out_of_order": float(texts.passed),
    }
    return figures | {f"{row.fault}: {key}": value for row in rows for key, value in told(row).items()}


def told(row: Row) -> dict[str, float]:
    return {"lost": float(row.lost), "repeats": float(row.repeats), "gap_s": row.gap_s}


def show(rows: list[Row], outage: float) -> None:
    """Print the table."""
    heads = ("fault", "recipients", "lost", "repeats at the stub", "shown by a phone", "longest gap")
    table = Table(*heads, title=f"Faults in mid-send; what is away is away for {outage:.0f} s")
    for row in rows:
        table.add_row(
            row.fault, f"{row.recipients:,}", str(row.lost), f"{row.repeats:,}", str(row.shown), f"{row.gap_s:.1f} s"
        )
    Console().print(table)
