"""The whole path of a warning at the size of a country: how soon, how fast, at what cost, and after a kill."""

import time
from dataclasses import dataclass

from service.delivery.model import Severity
from tests.bench.push_fcm import channel_to, send_by_channel, trusting
from tests.bench.push_office import Office, office
from tests.bench.push_stub import let_wait, log
from tests.bench.registrations import Crowd
from tests.bench.system import say
from tests.bench.target import Target

TARGETS = {
    "path_vs_channel": Target(least=0.7),
    "first_s": Target(most=1),
    "preempt_s": Target(most=2),
    "preempt_last_vs_empty": Target(most=5),
    "nearest_first": Target(most=0.05),
    "takeover_s": Target(most=15),
    "growth": Target(most=1.15),
    "worker_mb": Target(most=400),
    "lost": Target(most=0),
}
_A_HUNDREDTH, _A_THIRD = 0.1, 0.52  # of the country's radius
_OWN, _REACH = 0.11, 0.33  # of the radius: the area itself, and around it
_ONE_IN = 10
_LONGEST_REACH_M = 50_000


@dataclass
class Bench:
    """One office and what is asked of it, in an order that leaves each question a clean answer."""

    desk: Office
    lost: int = 0
    waiting: str = ""

    def area(self, part: float) -> float:
        return self.desk.radius_m * part

    def alone(self) -> tuple[float, float]:
        """Warn a hundredth on an idle system; return the seconds to the last message, and what each message costs."""
        alert = self.desk.prepare(self.area(_A_HUNDREDTH), Severity.EXTREME)
        before = self.desk.cost("worker")
        pressed = self.desk.approve(alert)
        seen = self.desk.all_of(alert)
        return seen.last - pressed, (self.desk.cost("worker") - before) / self.counted(alert)

    def everybody(self) -> dict[str, float]:
        """Warn everybody of something minor, and in the middle of it a hundredth of something extreme."""
        self.alone()  # connections are opened and code is read in once
        empty_s, cost = self.alone()
        minor = self.desk.prepare(self.area(1.1), Severity.MINOR)
        extreme = self.desk.prepare(self.area(_A_HUNDREDTH), Severity.EXTREME)
        before, began = self.desk.cost("worker"), time.time()
        self.desk.approve(minor)
        self.desk.some_of(minor, self.desk.crowd.count // 5)
        pressed = self.desk.approve(extreme)
        first, last = self.desk.first_of(extreme).first, self.desk.all_of(extreme).last
        ended = self.desk.all_of(minor)
        messages = self.counted(minor) + self.counted(extreme)
        say(f"{messages:,} messages in {ended.last - began:.0f} s")
        return {
            "preempt_s": first - pressed,
            "preempt_last_vs_empty": (last - pressed) / empty_s,
            "growth": (self.desk.cost("worker") - before) / messages / cost,
            "worker_mb": self.desk.most_mb("worker"),
            "cost_us": 1e6 * cost,
        }

    async def a_third(self) -> dict[str, float]:
        """Warn a third as fast as can be; then the channel alone sends as many."""
        alert = self.desk.prepare(self.area(_A_THIRD), Severity.SEVERE)
        pressed = self.desk.approve(alert)
        first, seen = self.desk.first_of(alert), self.desk.all_of(alert)
        count = self.counted(alert)
        path = count / (seen.last - pressed)
        with trusting(self.desk.stub.authority):
            channel = channel_to(self.desk.stub)
            await send_by_channel(channel, 1_000)
            began = time.perf_counter()
            sent = await send_by_channel(channel, count)
            bare = sent / (time.perf_counter() - began)
            await channel.close()
        say(f"the path {path:,.0f}/s, the channel alone {bare:,.0f}/s")
        return {"first_s": first.first - pressed, "path_vs_channel": path / bare, "path_per_s": path}

    def nearest_first(self) -> dict[str, float]:
        """Let one in ten of those in the area itself wait for 60 s: the others and the outer rings go on."""
        reach = min(_LONGEST_REACH_M, round(self.area(_REACH)))
        alert = self.desk.prepare(self.area(_OWN), Severity.SEVERE, reach_m=reach)
        self.desk.approve(alert)
        own = self._own(alert)
        let_wait(self.desk.stub, [one for one in own if one % _ONE_IN == 1])
        self.desk.everybody_tried(alert)
        tried = log(self.desk.stub, alert)
        rest = [one for _, one in tried if one not in own]
        missing = set(own)
        early = 0
        for _, one in tried:
            if not missing:
                break
            missing.discard(one)
            early += one not in own
        self.waiting = alert
        return {"nearest_first": early / len(rest), "nearest_own": float(len(own))}

    def _own(self, alert: str) -> frozenset[int]:
        """Name the verified recipients in the area itself by the numbers of their addresses."""
        found = self.desk.query(
            "SELECT coalesce(array_agg(DISTINCT registration.number - 1), '{}') FROM alert_cell"
            " JOIN registration_cell USING (cell) JOIN registration USING (number)"
            " WHERE alert_id = %(id)s AND ring = 0 AND verified",
            alert,
        )
        return frozenset(found)

    def takeover(self) -> dict[str, float]:
        """Kill the worker in mid-send and start another; its batches' next attempts are the first repeats."""
        alert = self.desk.prepare(self.area(_A_THIRD), Severity.SEVERE)
        self.desk.approve(alert)
        self.desk.some_of(alert, self.desk.crowd.count // 20)
        killed = time.time()
        self.desk.kill("worker")
        self.desk.start("another")
        self.desk.all_of(alert)
        self.counted(alert)
        known: set[int] = set()
        repeats = 0
        next_at = 0.0
        for at, one in log(self.desk.stub, alert):
            if one in known:
                repeats += 1
                next_at = next_at or at
            known.add(one)
        return {"takeover_s": next_at - killed, "takeover_repeats": float(repeats)}

    def counted(self, alert: str) -> int:
        """Return how many were told, counted at the stub; whoever was planned and not told is lost."""
        told = len({one for _, one in log(self.desk.stub, alert)})
        self.lost += self.desk.planned(alert) - told
        return told


async def run(*, quick: bool) -> dict[str, float]:
    """Measure everything on one crowd; quick: a fiftieth of it."""
    with office(Crowd(20_000 if quick else 1_000_000)) as desk:
        bench = Bench(desk)
        desk.start("worker")
        figures = bench.everybody()
        figures |= await bench.a_third()
        figures |= bench.nearest_first()
        figures |= bench.takeover()
        if not quick:  # those who waited for a minute
            desk.all_of(bench.waiting)
            bench.counted(bench.waiting)
        return figures | {"lost": float(bench.lost)}
