"""Counts what operators answered, by meaning, and shows how each fares; the worker's process shows the figures."""

from collections.abc import Mapping
from functools import partial

from prometheus_client import Counter, Gauge

from service.delivery.channels.sms_weights import Weights
from service.delivery.sms import Answer, Carrier, NotNow, NumberDead, OptedOut, Taken, TextRefused, Unanswered
from service.kit.clock import Clock

ANSWERS = Counter("surefoot_sms_answers_total", "Answers of operators by what they mean", ["provider", "meaning"])
READY = Gauge("surefoot_sms_provider_ready", "1 while texts can be handed to an operator", ["provider"])
SHARE = Gauge("surefoot_sms_provider_share", "What errors leave of an operator's weight: 1 is all", ["provider"])


def answered(provider: str, answer: Answer) -> None:
    """Count an answer."""
    ANSWERS.labels(provider, _meaning(answer)).inc()


def watch(carriers: Mapping[str, Carrier], weights: Weights, clock: Clock) -> None:
    """Show from now on how these fare."""
    for name, carrier in carriers.items():
        READY.labels(name).set_function(partial(_ready, carrier))
        SHARE.labels(name).set_function(partial(_share, weights, name, clock))


def unwatch(carriers: Mapping[str, Carrier]) -> None:
    """Show nothing of them any more."""
    for name in carriers:
        READY.remove(name)
        SHARE.remove(name)


def _ready(carrier: Carrier) -> float:
    return float(carrier.ready)


def _share(weights: Weights, name: str, clock: Clock) -> float:
    return weights.share(name, now=clock.now())


_MEANINGS: Mapping[type, str] = {
    Taken: "taken",
    NumberDead: "number-dead",
    OptedOut: "opted-out",
    TextRefused: "refused",
    NotNow: "not-now",
    Unanswered: "unanswered",
}


def _meaning(answer: Answer) -> str:
    """Name an answer by one of few words: what an operator wrote never becomes a label."""
    return "refuses-us" if isinstance(answer, NotNow) and answer.ours else _MEANINGS[type(answer)]
