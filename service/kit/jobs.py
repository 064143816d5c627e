"""Background work: a job is deferred in the caller's transaction, so it exists exactly if the cause does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job as QueuedJob

from service.kit.clock import Clock
from service.kit.db import Tx

_log = structlog.get_logger()
# Never opened: it only shapes the queries that run on the caller's connection.
_DOORWAY = procrastinate.App(connector=procrastinate.PsycopgConnector())
_LONGEST_WAIT_SECONDS = 60


class Queue(StrEnum):
    """`slow` always has a process of its own, so that nothing slow holds back a send.

    Texts wait for their operators' rates in queues of their own, so that no push waits behind them; whoever works on
    `urgent` or `delivery` works on theirs too.
    """

    URGENT = "urgent"
    DELIVERY = "delivery"
    SLOW = "slow"
    URGENT_TEXTS = "urgent-texts"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a registered task. `args` hold ids only, never anything personal.

    Of several jobs with one `alone` text only one is kept waiting and only one runs at a time. The higher `priority`
    runs first.
    """

    name: str
    queue: Queue
    args: Mapping[str, Any] = field(default_factory=dict)
    alone: str | None = None
    priority: int = 0
    wait: timedelta = timedelta(0)


async def defer(tx: Tx, job: Job, *, clock: Clock | None = None) -> bool:
    """Add the job with the caller's commit; False when its `alone` text already waits.

    `job.wait` is in the clock's time, so a job that waits needs the clock.
    """
    wait = _seconds(job.wait, clock) if job.wait else None
    task = _DOORWAY.configure_task(
        job.name,
        queue=job.queue.value,
        priority=job.priority,
        lock=job.alone,
        queueing_lock=job.alone,
        schedule_in=wait,
        connection=tx,
    )
    if job.alone is None:
        await task.defer_async(**job.args)
        return True
    try:
        async with tx.transaction():
            await task.defer_async(**job.args)
    except AlreadyEnqueued:
        return False
    return True


async def defer_many(tx: Tx, jobs: Sequence[Job]) -> None:
    """Add many jobs at once with the caller's commit: at once due, and none whose `alone` text may wait already."""
    queued = [
        QueuedJob(
            queue=job.queue.value,
            priority=job.priority,
            lock=job.alone,
            queueing_lock=job.alone,
            task_name=job.name,
            task_kwargs=dict(job.args),
        )
        for job in jobs
    ]
    if queued:
        await _DOORWAY.job_manager.batch_defer_jobs_async(queued, connection=tx)


def _seconds(wait: timedelta, clock: Clock | None) -> dict[str, float]:
    if clock is None:
        raise ValueError("a job that waits needs the clock by which it waits")
    return {"seconds": max(0, round(clock.really(wait).total_seconds(), 3))}


class Persist(procrastinate.BaseRetryStrategy):
    """Try again for ever, waiting 1, 2, 4 … 60 seconds: nothing that was promised is dropped."""

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> procrastinate.RetryDecision:
        wait = min(_LONGEST_WAIT_SECONDS, 2**job.attempts)
        _log.warning("job.failed", job=job.task_name, attempt=job.attempts, wait=wait, error=type(exception).__name__)
        return procrastinate.RetryDecision(retry_in={"seconds": wait})


_UNDER_WAY = """
SELECT DISTINCT queueing_lock AS alone FROM procrastinate_jobs
 WHERE queueing_lock IS NOT NULL AND status IN ('todo', 'doing')
"""


async def under_way(tx: Tx) -> list[str]:
    """Return the `alone` texts of all jobs that wait or run."""
    return [row["alone"] for row in await (await tx.execute(_UNDER_WAY)).fetchall()]


_CANCEL = "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%(alone)s)"


async def cancel(tx: Tx, alone: Sequence[str]) -> None:
    """Take back the jobs that wait under these texts, with every word of them."""
    if alone:
        await tx.execute(_CANCEL, {"alone": list(alone)})


# A job that waits under the same text has taken the stalled one's place already.
_STALLED = """
SELECT job.id, EXISTS (
       SELECT FROM procrastinate_jobs AS twin WHERE twin.status = 'todo' AND twin.queueing_lock = job.queueing_lock
       ) AS replaced
  FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
 WHERE job.status = 'doing'
   AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
   FOR UPDATE OF job SKIP LOCKED
"""
_RETRY = "SELECT procrastinate_retry_job_v2(%(id)s, now(), NULL, NULL, NULL)"
_DROP = "SELECT procrastinate_finish_job_v1(%(id)s, 'failed', true)"


async def retry_stalled(tx: Tx, *, seconds: float) -> int:
    """Give the jobs of workers without a heartbeat for so many seconds back to the others; returns how many."""
    rows = await (await tx.execute(_STALLED, {"seconds": seconds})).fetchall()
    for row in rows:
        await tx.execute(_DROP if row["replaced"] else _RETRY, {"id": row["id"]})
    if rows:
        _log.warning("jobs.stalled", retried=len(rows))
    return len(rows)
