"""Telling phones that nobody knows: an approved area becomes letters to topics."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from service.alerts import composing, rules
from service.alerts.actions import spread_job
from service.alerts.model import Alert
from service.alerts.store import messages, plans
from service.config import Settings
from service.delivery import posting, topics
from service.delivery.model import Message, Severity
from service.delivery.topics import Spread
from service.i18n.catalogues import Catalogues
from service.kit.db import Tx, transaction
from service.kit.house import House
from service.kit.jobs import defer

_NOWHERE = Spread({}, 0.0)


async def spread(house: House, alert_id: UUID) -> None:
    """Choose the topics of an alert's area and write its letters; an alert that is told no more gets none.

    The choice may take seconds for a large area: no transaction is open meanwhile.
    """
    async with transaction(house.pool) as tx:
        alert = await messages.get(tx, alert_id)
        if alert is None or alert.approved_at is None or await posting.is_planned(tx, alert.bulletin()):
            return
        bulletin = alert.bulletin()
        # Negative numbers are places that registrations subscribe to; a topic stands for cells only.
        area = await plans.ordered(tx, alert_id)
        pairs = zip(area.cells, area.rings, strict=True) if alert.state in rules.TOLD else ()
        rings = {cell: ring for cell, ring in pairs if cell > 0}
        held = await posting.generations(tx, exercise=bulletin.exercise, now=house.clock.now())
    spoken = _spoken(house, alert)
    most = topics.most_cells(len(spoken), len(held))
    found = await asyncio.to_thread(topics.spread, rings, most=most) if rings else _NOWHERE
    async with transaction(house.pool) as tx:
        await posting.spread(tx, bulletin, found, spoken=spoken, clock=house.clock)


def _spoken(house: House, alert: Alert) -> Mapping[str, str]:
    """Return for every language of the scheme the one in which the alert is told: that, or what it falls back to."""
    catalogues = house.get(Catalogues)
    texts, _ = composing.from_json(alert.snapshot or ())
    available = [text.language for text in texts]
    return {one.tag: catalogues.choose([one.tag], available=available).tag for one in catalogues.languages()}


async def sweep(tx: Tx, house: House) -> None:
    """Take up every alert that was announced lately and has no letters yet."""
    settings = house.get(Settings)
    if not settings.topics:
        return
    for alert_id in await posting.unplanned(tx, patience=settings.patience, now=house.clock.now()):
        await defer(tx, spread_job(alert_id, Severity.SEVERE, Message.WARNING), clock=house.clock)
