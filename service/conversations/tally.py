"""Counts what became of texts that came in, by kind: no number, no place, no word, and in steps of ten (R26)."""

import time
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from service.kit.counts import steps

_STEADY_SECONDS = 10.0


class Became(StrEnum):
    """What became of a text."""

    ANSWERED = "answered"
    SILENT = "silent"  # acted upon or understood, and nothing is said
    LIMITED = "limited"
    LOOPED = "looped"
    REPEATED = "repeated"
    WAITS = "waits"  # a part, for the rest
    BROKEN = "broken"  # the rest never came; counted beside what became of what is there
    REFUSED = "refused"  # not the number of a person's phone
    CROWDED = "crowded"  # a part for which there was no room
    PUT_OFF = "put-off"  # the operator was asked to deliver it again
    LOST = "lost"  # the answer could not be sent


class Tally(Collector):
    """A process's own counts; they are shown anew every 10 s at most."""

    def __init__(self) -> None:
        self._counts: Counter[Became] = Counter()
        self._shown: Counter[Became] = Counter()
        self._until = 0.0

    def note(self, became: Became) -> None:
        self._counts[became] += 1

    def collect(self) -> Iterable[Metric]:
        if time.monotonic() >= self._until:
            self._shown, self._until = self._counts.copy(), time.monotonic() + _STEADY_SECONDS
        family = CounterMetricFamily("surefoot_sms_inbound", "Texts that came in, in steps of ten", labels=["became"])
        for became in Became:
            family.add_metric([became.value], steps(self._shown[became]))
        return [family]


TALLY = Tally()
REGISTRY.register(TALLY)
