"""The SMSC away for ten minutes while warnings go out by text: nobody lost, the most severe first when it is back."""

import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from service.delivery.model import Severity
from tests.bench.system import say
from tests.bench.target import Target
from tests.e2e.own_servers import OwnServers, own_servers
from tests.e2e.system import wait_for
from tests.e2e.texting import Texters
from tests.smsc import an_smsc

TARGETS = {"sms_lost": Target(most=0), "sms_out_of_order": Target(most=0)}
FAULT = "the SMSC away"
_WINDOW = 10
_PATIENCE = 1_800.0


@dataclass(frozen=True)
class Away:
    """What an absence did; `passed` counts texts that went before a more severe one, `gap_s` is how long none went."""

    recipients: int
    lost: int
    repeats: int
    most: int
    passed: int
    gap_s: float


async def run(*, quick: bool) -> dict[str, float]:
    """Do it on servers of its own; `python -m tests.bench faults` does it after all other faults."""
    with tempfile.TemporaryDirectory() as folder, own_servers(Path(folder) / "data") as servers:
        found = away(servers, quick=quick)
    figures = {"sms_lost": found.lost, "sms_out_of_order": found.passed, "sms_repeats": found.repeats}
    return {name: float(value) for name, value in figures.items()} | {"sms_gap_s": found.gap_s}


def away(servers: OwnServers, *, quick: bool) -> Away:
    """Let an SMSC vanish in mid-send of a minor warning, approve two worse ones meanwhile, and count.

    Quick: long enough for every connection to be tried again.
    """
    people, seconds = (300, 15.0) if quick else (3_000, 600.0)
    say(f"{FAULT} for {seconds:.0f} s")
    with tempfile.TemporaryDirectory() as folder, an_smsc() as smsc:
        texters = Texters(servers.database_url, servers.redis_url, Path(folder), smsc, window=_WINDOW, speed=1)
        numbers = texters.people(people)
        some = list(numbers)
        third = people // 3
        try:
            texters.start("worker")
            minor = texters.tell(some[:third], Severity.MINOR, rings=8)
            wait_for(lambda: len(texters.taken()) > third // 10, 60, what="the first texts")
            smsc.tell("away")
            before, began = sum(texters.taken().values()), time.monotonic()
            severe = texters.tell(some[third : 2 * third], Severity.SEVERE, rings=8)
            extreme = texters.tell(some[2 * third :], Severity.EXTREME, rings=8)
            time.sleep(seconds)
            smsc.tell("back")
            wait_for(lambda: sum(texters.taken().values()) > before, _PATIENCE, what="the first text after it")
            gap_s = time.monotonic() - began
            for alert in (extreme, severe, minor):
                wait_for(partial(_is_over, texters, alert), _PATIENCE, what="the end")
            return _counted(texters, [some[:third], some[third : 2 * third], some[2 * third :]], numbers, gap_s)
        finally:
            texters.stop()


def _is_over(texters: Texters, alert: UUID) -> bool:
    return not texters.left(alert)


def _counted(texters: Texters, groups: list[list[int]], numbers: dict[int, str], gap_s: float) -> Away:
    taken = texters.taken()
    order = [f"+{one['destination_addr']}" for one in texters.smsc.tell("seen")]
    rank = {numbers[number]: severity for severity, group in enumerate(groups) for number in group}
    # What was on its way when it vanished, and what a hand held when it came back, may pass: two windows.
    later = [rank[number] for number in order if rank[number] > 0]
    last_extreme = len(later) - 1 - later[::-1].index(2)
    return Away(
        recipients=len(numbers),
        lost=len(set(numbers.values()) - taken.keys()),
        repeats=sum(taken.values()) - len(taken),
        most=max(taken.values()),
        passed=max(0, later[:last_extreme].count(1) - 2 * _WINDOW),
        gap_s=gap_s,
    )
