"""Going on by text where a push brought no sign of life: push by push, in one commit each page, the nearest first."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import structlog

from service.alerts.addressing import Lots, Spoken, text_lot
from service.alerts.model import Alert
from service.alerts.passing import Over
from service.alerts.records import Skip
from service.alerts.store import escalations
from service.delivery import queueing, silence
from service.delivery.model import ChannelName
from service.delivery.silence import Policy, Silent
from service.kit.db import Tx, transaction
from service.kit.house import House
from service.kit.marks import Marks
from service.residents import audience, phones
from service.residents.model import Reason, Sorting

_log = structlog.get_logger()
PUSHES_TOGETHER = 20
_PAGES_TOGETHER = 50
"""So many in one sweep; what is left waits for the next, two seconds later."""


class Memory:
    """What one sweep remembers between pages: to whom texts of a message go already."""

    def __init__(self) -> None:
        self._texted: dict[UUID, Marks] = {}

    async def of(self, tx: Tx, alert: Alert) -> Marks:
        """Return who is texted this message; whoever takes from it is as well, once the transaction is committed."""
        known = self._texted.get(alert.id)
        if known is None:
            known = self._texted[alert.id] = Marks()
            async for numbers in queueing.texted(tx, alert.id, alert.revision):
                known.add(numbers)
        return known


async def sweep(house: House) -> int:
    """Write the texts that are due, the most severe message first and in it the nearest; return how many people's.

    A page is one commit of texts, their jobs and what was decided: a killed worker repeats nothing and loses nobody.
    """
    memory, texts = Memory(), 0
    for _ in range(_PAGES_TOGETHER):
        async with transaction(house.pool) as tx:
            written = await page(tx, house, memory)
        if written is None:
            break
        texts += written
    if texts:
        _log.info("alerts.escalated")
    return texts


async def page(tx: Tx, house: House, memory: Memory) -> int | None:
    """Decide on the next pushes; return how many texts that makes, None when nothing is due."""
    now = house.clock.now()
    alerts = {alert.id: alert for alert in await escalations.going_on(tx, now=now)}
    policies = [_policy(alert) for alert in alerts.values()]
    pushes = await silence.due(tx, policies, limit=PUSHES_TOGETHER, now=now) if policies else []
    if not pushes:
        return None
    written = 0
    for alert_id, some in groupby(pushes, key=lambda one: one.alert_id):
        written += await _escalate(tx, house, alerts[alert_id], list(some), memory)
    await silence.decide(tx, pushes, now=now)
    return written


def _policy(alert: Alert) -> Policy:
    if alert.draft.escalate is None:
        raise ValueError("an alert without a policy never goes on")
    return Policy(alert.id, alert.revision, alert.draft.escalate)


async def _escalate(tx: Tx, house: House, alert: Alert, pushes: Sequence[Silent], memory: Memory) -> int:
    """Write the texts to whoever of these pushes has a number, and why not to the others."""
    over, lots, spoken = Over(), Lots(), Spoken.of(house, alert)
    sources = await _present(tx, pushes)
    fresh = (await memory.of(tx, alert)).take([*sources])
    numbered = set(await phones.with_number(tx, fresh))
    for number in fresh:
        if number not in numbered:
            over.add(Skip.NO_NUMBER, sources[number].ring, [number], ChannelName.SMS)
    wanted = {number: sources[number].ring for number in fresh if number in numbered}
    for group in await audience.sort(tx, wanted, _told_before(alert), now=house.clock.now()):
        language = spoken.language(group.languages, ChannelName.SMS)
        if language is None:
            over.add(Skip.NO_TEXT, group.ring, group.numbers, ChannelName.SMS)
        elif group.reason is Reason.NOT_A_TESTER:
            over.add(group.reason, group.ring, group.numbers, ChannelName.SMS)
        else:
            for number in group.numbers:
                lots.add(text_lot(group.ring, language, source=sources[number].batch), [number])
    nearest_first = sorted(lots.whole(), key=lambda lot: lot.ring)
    await queueing.enqueue(tx, alert.bulletin(), nearest_first, clock=house.clock)
    await over.note(tx, alert.id, at=house.clock.now())
    return len(lots)


async def _present(tx: Tx, pushes: Sequence[Silent]) -> dict[int, Silent]:
    """Return of whoever is still registered, by the present number, the push that brought no sign of life."""
    present = await audience.present(tx, [number for push in pushes for number in push.numbers])
    return {present[number]: push for push in pushes for number in push.numbers if number in present}


def _told_before(alert: Alert) -> Sorting:
    return Sorting(exercise=alert.draft.exercise, since="0", capped=True)
