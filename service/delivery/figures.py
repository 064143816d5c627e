"""What an alarm needs to know of delivery; counts of people go up in steps of ten (R26)."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from service.delivery import actions, canaries, spending
from service.delivery.model import Severity
from service.delivery.records import Canary
from service.delivery.store import figures
from service.kit.counts import steps
from service.kit.db import Tx


async def told(tx: Tx, *, epoch: str | None, now: datetime) -> list[Metric]:
    """Return delivery's metrics as they are now."""
    held = (await actions.status(tx)).held(epoch=epoch)
    size, parked = await figures.size(tx), await spending.waiting(tx, now=now)
    return [
        GaugeMetricFamily("surefoot_sending_held", "1 while nothing goes out: paused, or a restored copy", value=held),
        GaugeMetricFamily("surefoot_database_bytes", "Size of the database", value=size),
        *await _queues(tx, now=now),
        await _texts(tx, now=now),
        await _outcomes(tx),
        GaugeMetricFamily(
            "surefoot_sms_waiting_for_budget", "Batches of texts that wait for more to be spent", value=parked
        ),
        *_canaries(await canaries.everybody(tx), now=now),
    ]


async def _queues(tx: Tx, *, now: datetime) -> tuple[Metric, Metric]:
    waiting = {row["severity"]: row for row in await figures.queues(tx)}
    ages = GaugeMetricFamily("surefoot_queue_oldest_seconds", "How overdue the oldest batch is", labels=["severity"])
    batches = GaugeMetricFamily("surefoot_batches_waiting", "Batches not sent to their end", labels=["severity"])
    for severity in Severity:
        row = waiting.get(severity)
        overdue = 0.0 if row is None else max(0.0, (now - row["oldest"]).total_seconds())
        ages.add_metric([severity.name.lower()], overdue)
        batches.add_metric([severity.name.lower()], 0 if row is None else row["batches"])
    return ages, batches


async def _texts(tx: Tx, *, now: datetime) -> Metric:
    """Texts wait for their turn at the operators, which is no trouble for minutes: their age counts from the plan."""
    waiting = {row["severity"]: row["oldest"] for row in await figures.texts(tx)}
    help_of_age = "Since the oldest batch of texts was planned that is not sent to its end"
    ages = GaugeMetricFamily("surefoot_texts_oldest_seconds", help_of_age, labels=["severity"])
    for severity in Severity:
        planned = waiting.get(severity, now)
        ages.add_metric([severity.name.lower()], max(0.0, (now - planned).total_seconds()))
    return ages


async def _outcomes(tx: Tx) -> Metric:
    labels = ["channel", "outcome", "reason"]
    counted = CounterMetricFamily("surefoot_outcomes", "Answers of providers, in steps of ten", labels=labels)
    for row in await figures.outcomes(tx):
        counted.add_metric([row[label] for label in labels], steps(row["total"]))
    return counted


def _canaries(known: list[Canary], *, now: datetime) -> Iterator[Metric]:
    labels = ["channel", "language"]
    silence = GaugeMetricFamily("surefoot_canary_silent_seconds", "For how long a canary did not answer", labels=labels)
    delay = GaugeMetricFamily("surefoot_canary_delay_seconds", "From test message to answer, the last", labels=labels)
    for one in known:
        silence.add_metric([one.channel, one.language], one.silence(now=now).total_seconds())
        if one.delay_s is not None:
            delay.add_metric([one.channel, one.language], one.delay_s)
    yield silence
    yield delay
