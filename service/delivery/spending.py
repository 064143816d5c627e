"""What texts may cost: set aside before they are handed over, given back where they were not, stopped at the budget."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from service.config import Settings
from service.delivery import ledger, providers
from service.delivery.model import Bulletin
from service.delivery.purse import MILLION, NEVER_STOPPED, Purse, Tariff, month_of
from service.delivery.records import TextFate
from service.delivery.store import spending as store
from service.delivery.store import switch
from service.delivery.texts import State
from service.kit.db import Tx
from service.operators.actions import record
from service.operators.model import Operator

_log = structlog.get_logger()
_NOBODY = Tariff(0, 0)


@dataclass(frozen=True, slots=True)
class Purses:
    """What may still be spent on an alert, and on all of them in a month."""

    alert: Purse
    month: Purse

    def allow(self, more: int) -> bool:
        return self.alert.allows(more) and self.month.allows(more)

    def affords(self, unit: int) -> int:
        """Return how many texts at this price both allow; one without a limit allows whatever the other does."""
        lefts = [purse.left // unit for purse in (self.alert, self.month) if purse.left is not None]
        return min(lefts) if self.open and lefts else 0

    @property
    def limited(self) -> bool:
        return self.alert.limit is not None or self.month.limit is not None

    @property
    def open(self) -> bool:
        return self.alert.is_open and self.month.is_open


def tariff(settings: Settings) -> Tariff:
    """Return what texts cost by the providers' file; it is read once. Refused as `providers.read` says."""
    return _tariff(settings.sms_providers, settings.sms_countries) if settings.sms_providers else _NOBODY


@lru_cache(maxsize=4)
def _tariff(path: Path, countries: tuple[str, ...]) -> Tariff:
    known = providers.read(path)
    return Tariff.of(providers.dearest(known, countries=countries), sum(one.per_second for one in known))


@dataclass(frozen=True, slots=True)
class Need:
    """What a batch may cost yet: so many texts of it wait, `unit` each. A fresh one was never claimed before."""

    batch: int
    unit: int
    waiting: int
    fresh: bool = False


async def reserve(tx: Tx, settings: Settings, bulletin: Bulletin, need: Need, *, now: datetime) -> int | None:
    """Set aside what the texts of a claimed batch cost that still wait, in the claim's transaction.

    Returns for how many, the nearest that a budget allows: all of them, or of a fresh batch some, which the caller then
    cuts. None if it allows nobody: then the batch waits, unclaimed, until `go_on` finds that it may. What a worker
    before set aside for the same counts, so a killed one costs nothing twice. A correction or an end is never stopped.
    What is left is for the most severe and the nearest, whichever batch asks first.
    """
    paid = await store.paid(tx, need.batch)
    more = _in_all(settings, paid, need) - paid["cost"]
    month = paid["cost_month"] or month_of(now)
    purses = await _held(tx, settings, bulletin.alert_id, month)
    stoppable = more > 0 and bulletin.message not in NEVER_STOPPED
    if stoppable and await _is_needed_first(tx, settings, purses, need, more, now=now):
        await store.park(tx, need.batch, now=now)
        return None
    if stoppable and not purses.allow(more):
        some = purses.affords(need.unit) if need.fresh and paid["cost"] == 0 else 0
        await _stop(tx, bulletin, month, purses, more)
        if some == 0:
            await store.park(tx, need.batch, now=now)
            return None
        need, more = replace(need, waiting=some), some * need.unit
    if more:
        await store.spend(tx, {"alert_id": bulletin.alert_id, "batch": need.batch, "month": month, "more": more})
    return need.waiting


async def _is_needed_first(  # noqa: PLR0913 - a batch, what it needs and what there is
    tx: Tx, settings: Settings, purses: Purses, need: Need, more: int, *, now: datetime
) -> bool:
    """Say whether what is left has to do for others: many batches are taken at once, in any order.

    Within a message the nearer come first; within a month, of all alerts, the more severe ones and then the nearer.
    A batch that is not first waits for `go_on`, seconds later. Texts of one message may have other segments: near a
    limit that costs a wait.
    """
    if not purses.limited:
        return False
    nearer = await store.nearer(tx, need.batch) * need.unit
    if nearer and not purses.allow(more + nearer):
        return True
    if purses.month.limit is None:
        return False
    of_others = await store.ahead(tx, need.batch, now=now)
    before = sum(tariff(settings).text(row["sms"]) * int(row["people"]) for row in of_others)
    return before > 0 and not purses.month.allows(more + nearer + before)


async def cut(tx: Tx, batch: int, size: int, *, now: datetime) -> None:
    """Leave the first recipients of a batch in it, and let the others wait in one of their own for more to be spent."""
    await store.cut(tx, batch, size, now=now)


async def give_back(tx: Tx, settings: Settings, need: Need) -> None:
    """Keep what was handed over, or may have been, and what still waits; give back the rest of what was set aside."""
    paid = await store.paid(tx, need.batch)
    if paid["cost_month"] is None:
        return
    more = _in_all(settings, paid, need) - paid["cost"]
    if more:
        alert_id, month = paid["alert_id"], paid["cost_month"]
        await store.hold(tx, alert_id, month)
        await store.spend(tx, {"alert_id": alert_id, "batch": need.batch, "month": month, "more": more})


def _in_all(settings: Settings, paid: dict[str, Any], need: Need) -> int:
    """Return what a batch costs with what was handed over of it, or may have been, and what waits."""
    return int(paid["segments"]) * tariff(settings).segment + need.unit * need.waiting


async def _held(tx: Tx, settings: Settings, alert_id: UUID, month: date) -> Purses:
    of_alert, of_month = await store.hold(tx, alert_id, month)
    return Purses(_purse(settings.sms_alert_budget, of_alert), _purse(settings.sms_month_budget, of_month))


def _purse(budget: int, row: dict[str, Any]) -> Purse:
    return Purse(budget * MILLION, row["lifted"], row["spent"], row["stopped_at"])


async def _stop(tx: Tx, bulletin: Bulletin, month: date, purses: Purses, more: int) -> None:
    """Let nobody pass those who wait, and tell an operator, once."""
    for purse, which in ((purses.alert, "alert"), (purses.month, "month")):
        if purse.allows(more) or not purse.is_open or purse.limit is None:
            continue
        if which == "alert":
            await store.stop_alert(tx, bulletin.alert_id, purse.limit)
        else:
            await store.stop_month(tx, month, purse.limit)
        _log.error("sms.budget_reached", budget=which, alert=str(bulletin.alert_id))
        await switch.note_trouble(tx, f"texts wait: the budget of the {which} is reached; an admin may lift it")


async def go_on(tx: Tx, settings: Settings, *, now: datetime) -> int:
    """Let texts go on that waited for a budget which allows more now: lifted, set higher, given back, a new month.

    What is told no more goes on as well, to be closed. Returns how many batches.
    """
    rows = await store.parked(tx, now=now)
    free = [row["alert_id"] for row in rows if row["over"] or (await look(tx, settings, row["alert_id"], now=now)).open]
    return await store.go_on(tx, free, now=now) if rows else 0


async def waiting(tx: Tx, *, now: datetime) -> int:
    """Return how many batches of texts wait for more to be spent: for an alarm."""
    return sum(row["batches"] for row in await store.parked(tx, now=now))


async def fate(tx: Tx, alert_id: UUID, revision: int) -> TextFate:
    """Return exactly what became of a message's texts; whoever shows it to people blurs it (R26)."""
    found = await ledger.counts(tx, alert_id, revision)
    by_state = {one.state: one.texts for one in found}
    return TextFate(
        delivered=by_state.get(State.DELIVERED, 0),
        doubled=sum(one.repeated for one in found),
        unknown=sum(by_state.get(state, 0) for state in (State.UNKNOWN, State.UNANSWERED, State.ASKED)),
        parked=await store.parked_people(tx, alert_id, revision),
    )


async def look(tx: Tx, settings: Settings, alert_id: UUID, *, now: datetime) -> Purses:
    """Return what was spent so far and what may be; exact, so whoever shows it to people rounds it (R26)."""
    row = await store.look(tx, alert_id, month_of(now))
    alert, month = (
        {"spent": row[f"{which}_spent"], "stopped_at": row[f"{which}_stopped"], "lifted": row[f"{which}_lifted"]}
        for which in ("alert", "month")
    )
    return Purses(_purse(settings.sms_alert_budget, alert), _purse(settings.sms_month_budget, month))


async def lift(  # noqa: PLR0913 - whose budget, by how much, by whom and why
    tx: Tx, operator: Operator, alert_id: UUID | None, *, amount: int, reason: str, now: datetime
) -> None:
    """Let an alert, or without one this month, cost so much more, in whole units of the currency; audited."""
    month = None if alert_id else month_of(now)
    values = {"alert_id": alert_id, "month": month, "amount": amount * MILLION, "operator": operator.id}
    await store.lift(tx, values | {"reason": reason, "now": now})
    about = str(alert_id) if alert_id else f"{month:%Y-%m}"
    await record(tx, operator, "sms.lift-budget", about, {"amount": amount, "reason": reason}, now=now)
