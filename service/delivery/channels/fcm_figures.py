"""Counts what FCM answered, by meaning; the worker's process shows the figures."""

from prometheus_client import Counter, Gauge

from service.delivery.model import Accepted, AddressDead, MessageRefused, Outcome, TryLater, Unproved

ANSWERS = Counter("surefoot_fcm_answers_total", "Answers of FCM by what they mean", ["meaning"])
UNSENT = Counter("surefoot_fcm_unsent_total", "Messages that wait without having been sent, by why", ["why"])
BREAKER = Gauge("surefoot_fcm_breaker_open", "1 while FCM is only probed, as it fails")


def answered(outcome: Outcome) -> None:
    ANSWERS.labels(_meaning(outcome)).inc()


def unsent(outcome: Outcome) -> None:
    UNSENT.labels(_meaning(outcome)).inc()


def _meaning(outcome: Outcome) -> str:
    """Name an outcome by one of few words: what a provider wrote never becomes a label."""
    match outcome:
        case Accepted():
            return "accepted"
        case AddressDead(reason) | TryLater(reason=reason) | Unproved(reason):
            return reason
        case MessageRefused():
            return "refused"
