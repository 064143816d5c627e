"""How far an alert got, live (server-sent events of the HTML standard): the same figures for everybody who looks."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.alerts import actions, planning
from service.alerts.counting import Counts, may_be_counted
from service.alerts.model import Alert, State
from service.alerts.store import looks
from service.delivery import actions as delivery
from service.delivery import spending
from service.kit.db import Tx, transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House

_log = structlog.get_logger()
STEADY = timedelta(seconds=10)
"""R26: no new figures sooner."""

SOON = timedelta(days=7)
MOST_LISTENERS = 50
_POLL_SECONDS = 1.0
_HEARTBEAT_SECONDS = 15.0
# The caller comes again by itself; whoever lost the right to look meanwhile is then refused.
_LONGEST_SECONDS = 900.0
_AGAIN_SECONDS = 10
_MOVING = frozenset({State.APPROVED, State.SENDING})
_AWAY = (psycopg.OperationalError, PoolTimeout)


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of an alert; `number` grows with every change of the figures."""

    number: int
    at: datetime
    counts: Counts | None


async def look(tx: Tx, alert: Alert, *, now: datetime) -> Look | None:
    """Return the figures as everybody sees them now, counted anew if they are 10 s old; None before approval.

    Within the 10 s they stand still, whichever process is asked: two looks never differ by one person's doing.
    """
    if alert.approved_at is None:
        return None
    shown = await _last(tx, alert.id)
    if shown is not None and shown.at <= now < shown.at + STEADY:
        return shown
    counts = None
    if may_be_counted(await planning.size(tx, alert.id)):
        tallies = await delivery.tally(tx, alert.id, alert.revision)
        texts = await spending.fate(tx, alert.id, alert.revision)
        counts = Counts.of(tallies, unverified=await looks.heard(tx, alert.id), texts=texts)
    kept = None if counts is None else counts.model_dump(mode="json")
    await looks.keep(tx, alert.id, kept, age=STEADY, now=now)
    return await _last(tx, alert.id)


async def _last(tx: Tx, alert_id: UUID) -> Look | None:
    row = await looks.last(tx, alert_id)
    if row is None:
        return None
    counts = None if row["counts"] is None else Counts.model_validate(row["counts"])
    return Look(row["number"], row["at"], counts)


async def expiring(tx: Tx, *, now: datetime) -> int:
    """Count the warnings that are out of date within seven days, or already: somebody must renew or end them."""
    return await looks.expiring(tx, before=now + SOON)


class Listeners:
    """How many follow an alert in this process."""

    def __init__(self) -> None:
        self.count = 0

    @property
    def full(self) -> bool:
        return self.count >= MOST_LISTENERS

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


async def follow(tx: Tx, house: House, alert_id: UUID, *, seen: str | None) -> AsyncIterator[bytes] | None:
    """Return the events of an alert; `seen` is the id of the last one that the caller had.

    None when nothing will change any more and the caller saw the end. Refused when there is no such alert, or when
    too many listen.
    """
    alert = await actions.get(tx, alert_id)
    shown = await look(tx, alert, now=house.clock.now())
    if alert.state not in _MOVING and seen == _id(alert, shown):
        return None
    listeners = house.get(Listeners)
    if listeners.full:
        detail = "Too many follow an alert through this process."
        remedy = f"Wait {_AGAIN_SECONDS} seconds, or look at the alert itself."
        raise Refused(Kind.UNAVAILABLE, "too-many-listeners", detail, remedy=remedy, after=_AGAIN_SECONDS)
    return _events(house, alert_id, seen, listeners)


async def _events(house: House, alert_id: UUID, seen: str | None, listeners: Listeners) -> AsyncIterator[bytes]:
    began = spoke = time.monotonic()
    over_since: datetime | None = None
    with listeners.one_more():
        yield b"retry: 3000\n\n"
        while time.monotonic() < began + _LONGEST_SECONDS:
            try:
                async with transaction(house.pool) as tx:
                    alert = await actions.get(tx, alert_id)
                    now = house.clock.now()
                    shown = await look(tx, alert, now=now)
            except _AWAY as error:
                _log.warning("progress.database_away", error=type(error).__name__)
                yield b": the database is away\n\n"
                await asyncio.sleep(_POLL_SECONDS)
                continue
            if seen != _id(alert, shown):
                seen, spoke = _id(alert, shown), time.monotonic()
                yield _event("progress", alert, shown)
            elif time.monotonic() > spoke + _HEARTBEAT_SECONDS:
                spoke = time.monotonic()
                yield b": still here\n\n"
            if alert.state not in _MOVING:
                over_since = over_since or now
                if shown is None or shown.at >= over_since:
                    yield _event("end", alert, shown)
                    return
            await asyncio.sleep(_POLL_SECONDS)


def _id(alert: Alert, shown: Look | None) -> str:
    return f"{shown.number if shown else 0}-{alert.state.value}"


def _event(kind: str, alert: Alert, shown: Look | None) -> bytes:
    told = {
        "state": alert.state.value,
        "at": shown.at.isoformat() if shown else None,
        "counts": shown.counts.model_dump(mode="json") if shown and shown.counts else None,
    }
    return f"event: {kind}\nid: {_id(alert, shown)}\ndata: {json.dumps(told)}\n\n".encode()
